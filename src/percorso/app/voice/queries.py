"""What the voice's pages ask of the log. Answers are kept: see percorso.app.results.

They stand on more than the log: on what was read, what people said of it, and how they named the
topics. Words in them are masked in the reader's language.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from percorso.app import results
from percorso.app.filters import scope
from percorso.app.intake import reading
from percorso.app.voice.asked import Asked, Sought
from percorso.explain.blamed import TiedToPromises
from percorso.i18n import current_language
from percorso.text.results import EmotionScore, FactorScore, Needs, Sentiment, Topic, Topics, Voice
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.text import finding
    from percorso.text.finding import Found

Answer = TypeVar("Answer")

#: Quotes on a topic's page, and beside each topic in the list.
QUOTES: Final = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the reading is: of ``texts`` in the log, ``read`` were read, by whatever model.

    ``waiting`` are those that the present model has not read: what an earlier one read in them
    stays until then.
    """

    texts: int
    read: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors, each once, or once for each group."""

    rows: tuple[FactorScore, ...]


@dataclass(frozen=True, slots=True)
class Emotions:
    """Emotions, each once for each phase."""

    rows: tuple[EmotionScore, ...]


@dataclass(frozen=True, slots=True)
class Phases:
    """How texts sound, phase by phase."""

    rows: tuple[Sentiment, ...]


@dataclass(frozen=True, slots=True)
class OneTopic:
    """A topic, where there is one of that id."""

    topic: Topic | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Field -> how often people who looked found the reading right."""

    fields: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Languages:
    """Codes of the languages texts are written in, the most frequent first."""

    codes: tuple[str, ...]


def standing(log: "Log") -> Standing:
    """Return how far the reading is."""

    def compute() -> Standing:
        from percorso.text import enrichment, voice

        rows = voice.texts(log)
        counted = rows.aggregate(there=rows.count(), read=rows.sentiment.count())
        [found] = counted.to_pyarrow().to_pylist()
        waiting = min(found["there"], enrichment.pending(log))
        return Standing(found["there"], found["read"], waiting)

    return _kept(log, "voice-standing", (), Standing, compute)


def failure(log: "Log", standing: Standing) -> "reading.Failure | None":
    """Return why what is still to do failed; None where it did not, or was done since."""
    found = reading.failure()
    if found is None:
        return None
    from percorso.text import topics as analysis

    undone = analysis.due(log) if found.stage == "topics" else standing.waiting > 0
    return found if undone else None


def overview(asked: Asked) -> Voice:
    """Return the whole voice in one answer."""

    def compute() -> Voice:
        from percorso.text import overview as analysis

        return analysis.voice(asked.scope.log, asked.scope.selection, previous=asked.before)

    key = (asked.scope.key, asked.before)
    return _kept(asked.scope.log, "voice", key, Voice, compute)


def factors(asked: Asked, by: str | None) -> tuple[FactorScore, ...]:
    """Return the factors, by a dimension where one is given."""

    def compute() -> Factors:
        from percorso.text import factors as analysis

        log, selection = asked.scope.log, asked.scope.selection
        # Months are compared with one another, not with the period before.
        before = None if by == "month" else asked.before
        return Factors(analysis.factors(log, selection, by, previous=before))

    key = (asked.scope.key, asked.before, by)
    return _kept(asked.scope.log, "voice-factors", key, Factors, compute).rows


def tied_to_promises(asked: Asked) -> TiedToPromises:
    """Return which factors are blamed more often where promises were broken."""

    def compute() -> TiedToPromises:
        from percorso.explain import blamed

        return blamed.tied_to_promises(asked.scope.log, asked.scope.selection)

    return _kept(asked.scope.log, "voice-promises", asked.scope.key, TiedToPromises, compute)


def emotions(asked: Asked) -> tuple[EmotionScore, ...]:
    """Return the emotions in each phase of the journey."""

    def compute() -> Emotions:
        from percorso.text import emotions as analysis

        return Emotions(analysis.emotions(asked.scope.log, asked.scope.selection, "phase"))

    return _kept(asked.scope.log, "voice-emotions", asked.scope.key, Emotions, compute).rows


def topics(asked: Asked) -> Topics:
    """Return the topics, hidden ones too."""

    def compute() -> Topics:
        from percorso.text import topics as analysis

        return analysis.topics(asked.scope.log, asked.scope.selection, previous=asked.before)

    key = (asked.scope.key, asked.before)
    return _kept(asked.scope.log, "voice-topics", key, Topics, compute)


def topic(asked: Asked, topic_id: str) -> Topic | None:
    """Return one topic in this part of the log, None where there is none of this id."""

    def compute() -> OneTopic:
        from percorso.text import topics as analysis

        log, selection = asked.scope.log, asked.scope.selection
        return OneTopic(
            analysis.topic(log, topic_id, selection, previous=asked.before, quotes=QUOTES)
        )

    key = (asked.scope.key, asked.before, topic_id)
    return _kept(asked.scope.log, "voice-topic", key, OneTopic, compute).topic


def topic_phases(asked: Asked, topic_id: str) -> tuple[Sentiment, ...]:
    """Return how a topic's texts sound in each phase of the journey."""

    def compute() -> Phases:
        from percorso.text import topics as analysis

        return Phases(analysis.phases(asked.scope.log, topic_id, asked.scope.selection))

    key = (asked.scope.key, topic_id)
    return _kept(asked.scope.log, "voice-topic-phases", key, Phases, compute).rows


def topic_names(log: "Log") -> Mapping[str, str]:
    """Return what each topic and need is called, those merged into others too."""
    from percorso.text import topics as analysis

    return analysis.names(log)


def needs(asked: Asked) -> Needs:
    """Return the unmet needs, hidden ones too."""

    def compute() -> Needs:
        from percorso.text import needs as analysis

        return analysis.needs(asked.scope.log, asked.scope.selection, previous=asked.before)

    key = (asked.scope.key, asked.before)
    return _kept(asked.scope.log, "voice-needs", key, Needs, compute)


def texts(asked: Asked, limit: int, offset: int, *, unmasked: bool) -> "Found":
    """Return the texts that were asked for. Raises MeaningUnavailableError."""
    from percorso.text import finding

    return finding.find(
        asked.scope.log,
        asked.scope.selection,
        meaning=_meaning(asked),
        limit=limit,
        offset=offset,
        unmasked=unmasked,
        **_sought(asked),
    )


def every_text(asked: Asked) -> Iterator[Mapping[str, Any]]:
    """Return all texts that were asked for, as they were written. As ``texts``."""
    from percorso.text import finding

    return finding.every(
        asked.scope.log,
        asked.scope.selection,
        meaning=_meaning(asked),
        unmasked=True,
        **_sought(asked),
    )


def _meaning(asked: Asked) -> str | None:
    return asked.sought.q if asked.sought.q and asked.sought.how == "meaning" else None


def _sought(asked: Asked) -> "finding.Sought":
    sought = asked.sought
    return {
        "sentiment": sought.sentiment or None,
        "factor": sought.factor or None,
        "polarity": sought.polarity or None,
        "emotion": sought.emotion or None,
        "language": sought.language or None,
        "topic": sought.topic or None,
        "wish": sought.wish or None,
        "need": {"yes": True, "no": False}.get(sought.need),
        "urgency": int(sought.urgency) if sought.urgency else None,
        "words": sought.q if sought.q and sought.how != "meaning" else None,
    }


def text(log: "Log", text_id: str) -> Mapping[str, Any] | None:
    """Return one text as it was written, with what was read in it; None where it is not there."""
    from percorso.text import finding

    found = finding.find(log, ids=[text_id], limit=1, unmasked=True)
    return found.rows[0] if found.rows else None


def agreed(log: "Log") -> Mapping[str, Estimate]:
    """Return how often people who looked found the reading right, by field."""

    def compute() -> Agreed:
        from percorso.text import corrections

        return Agreed(dict(corrections.accuracy(log)))

    return _kept(log, "voice-agreed", (), Agreed, compute).fields


def languages(log: "Log") -> tuple[str, ...]:
    """Return the languages texts are written in, the most frequent first."""

    def compute() -> Languages:
        import ibis

        from percorso.text import voice

        rows = voice.texts(log)
        counted = (
            rows.filter(rows.language.notnull())
            .group_by("language")
            .agg(times=lambda each: each.count())
            .order_by([ibis.desc("times"), "language"])
        )
        return Languages(tuple(counted.language.to_pyarrow().to_pylist()))

    return _kept(log, "voice-languages", (), Languages, compute).codes


def prepare(log: "Log") -> None:
    """Work out what the pages show where nobody chose anything."""
    usual = scope(log, {})
    if usual.empty or not standing(log).read:
        return
    nothing = Asked(usual, Sought(), {})
    overview(nothing)
    emotions(nothing)
    topics(nothing)
    needs(nothing)


def _kept(
    log: "Log", question: str, parameters: Any, kind: type[Answer], compute: Callable[[], Answer]
) -> Answer:
    from percorso.text import voice

    standing_on = (parameters, current_language(), voice.state(log))
    return results.result(log, question, standing_on, kind, compute)
