"""Names of the vocabulary's words, of groups and of languages, in the current language."""

from collections.abc import Callable
from functools import cache
from typing import Final

from percorso.i18n import current_language, in_language
from percorso.i18n import gettext as _
from percorso.labels.times import month

#: The code (ISO 639-2) of a language that nobody could tell.
UNKNOWN_LANGUAGE: Final = "und"


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


def language(code: str) -> str:
    """Return the name of a language in the current language."""
    if code == UNKNOWN_LANGUAGE:
        return _("language unknown")
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code, sep="-").get_display_name(current_language()) or code
    except (UnknownLocaleError, ValueError):
        return code
