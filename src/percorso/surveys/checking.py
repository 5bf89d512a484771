"""What is wrong with a survey, before anybody is asked: each problem with its place and its rule.

A survey with a problem is a draft and can be saved; it cannot be published.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from percorso import labels
from percorso.surveys import checking_logic, checking_words
from percorso.surveys.contrast import COLOUR, CONTROLS, WORDS, contrast
from percorso.surveys.model import (
    ID,
    SURVEY_ID,
    AnyQuestion,
    Choice,
    Colours,
    Consent,
    Contact,
    Date,
    Matrix,
    Multiple,
    Open,
    Option,
    Rating,
    Survey,
)
from percorso.surveys.parsing import RESERVED, is_day
from percorso.surveys.problem import Problem
from percorso.surveys.words import can_be_seen
from percorso.vocabulary.phrases import N_, Phrase

MOST_QUESTIONS = 200
MOST_OPTIONS = 60
MOST_ROWS = 30
MOST_POINTS = 11
MOST_ENDINGS = 20
MOST_LANGUAGES = 10
#: Of an open answer, in characters: beyond, nobody reads it, and the log takes 100,000.
LONGEST_ANSWER = 10_000
_LANGUAGE = re.compile(r"[a-z]{2}")
_LOGO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\.(png|jpg|jpeg|webp)")
_LINK = re.compile(r"https://[^\s<>\"'\\^`{|}@/]+\.[^\s<>\"'\\^`{|}@/]+(/[^\s<>\"'\\^`{|}]*)?")


def problems(survey: Survey) -> tuple[Problem, ...]:
    """Return all that keeps a survey from being published, in the order of the survey.

    A survey that is too large is told so, and not looked at further.
    """
    beyond = too_large(survey)
    if beyond:
        return beyond
    return tuple(
        itertools.chain(
            _names(survey),
            _languages(survey),
            checking_words.problems(survey),
            itertools.chain.from_iterable(_question(each) for each in survey.questions),
            _layout(survey),
            checking_logic.problems(survey),
            _anonymity(survey),
            _theme(survey),
            _links(survey),
        )
    )


def too_large(survey: Survey) -> tuple[Problem, ...]:
    """Return what of a survey is more than any may have, and its pages could show."""
    return tuple(_size(survey))


def said(problem: Problem) -> str:
    """Return a problem in words, in the current language, with its place."""
    return f"{problem.where}: {labels.phrase(problem.rule)}"


def _size(survey: Survey) -> Iterator[Problem]:
    for where, found, most in (
        ("questions", len(survey.questions), MOST_QUESTIONS),
        ("languages", len(survey.languages), MOST_LANGUAGES),
        ("pages", len(survey.pages), MOST_QUESTIONS),
        ("endings", len(survey.endings), MOST_ENDINGS),
        ("links", len(survey.links), MOST_ENDINGS),
    ):
        if found > most:
            rule = N_("at most {most} are possible; these are {n}")
            yield Problem(where, Phrase(rule, {"most": most, "n": found}))
    for each in survey.questions[:MOST_QUESTIONS]:
        if isinstance(each, Choice | Multiple | Matrix):
            most = MOST_ROWS if isinstance(each, Matrix) else MOST_OPTIONS
            n = len(each.rows if isinstance(each, Matrix) else each.options)
            if n > most:
                rule = N_("at most {most} are possible; these are {n}")
                yield Problem(_at(each), Phrase(rule, {"most": most, "n": n}))
        if len(each.jumps) > MOST_ENDINGS:
            rule = N_("at most {most} are possible; these are {n}")
            values = {"most": MOST_ENDINGS, "n": len(each.jumps)}
            yield Problem(f"{_at(each)}.jumps", Phrase(rule, values))


def _names(survey: Survey) -> Iterator[Problem]:
    if not SURVEY_ID.fullmatch(survey.id):
        yield Problem("id", Phrase(N_("takes small letters, digits and hyphens, at most 40")))
    if not survey.questions:
        yield Problem("questions", Phrase(N_("at least one question is needed")))
    yield from _ids("questions", (each.id for each in survey.questions))
    for each in survey.questions:
        if isinstance(each, Choice | Multiple):
            yield from _options(each, "options", each.options, 2)
        if isinstance(each, Matrix):
            yield from _options(each, "rows", each.rows, 1)


def _options(
    question: AnyQuestion, name: str, options: tuple[Option, ...], least: int
) -> Iterator[Problem]:
    if len(options) < least:
        values = {"least": least, "n": len(options)}
        rule = Phrase(N_("at least {least} are needed; so far there are {n}"), values)
        yield Problem(f"{_at(question)}.{name}", rule)
    yield from _ids(_at(question), (each.id for each in options))


def _ids(where: str, ids: Iterable[str]) -> Iterator[Problem]:
    for name, times in Counter(ids).items():
        place = f"{where}.{name[:60]}"
        if not ID.fullmatch(name):
            rule = N_("an id takes small letters, digits and _, begins with a letter, at most 40")
            yield Problem(place, Phrase(rule))
        if name in RESERVED:
            yield Problem(
                place, Phrase(N_("this word has a meaning in conditions: choose another"))
            )
        if times > 1:
            yield Problem(place, Phrase(N_("{n} have the same id"), {"n": times}))


def _languages(survey: Survey) -> Iterator[Problem]:
    if not survey.languages:
        yield Problem("languages", Phrase(N_("at least one language is needed")))
    for name, times in Counter(survey.languages).items():
        if not _LANGUAGE.fullmatch(name):
            yield Problem("languages", Phrase(N_("a language is two letters, such as it or en")))
        if times > 1:
            yield Problem("languages", Phrase(N_("“{name}” is there twice"), {"name": name}))


def _question(question: AnyQuestion) -> Iterator[Problem]:
    """Check what is particular to the type of one question."""
    for name, value, low, high in _bounds(question):
        if not low <= value <= high:
            within = Phrase(N_("must be from {low} to {high}"), {"low": low, "high": high})
            yield Problem(f"{_at(question)}.{name}", within)
    if isinstance(question, Date):
        yield from _days(question)
    if isinstance(question, Contact):
        if not question.parts:
            yield Problem(f"{_at(question)}.parts", Phrase(N_("at least one part is needed")))
        if len(set(question.parts)) < len(question.parts):
            yield Problem(f"{_at(question)}.parts", Phrase(N_("each part can be there once")))
    if isinstance(question, Consent) and question.required:
        rule = N_("a consent must be free: it cannot be required (GDPR, article 7)")
        yield Problem(f"{_at(question)}.required", Phrase(rule))


def _bounds(question: AnyQuestion) -> tuple[tuple[str, int, int, int], ...]:
    """Return the numbers of a question, each with the lowest and the highest it may be."""
    if isinstance(question, Rating | Matrix):
        return (("points", question.points, 2, MOST_POINTS),)
    if isinstance(question, Open):
        return (("longest", question.longest, 1, LONGEST_ANSWER), ("lines", question.lines, 1, 30))
    if isinstance(question, Multiple):
        n = len(question.options)
        # 0 for the most is as many as there are.
        least = question.least if question.most else 0
        return (("least", question.least, 1, n), ("most", question.most, least, n))
    return ()


def _days(question: Date) -> Iterator[Problem]:
    for name in ("earliest", "latest"):
        if getattr(question, name) and not is_day(getattr(question, name)):
            yield Problem(f"{_at(question)}.{name}", Phrase(N_("must be a day such as 2025-01-31")))
    if question.earliest and question.latest and question.earliest > question.latest:
        yield Problem(f"{_at(question)}.latest", Phrase(N_("lies before the earliest day")))


def _layout(survey: Survey) -> Iterator[Problem]:
    if survey.layout != "pages":
        if survey.pages:
            rule = N_("pages are listed, and the layout is not “pages”")
            yield Problem("pages", Phrase(rule))
        return
    listed = [each for page in survey.pages for each in page.questions]
    if listed != [each.id for each in survey.questions]:
        rule = N_("the pages must hold each question once, in the order of the questions")
        yield Problem("pages", Phrase(rule))
    for number, page in enumerate(survey.pages, 1):
        if not page.questions:
            yield Problem(f"pages.{number}", Phrase(N_("the page holds no question")))


def _anonymity(survey: Survey) -> Iterator[Problem]:
    if not survey.anonymous:
        return
    for each in survey.questions:
        if isinstance(each, Contact | Consent):
            rule = N_("an anonymous survey cannot ask who somebody is")
            yield Problem(_at(each), Phrase(rule))
    for number, ending in enumerate(survey.endings, 1):
        if ending.offers_contact:
            rule = N_(
                "an anonymous survey cannot offer to call back: say in the text how to reach you"
            )
            yield Problem(f"endings.{number}.offers_contact", Phrase(rule))


def _theme(survey: Survey) -> Iterator[Problem]:
    if survey.theme.logo and not _LOGO.fullmatch(survey.theme.logo):
        rule = N_("must be the name of a picture: png, jpg or webp")
        yield Problem("theme.logo", Phrase(rule))
    for name, colours in (("light", survey.theme.light), ("dark", survey.theme.dark)):
        yield from _colours(f"theme.{name}", colours)


def _colours(where: str, colours: Colours) -> Iterator[Problem]:
    wrong = [
        each
        for each in ("background", "text", "accent", "on_accent")
        if not COLOUR.fullmatch(getattr(colours, each))
    ]
    for each in wrong:
        yield Problem(f"{where}.{each}", Phrase(N_("must be a colour such as #0b5c66")))
    if wrong:
        return
    on_background = N_(
        "is hard to see on the background: contrast {ratio}, at least {least} needed"
    )
    on_buttons = N_("is hard to see on the buttons: contrast {ratio}, at least {least} needed")
    for one, other, least, rule in (
        ("text", "background", WORDS, on_background),
        ("on_accent", "accent", WORDS, on_buttons),
        ("accent", "background", CONTROLS, on_background),
    ):
        ratio = contrast(getattr(colours, one), getattr(colours, other))
        if ratio < least:
            # Cut, not rounded: 4.499 is not 4.5.
            shown = f"{int(ratio * 100) / 100:.2f}"
            values = {"ratio": shown, "least": f"{least:g}"}
            yield Problem(f"{where}.{one}", Phrase(rule, values))


def _links(survey: Survey) -> Iterator[Problem]:
    for number, link in enumerate(survey.links, 1):
        plain = len(link.address) <= 500 and all(map(can_be_seen, link.address))
        if not plain or not _LINK.fullmatch(link.address):
            rule = N_("must be an address that begins with https://")
            yield Problem(f"links.{number}.address", Phrase(rule))


def _at(question: AnyQuestion) -> str:
    return f"questions.{question.id[:60]}"
