"""Answers as rows of the log: one for each question answered, more where it asks several things.

Of an anonymous survey nothing joins a row to its person or to the order in which people answered:
see docs/decisions/0004-anonymous-answers.md for what that takes, here and around.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

import msgspec

from percorso.surveys.answers import Answers, Value, is_answered
from percorso.surveys.model import (
    AnyQuestion,
    Consent,
    Contact,
    Matrix,
    Open,
    Pmf,
    Pyramid,
    Question,
    Survey,
    ends_of,
    scale_of,
)
from percorso.vocabulary.interaction import Interaction
from percorso.vocabulary.references import PASSING
from percorso.vocabulary.scales import PMF_ANSWERS

SOURCE: Final = "surveys"
#: Fewer anonymous responses than this are not released together: one alone has no crowd.
FEWEST_RELEASED: Final = 5
#: The system's own randomness: a draw that nobody can work out again.
_chance: Final = secrets.SystemRandom()
#: How a question says how it was asked: not part of its wording.
_NOT_WORDING: Final = ("required", "show_if", "jumps")


@dataclass(frozen=True, slots=True)
class Response:
    """Who answered a survey that is not anonymous, when and where.

    ``id`` is random (``new_id``) and makes the rows' ids: rows sent twice are stored once.
    ``at`` is aware. ``properties`` are kept with each row, such as the campaign or the shop.
    """

    id: str
    customer: str
    at: datetime
    language: str
    touchpoint: str
    channel: str = "survey"
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnonymousResponse:
    """What is kept of who answers anonymously: the day in UTC, the language, where they were asked.

    A language or a touchpoint that few have is not told: see ``blend``.
    """

    day: date
    language: str
    touchpoint: str
    channel: str = "survey"


def new_id() -> str:
    """Return 128 random bits as 32 letters, which tell nothing of when they were drawn."""
    return secrets.token_hex(16)


def known_rows(survey: Survey, answers: Answers, response: Response) -> tuple[Interaction, ...]:
    """Return the rows of what somebody answered who is known.

    ``answers`` are those that count: ``Walk.answers``. Raises ValueError where the survey is
    anonymous.
    """
    if survey.anonymous:
        raise ValueError("an anonymous survey has no known answers")
    about = _About(survey, response.language, response.touchpoint, response.channel)
    received = datetime.now(UTC)
    return tuple(
        about.row(response.id, response.customer, response.at, received, part, response.properties)
        for part in _parts(survey, answers, response.language)
    )


def anonymous_rows(
    survey: Survey, answers: Answers, response: AnonymousResponse
) -> tuple[Interaction, ...]:
    """Return the rows of what somebody answered who is not known, under an id drawn now.

    ``at`` and ``received_at`` are the day's noon in UTC. Each call gives other ids: the rows are
    made once and kept as they are until they are released. Raises ValueError where the survey is
    not anonymous.
    """
    if not survey.anonymous:
        raise ValueError("this survey is not anonymous")
    about = _About(survey, response.language, response.touchpoint, response.channel)
    noon = datetime.combine(response.day, time(12), UTC)
    drawn, customer = new_id(), PASSING + new_id()
    return tuple(
        about.row(drawn, customer, noon, noon, part, {})
        for part in _parts(survey, answers, response.language)
    )


def blend(waiting: Iterable[Sequence[Interaction]]) -> tuple[tuple[Interaction, ...], ...]:
    """Return anonymous responses with what makes them a crowd, in their order; none of too few.

    Each item of ``waiting`` is the rows of one response to the same version of a survey. All get
    the latest day among them, so that no day has fewer than FEWEST_RELEASED. Where fewer share a
    language and the place where they were asked, these are not told of them, nor of some others
    drawn at random: so many that they are one of FEWEST_RELEASED. Raises ValueError where they are
    of several surveys, which are no crowd for one another, or of several versions, which would
    tell who answered before a change.
    """
    responses = [tuple(each) for each in waiting if each]
    if len({(row.about, row.properties.get("version")) for each in responses for row in each}) > 1:
        raise ValueError("the responses are of several surveys, or versions of one")
    if len(responses) < FEWEST_RELEASED:
        return ()
    noon = max(row.at for each in responses for row in each)
    silent = _apart([(row.language, row.touchpoint, row.channel) for row, *_rest in responses])
    return tuple(
        tuple(_blended(row, noon, silent=number in silent) for row in each)
        for number, each in enumerate(responses)
    )


def blend_versions(
    waiting: Iterable[Sequence[Interaction]], versions: Sequence[Survey]
) -> tuple[tuple[Interaction, ...], ...]:
    """Return anonymous responses to several versions as one crowd, in their order; none of too few.

    ``versions`` are all that the responses are to. None tells its version: of each only the
    answers are left to what all the versions ask in the same words, and under the same conditions.
    So every answer has the words it was given to, and none tells who answered before a change.
    Responses without such an answer are empty, and no crowd for the others.
    """
    alike = _asked_alike(versions)
    cut = [tuple(_untold(row) for row in each if _mark(row) in alike) for each in waiting]
    filled = iter(blend(cut))
    blended = tuple(next(filled, ()) if each else () for each in cut)
    return blended if any(blended) else ()


def _asked_alike(versions: Sequence[Survey]) -> set[tuple[str, str]]:
    """Return the questions, and their words, that all versions ask."""
    asked = [{each.id: each for each in survey.questions} for survey in versions]
    return {
        (name, wording(question))
        for name, question in asked[0].items()
        if all(others.get(name) == question for others in asked[1:])
    }


def _mark(row: Interaction) -> tuple[str, str]:
    return row.properties["question"], row.properties["wording"]


def _untold(row: Interaction) -> Interaction:
    told = {name: value for name, value in row.properties.items() if name != "version"}
    return replace(row, properties=told)


def _blended(row: Interaction, noon: datetime, *, silent: bool) -> Interaction:
    row = replace(row, at=noon, received_at=noon)
    # A place that means any.
    return replace(row, language=None, touchpoint="survey", channel="survey") if silent else row


def _apart(values: Sequence[object]) -> set[int]:
    """Return the places of the values not to be told: of too few, and of others to go with them."""
    counts = Counter(values)
    few = {place for place, each in enumerate(values) if counts[each] < FEWEST_RELEASED}
    if few and len(few) < FEWEST_RELEASED:
        others = sorted(set(range(len(values))) - few)
        few.update(_chance.sample(others, min(len(others), FEWEST_RELEASED - len(few))))
    return few


def shuffle(blended: Iterable[Sequence[Interaction]]) -> tuple[Interaction, ...]:
    """Return the rows of blended responses in an order drawn at random.

    Rows of one response do not even stay together. Whoever gets them writes them to the log at
    once, as one batch.
    """
    rows = [row for each in blended for row in each]
    _chance.shuffle(rows)
    return tuple(rows)


def release(waiting: Iterable[Sequence[Interaction]]) -> tuple[Interaction, ...]:
    """Return the rows of anonymous responses blended and shuffled; none of too few.

    What has to be the same after a cut is blended first and kept. Raises ValueError as ``blend``.
    """
    return shuffle(blend(waiting))


def wording(question: Question) -> str:
    """Return 16 letters that stand for the words of a question, in all its languages.

    Questions asked in the same words, of whatever version, have the same.
    """
    plain = {
        name: value
        for name, value in msgspec.to_builtins(question).items()
        if name not in _NOT_WORDING
    }
    text = json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Part:
    """One row to be: what was answered, and what the row holds of it."""

    question: AnyQuestion
    part: str = ""
    kind: str = "answer"
    scale: str | None = None
    score: float | None = None
    text: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _About:
    survey: Survey
    language: str
    touchpoint: str
    channel: str

    def row(
        self,
        response: str,
        customer: str,
        at: datetime,
        received: datetime,
        part: _Part,
        more: Mapping[str, str],
    ) -> Interaction:
        name = f"{part.question.id}.{part.part}" if part.part else part.question.id
        properties = {
            **more,
            "survey": self.survey.id,
            "version": self.survey.version,
            "question": part.question.id,
            "type": part.question.type,
            "wording": wording(part.question),
            "response": response,
            **({"part": part.part} if part.part else {}),
            **part.properties,
        }
        return Interaction(
            id=f"survey:{response}:{name}",
            at=at,
            received_at=received,
            customer=customer,
            kind=part.kind,
            name=name,
            source=SOURCE,
            touchpoint=self.touchpoint,
            channel=self.channel,
            scale=part.scale,
            score=part.score,
            text=part.text,
            language=self.language,
            about=f"survey:{self.survey.id}",
            properties=properties,
        )


def _parts(survey: Survey, answers: Answers, language: str) -> Iterable[_Part]:
    for each in survey.questions:
        value = answers.get(each.id)
        if is_answered(value):
            yield from _parts_of(survey, each, value, language)


def _parts_of(
    survey: Survey, question: AnyQuestion, value: Value | None, language: str
) -> Iterable[_Part]:
    if isinstance(question, Pyramid | Matrix) and isinstance(value, Mapping):
        for name, number in value.items():
            yield _rated(question, int(number), name)
    elif isinstance(question, Open):
        yield _Part(question, text=str(value))
    elif isinstance(question, Consent):
        yield _Part(question, kind="consent", properties=_consent(survey, question, language))
    elif isinstance(question, Pmf):
        score = PMF_ANSWERS[str(value)]
        yield _Part(question, scale="pmf", score=score, properties={"choice": value})
    elif ends_of(question) and isinstance(value, int):
        yield _rated(question, value)
    elif isinstance(question, Contact) and isinstance(value, Mapping):
        # An address that somebody typed is not proved to be theirs: it joins nobody.
        yield _Part(question, properties={"contact": dict(value)})
    else:
        yield _Part(question, properties=_chosen(question, value))


def _chosen(question: Question, value: Value | None) -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"choices": list(value)}
    return {"day" if question.type == "date" else "choice": value}


def _rated(question: AnyQuestion, number: int, part: str = "") -> _Part:
    """Return a rating: on its scale where it has one, else as a property with its end."""
    scale = scale_of(question, part)
    if scale is not None:
        return _Part(question, part, scale=scale.name, score=number)
    ends = ends_of(question)
    return _Part(question, part, properties={"value": number, "of": ends[1] if ends else number})


def _consent(survey: Survey, question: Consent, language: str) -> dict[str, Any]:
    return {
        "purpose": question.purpose,
        "given": True,
        "basis": "consent",
        "words": survey.say(question.text, language),
        "words_version": f"{survey.id}/{survey.version}",
        "how": "form",
        "by": "",
    }
