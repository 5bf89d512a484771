"""How times are written in a column, and the SQL that reads them.

The whole column decides: 25/04 proves that the day comes first, 04/25 the month. Where both are
proved, rows that could be either are not guessed but left unread.
"""

from dataclasses import dataclass
from typing import Any, Final

from percorso.i18n import gettext as _

#: How a value was read: with its own zone, as a local time, as a date without a time.
ZONED, LOCAL, DATE = 0, 1, 2

_CLOCK: Final = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
_HALF: Final = r"(?:\s?[AaPp]\.?[Mm]\.?)"
_ZONE: Final = r"\s?(?:Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?)"
_YEAR_FIRST: Final = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
_YEAR_LAST: Final = r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
_TAIL: Final = rf"(?:(?:[T ]|,\s?|\s+)(?:{_CLOCK}{_HALF}?(?P<zone>{_ZONE})?))?"

ISO_PLAIN: Final = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)
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

_TWO_PARTS: Final = r"^(\d{1,2})[-/.](\d{1,2})"
#: So small a share of the proofs is taken for slips of the keyboard.
_SLIPS: Final = 0.01

_SHAPES: Final = {
    "iso": rf"{_YEAR_FIRST}{_ANY_TAIL}",
    "split": rf"{_YEAR_LAST}{_ANY_TAIL}",
    "named": _NAMED,
    "epoch": _EPOCH,
    "compact": _COMPACT,
}


@dataclass(frozen=True, slots=True)
class TimeReading:
    """How the times of a column are read.

    ``shapes`` are the ways of writing that occur: plain (ISO 8601 as machines write it), iso,
    split (25/04/2024), named (25 April 2024), epoch, compact (20240425). ``order`` is that of
    split dates: day, month, or mixed (both proved: ambiguous values stay unread). ``assumed``
    says that nothing proved it.
    """

    shapes: frozenset[str]
    order: str = "day"
    assumed: bool = False
    whole_numbers: bool = False

    def described(self) -> str:
        """Say it to a person."""
        names = {
            "plain": _("ISO (2024-04-25 14:30)"),
            "iso": _("year, month, day (2024/04/25 14:30)"),
            "named": _("month by name (25 April 2024)"),
            "epoch": _("seconds or milliseconds since 1970"),
            "compact": _("digits only (20240425)"),
        }
        split = {
            "day": _("day, month, year (25/04/2024)"),
            "month": _("month, day, year (04/25/2024)"),
            "mixed": _("day and month in either order"),
        }
        words = [names[each] for each in names if each in self.shapes]
        if "split" in self.shapes:
            words.append(split[self.order] + (_(", assumed") if self.assumed else ""))
        return " · ".join(words) or _("none found")


def profile_sql(value: str) -> list[str]:
    """Return the aggregates, over a column of text, that ``reading`` wants."""
    plain = f"regexp_full_match({value}, '{ISO_PLAIN}')"
    parts = [
        f"count_if({plain})",
        *(
            f"count_if(NOT {plain} AND regexp_full_match({value}, '{shape}'))"
            for shape in _SHAPES.values()
        ),
    ]
    split = f"regexp_full_match({value}, '{_SHAPES['split']}')"
    first, second = (
        f"try_cast(regexp_extract({value}, '{_TWO_PARTS}', {group}) AS INT)" for group in (1, 2)
    )
    for day, month in ((first, second), (second, first)):
        parts.append(f"count_if({split} AND {day} BETWEEN 13 AND 31 AND {month} BETWEEN 1 AND 12)")
    parts.append(f"count_if(regexp_full_match({value}, '\\d{{1,6}}'))")
    parts.append(f"count({value})")
    return parts


def reading(row: tuple[Any, ...]) -> TimeReading:
    """Return how to read a column, from its aggregates."""
    found = [each or 0 for each in row]  # nothing is counted where nothing is given
    counts = dict(zip(("plain", *_SHAPES), found[: len(_SHAPES) + 1], strict=True))
    days, months, small, total = found[len(_SHAPES) + 1 :]
    # A slip of the keyboard in a long column proves nothing against all the rest of it.
    day, month = days > _SLIPS * months, months > _SLIPS * days
    return TimeReading(
        frozenset(shape for shape, count in counts.items() if count),
        "mixed" if day and month else "month" if month else "day",
        assumed=bool(counts["split"]) and not day and not month,
        whole_numbers=total > 0 and small == total,
    )


def micros_sql(value: str, how: TimeReading) -> str:
    """Return SQL for microseconds since 1970 (local or UTC, see ``kind_sql``); NULL if unread."""
    cases = [
        f"WHEN regexp_full_match({value}, '{ISO_PLAIN}') THEN {_cast(value, _has_zone(value))}"
    ]
    if "iso" in how.shapes:
        head = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T,\s]*"
        tidy = rf"regexp_replace({value}, '{head}', '\1-\2-\3 ')"
        cases.append(_case(value, "iso", tidy))
    if "split" in how.shapes:
        cases.append(_split_case(value, how))
    if "named" in how.shapes:
        cases.append(_case(value, "named", _named(value)))
    if "epoch" in how.shapes:
        whole = f"regexp_replace({value}, '\\..*$', '')"
        cases.append(
            f"WHEN regexp_full_match({value}, '{_EPOCH}') THEN CAST(CASE length({whole})"
            f" WHEN 13 THEN try_cast({value} AS DOUBLE) * 1000"
            f" WHEN 15 THEN try_cast({value} AS DOUBLE)"
            f" WHEN 16 THEN try_cast({value} AS DOUBLE)"
            f" WHEN 12 THEN try_cast({value} AS DOUBLE) * 1000"
            f" ELSE try_cast({value} AS DOUBLE) * 1000000 END AS BIGINT)"
        )
    if "compact" in how.shapes:
        parts = r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2}))?"
        tidy = rf"regexp_replace({value}, '{parts}', '\1-\2-\3 \4:\5:\6')"
        cases.append(_case(value, "compact", tidy))
    return f"CASE {' '.join(cases)} END"


def kind_sql(value: str, how: TimeReading) -> str:
    """Return SQL for how the value was read: ZONED, LOCAL or DATE."""
    epoch = (
        f"WHEN regexp_full_match({value}, '{_EPOCH}') THEN {ZONED} "
        if "epoch" in how.shapes
        else ""
    )
    clock = f"contains({value}, ':')"
    dotted = rf"regexp_matches({value}, '[ T]\d{{1,2}}\.\d{{2}}')"
    compact = rf"regexp_full_match({value}, '\d{{8}}T?\d{{6}}Z?')"
    return (
        f"CASE {epoch}WHEN {_has_zone(value)} THEN {ZONED} "
        f"WHEN {clock} OR {dotted} OR {compact} THEN {LOCAL} ELSE {DATE} END"
    )


def _has_zone(value: str) -> str:
    before = r"(?:\d[:.]\d{2}|[AaPp]\.?[Mm]\.?|\d\.\d{1,9}|T\d{6})"
    return f"regexp_matches({value}, '{before}{_ZONE}$')"


def _case(value: str, shape: str, tidy: str) -> str:
    return f"WHEN regexp_full_match({value}, '{_SHAPES[shape]}') THEN {_clocked(tidy, value)}"


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


def _cast(value: str, zoned: str) -> str:
    return (
        f"CASE WHEN {zoned} THEN epoch_us(try_cast({value} AS TIMESTAMPTZ))"
        f" ELSE epoch_us(try_cast({value} AS TIMESTAMP)) END"
    )


def _offset(value: str) -> str:
    """Return SQL for the microseconds that the zone at the end of a value is ahead of UTC."""
    pattern = r"([+-])(\d{1,2}):?(\d{2})?$"
    hours = f"coalesce(try_cast(regexp_extract({value}, '{pattern}', 2) AS INT), 0)"
    minutes = f"coalesce(try_cast(regexp_extract({value}, '{pattern}', 3) AS INT), 0)"
    sign = f"CASE WHEN regexp_extract({value}, '{pattern}', 1) = '-' THEN -1 ELSE 1 END"
    amount = f"({sign}) * ({hours} * 60 + {minutes}) * 60000000::BIGINT"
    return f"CASE WHEN {_has_zone(value)} THEN {amount} ELSE 0 END"


def _split_case(value: str, how: TimeReading) -> str:
    def ordered(day: int, month: int) -> str:
        head = r"^(\d{1,2})[-/.](\d{1,2})[-/.]"
        whole = value
        for decades, century in (("[0-6]", "20"), ("[7-9]", "19")):
            short = rf"{head}({decades}\d)([T,\s]|$)"
            whole = rf"regexp_replace({whole}, '{short}', '\1/\2/{century}\3\4')"
        return rf"regexp_replace({whole}, '{head}(\d{{4}})[T,\s]*', '\3-\{month}-\{day} ')"

    day_first = _clocked(ordered(1, 2), value)
    month_first = _clocked(ordered(2, 1), value)
    if how.order == "day":
        return f"WHEN regexp_full_match({value}, '{_SHAPES['split']}') THEN {day_first}"
    if how.order == "month":
        return f"WHEN regexp_full_match({value}, '{_SHAPES['split']}') THEN {month_first}"
    return (
        f"WHEN regexp_full_match({value}, '{_SHAPES['split']}') THEN CASE"
        f" WHEN ({day_first}) IS NULL THEN {month_first}"
        f" WHEN ({month_first}) IS NULL OR ({month_first}) = ({day_first}) THEN {day_first} END"
    )


def _named(value: str) -> str:
    month = " ".join(
        f"WHEN regexp_matches(lower({value}), '\\b(?:{names})') THEN '{number}'"
        for number, names in enumerate(_MONTHS, 1)
    )
    year = rf"regexp_extract({value}, '\b(\d{{4}})\b', 1)"
    day = rf"regexp_extract({value}, '^\D*(\d{{1,2}})\b', 1)"
    tail = rf"regexp_extract({value}, '\b\d{{4}}\b[T,\s]*(.*)$', 1)"
    return f"{year} || '-' || (CASE {month} END) || '-' || {day} || ' ' || {tail}"
