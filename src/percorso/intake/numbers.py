"""How numbers are written in a column, and the SQL that reads them.

1.234,56 and 1,234.56 are told apart by the whole column. Where it holds both ways, a value that
could be either is not guessed but left unread.
"""

from dataclasses import dataclass
from typing import Any, Final

from percorso.vocabulary import N_, Phrase
from percorso.vocabulary.numbers import AROUND, COMMA_WHOLE, DOT_WHOLE, PLAIN, SPACES

_COMMA: Final = (
    r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})"
)
_DOT: Final = (
    r"[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,})"
)
_EITHER_DOT: Final = r"[+-]?[1-9]\d{0,2}\.\d{3}"
_EITHER_COMMA: Final = r"[+-]?[1-9]\d{0,2},\d{3}"
_DOT_PLAIN: Final = r"[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+)"


@dataclass(frozen=True, slots=True)
class NumberReading:
    """How the numbers of a column are read. ``decimal`` is the mark before decimals, or mixed.

    ``plain`` says that all are as machines write them. ``grouped`` says that 1.234 (or 1,234)
    stands for a thousand and more though nothing proves it.
    """

    decimal: str = "."
    plain: bool = True
    assumed: bool = False

    def described(self) -> Phrase:
        """Say it to a person."""
        how = {
            ".": Phrase(N_("decimal point (1,234.56)")),
            ",": Phrase(N_("decimal comma (1.234,56)")),
            "mixed": Phrase(N_("decimal point in some rows, comma in others")),
        }[self.decimal]
        return Phrase(N_("{how}, assumed"), {"how": how}) if self.assumed else how


def bare_sql(value: str) -> str:
    """Return SQL for the value without signs of money, spaces and the like."""
    inner = f"regexp_replace({value}, '(?i){_quoted(AROUND)}', '', 'g')"
    stripped = f"regexp_replace({inner}, '{_quoted(SPACES)}', '', 'g')"
    # Most have none of these, which is sooner seen than done away with.
    return f"CASE WHEN regexp_full_match({value}, '[-+.,0-9]*') THEN {value} ELSE {stripped} END"


#: Ways of writing, the commonest first: each value is of the first that it matches.
_SHAPES: Final = (
    (r"[+-]?\d{1,3}", False),
    (r"[+-]?\d{4,}", False),
    (_EITHER_DOT, False),
    (_DOT_PLAIN, False),
    (_COMMA, True),
    (_DOT, True),
    (_EITHER_DOT, True),
    (_EITHER_COMMA, True),
    (PLAIN, False),
)


def shape_sql(value: str, bare: str) -> str:
    """Return SQL for the number of the way a value is written; NULL where there is none.

    ``bare`` is the column of its ``bare_sql``.
    """
    cases = " ".join(
        f"WHEN regexp_full_match({bare if stripped else value}, '{shape}') THEN {number}"
        for number, (shape, stripped) in enumerate(_SHAPES)
    )
    return f"CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {len(_SHAPES)} END"


def profile_sql(shape: str) -> list[str]:
    """Return the aggregates that ``reading`` wants, over a column's ``shape_sql``."""
    return [f"count_if({shape} = {number})" for number in range(len(_SHAPES) + 1)]


def reading(row: tuple[Any, ...]) -> NumberReading:
    """Return how to read a column, from its aggregates."""
    found = [each or 0 for each in row]  # nothing is counted where nothing is given
    _few, ungrouped, either_plain, dot_plain, comma, dot_odd, either_odd, either_comma = found[:8]
    odd = comma + dot_odd + either_odd + either_comma + found[9]
    dot, either_dot = dot_plain + dot_odd, either_plain + either_odd
    if comma and dot:
        return NumberReading("mixed", plain=False)
    if comma or dot:
        decimal = "," if comma else "."
        return NumberReading(decimal, plain=not odd and decimal == ".")
    if either_comma and not either_dot:
        # Only 1,234 and its like: thousands in English, unless others stand without the mark.
        decimal = "," if ungrouped else "."
        return NumberReading(decimal, plain=False, assumed=True)
    if either_dot and not either_comma and not ungrouped and odd:
        return NumberReading(",", plain=False, assumed=True)
    if either_dot and either_comma:
        return NumberReading("mixed", plain=False)
    return NumberReading(".", plain=not odd, assumed=bool(either_dot))


def number_sql(value: str, how: NumberReading, bare: str) -> str:
    """Return SQL for the number as DOUBLE; NULL where it cannot be read.

    ``bare`` is the column of its ``bare_sql``. What is too large for a number is infinite.
    """
    if how.plain:
        return f"try_cast({value} AS DOUBLE)"
    comma = _if_shaped(bare, COMMA_WHOLE, f"replace(replace({bare}, '.', ''), ',', '.')")
    dot = _if_shaped(bare, DOT_WHOLE, f"replace({bare}, ',', '')")
    if how.decimal != "mixed":
        return f"try_cast({comma if how.decimal == ',' else dot} AS DOUBLE)"
    either = f"(regexp_full_match({bare}, '{_EITHER_DOT}|{_EITHER_COMMA}'))"
    return (
        f"try_cast(CASE WHEN {either} THEN NULL"
        f" WHEN regexp_full_match({bare}, '{_COMMA}') THEN {comma} ELSE {dot} END AS DOUBLE)"
    )


def finite_sql(number: str) -> str:
    """Return SQL for a column's numbers that are finite: 1e400 is no amount."""
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _if_shaped(value: str, shape: str, clean: str) -> str:
    return f"CASE WHEN regexp_full_match({value}, '{shape}') THEN {clean} END"


def _quoted(pattern: str) -> str:
    return pattern.replace("'", "''")
