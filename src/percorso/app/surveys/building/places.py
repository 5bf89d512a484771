"""Where in a survey something is wrong: in words, and the page that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.urls import reverse

from percorso import labels
from percorso.app.surveys.building.conditions import level, options_in_words, part_in_words, shown
from percorso.app.surveys.building.words import part_names
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.surveys import Problem, Survey
from percorso.surveys.model import ID, LEVELS, Consent
from percorso.vocabulary.phrases import N_

#: What ``percorso.surveys`` says of words that are not there.
_MISSING: Final = N_("the text is missing")
_FEW: Final = 2


@dataclass(frozen=True, slots=True)
class ProblemShown:
    """A problem: where, what, and the page that mends it."""

    where: str
    what: str
    address: str


def hints(survey: Survey) -> tuple[ProblemShown, ...]:
    """Return what is no mistake, and does not do what one may think."""
    said = _(
        "whoever comes through a link, a code, a kiosk or your website is nobody in particular, "
        "whatever address they leave: their consent can never be used. It holds of those who are "
        "invited by e-mail, or whom your programs name."
    )
    return tuple(
        ProblemShown(
            where(survey, f"questions.{each.id}", current_language()),
            said,
            address(survey, f"questions.{each.id}"),
        )
        for each in survey.questions
        if isinstance(each, Consent)
    )


def shown_problems(
    survey: Survey, found: Sequence[Problem], language: str
) -> tuple[ProblemShown, ...]:
    """Return problems as they are listed, in the order of the survey."""
    found = sorted(found, key=lambda each: _order(survey, each.where))
    shown_so_far: list[ProblemShown] = []
    missing: dict[str, list[Problem]] = {}
    for each in found:
        at = _question_of(each.where)
        if at and each.rule.message == _MISSING:
            missing.setdefault(at, []).append(each)
    for each in found:
        at = _question_of(each.where)
        alike = missing.get(at, []) if each.rule.message == _MISSING else []
        if len(alike) > _FEW:
            # A question that was just added lacks every word: that is one thing to say.
            if each is alike[0]:
                words = _("{n} texts are missing").format(n=len(alike))
                shown_so_far.append(
                    ProblemShown(where(survey, at, language), words, address(survey, at))
                )
            continue
        shown_so_far.append(
            ProblemShown(
                where(survey, each.where, language),
                labels.phrase(each.rule),
                address(survey, each.where),
            )
        )
    return tuple(shown_so_far)


def _order(survey: Survey, place: str) -> tuple[int, int]:
    """Return where a place comes among all: as its page among the pages, its row on the page."""
    part, _dot, rest = place.partition(".")
    name = rest.partition(".")[0]
    if part == "questions":
        ids = [each.id for each in survey.questions]
        return 1, ids.index(name) if name in ids else len(ids)
    pages = {"endings": 2, "links": 3, "theme": 4}
    return pages.get(part, 0), int(name) if name.isdecimal() else 0


def _question_of(place: str) -> str:
    pieces = place.split(".")
    return ".".join(pieces[:2]) if pieces[0] == "questions" and len(pieces) > 1 else ""


def address(survey: Survey, place: str) -> str:
    """Return the page where a place is edited."""
    part, _dot, rest = place.partition(".")
    if part == "questions" and rest and not rest.isdecimal():
        name = rest.partition(".")[0]
        if survey.question(name) is not None:
            return edit_address(survey, name)
    page = {"endings": "endings", "links": "endings", "theme": "look"}.get(part)
    if page is None:
        page = "settings" if part in ("title", "intro", "languages", "pages") else "one"
    return reverse(f"surveys:{page}", args=[survey.id])


def edit_address(survey: Survey, question_id: str) -> str:
    """Return the page of a question; of one whose id is none, the list of questions."""
    if ID.fullmatch(question_id):
        return reverse("surveys:question", args=[survey.id, question_id])
    return reverse("surveys:one", args=[survey.id])


def where(survey: Survey, place: str, language: str) -> str:
    """Return a place such as ``questions.why.text.it`` in words."""
    pieces = place.split(".")
    said: list[str] = []
    if pieces[0] == "questions" and len(pieces) > 1:
        question = survey.question(pieces[1])
        number = [each.id for each in survey.questions].index(pieces[1]) + 1 if question else 0
        if question is None:
            said.append(pieces[1])
        else:
            words = shown(survey, question, language)
            said.append(_("Question {n} “{words}”").format(n=number, words=words))
            said += _parts(survey, pieces[1], pieces[2:], language)
        return " · ".join(said)
    names = part_names()
    if pieces[0] in ("endings", "links", "pages") and len(pieces) > 1 and pieces[1].isdecimal():
        name = {"endings": _("Thanks {n}"), "links": _("Link {n}"), "pages": _("Page {n}")}
        said.append(name[pieces[0]].format(n=pieces[1]))
        pieces = pieces[2:]
    said += [_named(each, names, survey) for each in pieces]
    return " · ".join(each for each in said if each)


def _parts(survey: Survey, question_id: str, pieces: list[str], language: str) -> list[str]:
    question = survey.question(question_id)
    names = part_names()
    if question is None or not pieces:
        return []
    said = []
    options = dict(options_in_words(survey, question, language))
    if pieces[0] == "jumps" and len(pieces) > 1:
        said.append(_("Jump {n}").format(n=pieces[1]))
        pieces = pieces[2:]
    elif pieces[0] in LEVELS and question.type == "pyramid":
        said.append(level(pieces[0]))
        pieces = pieces[1:]
    elif pieces[0] in options:
        said.append(f"“{options[pieces[0]]}”")
        pieces = pieces[1:]
    elif question.type == "matrix" and pieces[0] not in names:
        said.append(f"“{part_in_words(survey, question, pieces[0], language)}”")
        pieces = pieces[1:]
    return said + [_named(each, names, survey) for each in pieces if each != "answers"]


def _named(piece: str, names: dict[str, str], survey: Survey) -> str:
    if piece in names:  # "to" is where a jump leads before it is the language of Tonga
        return names[piece]
    if piece in survey.languages or (len(piece) == 2 and piece.isalpha()):
        return labels.language(piece)
    return piece


def anchor(question_id: str) -> str:
    """Return the place of a question on the page that lists them."""
    return f"#question-{quote(question_id)}"
