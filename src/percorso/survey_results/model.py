"""The results of a survey, ready to be shown.

Shares and net scores are in percent and points. An estimate is hidden (``Estimate.shown`` is
false) where fewer than 5 people stand behind it; a count is None where it may not be shown.
Words are by language, as the survey has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from percorso.metrics import GroupScore
from percorso.text.results import FactorScore, Quote, Sentiment, Topic
from percorso.vocabulary import Estimate, Phrase

Texts = Mapping[str, str]

#: Corrected p-values at or under this count as more than chance.
ALPHA: Final = 0.05
PMF_LINE: Final = 40.0
#: Of fewer answers no PMF is told apart from the line, whatever the interval says.
PMF_ANSWERS: Final = 40


@dataclass(frozen=True, slots=True)
class GroupRate:
    """How many of a group answered. Counts are None, and ``rate`` hidden, where it is too small.

    ``p_adjusted`` says how easily chance alone would set it so far apart from the other groups
    (Fisher's exact test, mid-p; Holm over the groups of the dimension).
    """

    group: str
    invited: int | None
    answered: int | None
    rate: Estimate
    p_adjusted: float | None

    @property
    def differs(self) -> bool:
        return self.p_adjusted is not None and self.p_adjusted <= ALPHA


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """How many of those who were invited answered, in percent with Wilson's interval.

    ``by`` has the groups of each dimension that has two or more: channel, language, touchpoint and
    campaign of the invitation, and segment (as they were when they were asked; not where the
    survey is anonymous). ``waiting`` invitations are of the last ``days`` days, within which most
    answers come, and still open: they are in none of the figures.
    """

    invited: int
    answered: int
    rate: Estimate
    by: Mapping[str, tuple[GroupRate, ...]]
    waiting: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A question of a version, in the order it is asked: how many saw it, how many answered it.

    ``answered_share`` is in percent of ``shown``. ``lost`` is how many fewer saw it than the
    question before, in percent of these: None where it is the first, or shown only to some, or
    where more saw it (robots that follow a link see the first page only). Counts of 1 to 4 are
    None.
    """

    version: int
    question: str
    text: Texts
    shown: int | None
    answered: int | None
    answered_share: Estimate
    lost: Estimate | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer of a distribution, and how many gave it.

    ``value`` is the number, the id of the option, or the month (2026-03) of a date; ``text`` its
    words, where it has some. ``answers`` is None and ``share`` hidden where 1 to 4 people gave it,
    or where others' counts would tell theirs. ``weighted`` is the share among all who were
    invited, as far as weights can tell; None without weights.
    """

    value: str
    text: Texts
    answers: int | None
    share: Estimate
    weighted: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What was answered to a question, or to one row of it.

    ``part`` is empty where the question has one; else a level of the pyramid or a row of the
    matrix. ``metric`` is nps, csat, ces, pmf, pyramid_needs, pyramid_ease, pyramid_enjoyment or
    rating (a mean from 1 to ``points``); empty where there is no score, only a distribution.
    ``estimate`` is the score of those who answered, ``weighted`` that of all who were invited.
    ``wordings`` has the score of each wording where there were several, each tested against the
    others (Holm): where one ``differs``, read them apart.
    """

    part: str
    text: Texts
    metric: str
    points: int | None
    answers: int
    people: int
    estimate: Estimate | None
    weighted: Estimate | None
    distribution: tuple[Cell, ...]
    wordings: tuple[GroupScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question, and the versions that asked it so. ``mark`` stands for them.

    ``answers`` is None of 1 to 4 people, and where others' counts would tell theirs.
    """

    mark: str
    versions: tuple[int, ...]
    text: Texts
    answers: int | None


@dataclass(frozen=True, slots=True)
class SaidOn:
    """What was written, through the voice of the customer. ``unread`` texts wait to be read.

    Only counts are given where fewer than 5 people wrote what was read. ``ids`` are of the texts in
    the log, to link to.
    """

    texts: int
    people: int
    unread: int
    sentiment: Sentiment | None
    factors: tuple[FactorScore, ...]
    topics: tuple[Topic, ...]
    quotes: tuple[Quote, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissedFactor:
    """A factor of the experience that people speak of who would miss the product.

    ``share`` is of the texts that were read, ``quotes`` are of those that speak of it.
    """

    factor: str
    texts: int
    share: Estimate
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """What those would miss who would be very disappointed, in their words.

    Whether a text sounds glad or sorry says nothing here, and is not told: what they would miss is
    what they like. ``unread`` texts wait to be read. Only counts are given where fewer than 5
    people wrote what was read. ``ids`` are of the texts in the log.
    """

    texts: int
    people: int
    unread: int
    factors: tuple[MissedFactor, ...]
    quotes: tuple[Quote, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PmfVerdict:
    """How the share of "very disappointed" stands to 40%.

    ``above`` and ``below`` are said only where the whole interval is, of 40 answers or more;
    otherwise ``not_sure``. ``left`` is the share of "I no longer use it" among all who answered.
    ``missed`` is what those who would be very disappointed wrote in the same response.
    """

    share: Estimate
    verdict: Literal["above", "below", "not_sure"]
    few: bool
    left: Estimate
    missed: Missed | None


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """A level: the shares of good (4 and 5) and bad answers (1 and 2), and good less bad.

    ``first_break`` is the share of people whose pyramid breaks here first: this level is not good
    (3 or less) and all below it are. Shares of 1 to 4 people are hidden, and those beside them that
    would tell them: good and bad together, since the net is told. ``on_good`` and ``on_rest`` are
    the shares of good answers here where the level below is good, and where it is not;
    ``stands_on`` their difference: how much this level stands on the one below (None at the foot).
    """

    level: str
    text: Texts
    good: Estimate
    bad: Estimate
    net: Estimate
    weighted: Estimate | None
    first_break: Estimate
    on_good: Estimate | None = None
    on_rest: Estimate | None = None
    stands_on: Estimate | None = None


@dataclass(frozen=True, slots=True)
class PyramidResult:
    """The pyramid: its levels from the foot, of responses that rate all three.

    Where pyramids break is of people, each by their latest response. ``score`` is the mean of the
    three nets, ``whole`` the share of people with three good levels. ``breaks_at`` is the level
    where most pyramids break first, where that is more than chance against each of the others
    (sign test, mid-p); None where it is not sure: ``leading`` then says which leads, if one does.
    """

    levels: tuple[PyramidLevel, ...]
    people: int
    score: Estimate
    whole: Estimate
    breaks_at: str | None
    leading: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult:
    """What was answered to a question, over all versions and languages that asked it alike.

    Questions of one id whose kind or number of points changed are several results.
    """

    id: str
    type: str
    text: Texts
    versions: tuple[int, ...]
    wordings: tuple[Wording, ...]
    answers: int
    people: int
    parts: tuple[Part, ...]
    said: SaidOn | None = None
    pmf: PmfVerdict | None = None
    pyramid: PyramidResult | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Invitations to people of whom a fact was alike: how many, and how many were answered.

    ``of_invited`` and ``of_answered`` are its shares of all invitations, and of those that were
    answered, in percent; None where the band may not be shown.
    """

    value: str
    invited: int | None
    rate: Estimate
    of_invited: float | None
    of_answered: float | None


@dataclass(frozen=True, slots=True)
class FactResult:
    """Whether those who answered differ in a fact from those who did not.

    ``fact`` is one of FACTS, known on the day before each invitation. ``p_value`` is of Pearson's
    chi-squared (of two bands, Fisher's exact test; where people were invited more than once,
    corrected as Rao and Scott do), ``p_adjusted`` corrected for all facts (Holm).
    """

    fact: str
    bands: tuple[Band, ...]
    p_value: float
    p_adjusted: float

    @property
    def differs(self) -> bool:
        return self.p_adjusted <= ALPHA


@dataclass(frozen=True, slots=True)
class NonResponse:
    """Invitations that were answered beside all. ``why_not`` says why there is no answer."""

    invited: int
    answered: int
    facts: tuple[FactResult, ...]
    why_not: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Weighting:
    """How answers were weighted, so that together they are like all invitations.

    ``answers`` of ``people`` have a weight; with it they tell as much as ``effective`` without
    (Kish: the squared sum of the weights over the sum of their squares). ``largest`` is the
    largest weight, the mean being 1; ``trimmed`` weights were cut to it. ``off`` is the largest
    distance, in percent points, that a share still has from the one of all invitations.
    ``why_not`` says why there are no weights.
    """

    facts: tuple[str, ...]
    answers: int
    people: int
    invited: int
    effective: float
    largest: float
    trimmed: int
    off: float
    why_not: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All that a survey says. ``responses`` were given by ``people``, ``first`` to ``last``.

    Counts of languages and versions are of responses. A version's is None where it is of too few
    people; such a language is left out.
    """

    survey: str
    title: Texts
    anonymous: bool
    versions: Mapping[int, int | None]
    languages: Mapping[str, int]
    responses: int
    people: int
    first: datetime | None
    last: datetime | None
    response_rate: ResponseRate | None
    steps: tuple[Step, ...]
    questions: tuple[QuestionResult, ...]
    non_response: NonResponse | None
    weighting: Weighting | None

    def question(self, question_id: str) -> QuestionResult | None:
        """Return the result of a question, the latest kind of it; None where there is none."""
        return next((each for each in self.questions if each.id == question_id), None)
