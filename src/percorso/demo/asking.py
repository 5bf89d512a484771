"""Who was asked what, and who of them said nothing: what a log cannot tell."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from percorso.demo import company
from percorso.demo.questionnaires import SURVEYS
from percorso.demo.rows import DAY, HOUR, MINUTE, Flags, Ints, Rows, to_utc

_LANGUAGES: Final = ("it", "en")
#: Invitations go out at this time of the day.
_SENT: Final = 10 * HOUR
_BEGINNING: Final = datetime.fromtimestamp(0, UTC)
#: Of those who say nothing, so many look at the first question.
_LOOKS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Wave:
    """Those who were asked by one message. Times are local, in microseconds.

    ``at`` is when they answered, or would have; ``wrote`` says who wrote something besides.
    """

    survey: str
    touchpoint: str
    channel: str
    customer: Ints
    at: Ints
    answered: Flags
    wrote: Flags

    def where(self, chosen: Flags) -> "Wave":
        """Return the wave with some of its people."""
        return replace(
            self,
            customer=self.customer[chosen],
            at=self.at[chosen],
            answered=self.answered[chosen],
            wrote=self.wrote[chosen],
        )


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was asked, by the reference they are known by."""

    survey: str
    reference: str
    language: str
    touchpoint: str
    channel: str
    sent_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How often a question was shown and answered in a day (of UTC)."""

    survey: str
    version: int
    question: str
    day: date
    shown: int
    answered: int


@dataclass(frozen=True, slots=True)
class Asking:
    """All who were asked, and how far they came."""

    invitations: tuple[Invitation, ...]
    counts: tuple[Count, ...]


def add_words(
    rows: Rows,
    question: str,
    touchpoint: str,
    customer: Ints,
    at: Ints,
    told: Ints,
    response: Ints,
    channel: str,
) -> Flags:
    """Write down what was answered in words; say who wrote something."""
    wrote = told >= 0
    rows.add(
        "answer",
        touchpoint,
        customer[wrote],
        at[wrote],
        asked=question,
        response=response[wrote],
        text=told[wrote],
        channel=channel,
    )
    return np.asarray(wrote)


def sent_before(at: Ints) -> Ints:
    """Return when those were written to who answer at ``at``: at ten, some hours before."""
    return (at - _SENT - 30 * MINUTE) // DAY * DAY + _SENT


def ask(
    rng: np.random.Generator, waves: Iterable[Wave], references: Sequence[str], english: Ints
) -> Asking:
    """Return the invitations in the order in which they were sent, and what was seen."""
    invitations: list[Invitation] = []
    shown: Counter[tuple[str, int, str, date]] = Counter()
    answered: Counter[tuple[str, int, str, date]] = Counter()
    for wave in waves:
        survey = SURVEYS[wave.survey]
        first, then = (each.id for each in survey.questions)
        place = company.TOUCHPOINTS[wave.touchpoint].name
        looks = wave.answered | (rng.random(len(wave.customer)) < _LOOKS)
        columns = (
            wave.customer,
            to_utc(sent_before(wave.at)),
            to_utc(wave.at),
            wave.answered,
            wave.wrote,
            looks,
        )
        for customer, sent, at, said, wrote, look in zip(
            *(each.tolist() for each in columns), strict=True
        ):
            invitations.append(
                Invitation(
                    wave.survey,
                    references[customer],
                    _LANGUAGES[english[customer]],
                    place,
                    wave.channel,
                    _moment(sent),
                    said,
                )
            )
            key = (survey.id, survey.version)
            day = _moment(at).date()
            shown[*key, first, day] += look
            answered[*key, first, day] += said
            shown[*key, then, day] += said
            answered[*key, then, day] += wrote
    invitations.sort(key=lambda each: (each.sent_at, each.survey, each.reference))
    counts = (Count(*key, n, answered[key]) for key, n in sorted(shown.items()) if n)
    return Asking(tuple(invitations), tuple(counts))


def _moment(at: int) -> datetime:
    return _BEGINNING + timedelta(microseconds=at)
