"""Segments that people saved, in ``segments.toml`` of the workspace, and those there are anyway.

The file can be edited by hand: a change counts from the next question on.
"""

import difflib
import functools
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from percorso import durable_file, toml_text
from percorso.i18n import gettext as _
from percorso.segments.errors import RuleError, SegmentError
from percorso.segments.parsing import parse
from percorso.segments.ready import BY_PURCHASES, READY
from percorso.segments.rule import Condition, Rule
from percorso.workspace import Workspace, is_one_line

LONGEST_NAME: Final = 60
MOST: Final = 500
#: Segments within segments, and conditions that one asks with all it refers to.
DEEPEST: Final = 8
MOST_CONDITIONS: Final = 500
_HEADING: Final = "# Percorso: saved segments of customers. See docs/reference/segment-rules.md.\n"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment by its name. ``rule`` is as it was written; ``ready`` says nobody saved it."""

    name: str
    rule: str
    made_by: str = ""
    made_at: datetime | None = None
    ready: bool = False

    def parsed(self) -> Rule:
        """Return the rule, read. Raises RuleError where somebody edited the file wrongly."""
        if self.ready:
            return ready_rule(self.name)
        return parse(self.rule)


def ready_rule(name: str) -> Rule:
    """Return the rule of a ready-made segment."""
    field = "segment" if name in BY_PURCHASES else "rfm"
    return Rule(Condition(field, "any", (name,)))


class Catalogue:
    """The segments of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._file = workspace.segments

    def saved(self) -> tuple[Segment, ...]:
        """Return the segments people saved, in the order they were. Raises SegmentError."""
        return _read(self._file)

    def all(self) -> tuple[Segment, ...]:
        """Return the ready-made ones, then the saved ones."""
        ready = (Segment(name, ready_rule(name).as_text(), ready=True) for name in READY)
        return (*ready, *self.saved())

    def find(self, name: str) -> Segment | None:
        """Return a segment by its name."""
        return next((each for each in self.all() if each.name == name), None)

    def save(self, name: str, rule: str, *, who: str, instead_of: str = "") -> Segment:
        """Save a rule under a name, and return the segment. Raises SegmentError.

        ``instead_of`` is the segment that changes; without it the name must be new. A rule that
        refers to itself, by whatever way, or to a segment that is not there is refused.
        """
        name = " ".join(name.split())
        self._check_name(name)
        made = Segment(name, parse(rule).as_text(), who, datetime.now(UTC))
        with self._changing():
            before = self.saved()
            others = [each for each in before if each.name != instead_of]
            if instead_of and len(others) == len(before):
                raise SegmentError(_("There is no saved segment “{name}”.").format(name=instead_of))
            if any(each.name.casefold() == name.casefold() for each in others):
                raise SegmentError(
                    _("There is a segment “{name}” already. Choose another name.").format(name=name)
                )
            if len(others) >= MOST:
                raise SegmentError(_("There are {most} segments already.").format(most=MOST))
            after = [made if each.name == instead_of else each for each in before]
            if not instead_of:
                after.append(made)
            if instead_of and instead_of != name:
                after = [_renamed(each, instead_of, name) for each in after]
            check_references({each.name: each for each in after})
            _write(self._file, after)
        return made

    def delete(self, name: str) -> None:
        """Delete a saved segment. Raises SegmentError where it is none, or others refer to it."""
        with self._changing():
            before = self.saved()
            after = [each for each in before if each.name != name]
            if len(after) == len(before):
                raise SegmentError(_("There is no saved segment “{name}”.").format(name=name))
            users = [each.name for each in after if name in _segments_of(each)]
            if users:
                raise SegmentError(
                    _("“{name}” is used by {others}. Change those first.").format(
                        name=name, others=", ".join(f"“{each}”" for each in users)
                    )
                )
            _write(self._file, after)

    def _changing(self) -> AbstractContextManager[None]:
        """Let one change the file at a time, of all processes."""
        return durable_file.one_at_a_time(self._file.with_suffix(".lock"))

    @staticmethod
    def _check_name(name: str) -> None:
        if not name:
            raise SegmentError(_("Give the segment a name."))
        if len(name) > LONGEST_NAME or not is_one_line(name):
            raise SegmentError(
                _("A name has at most {most} characters, in one line.").format(most=LONGEST_NAME)
            )
        if name.casefold() in READY:
            raise SegmentError(
                _("“{name}” is there already, ready-made. Choose another name.").format(name=name)
            )


def check_references(saved: Mapping[str, Segment]) -> None:
    """Raise SegmentError where a segment refers to one that is not there, to itself, or too deep.

    What a segment asks in all, with those it refers to, is limited: each doubling the one before,
    twenty would ask a million conditions.
    """
    asked: dict[str, tuple[int, int]] = {}
    for each in saved.values():
        _follow(each, saved, (), asked)


def check(segment: Segment, saved: Mapping[str, Segment]) -> None:
    """Raise SegmentError where one segment cannot be asked, whatever the others are like."""
    _follow(segment, saved, (), {})


def _follow(
    segment: Segment,
    saved: Mapping[str, Segment],
    way: tuple[str, ...],
    asked: dict[str, tuple[int, int]],
) -> tuple[int, int]:
    """Return how deep a segment goes and how many conditions it asks; ``asked`` are those known."""
    if segment.name in way:
        raise SegmentError(
            _("A segment cannot refer to itself: {way}.").format(
                way=" → ".join((*way, segment.name))
            )
        )
    if segment.name in asked:
        return asked[segment.name]
    names, count = _asks(segment.rule)
    depth = 0
    for name in names:
        if name in READY:
            continue
        if name not in saved:
            near = difflib.get_close_matches(name, (*saved, *READY), n=1)
            hint = " " + _("Did you mean “{word}”?").format(word=near[0]) if near else ""
            raise SegmentError(
                _("“{other}”, which the rule refers to, is no segment.").format(other=name) + hint
            )
        below, more = _follow(saved[name], saved, (*way, segment.name), asked)
        depth, count = max(depth, below + 1), count + more
        if depth > DEEPEST:
            raise SegmentError(
                _("Segments may refer to one another {most} deep: “{name}” goes deeper.").format(
                    most=DEEPEST, name=segment.name or name
                )
            )
        if count > MOST_CONDITIONS:
            raise SegmentError(
                _(
                    "With the segments it refers to, “{name}” asks more than {most} conditions."
                ).format(name=segment.name or name, most=MOST_CONDITIONS)
            )
    asked[segment.name] = depth, count
    return depth, count


@functools.lru_cache(maxsize=2048)
def _asks(rule: str) -> tuple[tuple[str, ...], int]:
    """Return the segments a rule names, each as often as it does, and its own conditions."""
    try:
        conditions = tuple(parse(rule).conditions())
    except RuleError:
        # Edited by hand: it says so when it is asked for.
        return (), 0
    named = (str(n) for each in conditions if each.field == "segment" for n in each.values)
    return tuple(named), len(conditions)


def _segments_of(segment: Segment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_asks(segment.rule)[0]))


def _renamed(segment: Segment, old: str, new: str) -> Segment:
    from dataclasses import replace

    from percorso.segments.builder import from_builder, to_builder

    if old not in _segments_of(segment):
        return segment

    def changed(part: Any) -> Any:
        if "conditions" in part:
            return {**part, "conditions": [changed(each) for each in part["conditions"]]}
        if part["field"] == "segment" and "values" in part:
            return {**part, "values": [new if each == old else each for each in part["values"]]}
        return part

    rule = from_builder(changed(to_builder(parse(segment.rule))))
    return replace(segment, rule=rule.as_text())


_kept: dict[Path, tuple[tuple[int, int], tuple[Segment, ...]]] = {}


def _read(file: Path) -> tuple[Segment, ...]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return ()
    stamp = (found.st_mtime_ns, found.st_ino)
    known = _kept.get(file)
    if known is None or known[0] != stamp:
        known = _kept[file] = (stamp, tuple(_segments(file)))
    return known[1]


def _segments(file: Path) -> Iterator[Segment]:
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SegmentError(
            _("{file} cannot be read: {error}").format(file=file, error=error)
        ) from (error)
    rows = given.get("segment", [])
    if not isinstance(rows, list):
        raise SegmentError(_("{file}: segments are written as [[segment]].").format(file=file))
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        name, rule = (row.get(key) if isinstance(row, dict) else None for key in ("name", "rule"))
        if not isinstance(name, str) or not isinstance(rule, str) or name in seen or name in READY:
            raise SegmentError(
                _("{file}, segment {number}: it takes a name of its own, and a rule.").format(
                    file=file, number=number
                )
            )
        seen.add(name)
        made_at = row.get("made_at")
        yield Segment(
            name,
            rule,
            str(row.get("made_by", "")),
            made_at if isinstance(made_at, datetime) and made_at.tzinfo else None,
        )


def _write(file: Path, segments: list[Segment]) -> None:
    lines = [_HEADING]
    for each in segments:
        lines.append("\n[[segment]]\n")
        lines.extend(
            f"{name} = {toml_text.value(value)}\n"
            for name, value in (("name", each.name), ("rule", each.rule), ("made_by", each.made_by))
            if value
        )
        if each.made_at:
            lines.append(f"made_at = {each.made_at:%Y-%m-%dT%H:%M:%SZ}\n")
    durable_file.write(file, "".join(lines), private=True)
