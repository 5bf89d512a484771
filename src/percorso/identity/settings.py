"""Reading ``identity.toml``, the company's own word on what joins customers."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.identity.model import STRENGTHS, IdentityError, Settings
from percorso.workspace import Workspace

FILE: Final = "identity.toml"


def load(workspace: Workspace) -> Settings:
    """Return the settings of a workspace; raises IdentityError that names file, key and rule."""
    file = workspace.path / FILE
    if not file.is_file():
        return Settings()
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IdentityError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from error
    known = {each.name for each in fields(Settings)}
    for name in given:
        if name not in known:
            raise _wrong(file, name, _("is not a setting. The settings are: ") + _listed(known))
    checked = {name: _checked(file, name, value) for name, value in given.items()}
    settings = Settings(**checked)
    if settings.ask_above > settings.join_above:
        raise _wrong(file, "ask_above", _("must not be above join_above"))
    return settings


def _checked(file: Path, name: str, value: Any) -> Any:
    return _CHECKS[name](file, name, value)


def _probability(file: Path, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise _wrong(file, name, _("must be a probability, such as 0.99"))
    return float(value)


def _count(file: Path, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _wrong(file, name, _("must be a whole number, 1 or more"))
    return value


def _switch(file: Path, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(file, name, _("must be true or false"))
    return value


def _country(file: Path, name: str, value: Any) -> str:
    from phonenumbers import SUPPORTED_REGIONS

    if value not in SUPPORTED_REGIONS:
        raise _wrong(file, name, _("must be a country's two letters, such as IT"))
    return str(value)


def _texts(file: Path, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(file, name, _('must be a list of texts, such as ["info@example.org"]'))
    return tuple(value)


def _groups(file: Path, name: str, value: Any) -> tuple[tuple[str, ...], ...]:
    whole = isinstance(value, list) and all(isinstance(each, list) and each for each in value)
    if not whole or not all(isinstance(source, str) for each in value for source in each):
        raise _wrong(file, name, _('must be a list of lists, such as [["shop", "till"]]'))
    named = [source for each in value for source in each]
    if len(named) > len(set(named)):
        raise _wrong(file, name, _("may name each source once"))
    return tuple(tuple(each) for each in value)


def _exact(file: Path, name: str, value: Any) -> tuple[str, ...]:
    texts = _texts(file, name, value)
    for each in texts:
        if each not in STRENGTHS:
            raise _wrong(file, name, _("may hold: ") + _listed(STRENGTHS))
    return texts


def _most(file: Path, name: str, value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise _wrong(file, name, _("must be a table, such as: [most] phone = 5"))
    for key in value:
        if key not in STRENGTHS:
            raise _wrong(file, f"{name}.{key}", _("is not known. Known are: ") + _listed(STRENGTHS))
    return {**Settings().most, **{k: _count(file, f"{name}.{k}", v) for k, v in value.items()}}


_CHECKS: Final = {
    "country": _country,
    "exact": _exact,
    "probable": _switch,
    "join_above": _probability,
    "ask_above": _probability,
    "most": _most,
    "most_browsers": _count,
    "never": _texts,
    "same_numbers": _groups,
}


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


def _wrong(file: Path, name: str, rule: str) -> IdentityError:
    return IdentityError(f"{file}: {name} {rule}")
