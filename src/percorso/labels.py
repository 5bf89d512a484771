"""Names and figures as a reader sees them, in the current language.

Names of the vocabulary's words come through gettext; numbers, dates and money through Babel.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from typing import Final, Literal

from percorso.i18n import current_language, in_language, ngettext
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate, Phrase, Violation

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
#: The code (ISO 639-2) of a language that nobody could tell.
UNKNOWN_LANGUAGE: Final = "und"
_MINUS: Final = "\N{MINUS SIGN}"


def _named(words: Callable[[], dict[str, str]]) -> Callable[[str], str]:
    """Return a function from a word of the vocabulary to its name; unknown words stay as sent."""

    @cache
    def in_this(language: str) -> dict[str, str]:
        with in_language(language):
            return words()

    def name(word: str) -> str:
        return in_this(current_language()).get(str(word), str(word))

    return name


@_named
def phase() -> dict[str, str]:
    return {
        "awareness": _("Awareness"),
        "consideration": _("Consideration"),
        "activation": _("Activation"),
        "purchase": _("Purchase"),
        "loyalty": _("Loyalty"),
        "advocacy": _("Advocacy"),
    }


@_named
def channel() -> dict[str, str]:
    return {
        "website": _("Website"),
        "app": _("App"),
        "email": _("E-mail"),
        "chat": _("Chat"),
        "messaging": _("Messaging"),
        "social": _("Social media"),
        "reviews": _("Review sites"),
        "survey": _("Surveys"),
        "marketplace": _("Marketplace"),
        "phone": _("Telephone"),
        "store": _("Shop"),
        "courier": _("Courier"),
        "mail": _("Post"),
        "event": _("Events"),
        "system": _("Systems"),
        "other": _("Other channels"),
    }


@_named
def kind() -> dict[str, str]:
    return {
        "view": _("Page or product seen"),
        "search": _("Search"),
        "click": _("Click"),
        "visit": _("Visit"),
        "content": _("Content"),
        "attendance": _("Attendance"),
        "mention": _("Mention in public"),
        "signup": _("Sign-up"),
        "login": _("Sign-in"),
        "cart": _("Cart"),
        "checkout": _("Checkout"),
        "order": _("Order"),
        "payment": _("Payment"),
        "invoice": _("Invoice"),
        "shipment": _("Shipment"),
        "delivery": _("Delivery"),
        "pickup": _("Collection"),
        "return": _("Return"),
        "refund": _("Refund"),
        "cancellation": _("Cancellation"),
        "renewal": _("Renewal"),
        "message": _("Message"),
        "call": _("Call"),
        "ticket": _("Request for help"),
        "update": _("Request moved on"),
        "resolution": _("Request solved"),
        "answer": _("Survey answer"),
        "review": _("Review"),
        "referral": _("Referral"),
        "promise": _("Promise"),
        "fulfilment": _("Promise fulfilled"),
        "offer": _("Offer"),
        "action": _("Company's action"),
        "step": _("Process step"),
        "other": _("Something else"),
        "profile": _("Facts about the customer"),
        "consent": _("Consent"),
        "progress": _("Further stage"),
    }


@_named
def metric() -> dict[str, str]:
    return {
        "nps": _("NPS"),
        "csat": _("CSAT"),
        "ces": _("CES"),
        "pmf": _("PMF"),
        "stars": _("Stars"),
        "stars_top2": _("4 and 5 stars"),
        "kept_share": _("Promises kept"),
        "pyramid_needs": _("Needs met"),
        "pyramid_ease": _("Easy"),
        "pyramid_enjoyment": _("Enjoyable"),
    }


@_named
def meaning() -> dict[str, str]:
    """Name what a metric tells, in a few words."""
    return {
        "nps": _("promoters minus detractors"),
        "csat": _("satisfied customers (4-5 of 5)"),
        "ces": _("how easy it was, 1 to 7"),
        "pmf": _("very disappointed without us"),
        "stars": _("mean of 1 to 5 stars"),
        "stars_top2": _("share of reviews with 4 or 5 stars"),
        "kept_share": _("promises kept among those that came due"),
    }


@_named
def scale() -> dict[str, str]:
    return {
        "nps": _("likely to recommend, 0 to 10"),
        "csat": _("satisfaction, 1 to 5"),
        "ces": _("it was easy, 1 to 7"),
        "ces_effort": _("effort, 1 to 7 (low is good)"),
        "pmf": _("disappointed without us"),
        "stars": _("stars, 1 to 5"),
        "pyramid_needs": _("needs met, 1 to 5"),
        "pyramid_ease": _("easy, 1 to 5"),
        "pyramid_enjoyment": _("enjoyable, 1 to 5"),
    }


@_named
def fate() -> dict[str, str]:
    return {
        "kept": _("kept"),
        "late": _("late"),
        "unmet": _("never kept"),
        "broken": _("broken"),
        "open": _("still open"),
        "withdrawn": _("withdrawn"),
    }


def fates(counts: Mapping[str, int | None]) -> str:
    """Return counts of promises by what became of them, such as ``12 kept, 3 late``.

    The keys are fates, ``broken`` and ``made``; what there is none of is left out. None: they are
    too few to show.
    """
    patterns: dict[str, Callable[[int], str]] = {
        "made": lambda n: ngettext("{n} made", "{n} made", n),
        "kept": lambda n: ngettext("{n} kept", "{n} kept", n),
        "late": lambda n: ngettext("{n} late", "{n} late", n),
        "unmet": lambda n: ngettext("{n} never kept", "{n} never kept", n),
        "broken": lambda n: ngettext("{n} broken", "{n} broken", n),
        "open": lambda n: ngettext("{n} still open", "{n} still open", n),
        "withdrawn": lambda n: ngettext("{n} withdrawn", "{n} withdrawn", n),
    }
    return ", ".join(
        f"{fate(each)}: {_('too few to show')}"
        if count is None
        else patterns[each](count).format(n=number(count))
        for each, count in counts.items()
        if count != 0
    )


@_named
def sentiment() -> dict[str, str]:
    return {
        "negative": _("Negative"),
        "neutral": _("Neutral"),
        "positive": _("Positive"),
    }


@_named
def factor() -> dict[str, str]:
    return {
        "quality": _("Quality"),
        "value": _("Value for money"),
        "ease": _("Ease"),
        "personalisation": _("Personal attention"),
        "speed": _("Speed"),
        "security": _("Security"),
        "transparency": _("Transparency"),
        "assistance": _("Assistance"),
        "consistency": _("Consistency"),
        "continuity": _("Continuity"),
    }


@_named
def emotion() -> dict[str, str]:
    return {
        "joy": _("Joy"),
        "gratitude": _("Gratitude"),
        "surprise": _("Surprise"),
        "trust": _("Trust"),
        "loyalty": _("Loyalty"),
        "frustration": _("Frustration"),
        "disappointment": _("Disappointment"),
        "anger": _("Anger"),
        "distrust": _("Distrust"),
        "betrayal": _("Betrayal"),
    }


@_named
def segment() -> dict[str, str]:
    return {
        "no_purchase": _("No purchase yet"),
        "one_purchase": _("One purchase"),
        "repeat": _("More than one purchase"),
        "top_fifth": _("Top fifth by value"),
        "champions": _("Champions"),
        "loyal": _("Loyal"),
        "promising": _("Promising"),
        "needs_attention": _("Need attention"),
        "at_risk": _("At risk"),
        "cannot_lose": _("Not to be lost"),
        "sleeping": _("Sleeping"),
        "lost": _("Lost"),
    }


@_named
def dimension() -> dict[str, str]:
    return {
        "channel": _("Channel"),
        "touchpoint": _("Touchpoint"),
        "phase": _("Phase"),
        "segment": _("Segment"),
        "month": _("Month"),
        "kind": _("Kind"),
        "language": _("Language"),
        "source": _("Source"),
        "name": _("Name"),
    }


@_named
def ideal() -> dict[str, str]:
    """Name who counts as an ideal customer."""
    return {
        "promoters": _("promoters"),
        "value": _("the top fifth by value"),
        "advocates": _("those who recommended us"),
    }


def by_answer(given: str | None) -> str:
    """Say, to be added to a sentence, on which scale customers answered; nothing without one."""
    if given is None:
        return ""
    return " " + _("(by the last answer: {scale})").format(scale=scale(given))


def group(by: str, value: str | None) -> str:
    """Return the name of a group of a dimension, such as a channel or a month ``2025-03``."""
    if value is None or value == "":
        return _("not given")
    if by == "month":
        return month(value)
    named = {"channel": channel, "phase": phase, "segment": segment, "kind": kind}.get(by)
    if named is not None:
        return named(value)
    return language(value) if by == "language" else str(value)


def phrase(given: Phrase) -> str:
    """Say a phrase, such as the rule that a value broke, in the current language."""
    return given.said(_)


def sentence(given: Phrase) -> str:
    """Say a phrase whose whole numbers are counts: with the separators of the language."""
    return phrase(_with_separators(given))


def _with_separators(given: Phrase) -> Phrase:
    values: dict[str, str | int | float | Phrase] = {}
    for name, value in given.values.items():
        if isinstance(value, Phrase):
            values[name] = _with_separators(value)
        else:
            values[name] = number(value) if isinstance(value, int) else value
    return Phrase(given.message, values)


def violation(given: Violation) -> str:
    """Say which field broke which rule with which value."""
    return _("{field}: {rule} (got {value!r})").format(
        field=given.field, rule=phrase(given.rule), value=given.value
    )


def language(code: str) -> str:
    """Return the name of a language in the current language."""
    if code == UNKNOWN_LANGUAGE:
        return _("language unknown")
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name(current_language()) or code
    except (UnknownLocaleError, ValueError):
        return code


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
        "{arrow} {size} point, certain", "{arrow} {size} points, certain", _plural(abs(given.value))
    )
    return pattern.format(arrow=arrow, size=size)


def day(given: date | None, zone: tzinfo | None = None) -> str:
    """Return a day, such as ``4 Oct 2025``; of a time, the day in ``zone`` (UTC by default)."""
    if given is None:
        return NOTHING
    from babel.dates import format_date

    if isinstance(given, datetime):
        given = given.astimezone(zone or UTC).date()
    text: str = format_date(given, "d MMM y", locale=current_language())
    return text


def moment(given: datetime | None, zone: tzinfo | None = None) -> str:
    """Return a day and time of day in ``zone`` (UTC by default)."""
    if given is None:
        return NOTHING
    from babel.dates import format_time

    local = given.astimezone(zone or UTC)
    return f"{day(local.date())}, {format_time(local.time(), 'HH:mm', locale=current_language())}"


def month(given: date | str | None) -> str:
    """Return a month, such as ``Oct 2025``. Takes a date or text that begins ``2025-10``."""
    if given is None:
        return NOTHING
    from babel.dates import format_date

    try:
        first = date.fromisoformat(given[:7] + "-01") if isinstance(given, str) else given
    except ValueError:
        return str(given)
    text: str = format_date(first, "LLL y", locale=current_language())
    return text


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


def hours(value: float | None) -> str:
    """Return a length of time given in hours, in the unit a person would use."""
    if value is None or value != value:
        return NOTHING
    if value * 60 < 1:
        return _("under a minute")
    if value < 1.5:
        return _("{n} min").format(n=number(value * 60))
    if value < 36:
        return _counted(value, ngettext("{n} hour", "{n} hours", _plural(value)))
    return _counted(value / 24, ngettext("{n} day", "{n} days", _plural(value / 24)))


def _counted(value: float, pattern: str) -> str:
    return pattern.format(n=number(value, _decimals(value)))


def _decimals(value: float) -> int:
    # One decimal up to 10: 1.5 and 2.4 days are told apart, 31.2 days is noise.
    return 1 if value < 10 and round(value, 1) != round(value) else 0


def _plural(value: float) -> int:
    # 1.5 takes the plural in both languages; gettext counts in whole numbers.
    return 1 if round(value, 1) == 1 else 2


def by_chance(p_adjusted: float) -> str:
    """Return how often chance alone would show this much, in words."""
    if p_adjusted < 0.001:
        return _("by chance less than once in 1,000")
    times = round(p_adjusted * 1000)
    return ngettext("by chance {n} time in 1,000", "by chance {n} times in 1,000", times).format(
        n=number(times)
    )
