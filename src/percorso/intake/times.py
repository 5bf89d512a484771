"""How times are written in a column, and the SQL that reads them.

The whole column decides: 25/04 proves that the day comes first, 04/25 the month. Where both are
proved, rows that could be either are not guessed but left unread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from percorso.vocabulary import N_, Phrase

#: How a value was read: with its own zone, as a local time, as a date without a time.
ZONED, LOCAL, DATE = 0, 1, 2

_CLOCK: Final = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
_HALF: Final = r"(?:\s?[AaPp]\.?[Mm]\.?)"
_ZONE: Final = r"\s?(?:Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?)"
_YEAR_FIRST: Final = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
_YEAR_LAST: Final = r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
_TAIL: Final = rf"(?:(?:[T ]|,\s?|\s+)(?:{_CLOCK}{_HALF}?(?P<zone>{_ZONE})?))?"

_MONTHS: Final = (
    "jan|gen",
    "feb",
    "mar",
    "apr",
    "may|mag",
    "jun|giu",
    "jul|lug",
    "aug|ago",
    "sep|set",
    "oct|ott",
    "nov",
    "dec|dic",
)
_ANY_TAIL: Final = _TAIL.replace("?P<zone>", "")
_NAMED: Final = (
    r"(?i)(?:\d{1,2}[- ./]+[a-z]{3,9}\.?[- ./,]+\d{4}|[a-z]{3,9}\.? \d{1,2},? \d{4})" + _ANY_TAIL
)
#: 2001-09-09 to 2100 as seconds, milliseconds or microseconds since 1970.
_EPOCH: Final = r"(?:[1-3]\d{9}|9\d{8})(?:\d{3}|\d{6})?(?:\.\d+)?"
_COMPACT: Final = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:T?\d{6}Z?)?"

#: Beginnings of dates that can only be day and month, or month and day.
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_NO_MONTH: Final = r"(?:1[3-9]|2\d|3[01])"
_DAY_FIRST: Final = rf"^{_NO_MONTH}[-/.]{_MONTH}[-/.]"
_MONTH_FIRST: Final = rf"^{_MONTH}[-/.]{_NO_MONTH}[-/.]"
#: So small a share of the proofs is taken for slips of the keyboard.
_SLIPS: Final = 0.01

#: Ways of writing, the commonest first: each value is of the first that it matches. The first four
#: are as machines write them, and quickly read.
_LOCAL_SHAPE: Final = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_SHAPES: Final = {
    "local": _LOCAL_SHAPE,
    "date": r"\d{4}-\d{2}-\d{2}",
    "zoned": _LOCAL_SHAPE + r"(?:Z|[+-]\d{2}:\d{2})",
    "slash": r"\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d{2}(?::\d{2})?)?",
    "iso": rf"{_YEAR_FIRST}{_ANY_TAIL}",
    "split": rf"{_YEAR_LAST}{_ANY_TAIL}",
    "named": _NAMED,
    "epoch": _EPOCH,
    "compact": _COMPACT,
}
_NAMES: Final = (*_SHAPES, "other")


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How the times of a column are read.

    ``shapes`` are the ways of writing that occur: local, date and zoned (ISO 8601 as machines
    write it), slash and split (25/04/2024, 25-4-24), iso (2024/04/25), named (25 April 2024),
    epoch, compact (20240425), and other for what is no time. ``order`` is that of slash and split
    dates: day, month, or mixed (both proved: ambiguous values stay unread). ``assumed`` says that
    nothing proved it. ``whole_numbers``: all values are small whole numbers.
    """

    shapes: frozenset[str]
    order: str = "day"
    assumed: bool = False
    whole_numbers: bool = False

    @property
    def ordered(self) -> bool:
        """Say whether there are dates whose day and month must be told apart."""
        return not self.shapes.isdisjoint(("slash", "split"))

    def described(self) -> Phrase:
        """Say it to a person."""
        iso = Phrase(N_("ISO (2024-04-25 14:30)"))
        split = {
            "day": Phrase(N_("day, month, year (25/04/2024)")),
            "month": Phrase(N_("month, day, year (04/25/2024)")),
            "mixed": Phrase(N_("day and month in either order")),
        }[self.order]
        if self.assumed:
            split = Phrase(N_("{how}, assumed"), {"how": split})
        names = {
            "local": iso,
            "date": iso,
            "zoned": iso,
            "slash": split,
            "split": split,
            "iso": Phrase(N_("year, month, day (2024/04/25 14:30)")),
            "named": Phrase(N_("month by name (25 April 2024)")),
            "epoch": Phrase(N_("seconds or milliseconds since 1970")),
            "compact": Phrase(N_("digits only (20240425)")),
        }
        found = dict.fromkeys(names[each] for each in names if each in self.shapes)
        return Phrase.joined(" · ", list(found) or [Phrase(N_("none found"))])


def shape_sql(value: str) -> str:
    """Return SQL for the number of the way a value is written; NULL where there is none."""

    def cases(*names: str) -> str:
        whens = (
            f"WHEN regexp_full_match({value}, '{_SHAPES[name]}') THEN {_NAMES.index(name)}"
            for name in names
        )
        return f"CASE {' '.join(whens)} ELSE {len(_SHAPES)} END"

    # A regular expression takes its time: of most, a slash says that they need not be tried.
    return (
        f"CASE WHEN {value} IS NULL THEN NULL"
        f" WHEN contains({value}, '/') THEN {cases('slash', 'iso', 'split', 'named')}"
        f" ELSE {cases(*(name for name in _SHAPES if name != 'slash'))} END"
    )


def profile_sql(value: str, shape: str) -> list[str]:
    """Return the aggregates that ``reading`` wants, over a column and its ``shape_sql``."""
    split = f"{shape} IN ({_NAMES.index('slash')}, {_NAMES.index('split')})"
    proofs = [
        f"count_if(CASE WHEN {split} THEN regexp_matches({value}, '{proof}') END)"
        for proof in (_DAY_FIRST, _MONTH_FIRST)
    ]
    small = f"CASE WHEN {shape} = {len(_SHAPES)} THEN regexp_full_match({value}, '\\d{{1,6}}') END"
    return [
        *(f"count_if({shape} = {number})" for number in range(len(_NAMES))),
        *proofs,
        f"count_if({small})",
    ]


def timed(row: tuple[Any, ...]) -> int:
    """Return how many values are times, from a column's aggregates."""
    return sum(each or 0 for each in row[: len(_SHAPES)])


def reading(row: tuple[Any, ...]) -> TimeReading:
    """Return how to read a column, from its aggregates."""
    found = [each or 0 for each in row]  # nothing is counted where nothing is given
    counts = dict(zip(_NAMES, found[: len(_NAMES)], strict=True))
    days, months, small = found[len(_NAMES) :]
    # A slip of the keyboard in a long column proves nothing against all the rest of it.
    day, month = days > _SLIPS * months, months > _SLIPS * days
    return TimeReading(
        frozenset(shape for shape, count in counts.items() if count),
        "mixed" if day and month else "month" if month else "day",
        assumed=counts["slash"] + counts["split"] > 0 and not day and not month,
        whole_numbers=small > 0 and small == sum(counts.values()),
    )


def micros_sql(value: str, how: TimeReading) -> str:
    """Return SQL for microseconds since 1970 (local or UTC, see ``kind_sql``); NULL if unread."""
    readers = {
        "local": f"epoch_us(try_cast({value} AS TIMESTAMP))",
        "date": f"epoch_us(try_cast({value} AS TIMESTAMP))",
        "zoned": f"epoch_us(try_cast({value} AS TIMESTAMPTZ))",
        "slash": _ordered(how, lambda day, month: _slash(value, day, month)),
        "iso": _clocked(_tidy_iso(value), value),
        "split": _ordered(how, lambda day, month: _clocked(_tidy(value, day, month), value)),
        "named": _clocked(_named(value), value),
        "epoch": _epoch(value),
        "compact": _clocked(_tidy_compact(value), value),
    }
    present = [name for name in readers if name in how.shapes]
    if "other" not in how.shapes and len({readers[name] for name in present}) == 1:
        return readers[present[0]]
    cases = " ".join(
        f"WHEN regexp_full_match({value}, '{_SHAPES[name]}') THEN {readers[name]}"
        for name in present
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS BIGINT)"


def kind_sql(value: str, how: TimeReading) -> str:
    """Return SQL for how the value was read: ZONED, LOCAL or DATE."""
    for shape, kind in (("local", LOCAL), ("date", DATE), ("zoned", ZONED), ("epoch", ZONED)):
        if how.shapes == {shape}:
            return str(kind)
    if how.shapes <= {"slash", "date", "local"}:
        return f"CASE WHEN contains({value}, ':') THEN {LOCAL} ELSE {DATE} END"
    epoch = (
        f"WHEN regexp_full_match({value}, '{_EPOCH}') THEN {ZONED} "
        if "epoch" in how.shapes
        else ""
    )
    dotted = rf"regexp_matches({value}, '[ T]\d{{1,2}}\.\d{{2}}')"
    compact = rf"regexp_full_match({value}, '\d{{8}}T?\d{{6}}Z?')"
    return (
        f"CASE {epoch}WHEN {_has_zone(value)} THEN {ZONED} "
        f"WHEN contains({value}, ':') OR {dotted} OR {compact} THEN {LOCAL} ELSE {DATE} END"
    )


def _slash(value: str, day: int, month: int) -> str:
    date = "%d/%m/%Y" if day < month else "%m/%d/%Y"
    # Trying a format in vain takes ten times as long as telling which one it is.
    moment = (
        f"CASE WHEN {value} LIKE '%:%:%' THEN try_strptime({value}, '{date} %H:%M:%S')"
        f" WHEN contains({value}, ':') THEN try_strptime({value}, '{date} %H:%M')"
        f" ELSE try_strptime({value}, '{date}') END"
    )
    return f"epoch_us({moment})"


def _tidy_iso(value: str) -> str:
    head = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T,\s]*"
    return rf"regexp_replace({value}, '{head}', '\1-\2-\3 ')"


def _tidy_compact(value: str) -> str:
    parts = r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2}))?"
    return rf"regexp_replace({value}, '{parts}', '\1-\2-\3 \4:\5:\6')"


def _tidy(value: str, day: int, month: int) -> str:
    head = r"^(\d{1,2})[-/.](\d{1,2})[-/.]"
    whole = value
    for decades, century in (("[0-6]", "20"), ("[7-9]", "19")):
        short = rf"{head}({decades}\d)([T,\s]|$)"
        whole = rf"regexp_replace({whole}, '{short}', '\1/\2/{century}\3\4')"
    return rf"regexp_replace({whole}, '{head}(\d{{4}})[T,\s]*', '\3-\{month}-\{day} ')"


def _ordered(how: TimeReading, read: Callable[[int, int], str]) -> str:
    """Return SQL that reads dates in the column's order of day and month."""
    day_first, month_first = read(1, 2), read(2, 1)
    if how.order != "mixed":
        return day_first if how.order == "day" else month_first
    return (
        f"CASE WHEN ({day_first}) IS NULL THEN {month_first}"
        f" WHEN ({month_first}) IS NULL OR ({month_first}) = ({day_first}) THEN {day_first} END"
    )


def _epoch(value: str) -> str:
    whole = f"regexp_replace({value}, '\\..*$', '')"
    number = f"try_cast({value} AS DOUBLE)"
    return (
        f"CAST(CASE WHEN length({whole}) IN (15, 16) THEN {number}"
        f" WHEN length({whole}) IN (12, 13) THEN {number} * 1000"
        f" ELSE {number} * 1000000 END AS BIGINT)"
    )


def _has_zone(value: str) -> str:
    before = r"(?:\d[:.]\d{2}|[AaPp]\.?[Mm]\.?|\d\.\d{1,9}|T\d{6})"
    return f"regexp_matches({value}, '{before}{_ZONE}$')"


def _clocked(tidy: str, value: str) -> str:
    """Read ``yyyy-m-d`` with whatever clock follows, written with dots or with AM and PM."""
    # 14.30 and 14.30.05 become 14:30 and 14:30:05; a comma before a fraction becomes a dot.
    colons = rf"regexp_replace({tidy}, ' (\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?', ' \1:\2:\3')"
    points = rf"regexp_replace({colons}, '(\d{{2}}),(\d{{1,9}})', '\1.\2')"
    clean = rf"regexp_replace({points}, ':([^\d]|$)', '\1')"
    half = (
        rf"regexp_replace(regexp_replace({clean}, '\s*([AaPp])\.?[Mm]\.?', ' \1M'), '{_ZONE}$', '')"
    )
    formats = "['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p']"
    shift = _offset(value)
    is_half = rf"regexp_matches({value}, '\d\s?[AaPp]\.?[Mm]')"
    bare = f"trim(regexp_replace({clean}, '{_ZONE}$', ''), ' :')"
    moment = (
        f"CASE WHEN {is_half} THEN try_strptime(upper({half}), {formats})"
        f" ELSE try_cast({bare} AS TIMESTAMP) END"
    )
    return f"epoch_us({moment}) - {shift}"


def _offset(value: str) -> str:
    """Return SQL for the microseconds that the zone at the end of a value is ahead of UTC."""
    pattern = r"([+-])(\d{1,2}):?(\d{2})?$"
    hours = f"coalesce(try_cast(regexp_extract({value}, '{pattern}', 2) AS INT), 0)"
    minutes = f"coalesce(try_cast(regexp_extract({value}, '{pattern}', 3) AS INT), 0)"
    sign = f"CASE WHEN regexp_extract({value}, '{pattern}', 1) = '-' THEN -1 ELSE 1 END"
    amount = f"({sign}) * ({hours} * 60 + {minutes}) * 60000000::BIGINT"
    return f"CASE WHEN {_has_zone(value)} THEN {amount} ELSE 0 END"


def _named(value: str) -> str:
    month = " ".join(
        f"WHEN regexp_matches(lower({value}), '\\b(?:{names})') THEN '{number}'"
        for number, names in enumerate(_MONTHS, 1)
    )
    year = rf"regexp_extract({value}, '\b(\d{{4}})\b', 1)"
    day = rf"regexp_extract({value}, '^\D*(\d{{1,2}})\b', 1)"
    tail = rf"regexp_extract({value}, '\b\d{{4}}\b[T,\s]*(.*)$', 1)"
    return f"{year} || '-' || (CASE {month} END) || '-' || {day} || ' ' || {tail}"
