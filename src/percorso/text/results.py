"""What the voice of the customer says: the answers of the analyses, ready to be shown.

All shares are percents. A figure is hidden (``Estimate.shown`` is false) where fewer than 5
customers stand behind it, and its count alone is kept. ``texts`` are texts that were read;
``customers`` those who wrote them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from percorso.estimation import MIN_SHOWN
from percorso.vocabulary import Estimate, Phrase

#: The parameters of a link to the texts behind a figure: name -> values, as
#: ``Selection.as_query`` writes them. Names beside the selection's own: ``sentiment``, ``factor``,
#: ``polarity``, ``emotion``, ``language``, ``topic``, ``wish`` (a need's id), ``need`` (``yes``).
Evidence = Mapping[str, Sequence[str]]

#: Characters of the name a person gives a topic or a need.
LONGEST_NAME: Final = 120
#: Corrected p-values at or under this count as more than chance.
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference that was tested: now minus before, or a group minus the rest.

    ``estimate`` is in percent points (shares) or points (balances); ``p_adjusted`` is corrected
    for all the tests made to answer the same question (Benjamini-Hochberg).
    """

    estimate: Estimate
    p_value: float
    p_adjusted: float

    @property
    def real(self) -> bool:
        """Say whether this is more than chance."""
        return self.estimate.shown and self.p_adjusted <= ALPHA


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How texts sound: the shares of positive, neutral and negative ones, together 100.

    ``balance`` is positive less negative, in points from -100 to 100; ``change`` is of it, since
    the previous period, and ``rest`` against the other groups. ``group`` is None where all texts
    are meant.
    """

    group: str | None
    texts: int
    customers: int
    positive: Estimate
    neutral: Estimate
    negative: Estimate
    balance: Estimate
    change: Shift | None = None
    rest: Shift | None = None


@dataclass(frozen=True, slots=True)
class FactorScore:
    """A factor of the experience: how often it is spoken of, and how.

    ``mentions`` counts texts, each once however many of its clauses speak of the factor. A text
    is positive about it where more of its clauses praise it than blame it, negative the other way
    round, mixed otherwise. ``share`` is of all texts (of the group), ``positive`` and ``negative``
    are of the mentions, ``balance`` is positive less negative (-100..100). ``change`` (of the
    balance) and ``share_change`` are since the previous period; ``rest`` is the balance less that
    of the other groups, and ``share_rest`` the share less theirs.
    """

    factor: str
    group: str | None
    mentions: int
    customers: int
    share: Estimate
    positive: Estimate
    negative: Estimate
    balance: Estimate
    change: Shift | None = None
    share_change: Shift | None = None
    rest: Shift | None = None
    share_rest: Shift | None = None

    @property
    def shown(self) -> bool:
        """Say whether enough customers speak of it to say how many do."""
        return self.share.shown and self.customers >= MIN_SHOWN


@dataclass(frozen=True, slots=True)
class EmotionScore:
    """An emotion and the share of texts (of the group) that show it; a text may show several."""

    emotion: str
    group: str | None
    texts: int
    customers: int
    share: Estimate
    change: Shift | None = None
    rest: Shift | None = None

    @property
    def shown(self) -> bool:
        """Say whether nobody shows it, or enough customers to say how many do."""
        return self.share.shown and not 0 < self.customers < MIN_SHOWN


@dataclass(frozen=True, slots=True)
class Quote:
    """A text, with the personal data in it masked, and where it comes from.

    ``customer`` is who wrote it: for those who may see it.
    """

    id: str
    customer: str
    at: datetime
    touchpoint: str | None
    channel: str | None
    language: str
    sentiment: str
    scale: str | None
    score: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What several texts say: a topic, or a need.

    ``id`` stays from run to run. ``name`` is what the user called it, or its most distinctive
    words (``words``, in the language, ``language``, that most of it is written in). ``share`` is
    of all texts (of those that are grouped, for a topic), ``share_change`` since the previous
    period. ``merged`` are the ids of those the user joined into this one. There are ``quotes`` only
    where enough customers wrote of it to be ``shown``.
    """

    id: str
    name: str
    words: tuple[str, ...]
    language: str
    texts: int
    customers: int
    share: Estimate
    quotes: tuple[Quote, ...]
    share_change: Shift | None = None
    pinned: bool = False
    hidden: bool = False
    renamed: bool = False
    merged: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Say whether enough customers wrote of it for it to be on a page."""
        return self.customers >= MIN_SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Theme):
    """A theme that emerged from the texts.

    ``positive`` and ``negative`` are of its own texts; ``change``, of the balance of the two, is
    since the previous period. ``months`` are pairs (``2026-03``, share of that month's texts).
    """

    positive: Estimate
    negative: Estimate
    balance: Estimate
    months: tuple[tuple[str, Estimate], ...] = ()
    change: Shift | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of a selection, pinned ones first, then by size.

    Of ``texts``, ``outside`` belong to no topic and ``waiting`` are not grouped yet; so many
    customers wrote these. ``made_at`` is when the topics were last looked for, None where never.
    ``all`` holds hidden ones too.
    """

    texts: int
    outside: int
    outside_customers: int
    waiting: int
    waiting_customers: int
    made_at: datetime | None
    all: tuple[Topic, ...]

    @property
    def rows(self) -> tuple[Topic, ...]:
        """Those to be shown on a page."""
        return tuple(each for each in self.all if each.shown and not each.hidden)

    @property
    def hidden_rows(self) -> tuple[Topic, ...]:
        """Those a person hid, as far as enough customers wrote of them."""
        return tuple(each for each in self.all if each.shown and each.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Theme):
    """Requests, wishes and workarounds that ask for the same thing.

    ``value`` is what its customers spent in all, in the company's currency (a sum, not an
    estimate); ``value_each`` is their mean. ``rank`` puts first what many customers, and customers
    of value, ask for (see docs/concepts/voice-of-the-customer.md).
    """

    value: float
    value_each: Estimate
    rank: int


@dataclass(frozen=True, slots=True)
class Needs:
    """The unmet needs of a selection, in the order of their rank.

    Of the ``texts`` that ask for something, ``apart`` ask for what fewer than 5 customers ask for
    (they are counted, not shown) and ``waiting`` are not grouped yet; so many customers wrote
    these. ``customers`` wrote all of them.
    """

    texts: int
    customers: int
    share: Estimate
    apart: int
    apart_customers: int
    waiting: int
    waiting_customers: int
    all: tuple[Need, ...]

    @property
    def rows(self) -> tuple[Need, ...]:
        """Those to be shown on a page."""
        return tuple(each for each in self.all if each.shown and not each.hidden)

    @property
    def hidden_rows(self) -> tuple[Need, ...]:
        """Those a person hid, as far as enough customers wrote of them."""
        return tuple(each for each in self.all if each.shown and each.hidden)


@dataclass(frozen=True, slots=True)
class Finding:
    """A strength, a weakness or an opportunity: of a factor, a topic or a need.

    ``key`` is the factor's word or the id; ``title`` its name and ``why`` what the figures say,
    for ``labels.phrase``; ``evidence`` links to the texts.
    """

    about: Literal["factor", "topic", "need"]
    key: str
    title: Phrase
    why: Phrase
    texts: int
    customers: int
    figure: Estimate
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence of the written summary, and the texts it stands on."""

    words: Phrase
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Summary:
    """Strengths, weaknesses and opportunities, and the same in writing.

    ``written_by`` is empty where the words are Percorso's own, otherwise the language model's
    name, whose sentences were each checked against the figures.
    """

    texts: int
    strengths: tuple[Finding, ...]
    weaknesses: tuple[Finding, ...]
    opportunities: tuple[Finding, ...]
    written: tuple[Clause, ...]
    written_by: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """The voice of the customer in one answer, for the report and the control room.

    ``unread`` texts of the log have no reading yet. ``by_language`` counts texts, of
    languages that at least 5 customers wrote in.
    """

    texts: int
    customers: int
    unread: int
    by_language: Mapping[str, int]
    sentiment: Sentiment
    factors: tuple[FactorScore, ...]
    emotions: tuple[EmotionScore, ...]
    topics: Topics
    needs: Needs
    summary: Summary
