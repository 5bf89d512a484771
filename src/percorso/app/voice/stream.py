"""Texts one by one, as the page shows them: the words, what was read in them, who wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from percorso import labels
from percorso.app.filters import Option
from percorso.app.voice import passages
from percorso.app.voice.asked import Asked
from percorso.app.voice.corrections import input_name
from percorso.app.voice.passages import Mark, Passage
from percorso.app.voice.shown import TONES
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.labels import UNKNOWN_LANGUAGE
from percorso.text.reading import TAUGHT
from percorso.vocabulary import EMOTIONS, FACTORS, PLEASANT_EMOTIONS, SENTIMENTS, Estimate

#: Under this the reading says of itself that it is not sure.
UNSURE: Final = 0.5
USUAL: Final = ("it", "en", "fr", "de", "es", "pt", UNKNOWN_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers, as a button that says so."""

    value: str
    words: str
    tone: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FactorFound:
    """A factor of a text; ``field`` is the name of the input that corrects it."""

    field: str
    name: str
    tone: str
    polarity: str


@dataclass(frozen=True, slots=True)
class TextShown:
    """A text. ``whole`` is more of it than ``passage``, None where nothing was cut.

    ``customer`` is empty for those who may not know it.
    """

    id: str
    anchor: str
    passage: Passage
    whole: Passage | None
    length: str
    language: str
    language_name: str
    where: str
    channel: str
    phase: str
    kind: str
    when: str
    customer: str
    answered: str
    read: bool
    sentiment: str
    tone: str
    score: str
    unsure: str
    sentiments: tuple[Choice, ...]
    factors: tuple[FactorFound, ...]
    emotions: tuple[Choice, ...]
    urgency: str
    urgent: str
    urgencies: tuple[tuple[str, str], ...]
    need: bool
    corrected: bool


def texts(rows: Sequence[Mapping[str, Any]], asked: Asked, *, all_of_it: bool) -> list[TextShown]:
    """Return the texts. Who may not see ``all_of_it`` is not told who wrote them."""
    return [text(each, asked.sought.factor, asked.scope.zone, all_of_it=all_of_it) for each in rows]


def text(row: Mapping[str, Any], factor: str, zone: tzinfo, *, all_of_it: bool) -> TextShown:
    """Return one text; the clauses that speak of ``factor`` are marked, or of any factor."""
    words: str = row["text"]
    found = row["factors"] or []
    marks = _marks(found, factor, len(words))
    passage = passages.passage(words, marks)
    whole = (
        passages.passage(words, marks, most=passages.LONG, from_start=True) if passage.cut else None
    )
    language = row["language"] or ""
    at: datetime = row["at"]
    sentiment = row["sentiment"]
    return TextShown(
        id=row["id"],
        anchor=anchor(row["id"]),
        passage=passage,
        whole=whole,
        length=labels.number(len(words)),
        language=language if language != UNKNOWN_LANGUAGE else "",
        language_name=labels.language(language) if language else "",
        where=passages.plain(row["touchpoint"] or "", most=80),
        channel=labels.channel(row["channel"]) if row["channel"] else "",
        phase=labels.phase(row["phase"]) if row["phase"] else "",
        kind=labels.kind(row["kind"]),
        when=labels.moment(at, zone),
        customer=passages.plain(row["reference"] or "", most=80) if all_of_it else "",
        answered=_answered(row),
        read=sentiment is not None,
        sentiment=labels.sentiment(sentiment) if sentiment else "",
        tone=TONES.get(sentiment, "still"),
        score=labels.signed(row["sentiment_score"], digits=2) if sentiment else "",
        unsure=_unsure(row),
        sentiments=tuple(
            Choice(each, labels.sentiment(each), TONES[each], each == sentiment)
            for each in SENTIMENTS
        ),
        factors=tuple(
            FactorFound(
                input_name(factor, polarity),
                labels.factor(factor),
                TONES.get(polarity, "still"),
                labels.sentiment(polarity),
            )
            for factor, polarity in dict.fromkeys((f["factor"], f["polarity"]) for f in found)
            if factor in FACTORS
        ),
        emotions=tuple(
            Choice(
                each,
                labels.emotion(each),
                "good" if each in PLEASANT_EMOTIONS else "bad",
                each in (row["emotions"] or ()),
            )
            for each in EMOTIONS
        ),
        urgency={1: _("soon"), 2: _("urgent")}.get(row["urgency"] or 0, ""),
        urgent=str(row["urgency"] or 0),
        urgencies=(("0", _("not urgent")), ("1", _("soon")), ("2", _("urgent"))),
        need=bool(row["need"]),
        corrected=bool(row["corrected"]),
    )


def anchor(text_id: str) -> str:
    """Return a name for a text's place on the page; ids may hold anything."""
    from percorso.log.state import digest

    return f"text-{digest(text_id)}"


def _marks(found: Sequence[Mapping[str, Any]], factor: str, length: int) -> list[Mark]:
    """Return the clauses to mark: those of the factor asked about. A person gives no place."""
    return [
        Mark(each["start"], each["end"], TONES.get(each["polarity"], "still"))
        for each in found
        if each["factor"] == factor
        and each["start"] is not None
        and 0 <= each["start"] < each["end"] <= length
    ]


def _answered(row: Mapping[str, Any]) -> str:
    if row["score"] is None or not row["scale"]:
        return ""
    value = row["score"]
    return f"{labels.scale(row['scale'])}: {labels.number(value, 0 if value == int(value) else 1)}"


def less_certain(by_language: Mapping[str, int]) -> str:
    """Say how many texts are in languages that Percorso was not taught; nothing where few are."""
    n = sum(
        texts
        for language, texts in by_language.items()
        if language not in {*TAUGHT, UNKNOWN_LANGUAGE}
    )
    if n < MIN_SHOWN:
        return ""
    return _(
        "{n} texts are in other languages than Italian and English, and read with less certainty."
    ).format(n=labels.number(n))


def _unsure(row: Mapping[str, Any]) -> str:
    """Say in words that a reading is not sure, and why."""
    if row["sentiment"] is None or row["corrected"]:
        return ""
    if row["language"] not in {*TAUGHT, UNKNOWN_LANGUAGE}:
        return _("less certain: Percorso was taught Italian and English")
    return _("not certain") if (row["certainty"] or 0.0) < UNSURE else ""


def languages(found: Sequence[str]) -> list[tuple[str, str]]:
    """Return the languages a text can be said to be in: those usual here, and those ``found``."""
    return [(each, labels.language(each)) for each in dict.fromkeys([*USUAL, *found])]


def to_choose(found: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what the forms under a text offer; ``found`` are the log's languages."""
    return {
        "all_factors": [(each, labels.factor(each)) for each in FACTORS],
        "all_languages": languages(found),
    }


@dataclass(frozen=True, slots=True)
class Select:
    """A list to choose from, named ``name`` in the address."""

    name: str
    words: str
    options: tuple[Option, ...]
    chosen: str


def selects(asked: Asked, languages: Sequence[str]) -> tuple[Select, ...]:
    """Return the lists by which texts are narrowed."""
    sought = asked.sought
    return (
        _select(
            "sentiment",
            _("Sentiment"),
            _("All sentiments"),
            [(each, labels.sentiment(each)) for each in reversed(SENTIMENTS)],
            sought.sentiment,
        ),
        _select(
            "factor",
            _("Factor"),
            _("All factors"),
            [(each, labels.factor(each)) for each in FACTORS],
            sought.factor,
        ),
        *(
            [
                _select(
                    "polarity",
                    _("How it is spoken of"),
                    _("Praised or blamed"),
                    [("positive", _("Praised")), ("negative", _("Blamed"))],
                    sought.polarity,
                )
            ]
            if sought.factor
            else []
        ),
        _select(
            "emotion",
            _("Emotion"),
            _("All emotions"),
            [(each, labels.emotion(each)) for each in EMOTIONS],
            sought.emotion,
        ),
        _select(
            "language",
            _("Language"),
            _("All languages"),
            [(each, labels.language(each)) for each in languages[:30]],
            sought.language,
        ),
        _select(
            "urgency",
            _("Urgency"),
            _("Urgent or not"),
            [("1", _("Soon or urgent")), ("2", _("Urgent"))],
            sought.urgency,
        ),
        _select(
            "need",
            _("Needs"),
            _("Asking or not"),
            [("yes", _("Asks for something")), ("no", _("Asks for nothing"))],
            sought.need,
        ),
    )


def _select(
    name: str, words: str, everything: str, options: Sequence[tuple[str, str]], chosen: str
) -> Select:
    offered = [Option("", everything), *(Option(value, said) for value, said in options)]
    if chosen and all(each.value != chosen for each in offered):
        offered.append(Option(chosen, chosen[:40]))
    return Select(name, words, tuple(offered), chosen)


@dataclass(frozen=True, slots=True)
class AgreedShown:
    """How often people who looked found one kind of label right."""

    name: str
    value: str
    interval: str
    n: str


def agreed(given: Mapping[str, Estimate]) -> tuple[AgreedShown, ...]:
    """Return the live accuracy, label by label."""
    return tuple(
        AgreedShown(
            field_name(field),
            labels.estimate(each, "percent"),
            labels.interval(each, "percent"),
            labels.number(each.n),
        )
        for field, each in given.items()
        if each.n
    )


def field_name(field: str) -> str:
    """Return the name of a label that can be corrected."""
    return {
        "language": _("Language"),
        "sentiment": _("Sentiment"),
        "emotions": _("Emotions"),
        "factors": _("Factors"),
        "urgency": _("Urgency"),
        "need": _("Needs"),
    }.get(field, field)
