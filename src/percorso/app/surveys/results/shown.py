"""Results as their pages show them: words, bars, what stands beside what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from percorso import labels
from percorso.app.surveys.building.conditions import company_fact
from percorso.app.surveys.building.words import type_name
from percorso.app.ui.components import IntervalBar, is_few
from percorso.estimation import MIN_SHOWN
from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _
from percorso.metrics import GroupScore
from percorso.survey_results import (
    GIVEN,
    PMF_LINE,
    Cell,
    Part,
    PyramidResult,
    QuestionResult,
    Results,
    SaidOn,
    words,
)
from percorso.surveys import fill
from percorso.text.results import Quote
from percorso.vocabulary import Estimate

#: Each metric's unit, decimals, and the ends of what it can be.
_SCALES: Final = {
    "nps": ("points", 0, -100.0, 100.0),
    "csat": ("percent", 0, 0.0, 100.0),
    "ces": ("score", 1, 1.0, 7.0),
    "pmf": ("percent", 0, 0.0, 100.0),
    "pyramid_needs": ("points", 0, -100.0, 100.0),
    "pyramid_ease": ("points", 0, -100.0, 100.0),
    "pyramid_enjoyment": ("points", 0, -100.0, 100.0),
}
MOST_QUOTES: Final = 4
MOST_TOPICS: Final = 8
MOST_FACTORS: Final = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its interval, in words and as a bar."""

    value: str
    interval: str
    shown: bool
    n: str = ""
    bar: IntervalBar | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A score of those who answered, and of all who were invited, as far as weights can tell."""

    question: str
    anchor: str
    name: str
    meaning: str
    figure: Figure
    weighted: Figure | None


@dataclass(frozen=True, slots=True)
class CellShown:
    """One answer: its words, how many gave it, its share with its interval."""

    words: str
    answers: str
    figure: Figure
    weighted: str
    weighted_interval: str


@dataclass(frozen=True, slots=True)
class PartShown:
    name: str
    score: Score | None
    cells: tuple[CellShown, ...]
    has_weights: bool
    wordings: tuple[tuple[str, Figure, bool], ...]
    few: bool


@dataclass(frozen=True, slots=True)
class QuoteShown:
    words: str
    language: str
    tone: str
    where: str


@dataclass(frozen=True, slots=True)
class SaidShown:
    """What was written, through the voice of the customer."""

    by: str
    unread: int
    sentiment: tuple[tuple[str, str, str, str, str, str], ...]
    factors: tuple[tuple[str, str, str, str], ...]
    topics: tuple[tuple[str, str, str], ...]
    quotes: tuple[QuoteShown, ...]


@dataclass(frozen=True, slots=True)
class QuestionShown:
    id: str
    type: str
    words: str
    type_words: str
    by: str
    parts: tuple[PartShown, ...]
    wordings: tuple[tuple[str, str, str], ...]
    said: SaidShown | None
    of_versions: str


@dataclass(frozen=True, slots=True)
class GroupShown:
    name: str
    n: str
    figure: Figure
    against: str
    differs: bool


@dataclass(frozen=True, slots=True)
class LevelShown:
    """A level of the pyramid, as it is drawn."""

    key: str
    name: str
    words: str
    net: Figure
    good: Figure
    bad: Figure
    weighted: Figure | None
    first_break: Figure
    stands_on: str
    on_good: str
    on_rest: str
    certain: bool
    breaks: bool


def say(texts: object) -> str:
    """Return words by language in the reader's, or in the one there is, with the company named."""
    given = dict(texts) if isinstance(texts, dict) else {}
    found = given.get(current_language()) or next((each for each in given.values() if each), "")
    return fill(str(found), company_fact())


def figure(given: Estimate, metric: str = "", points: int | None = None) -> Figure:
    """Return a figure in the unit of its metric; of none, in percent."""
    unit, digits, low, high = _scale(metric, points)
    value = labels.measured(given.value, unit, digits) if given.shown else _("too few to show")
    return Figure(
        value,
        labels.interval(given, unit, digits),
        given.shown,
        people(given.n),
        IntervalBar.of(given, low, high),
    )


def _scale(metric: str, points: int | None) -> tuple[labels.Unit, int, float, float]:
    if metric == "rating":
        return "score", 1, 1.0, float(points or 5)
    found: tuple[labels.Unit, int, float, float]
    found = _SCALES.get(metric, ("percent", 0, 0.0, 100.0))  # type: ignore[assignment] # of words
    return found


def people(n: int, *, few: bool = False) -> str:
    """Say how many people; where ``few``, of so few only that they are few."""
    if few and is_few(n):
        return _("fewer than {n} people").format(n=MIN_SHOWN)
    return ngettext("{n} person", "{n} people", n).format(n=labels.number(n))


def by(what: str, given: int) -> str:
    """Say what was given by how many people; of few, only that they are few."""
    if is_few(given):
        return people(given, few=True)
    return _("{what} by {people}").format(what=what, people=people(given))


def when(results: Results, zone: tzinfo) -> str:
    """Say from which day to which answers came."""
    first, last = labels.day(results.first, zone), labels.day(results.last, zone)
    if first == last:
        return _("on {day}").format(day=first)
    return _("{first} to {last}").format(first=first, last=last)


def answers(n: int) -> str:
    return ngettext("{n} answer", "{n} answers", n).format(n=labels.number(n))


def texts(n: int) -> str:
    return ngettext("{n} text", "{n} texts", n).format(n=labels.number(n))


def count(n: int | None) -> str:
    """Return a count; of so few that they may be recognised, only that they are few."""
    return _("few") if n is None or is_few(n) else labels.number(n)


def scores(results: Results) -> tuple[Score, ...]:
    """Return every score there is, in the order of the questions."""
    return tuple(
        score
        for question in results.questions
        for part in question.parts
        if (score := _score(question, part)) is not None and part.estimate is not None
    )


def _score(question: QuestionResult, part: Part) -> Score | None:
    if part.estimate is None or not part.metric:
        return None
    return Score(
        question=say(part.text) or say(question.text),
        anchor=f"question-{question.id}",
        name=score_name(part),
        meaning=_meaning(part.metric),
        figure=figure(part.estimate, part.metric, part.points),
        weighted=figure(part.weighted, part.metric, part.points)
        if part.weighted is not None
        else None,
    )


def score_name(part: Part) -> str:
    """Return what the score of a question, or of a part of one, is called."""
    if part.metric == "rating":
        return _("Mean of 1 to {n}").format(n=part.points)
    return labels.metric(part.metric)


def _meaning(metric: str) -> str:
    if metric.startswith("pyramid"):
        return _("good less bad answers")
    return "" if metric == "rating" else labels.meaning(metric)


def questions(results: Results) -> tuple[QuestionShown, ...]:
    return tuple(_question(each, results) for each in results.questions)


def _question(given: QuestionResult, results: Results) -> QuestionShown:
    every = set(results.versions)
    mine = set(given.versions)
    return QuestionShown(
        id=given.id,
        type=given.type,
        words=say(given.text),
        type_words=type_name(given.type),
        by=by(answers(given.answers), given.people),
        parts=tuple(_part(given, each) for each in given.parts),
        wordings=tuple(
            (
                say(each.text),
                ", ".join(map(str, each.versions)),
                count(None) if each.answers is None else answers(each.answers),
            )
            for each in given.wordings
        )
        if len(given.wordings) > 1
        else (),
        said=said(given.said) if given.said is not None else None,
        of_versions=", ".join(map(str, given.versions)) if every - mine else "",
    )


def _part(question: QuestionResult, given: Part) -> PartShown:
    return PartShown(
        name=say(given.text) if given.part else "",
        score=_score(question, given),
        cells=()
        if is_few(given.people)
        else tuple(_cell(each, question.type) for each in given.distribution),
        has_weights=any(each.weighted is not None for each in given.distribution),
        wordings=tuple(_wording(each, given) for each in given.wordings),
        few=is_few(given.people),
    )


def _wording(given: GroupScore, part: Part) -> tuple[str, Figure, bool]:
    return given.group, figure(given.estimate, part.metric, part.points), given.differs


def _cell(given: Cell, kind: str) -> CellShown:
    weighted = given.weighted
    return CellShown(
        words=say(given.text) or _value(given.value, kind),
        answers=count(given.answers),
        figure=figure(given.share),
        weighted=labels.estimate(weighted, "percent") if weighted and weighted.shown else "",
        weighted_interval=labels.interval(weighted, "percent") if weighted else "",
    )


def _value(value: str, kind: str) -> str:
    if value == GIVEN:
        return _("agreed") if kind == "consent" else _("said how to reach them")
    if len(value) == 7 and value[4] == "-":
        return labels.month(value)
    return value


def said(given: SaidOn) -> SaidShown:
    tones = {"negative": "bad", "neutral": "still", "positive": "good"}
    start = 0.0
    parts = []
    if given.sentiment is not None and given.sentiment.balance.shown:
        for name in ("negative", "neutral", "positive"):
            each: Estimate = getattr(given.sentiment, name)
            width = each.value or 0.0
            parts.append(
                (
                    tones[name],
                    labels.sentiment(name),
                    labels.estimate(each, "percent"),
                    labels.interval(each, "percent"),
                    f"{start:.2f}%",
                    f"{width:.2f}%",
                )
            )
            start += width
    return SaidShown(
        by=by(texts(given.texts), given.people),
        unread=0 if is_few(given.people) else given.unread,
        sentiment=tuple(parts),
        factors=tuple(
            (
                labels.factor(each.factor),
                labels.number(each.mentions),
                labels.estimate(each.negative, "percent"),
                labels.estimate(each.positive, "percent"),
            )
            for each in given.factors
            if each.shown
        )[:MOST_FACTORS],
        topics=tuple(
            (each.id, each.name, labels.number(each.texts)) for each in given.topics if each.shown
        )[:MOST_TOPICS],
        quotes=tuple(
            quote(each, tones.get(each.sentiment, "still")) for each in given.quotes[:MOST_QUOTES]
        ),
    )


def quote(given: Quote, tone: str = "") -> QuoteShown:
    """Return a quote with where it comes from; without a tone it stands for no feeling."""
    score = ""
    if given.scale and given.score is not None:
        score = f"{labels.metric(given.scale)} {labels.number(given.score)}"
    where = ", ".join(each for each in (given.touchpoint or "", score) if each)
    return QuoteShown(given.text, given.language, tone, where)


def groups(
    rows: Sequence[GroupScore], dimension: str, points: int | None = None
) -> tuple[GroupShown, ...]:
    """Return the scores of groups; those of too few people are left out."""
    found = []
    for each in rows:
        if not each.estimate.shown:
            continue
        unit, digits, _low, _high = _scale(each.metric, points)
        rest = each.rest_difference
        found.append(
            GroupShown(
                labels.group(dimension.partition(":")[0], each.group),
                labels.number(each.customers),
                figure(each.estimate, each.metric, points),
                _against(rest.estimate, unit, digits, differs=each.differs) if rest else "",
                each.differs,
            )
        )
    return tuple(found)


def _against(given: Estimate, unit: labels.Unit, digits: int, *, differs: bool) -> str:
    if not given.shown or differs:
        return labels.change(given, unit, digits, certain=differs)
    return _("no certain difference")


def levels(given: PyramidResult) -> tuple[LevelShown, ...]:
    """Return the levels of the pyramid, from its top."""
    rows = []
    for each in given.levels:
        name = f"pyramid_{each.level}"
        stands = each.stands_on
        rows.append(
            LevelShown(
                each.level,
                words.level(each.level),
                say(each.text),
                figure(each.net, name),
                figure(each.good),
                figure(each.bad),
                figure(each.weighted, name) if each.weighted is not None else None,
                figure(each.first_break),
                labels.difference(stands, "percent") if stands and stands.shown else "",
                labels.estimate(each.on_good, "percent") if each.on_good else "",
                labels.estimate(each.on_rest, "percent") if each.on_rest else "",
                bool(stands and stands.certain),
                given.breaks_at == each.level,
            )
        )
    return tuple(reversed(rows))


def pmf_bar(share: Estimate) -> IntervalBar | None:
    """Return the bar of the share, with the line of 40% in the place of zero."""
    bar = IntervalBar.of(share, 0, 100)
    if bar is None:
        return None
    tone = ""
    if share.low is not None and share.high is not None:
        tone = "good" if share.low > PMF_LINE else "bad" if share.high < PMF_LINE else ""
    return IntervalBar(bar.start, bar.width, bar.mark, f"{PMF_LINE:.2f}%", tone)
