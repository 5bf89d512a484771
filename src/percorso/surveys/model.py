"""A survey as it is defined: what is asked, in which words, on which pages, and how it goes on.

All words are plain text by language, such as ``{"it": "Perché?", "en": "Why?"}``; there is no HTML
in a survey. The same structures are the JSON on disk: see docs/reference/survey-definition.md.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from percorso.vocabulary.scales import PMF_ANSWERS, SCALES, Scale

#: Words by language.
Texts: TypeAlias = dict[str, str]

#: Of a survey: safe as the name of a folder and in an address.
SURVEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
#: Of a question, an option, a row: a word that conditions can use.
ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Where a jump leads that ends the survey.
END: Final = "end"

PMF_OPTIONS: Final = tuple(PMF_ANSWERS)
#: The levels of the pyramid from its foot, each with the scale its answers are stored on.
LEVELS: Final[Mapping[str, str]] = {
    "needs": "pyramid_needs",
    "ease": "pyramid_ease",
    "enjoyment": "pyramid_enjoyment",
}
CONTACT_PARTS: Final = ("name", "email", "phone")

#: Whatever is drawn or tried point by point: a draft too has no millions of them.
Points: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=100)]
Layout = Literal["one", "all", "pages"]
ContactPart = Literal["name", "email", "phone"]
ConsentPurpose = Literal["service", "survey", "marketing", "profiling"]
LinkKind = Literal["review", "refer", "other"]


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What all parts of a survey share: unknown fields are errors, and nothing changes."""


class Jump(_Part, frozen=True, kw_only=True):
    """After its question was answered or left blank: go on at ``to``, where ``when`` holds.

    ``when`` is a condition, empty for always; ``to`` the id of a later question, or ``end``.
    """

    to: str
    when: str = ""


class Option(_Part, frozen=True, kw_only=True):
    """One answer to choose, or one row of a matrix."""

    id: str
    text: Texts


class Question(_Part, tag_field="type", frozen=True, kw_only=True):
    """What all questions share.

    ``show_if`` is a condition on earlier questions, empty for always. Of ``jumps`` the first whose
    condition holds is taken.
    """

    id: str
    text: Texts
    help: Texts = {}
    required: bool = False
    show_if: str = ""
    jumps: tuple[Jump, ...] = ()

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)


class Scored(Question, frozen=True, kw_only=True):
    """A question answered with a whole number. ``low`` and ``high`` are the words at the ends."""

    low: Texts
    high: Texts


class Nps(Scored, tag="nps", frozen=True, kw_only=True):
    """How likely they are to recommend, 0 to 10."""


class Csat(Scored, tag="csat", frozen=True, kw_only=True):
    """How satisfied they are, 1 to 5."""


class Ces(Scored, tag="ces", frozen=True, kw_only=True):
    """How far they agree that it was easy, 1 to 7 (CES 2.0: high is good)."""


class Rating(Scored, tag="rating", frozen=True, kw_only=True):
    """Any other rating, from 1 to ``points``."""

    points: Points = 5


class PmfWords(_Part, frozen=True, kw_only=True):
    """The four answers of the PMF question."""

    very: Texts
    somewhat: Texts
    not_: Texts = msgspec.field(name="not")
    no_longer_use: Texts

    def of(self, option: str) -> Texts:
        """Return the words of an option of PMF_OPTIONS."""
        found: Texts = getattr(self, "not_" if option == "not" else option)
        return found


class Pmf(Question, tag="pmf", frozen=True, kw_only=True):
    """How they would feel if they could no longer use it."""

    answers: PmfWords


class Level(_Part, frozen=True, kw_only=True):
    """One rating of the pyramid, 1 to 5, with the words at its ends."""

    text: Texts
    low: Texts
    high: Texts


class Pyramid(Question, tag="pyramid", frozen=True, kw_only=True):
    """Needs met, easy, enjoyable: the three levels of the pyramid, each from 1 to 5."""

    needs: Level
    ease: Level
    enjoyment: Level

    def level(self, name: str) -> Level:
        """Return a level of LEVELS."""
        found: Level = getattr(self, name)
        return found


class Open(Question, tag="open", frozen=True, kw_only=True):
    """An answer in their own words, at most ``longest`` characters; ``lines`` high where shown."""

    longest: int = 2000
    lines: int = 4


class Choice(Question, tag="choice", frozen=True, kw_only=True):
    """One of several answers."""

    options: tuple[Option, ...]


class Multiple(Question, tag="multiple", frozen=True, kw_only=True):
    """Several of several answers: at least ``least`` of them where any, at most ``most``.

    0 for ``most`` is as many as there are.
    """

    options: tuple[Option, ...]
    least: int = 1
    most: int = 0


class Matrix(Scored, tag="matrix", frozen=True, kw_only=True):
    """Several rows rated on the same scale, from 1 to ``points``."""

    rows: tuple[Option, ...]
    points: Points = 5


class Date(Question, tag="date", frozen=True, kw_only=True):
    """A day, written 2025-01-31, between two days where they are given, both included."""

    earliest: str = ""
    latest: str = ""


class Contact(Question, tag="contact", frozen=True, kw_only=True):
    """How to reach them, where they wish to be reached: the parts that are asked for."""

    parts: tuple[ContactPart, ...] = ("name", "email")


class Consent(Question, tag="consent", frozen=True, kw_only=True):
    """A yes to a use of their data. The question's text is what they agree to."""

    purpose: ConsentPurpose


AnyQuestion: TypeAlias = (
    Nps
    | Csat
    | Ces
    | Rating
    | Pmf
    | Pyramid
    | Open
    | Choice
    | Multiple
    | Matrix
    | Date
    | Contact
    | Consent
)
QUESTION_TYPES: Final[Mapping[str, type[Question]]] = {
    "nps": Nps,
    "csat": Csat,
    "ces": Ces,
    "pmf": Pmf,
    "pyramid": Pyramid,
    "open": Open,
    "choice": Choice,
    "multiple": Multiple,
    "rating": Rating,
    "matrix": Matrix,
    "date": Date,
    "contact": Contact,
    "consent": Consent,
}


class Page(_Part, frozen=True, kw_only=True):
    """Questions that stand together, in the survey's order."""

    questions: tuple[str, ...]
    title: Texts = {}


class Colours(_Part, frozen=True, kw_only=True):
    """Colours written ``#1a2b3c``. ``on_accent`` is the colour of words on buttons."""

    background: str = "#ffffff"
    text: str = "#1c1b1f"
    accent: str = "#0b5c66"
    on_accent: str = "#ffffff"


#: Shown to whoever's device is dark, where a theme says nothing else.
DARK: Final = Colours(background="#16181a", text="#eceae6", accent="#7fd0da", on_accent="#06272b")


class Theme(_Part, frozen=True, kw_only=True):
    """How the pages look. ``logo`` is the name of a picture, ``logo_text`` what it shows in words.

    The name is empty where there is no logo.
    """

    light: Colours = Colours()
    dark: Colours = DARK
    logo: str = ""
    logo_text: Texts = {}


class Ending(_Part, frozen=True, kw_only=True):
    """What is said at the end: of several, the first whose condition holds.

    ``offers_contact`` says that the page offers to be called or written to.
    """

    text: Texts
    show_if: str = ""
    offers_contact: bool = False


class Link(_Part, frozen=True, kw_only=True):
    """An address at the end of the survey, shown to everybody alike.

    That nobody is asked for a review because of what they answered is not a setting: there is
    nowhere to write such a condition.
    """

    kind: LinkKind
    text: Texts
    address: str


class Survey(_Part, frozen=True, kw_only=True):
    """A survey. ``version`` counts from 1; ``published`` says that it never changes again.

    The first of ``languages`` is shown to whoever reads none of them. ``pages`` are given where
    ``layout`` is ``pages``. ``anonymous`` says that nothing joins an answer to its person.
    """

    id: str
    title: Texts
    languages: tuple[str, ...]
    questions: tuple[AnyQuestion, ...]
    version: int = 1
    published: bool = False
    intro: Texts = {}
    anonymous: bool = False
    layout: Layout = "one"
    pages: tuple[Page, ...] = ()
    endings: tuple[Ending, ...] = ()
    links: tuple[Link, ...] = ()
    theme: Theme = Theme()

    def question(self, question_id: str) -> AnyQuestion | None:
        """Return a question by its id, None where there is none."""
        return next((each for each in self.questions if each.id == question_id), None)

    def page_numbers(self) -> tuple[int, ...]:
        """Return for each question the number of its page, from 0."""
        if self.layout == "one":
            return tuple(range(len(self.questions)))
        if self.layout == "all":
            return (0,) * len(self.questions)
        numbers = {
            each: number for number, page in enumerate(self.pages) for each in page.questions
        }
        return tuple(numbers.get(each.id, len(self.pages)) for each in self.questions)

    def language_for(self, wanted: str) -> str:
        """Return the language to show to whoever reads ``wanted`` (``en``, ``en-GB``)."""
        bare = wanted.partition("-")[0].lower()
        return bare if bare in self.languages else self.languages[0]

    def say(self, texts: Texts, language: str) -> str:
        """Return words in a language; in the survey's first where they are missing."""
        return texts.get(language) or texts.get(self.languages[0], "")


def options_of(question: Question) -> tuple[str, ...]:
    """Return the ids that can be chosen: none where nothing is chosen by id."""
    if isinstance(question, Pmf):
        return PMF_OPTIONS
    if isinstance(question, Choice | Multiple):
        return tuple(each.id for each in question.options)
    return ()


def parts_of(question: Question) -> tuple[str, ...]:
    """Return the names of what a question asks in several fields: none where it asks in one."""
    if isinstance(question, Pyramid):
        return tuple(LEVELS)
    if isinstance(question, Matrix):
        return tuple(each.id for each in question.rows)
    return question.parts if isinstance(question, Contact) else ()


def ends_of(question: Question) -> tuple[int, int] | None:
    """Return the lowest and the highest number that answers, None where numbers do not."""
    if isinstance(question, Rating | Matrix):
        return 1, question.points
    if isinstance(question, Pyramid):
        return 1, 5
    scale = scale_of(question)
    return (int(scale.low), int(scale.high)) if scale and not isinstance(question, Pmf) else None


def scale_of(question: Question, part: str = "") -> Scale | None:
    """Return the scale of the vocabulary that answers are stored on, None where there is none."""
    return SCALES.get(LEVELS.get(part, "") if isinstance(question, Pyramid) else question.type)


def all_texts(survey: Survey) -> Iterator[tuple[str, Texts, bool]]:
    """Yield all words of a survey: where they stand, the words, whether they must be there."""
    yield "title", survey.title, True
    yield "intro", survey.intro, False
    for each in survey.questions:
        for where, texts, needed in texts_of(each):
            yield f"questions.{each.id[:60]}.{where}", texts, needed
    for number, page in enumerate(survey.pages, 1):
        yield f"pages.{number}.title", page.title, False
    for number, ending in enumerate(survey.endings, 1):
        yield f"endings.{number}.text", ending.text, True
    for number, link in enumerate(survey.links, 1):
        yield f"links.{number}.text", link.text, True
    yield "theme.logo_text", survey.theme.logo_text, bool(survey.theme.logo)


def texts_of(question: Question) -> Iterator[tuple[str, Texts, bool]]:
    """Yield the words of a question, as ``all_texts`` does."""
    yield "text", question.text, True
    yield "help", question.help, False
    if isinstance(question, Scored):
        yield "low", question.low, True
        yield "high", question.high, True
    if isinstance(question, Pmf):
        for name in PMF_OPTIONS:
            yield f"answers.{name}", question.answers.of(name), True
    if isinstance(question, Pyramid):
        for name in LEVELS:
            level = question.level(name)
            yield f"{name}.text", level.text, True
            yield f"{name}.low", level.low, True
            yield f"{name}.high", level.high, True
    if isinstance(question, Choice | Multiple | Matrix):
        options = question.rows if isinstance(question, Matrix) else question.options
        for option in options:
            yield f"{option.id[:60]}.text", option.text, True
