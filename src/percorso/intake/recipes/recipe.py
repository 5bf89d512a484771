"""A recipe as a TOML file, and the recipes there are."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError
from percorso.intake.sql import quoted
from percorso.vocabulary import FIELDS
from percorso.workspace import LANGUAGES, Workspace, zones

_SHIPPED: Final = Path(__file__).parent / "shipped"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: What a recipe sets itself is not for it to set: they belong to the import.
SETTABLE: Final = tuple(
    each.name for each in FIELDS if each.name not in ("received_at", "source", "properties")
)


@dataclass(frozen=True, slots=True)
class RecipeTable:
    """A table a recipe reads: names of its columns, each with other names it goes by.

    ``needs`` are the columns without which it is not that table, and of ``needs_one`` at least
    one; the others are NULL where the file has them not. ``files`` are hints at file names
    (``*orders*``). A table that is not ``required`` is empty where no file fits.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]
    files: tuple[str, ...] = ()
    required: bool = True
    needs_one: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows left out on purpose: an SQL condition and the reason told to the user."""

    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class Output:
    """One kind of interaction that a recipe makes.

    ``constants`` are values, ``fields`` and ``properties`` SQL expressions over ``source`` (what
    stands after FROM). ``row`` gives the row of the file, for telling where a value came from.
    ``only_with`` names a column without which there is nothing of this kind in the file.
    """

    constants: Mapping[str, str]
    fields: Mapping[str, str]
    source: str
    row: str
    properties: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    skip: tuple[Skip, ...] = ()
    order: str = ""
    only_with: str = ""

    @property
    def label(self) -> str:
        """What this makes, told apart from the other outputs of the recipe."""
        kind = self.constants.get("kind", "")
        return self.constants.get("scale", kind) if kind == "answer" else kind


@dataclass(frozen=True, slots=True)
class Recipe:
    """How related files become interactions. ``toml`` is the text it was read from."""

    name: str
    title: str
    description: str
    tables: tuple[RecipeTable, ...]
    outputs: tuple[Output, ...]
    views: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    currency: str | None = None
    unused: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    toml: str = ""


@dataclass(frozen=True, slots=True)
class RecipeInfo:
    """A recipe in a list. ``tables`` are (name, columns it needs)."""

    name: str
    title: str
    description: str
    shipped: bool
    path: Path
    tables: tuple[tuple[str, tuple[str, ...]], ...]


def available(workspace: Workspace) -> tuple[RecipeInfo, ...]:
    """Return the recipes there are, the workspace's own first; one of its own hides a shipped one.

    A recipe of the workspace that cannot be read raises IntakeError, so that it is noticed.
    """
    infos = []
    for name, path in _paths(workspace).items():
        recipe = parse(path.read_text(encoding="utf-8"), str(path.name))
        tables = tuple((each.name, each.needs) for each in recipe.tables)
        infos.append(
            RecipeInfo(
                name, recipe.title, recipe.description, path.parent == _SHIPPED, path, tables
            )
        )
    return tuple(infos)


def load(workspace: Workspace, name: str) -> Recipe:
    """Return a recipe by its name, or by the path of a file. Raises IntakeError for an unknown."""
    if name.endswith(".toml") and Path(name).is_file():
        return parse(Path(name).read_text(encoding="utf-8"), name)
    paths = _paths(workspace)
    if name not in paths:
        near = difflib.get_close_matches(name, paths, n=1)
        raise IntakeError(
            _("There is no recipe called {name!r}.").format(name=name)
            + (" " + _("Did you mean {near}?").format(near=near[0]) if near else "")
            + " "
            + _("The recipes are: {names}.").format(names=", ".join(sorted(paths)))
        )
    return parse(paths[name].read_text(encoding="utf-8"), paths[name].name)


def load_all(workspace: Workspace) -> tuple[Recipe, ...]:
    """Return every recipe, the workspace's own first."""
    return tuple(
        parse(path.read_text(encoding="utf-8"), path.name) for path in _paths(workspace).values()
    )


def text(workspace: Workspace, name: str) -> str:
    """Return a recipe's TOML, to read or to copy."""
    return load(workspace, name).toml


def _paths(workspace: Workspace) -> dict[str, Path]:
    own = sorted(workspace.recipes.glob("*.toml")) if workspace.recipes.is_dir() else []
    return {path.stem: path for path in [*sorted(_SHIPPED.glob("*.toml")), *own]}


def parse(toml: str, file: str) -> Recipe:
    """Read a recipe. Raises IntakeError that names the file and what is wrong in it."""
    return _parsed(toml, file, current_language())


@lru_cache(maxsize=64)
def _parsed(toml: str, file: str, _language: str) -> Recipe:
    # Every look at a file goes through all recipes: reading them takes longer than a small file.
    try:
        given = tomllib.loads(toml)
        return _Parser(file).recipe(given, toml)
    except tomllib.TOMLDecodeError as error:
        raise IntakeError(
            _("The recipe {file} is not TOML: {error}.").format(file=file, error=error)
        ) from error


def _quoted_name(sql: str) -> str:
    """Return an expression that is one plain name quoted: ``at`` is a word of SQL's own."""
    plain = re.fullmatch(r"[A-Za-z_]\w*", sql) and sql.lower() not in ("true", "false", "null")
    return quoted(sql) if plain else sql


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return _("; did you mean {name!r}").format(name=near[0]) if near else ""


class _Parser:
    def __init__(self, file: str) -> None:
        self._file = file
        self._name = ""

    def recipe(self, given: dict[str, Any], toml: str) -> Recipe:
        where = _("the recipe")
        self._known(
            given,
            where,
            "name title description zone currency priority tables views unused interactions",
            said="title description unused",
        )
        name = self._text(given, "name", where)
        if not _NAME.fullmatch(name):
            raise self._wrong(
                _("name must be small letters, digits, - and _, not {name!r}").format(name=name)
            )
        self._name = name
        zone = given.get("zone")
        if zone is not None and zone not in zones():
            raise self._wrong(
                _("zone must be a name such as Europe/Rome, not {zone!r}").format(zone=zone)
            )
        tables = tuple(
            self._table(key, value) for key, value in self._dict(given, "tables").items()
        )
        if not tables:
            raise self._wrong(_("there must be at least one [tables.NAME]"))
        outputs = tuple(self._output(each, tables) for each in given.get("interactions", ()))
        if not outputs:
            raise self._wrong(_("there must be at least one [[interactions]]"))
        return Recipe(
            name=name,
            title=self._said(given, "title", where) or name,
            description=self._said(given, "description", where),
            tables=tables,
            outputs=outputs,
            views=self._texts(given, "views"),
            zone=zone,
            currency=given.get("currency"),
            unused=self._texts(given, "unused")
            | self._texts(given, f"unused_{current_language()}"),
            priority=int(given.get("priority", 0)),
            toml=toml,
        )

    def _table(self, name: str, given: dict[str, Any]) -> RecipeTable:
        where = f"[tables.{name}]"
        self._known(given, where, "columns needs needs_one files required")
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
            raise self._wrong(
                _("{where}: the name must be small letters, digits and _").format(where=where)
            )
        raw = given.get("columns", {})
        columns = (
            dict.fromkeys(raw, ())
            if isinstance(raw, list)
            else {key: tuple(value) for key, value in raw.items()}
        )
        needs = tuple(given.get("needs", columns))
        needs_one = tuple(given.get("needs_one", ()))
        for each in (*needs, *needs_one):
            if each not in columns:
                raise self._wrong(
                    _("{where}: needs {name!r}, which is not among its columns").format(
                        where=where, name=each
                    )
                )
        return RecipeTable(
            name,
            columns,
            needs,
            tuple(given.get("files", ())),
            bool(given.get("required", True)),
            needs_one,
        )

    def _output(self, given: dict[str, Any], tables: tuple[RecipeTable, ...]) -> Output:
        where = f"[[interactions]] {given.get('kind', '')}".strip()
        constants = {key: value for key, value in given.items() if key in SETTABLE}
        rest = {key: value for key, value in given.items() if key not in SETTABLE}
        self._known(rest, where, "from row when skip order only_with fields properties")
        fields = {key: _quoted_name(sql) for key, sql in self._texts(given, "fields").items()}
        for key in fields:
            if key not in SETTABLE:
                words = _("{where}: there is no field {name!r}").format(where=where, name=key)
                raise self._wrong(words + _hint(key, SETTABLE))
        for key in ("at", "customer", "kind", "touchpoint"):
            if key not in fields and key not in constants:
                raise self._wrong(_("{where}: {name} must be given").format(where=where, name=key))
        source = given.get("from", tables[0].name)
        plain = any(source == each.name for each in tables)
        if plain and "id" not in fields:
            # The row's content is the identity where the sender gives none.
            kind = f"{constants.get('kind', '')}{constants.get('scale', '')}"
            fields = {"id": f"{self._name}:{kind}:".join("''") + f" || {source}._key", **fields}
        if "id" not in fields:
            raise self._wrong(
                _("{where}: id must be given, for rows from more than one table").format(
                    where=where
                )
            )
        return Output(
            constants={key: str(value) for key, value in constants.items()},
            fields=fields,
            source=source,
            row=given.get("row", f"{source}._row" if plain else "_row"),
            properties={
                key: _quoted_name(sql) for key, sql in self._texts(given, "properties").items()
            },
            when=given.get("when", ""),
            skip=tuple(self._skip(each, f"{where}, skip") for each in given.get("skip", ())),
            order=given.get("order", ""),
            only_with=given.get("only_with", ""),
        )

    def _skip(self, given: dict[str, Any], where: str) -> Skip:
        self._known(given, where, "when reason", said="reason")
        reason = self._said(given, "reason", where) or self._text(given, "reason", where)
        return Skip(self._text(given, "when", where), reason)

    def _known(self, given: Mapping[str, Any], where: str, names: str, *, said: str = "") -> None:
        """Refuse other keys than ``names``; those in ``said`` may end in a language."""
        known = [*names.split(), *(f"{key}_{each}" for key in said.split() for each in LANGUAGES)]
        for key in given:
            if key not in known:
                words = _("{where}: unknown key {name!r}").format(where=where, name=key)
                raise self._wrong(words + _hint(key, [*known, *SETTABLE]))

    def _said(self, given: Mapping[str, Any], key: str, where: str) -> str:
        """Return a text in the current language, such as ``title_it``; without it ``title``."""
        text = given.get(f"{key}_{current_language()}") or given.get(key, "")
        if not isinstance(text, str):
            raise self._wrong(_("{where}: {name} must be text").format(where=where, name=key))
        return text

    def _text(self, given: Mapping[str, Any], key: str, where: str) -> str:
        value = given.get(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(_("{where}: {name} must be text").format(where=where, name=key))
        return value

    def _dict(self, given: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = given.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(_("{name} must be a table").format(name=key))
        return value

    def _texts(self, given: Mapping[str, Any], key: str) -> dict[str, str]:
        value = self._dict(given, key)
        for name, each in value.items():
            if not isinstance(each, str):
                raise self._wrong(_("{name} must be text").format(name=f"{key}.{name}"))
        return value

    def _wrong(self, what: str) -> IntakeError:
        return IntakeError(
            _("The recipe {file} cannot be used: {what}.").format(file=self._file, what=what)
        )
