"""Numbers, estimates, changes and money as a reader sees them, through Babel."""

import re
from functools import lru_cache
from typing import Final, Literal

from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate

#: What a figure is counted in: ``percent`` 0..100, ``points`` of NPS -100..100, ``score`` as
#: answered, ``count`` of things.
Unit = Literal["percent", "points", "score", "count"]

#: Metric -> its unit and the decimals that make sense beside its usual interval.
_UNITS: Final[dict[str, tuple[Unit, int]]] = {
    "nps": ("points", 0),
    "csat": ("percent", 0),
    "pmf": ("percent", 0),
    "stars_top2": ("percent", 0),
    "kept_share": ("percent", 0),
    "ces": ("score", 1),
    "stars": ("score", 2),
}
#: What stands for a figure that is not there.
NOTHING: Final = "–"
_MINUS: Final = "\N{MINUS SIGN}"
#: An interval, as sentences have it: ``[-26 to 17]``, ``(53 to 98%)``, ``82 – 93``.
_INTERVAL: Final = re.compile(r"\[[^\[\]]{1,30}\]|\([^()]{0,8}\d[^()]{1,16}\d%?\)|(?<=\d) – (?=\d)")


def unit_of(name: str) -> Unit:
    """Return the unit of a metric; ``score`` for what is answered on a scale."""
    return _UNITS.get(name, ("score", 1))[0]


def digits_of(name: str) -> int:
    """Return how many decimals of a metric are shown."""
    return _UNITS.get(name, ("score", 1))[1]


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with a fixed count of decimals and the language's separators."""
    if value is None or value != value:
        return NOTHING
    # + 0.0 turns a rounded -0.0 into 0
    return _number(round(float(value), digits) + 0.0, digits, current_language())


@lru_cache(maxsize=8192)
def _number(rounded: float, digits: int, language: str) -> str:
    # A page of a table holds hundreds of numbers, many of them the same from page to page.
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text: str = format_decimal(rounded, pattern, language, decimal_quantization=True)
    return text.replace("-", _MINUS)


def percent(value: float | None, digits: int = 0) -> str:
    """Return a share given in percent points (0..100), such as ``82%``."""
    return NOTHING if value is None or value != value else number(value, digits) + "%"


def measured(value: float | None, unit: Unit = "score", digits: int | None = None) -> str:
    """Return a figure in its unit."""
    if digits is None:
        digits = 1 if unit == "score" else 0
    return percent(value, digits) if unit == "percent" else number(value, digits)


def estimate(given: Estimate, unit: Unit = "score", digits: int | None = None) -> str:
    """Return the value of an estimate, or words where it is hidden."""
    return measured(given.value, unit, digits) if given.shown else _("too few to show")


def interval(given: Estimate, unit: Unit = "score", digits: int | None = None) -> str:
    """Return the 95% interval, such as ``36 – 46``; empty where there is none."""
    if given.low is None or given.high is None:
        return ""
    if digits is None:
        digits = 1 if unit == "score" else 0
    # A dash between a number and a negative number is hard to read: a word is not.
    pattern = _("{low} to {high}") if given.low < 0 else "{low} – {high}"
    return pattern.format(low=number(given.low, digits), high=number(given.high, digits))


def signed(value: float | None, unit: Unit = "score", digits: int | None = None) -> str:
    """Return a difference with its sign. Differences of percentages are in points."""
    if value is None or value != value:
        return NOTHING
    if digits is None:
        digits = 1 if unit == "score" else 0
    text = number(value, digits)
    return "+" + text if round(value, digits) > 0 else text


def difference(given: Estimate, unit: Unit = "score", digits: int | None = None) -> str:
    """Return a difference with its interval, such as ``+22 [17 – 27]``."""
    if not given.shown:
        return _("too few to show")
    return f"{signed(given.value, unit, digits)} [{interval(given, unit, digits)}]"


def change(given: Estimate, unit: Unit, digits: int | None, *, certain: bool) -> str:
    """Return what changed in words, such as ``▼ 6 points, certain``.

    ``certain`` says that the difference stands after the correction for many tests.
    """
    if not given.shown:
        return _("too few answers to compare")
    if not certain or given.value is None:
        return _("no certain change")
    arrow = "▼" if given.value < 0 else "▲"
    size = measured(abs(given.value), "score", digits if digits is not None else 1)
    if unit == "score":
        return _("{arrow} {size}, certain").format(arrow=arrow, size=size)
    pattern = ngettext(
        "{arrow} {size} point, certain", "{arrow} {size} points, certain", plural(abs(given.value))
    )
    return pattern.format(arrow=arrow, size=size)


def money(value: float | None, currency: str) -> str:
    """Return an amount in a currency, in whole units from 100 up."""
    if value is None or value != value:
        return NOTHING
    from babel.numbers import format_currency

    whole = abs(value) >= 100
    text: str = format_currency(
        round(value) if whole else value,
        currency,
        locale=current_language(),
        format="¤ #,##0" if whole else "¤ #,##0.00",
        currency_digits=False,
    )
    return text.replace("-", _MINUS)


def by_chance(p_adjusted: float) -> str:
    """Return how often chance alone would show this much, in words."""
    if p_adjusted < 0.001:
        return _("by chance less than once in 1,000")
    times = round(p_adjusted * 1000)
    return ngettext("by chance {n} time in 1,000", "by chance {n} times in 1,000", times).format(
        n=number(times)
    )


def plural(value: float) -> int:
    """Return the whole number by which gettext chooses the words for a value."""
    # 1.5 takes the plural in both languages; gettext counts in whole numbers.
    return 1 if round(value, 1) == 1 else 2


def unbroken(sentence: str) -> str:
    """Return a sentence whose intervals stay whole where a line ends."""
    return _INTERVAL.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), sentence)
