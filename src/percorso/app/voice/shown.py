"""The figures of the voice as pages show them: words, positions and links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from percorso import labels
from percorso.app.ui.components import Change, IntervalBar
from percorso.app.voice.asked import Asked
from percorso.i18n import ngettext
from percorso.text.results import (
    EmotionScore,
    FactorScore,
    Finding,
    Quote,
    Sentiment,
    Shift,
    Summary,
)
from percorso.vocabulary import EMOTIONS, PLEASANT_EMOTIONS, SENTIMENTS, Estimate, Phase

#: Sentiment -> the tone it is drawn in; a word always stands beside it.
TONES: Final = {"negative": "bad", "neutral": "still", "positive": "good"}

#: Months in the table; the chart has them all.
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval; positions are text such as ``38.2%``."""

    key: str
    words: str
    tone: str
    value: str
    interval: str
    n: str
    start: str
    width: str
    bar: IntervalBar | None
    address: str


@dataclass(frozen=True, slots=True)
class SentimentShown:
    """How texts sound. ``shares`` are in the order bad, neutral, good."""

    texts: str
    shares: tuple[Share, ...]
    balance: str
    balance_interval: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class Polarity:
    """A bar to both sides of the middle: blame to the left, praise to the right.

    Each side's whisker goes from one end of its interval to the other.
    """

    bad_start: str
    bad_width: str
    good_width: str
    bad_low: str
    bad_high: str
    good_low: str
    good_high: str


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor and how it is spoken of. ``standing`` says whether it is better or worse."""

    key: str
    name: str
    mentions: str
    share: str
    share_interval: str
    negative: str
    negative_interval: str
    positive: str
    positive_interval: str
    bar: Polarity | None
    change: Change | None
    address: str
    negative_address: str
    positive_address: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in a table that is coloured: ``level`` is 0 to 5."""

    value: str
    interval: str
    level: int
    tone: str
    address: str
    real: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of such a table."""

    name: str
    tone: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose cells are coloured by what they hold."""

    columns: tuple[str, ...]
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class FindingShown:
    title: str
    why: str
    texts: str
    address: str


@dataclass(frozen=True, slots=True)
class Sentence:
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class SummaryShown:
    sentences: tuple[Sentence, ...]
    strengths: tuple[FindingShown, ...]
    weaknesses: tuple[FindingShown, ...]
    opportunities: tuple[FindingShown, ...]


@dataclass(frozen=True, slots=True)
class QuoteShown:
    """A customer's words, masked."""

    words: str
    tone: str
    language: str
    where: str
    day: str


def sentiment(given: Sentiment, asked: Asked) -> SentimentShown:
    """Return the three shares as one bar, and the balance with what changed."""
    shares, start = [], 0.0
    for name in SENTIMENTS:
        each: Estimate = getattr(given, name)
        width = each.value or 0.0
        shares.append(
            Share(
                key=name,
                words=labels.sentiment(name),
                tone=TONES[name],
                value=labels.estimate(each, "percent"),
                interval=labels.interval(each, "percent"),
                n=labels.number(each.n),
                start=place(start),
                width=place(width),
                bar=IntervalBar.of(
                    each, 0, 100, {"good": "good", "bad": "bad"}.get(TONES[name], "")
                ),
                address=asked.texts(sentiment=name),
            )
        )
        start += width
    return SentimentShown(
        texts=texts(given.texts),
        shares=tuple(shares),
        balance=labels.signed(given.balance.value, digits=0) if given.balance.shown else "",
        balance_interval=labels.interval(given.balance, digits=0),
        change=change(given.change),
    )


def texts(n: int) -> str:
    """Say how many texts."""
    return ngettext("{n} text", "{n} texts", n).format(n=labels.number(n))


def customers(n: int) -> str:
    """Say how many customers."""
    return ngettext("{n} customer", "{n} customers", n).format(n=labels.number(n))


def change(given: Shift | None, *, judged: bool = True) -> Change | None:
    """Say what changed. ``judged``: more is better; otherwise it is neither good nor bad."""
    if given is None:
        return None
    words = labels.change(given.estimate, "percent", 0, certain=given.real)
    if not given.real or not given.estimate.value or not judged:
        return Change(words)
    return Change(words, "up" if given.estimate.value > 0 else "down")


def factors(rows: Iterable[FactorScore], asked: Asked) -> tuple[FactorRow, ...]:
    """Return the factors that enough customers speak of, in the order given."""
    return tuple(_factor(each, asked) for each in rows if each.shown)


def _factor(given: FactorScore, asked: Asked) -> FactorRow:
    return FactorRow(
        key=given.factor,
        name=labels.factor(given.factor),
        mentions=labels.number(given.mentions),
        share=labels.estimate(given.share, "percent"),
        share_interval=labels.interval(given.share, "percent"),
        negative=labels.estimate(given.negative, "percent"),
        negative_interval=labels.interval(given.negative, "percent"),
        positive=labels.estimate(given.positive, "percent"),
        positive_interval=labels.interval(given.positive, "percent"),
        bar=polarity(given.negative, given.positive),
        change=change(given.change),
        address=asked.texts(factor=given.factor),
        negative_address=asked.texts(factor=given.factor, polarity="negative"),
        positive_address=asked.texts(factor=given.factor, polarity="positive"),
    )


def polarity(negative: Estimate, positive: Estimate) -> Polarity | None:
    """Return the bar of blame and praise; None where the figures are hidden."""
    ends = [
        negative.value,
        negative.low,
        negative.high,
        positive.value,
        positive.low,
        positive.high,
    ]
    if any(each is None for each in ends):
        return None
    bad, bad_low, bad_high, good, good_low, good_high = (each or 0.0 for each in ends)
    return Polarity(
        bad_start=place(50 - bad / 2),
        bad_width=place(bad / 2),
        good_width=place(good / 2),
        bad_low=place(50 - bad_low / 2),
        bad_high=place(50 - bad_high / 2),
        good_low=place(50 + good_low / 2),
        good_high=place(50 + good_high / 2),
    )


def factor_grid(rows: Sequence[FactorScore], by: str, asked: Asked, most: int = 24) -> Grid:
    """Return factors by group: the balance of praise and blame in each, the groups in order."""
    names = _in_order({each.group or "" for each in rows}, rows, by)
    names = names[-MONTHS:] if by == "month" else names[:most]
    found = {(each.factor, each.group or ""): each for each in rows}
    order = dict.fromkeys(
        each.factor for each in sorted(rows, key=lambda each: -each.mentions) if each.shown
    )
    mentioned = {name: sum(r.mentions for r in rows if r.factor == name) for name in order}
    lines = [
        Line(
            labels.factor(name),
            "",
            tuple(_balance_cell(found.get((name, group)), by, group, asked) for group in names),
        )
        for name in sorted(order, key=lambda each: -mentioned[each])
    ]
    return Grid(tuple(labels.group(by, each) for each in names), tuple(lines))


def _in_order(groups: set[str], rows: Sequence[FactorScore], by: str) -> list[str]:
    if by == "month":
        return sorted(groups)
    if by == "phase":
        return [str(each) for each in Phase if each in groups]
    size = {name: sum(r.mentions for r in rows if (r.group or "") == name) for name in groups}
    return sorted(groups, key=lambda name: (-size[name], name))


def _balance_cell(given: FactorScore | None, by: str, group: str, asked: Asked) -> Cell:
    if given is None or not given.balance.shown:
        return Cell("", "", 0, "", "")
    value = given.balance.value or 0.0
    narrowed = {by: [group]} if by in ("touchpoint", "channel", "phase") and group else {}
    return Cell(
        value=labels.signed(value, digits=0),
        interval=labels.interval(given.balance, digits=0),
        # Colour is for what is certain: blame, or praise, beyond its interval.
        level=min(5, 1 + int(abs(value) // 20)) if given.balance.certain else 0,
        tone="good" if value > 0 else "bad",
        address="" if by == "month" else asked.texts(narrowed, factor=given.factor),
        real=_apart(given.rest),
    )


def _apart(given: Shift | None) -> str:
    """Say whether a group differs from the rest beyond chance."""
    if given is None or not given.real or given.estimate.value is None:
        return ""
    return "▲" if given.estimate.value > 0 else "▼"


def emotion_grid(rows: Sequence[EmotionScore], asked: Asked) -> Grid:
    """Return the emotions along the phases of the journey: the share of texts that show each."""
    phases = [str(each) for each in Phase if any(row.group == each for row in rows)]
    found = {(each.emotion, each.group): each for each in rows}
    highest = max((each.share.value or 0.0 for each in rows), default=0.0) or 1.0
    lines = []
    for emotion in EMOTIONS:
        tone = "good" if emotion in PLEASANT_EMOTIONS else "bad"
        cells = [found.get((emotion, phase)) for phase in phases]
        if any(each is not None and each.shown for each in cells):
            lines.append(
                Line(
                    labels.emotion(emotion),
                    tone,
                    tuple(_emotion_cell(each, tone, highest, asked) for each in cells),
                )
            )
    return Grid(tuple(labels.phase(each) for each in phases), tuple(lines))


def _emotion_cell(given: EmotionScore | None, tone: str, highest: float, asked: Asked) -> Cell:
    if given is None or not given.shown:
        return Cell("", "", 0, tone, "")
    value = given.share.value or 0.0
    return Cell(
        value=labels.estimate(given.share, "percent", digits(given.share)),
        interval=labels.interval(given.share, "percent", digits(given.share)),
        level=min(5, round(5 * value / highest)),
        tone=tone,
        address=asked.texts(emotion=given.emotion, phase=given.group or ""),
        real=_apart(given.rest),
    )


def summary(given: Summary, asked: Asked) -> SummaryShown:
    """Return the written summary and what it stands on, each with its texts."""
    return SummaryShown(
        sentences=tuple(
            Sentence(labels.sentence(each.words), asked.texts(each.evidence))
            for each in given.written
        ),
        strengths=_findings(given.strengths, asked),
        weaknesses=_findings(given.weaknesses, asked),
        opportunities=_findings(given.opportunities, asked),
    )


def _findings(given: Sequence[Finding], asked: Asked) -> tuple[FindingShown, ...]:
    return tuple(
        FindingShown(
            labels.phrase(each.title),
            labels.sentence(each.why),
            texts(each.texts),
            asked.texts(each.evidence),
        )
        for each in given
    )


def quotes(given: Sequence[Quote], asked: Asked) -> tuple[QuoteShown, ...]:
    return tuple(_quote(each, asked) for each in given)


def _quote(given: Quote, asked: Asked) -> QuoteShown:
    from percorso.app.voice import passages

    return QuoteShown(
        words=str(passages.passage(given.text, most=280)),
        tone=TONES.get(given.sentiment, "still"),
        language=given.language if given.language != "und" else "",
        where=passages.plain(given.touchpoint or "", most=80),
        day=labels.day(given.at, asked.scope.zone),
    )


def digits(share: Estimate) -> int:
    """Return how many decimals a share is told with: small ones need one."""
    return 1 if share.value is not None and share.value < 10 else 0


def place(x: float) -> str:
    """Return a position in percent, for a drawing."""
    return f"{min(max(x, 0.0), 100.0):.2f}%"
