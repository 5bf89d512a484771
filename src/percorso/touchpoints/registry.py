"""The touchpoints of a workspace, and what people believe of customers there.

They lie in ``touchpoints.toml``, which can be edited by hand: a change counts from the next
question on.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from percorso import durable_file
from percorso.i18n import gettext as _
from percorso.touchpoints import file as _file
from percorso.touchpoints.checking import checked, checked_belief, slug
from percorso.touchpoints.errors import TouchpointChangedError, TouchpointError
from percorso.touchpoints.model import About, Belief, Touchpoint, pattern
from percorso.vocabulary import Phase
from percorso.workspace import Workspace

MOST: Final = 500
MOST_BELIEFS: Final = 2000

_Part = TypeVar("_Part", Touchpoint, Belief)


def state(part: Touchpoint | Belief) -> str:
    """Return letters that stand for a touchpoint or a belief as it is: any change gives others."""
    return hashlib.sha256(msgspec.json.encode(part)).hexdigest()[:32]


class Registry:
    """The touchpoints and beliefs of a workspace. Several processes may use it at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.touchpoints

    def all(self) -> tuple[Touchpoint, ...]:
        """Return the touchpoints in their order. Raises TouchpointError where the file is wrong."""
        return _read(self._file).touchpoints

    def find(self, id_: str) -> Touchpoint | None:
        """Return a touchpoint by its id."""
        return next((each for each in self.all() if each.id == id_), None)

    def called(self, name: str) -> Touchpoint | None:
        """Return the touchpoint that the log calls ``name``: see ``called``."""
        return called(self.all(), name)

    def beliefs(
        self,
        *,
        touchpoint: str | None = None,
        phase: Phase | str | None = None,
        about: About | None = None,
    ) -> tuple[Belief, ...]:
        """Return what is believed, in its order; of one touchpoint, phase, kind, where given.

        Raises TouchpointError.
        """
        return tuple(
            each
            for each in _read(self._file).beliefs
            if (touchpoint is None or each.touchpoint == touchpoint)
            and (phase is None or each.phase == phase)
            and (about is None or each.about == about)
        )

    def belief(self, id_: str) -> Belief | None:
        """Return a belief by its id."""
        return next((each for each in self.beliefs() if each.id == id_), None)

    def save(self, given: Touchpoint, *, who: str, instead_of: str = "") -> Touchpoint:
        """Save a touchpoint, and return it as it is kept. Raises TouchpointError.

        Without an id it is new, and gets one made of its name. ``instead_of`` is the ``state`` of
        the touchpoint that was changed: where somebody changed it meanwhile, this raises
        TouchpointChangedError and keeps theirs.
        """
        with self._changing() as before:
            others = tuple(each for each in before.touchpoints if each.id != given.id)
            if not given.id:
                given = msgspec.structs.replace(
                    given, id=slug(given.name, (each.id for each in others))
                )
            made = checked(_signed(given, who))
            self._check_names(made, others)
            after = _put(before.touchpoints, made, instead_of)
            _check_most(len(after), MOST)
            self._write(after, before.beliefs)
        return made

    def add(
        self, touchpoints: Iterable[Touchpoint], beliefs: Iterable[Belief] = (), *, who: str
    ) -> tuple[Touchpoint, ...]:
        """Add several at once, and what is believed of them; return the touchpoints that are new.

        One whose name is taken is left out; what is believed of it is kept of the one there.
        Beliefs whose id is there are left out. All or nothing: raises TouchpointError.
        """
        with self._changing() as before:
            kept = list(before.touchpoints)
            ids: dict[str, str] = {}
            new = []
            for each in touchpoints:
                there = next((one for one in kept if _same_name(one, each)), None)
                if there is None:
                    own = slug(each.id or each.name, (one.id for one in kept))
                    there = checked(_signed(msgspec.structs.replace(each, id=own), who))
                    kept.append(there)
                    new.append(there)
                ids[each.id] = there.id
            _check_most(len(kept), MOST)
            held = list(before.beliefs)
            for belief in beliefs:
                if all(one.id != belief.id for one in held):
                    place = ids.get(belief.touchpoint, belief.touchpoint)
                    moved = msgspec.structs.replace(belief, touchpoint=place)
                    held.append(checked_belief(_signed(moved, who), {one.id for one in kept}))
            _check_most(len(held), MOST_BELIEFS)
            self._write(kept, held)
        return tuple(new)

    def delete(self, id_: str) -> None:
        """Delete a touchpoint, with what is believed of customers there. Raises TouchpointError."""
        with self._changing() as before:
            after = [each for each in before.touchpoints if each.id != id_]
            if len(after) == len(before.touchpoints):
                raise TouchpointError(_("There is no touchpoint “{name}”.").format(name=id_[:60]))
            self._write(after, [each for each in before.beliefs if each.touchpoint != id_])

    def save_belief(self, given: Belief, *, who: str, instead_of: str = "") -> Belief:
        """Save a belief, and return it as it is kept. Raises TouchpointError.

        Without an id it is new. ``instead_of`` is as in ``save``.
        """
        with self._changing() as before:
            if not given.id:
                taken = (each.id for each in before.beliefs)
                given = msgspec.structs.replace(given, id=slug(given.text[:40], taken))
            made = checked_belief(_signed(given, who), {each.id for each in before.touchpoints})
            after = _put(before.beliefs, made, instead_of)
            _check_most(len(after), MOST_BELIEFS)
            self._write(before.touchpoints, after)
        return made

    def delete_belief(self, id_: str) -> None:
        """Delete a belief. Raises TouchpointError where there is none."""
        with self._changing() as before:
            after = [each for each in before.beliefs if each.id != id_]
            if len(after) == len(before.beliefs):
                raise TouchpointError(_("What was written there is gone already."))
            self._write(before.touchpoints, after)

    @contextmanager
    def _changing(self) -> "Iterator[_file.Written]":
        """Let one change the file at a time, of all processes; give what it holds."""
        with durable_file.one_at_a_time(self._file.with_suffix(".lock")):
            yield _read(self._file)

    def _write(self, touchpoints: Iterable[Touchpoint], beliefs: Iterable[Belief]) -> None:
        _file.write(self._file, _file.Written(tuple(touchpoints), tuple(beliefs)))

    @staticmethod
    def _check_names(made: Touchpoint, others: Iterable[Touchpoint]) -> None:
        for each in others:
            if _same_name(each, made):
                raise TouchpointError(
                    _("There is a touchpoint “{name}” already. Choose another name.").format(
                        name=each.name
                    ),
                    "name",
                )
            shared = {one.casefold() for one in each.names} & {x.casefold() for x in made.names}
            if shared:
                raise TouchpointError(
                    _("What the log calls “{name}” is the touchpoint “{other}” already.").format(
                        name=min(shared), other=each.name
                    ),
                    "seen_as",
                )


def called(touchpoints: Iterable[Touchpoint], name: str) -> Touchpoint | None:
    """Return the touchpoint that the log calls ``name``.

    Of several the one that says so to the letter, else the first whose * fits.
    """
    fitting = [each for each in touchpoints if pattern(each.names).fullmatch(name)]
    exact = (each for each in fitting if name.casefold() in {x.casefold() for x in each.names})
    return next(exact, fitting[0] if fitting else None)


def _put(before: tuple[_Part, ...], made: _Part, instead_of: str) -> list[_Part]:
    """Return the parts with this one in the place of the one it was, or at the end."""
    there = next((each for each in before if each.id == made.id), None)
    if instead_of and (there is None or state(there) != instead_of):
        raise TouchpointChangedError(
            _("Somebody else changed this meanwhile. Load it and make your change again.")
        )
    after = [made if each.id == made.id else each for each in before]
    if there is None:
        after.append(made)
    return after


def _signed(part: _Part, who: str) -> _Part:
    return msgspec.structs.replace(part, by=who, at=datetime.now(UTC))


def _same_name(one: Touchpoint, other: Touchpoint) -> bool:
    return one.name.casefold() == " ".join(other.name.split()).casefold()


def _check_most(n: int, most: int) -> None:
    if n > most:
        raise TouchpointError(_("There is room for {most} of them.").format(most=most))


_kept: dict[Path, tuple[tuple[int, int], _file.Written]] = {}


def _read(file: Path) -> _file.Written:
    try:
        found = file.stat()
    except FileNotFoundError:
        return _file.Written()
    stamp = (found.st_mtime_ns, found.st_ino)
    known = _kept.get(file)
    if known is None or known[0] != stamp:
        known = _kept[file] = (stamp, _file.read(file))
    return known[1]
