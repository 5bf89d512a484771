"""Topics and needs as pages show them: what both have in common, and what each has of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from percorso import labels
from percorso.app.ui.components import Change
from percorso.app.voice import shown
from percorso.app.voice.asked import Asked
from percorso.app.voice.shown import Polarity, QuoteShown
from percorso.i18n import gettext as _
from percorso.labels import UNKNOWN_LANGUAGE
from percorso.text.results import Need, Sentiment, Theme, Topic
from percorso.vocabulary import Phase

_NO_NAMES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeShown:
    """What a topic and a need show alike; ``fill`` is how long its bar is.

    ``language`` is that of the name, empty where a person gave it.
    """

    id: str
    name: str
    words: str
    language: str
    texts: str
    customers: str
    share: str
    share_interval: str
    fill: str
    share_change: Change | None
    quotes: tuple[QuoteShown, ...]
    pinned: bool
    hidden: bool
    renamed: bool
    merged: tuple[tuple[str, str], ...]
    texts_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicShown(ThemeShown):
    """A topic: how its texts sound, and the page it has."""

    positive: str
    negative: str
    bar: Polarity | None
    change: Change | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedShown(ThemeShown):
    """A need: what its customers spent, empty where they spent nothing."""

    value: str
    value_each: str


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """How the texts of a topic sound in a phase."""

    name: str
    texts: str
    negative: str
    negative_interval: str
    positive: str
    positive_interval: str
    address: str


def topics(given: Sequence[Topic], asked: Asked) -> tuple[TopicShown, ...]:
    """Return topics in the order given."""
    largest = max((each.share.value or 0.0 for each in given), default=0.0)
    return tuple(topic(each, asked, largest) for each in given)


def topic(
    given: Topic, asked: Asked, largest: float = 100.0, names: Mapping[str, str] = _NO_NAMES
) -> TopicShown:
    """Return a topic; ``largest`` is the share the longest bar stands for."""
    return TopicShown(
        **_theme(given, asked, names),
        fill=shown.place(100 * (given.share.value or 0.0) / (largest or 100.0)),
        positive=labels.estimate(given.positive, "percent"),
        negative=labels.estimate(given.negative, "percent"),
        bar=shown.polarity(given.negative, given.positive),
        change=shown.change(given.change),
        address=asked.page("topic", given.id),
        texts_address=asked.texts(topic=given.id),
    )


def phases(given: Sequence[Sentiment], topic_id: str, asked: Asked) -> tuple[PhaseRow, ...]:
    """Return the phases in which enough customers wrote of a topic, in their order."""
    order = [str(each) for each in Phase]
    found = [each for each in given if each.group in order and each.balance.shown]
    return tuple(
        PhaseRow(
            name=labels.phase(each.group or ""),
            texts=labels.number(each.texts),
            negative=labels.estimate(each.negative, "percent"),
            negative_interval=labels.interval(each.negative, "percent"),
            positive=labels.estimate(each.positive, "percent"),
            positive_interval=labels.interval(each.positive, "percent"),
            address=asked.texts(topic=topic_id, phase=each.group or ""),
        )
        for each in sorted(found, key=lambda each: order.index(each.group or ""))
    )


def needs(
    given: Sequence[Need], asked: Asked, currency: str, names: Mapping[str, str] = _NO_NAMES
) -> tuple[NeedShown, ...]:
    """Return needs in the order given, with what their customers are worth."""
    most = max((each.customers for each in given), default=0) or 1
    return tuple(_need(each, asked, currency, most, names) for each in given)


def _need(
    given: Need, asked: Asked, currency: str, most: int, names: Mapping[str, str]
) -> NeedShown:
    each = given.value_each
    return NeedShown(
        **_theme(given, asked, names),
        fill=shown.place(100 * given.customers / most),
        value=labels.money(given.value, currency) if given.value else "",
        value_each=_("{mean} each ({low} – {high})").format(
            mean=labels.money(each.value, currency),
            low=labels.money(each.low, currency),
            high=labels.money(each.high, currency),
        )
        if each.shown and given.value
        else "",
        texts_address=asked.texts(wish=given.id),
    )


def _theme(given: Theme, asked: Asked, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that topics and needs have in common."""
    digits = shown.digits(given.share)
    return {
        "id": given.id,
        "name": given.name,
        "words": ", ".join(given.words),
        "language": "" if given.renamed or given.language == UNKNOWN_LANGUAGE else given.language,
        "texts": shown.texts(given.texts),
        "customers": shown.customers(given.customers),
        "share": labels.estimate(given.share, "percent", digits),
        "share_interval": labels.interval(given.share, "percent", digits),
        "share_change": shown.change(given.share_change, judged=False),
        "quotes": shown.quotes(given.quotes, asked),
        "pinned": given.pinned,
        "hidden": given.hidden,
        "renamed": given.renamed,
        "merged": tuple((each, names.get(each, each)) for each in given.merged),
    }
