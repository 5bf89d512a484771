"""The forms of what a survey has beside its questions: words, languages, pages, thanks, links."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.http import QueryDict

from percorso import labels
from percorso.app.surveys.building import conditions, edits
from percorso.app.surveys.building.conditions import ConditionField
from percorso.app.surveys.building.fields import (
    ChoiceShown,
    TextsField,
    count,
    given,
    given_texts,
    optional_texts,
    rows_after,
    texts_field,
)
from percorso.app.surveys.building.new_form import OFFERED
from percorso.app.surveys.building.question_form import condition_given
from percorso.app.surveys.building.words import part_names
from percorso.i18n import gettext as _
from percorso.surveys import Survey, problems
from percorso.surveys.checking import MOST_ENDINGS, MOST_LANGUAGES, MOST_QUESTIONS
from percorso.surveys.model import Ending, Link

LAYOUTS: Final = ("one", "all", "pages")
KINDS: Final = ("review", "refer", "other")


# Words, languages, pages


@dataclass(frozen=True, slots=True)
class SettingsForm:
    title: TextsField
    intro: TextsField
    languages: tuple[ChoiceShown, ...]
    main: tuple[ChoiceShown, ...]
    layouts: tuple[tuple[str, str, str, bool], ...]
    page_titles: tuple[tuple[int, TextsField], ...]
    anonymous: bool
    problems: tuple[str, ...]


def settings_shown(survey: Survey) -> SettingsForm:
    """Return the form of the survey's words, languages and pages."""
    found = {each.where: labels.phrase(each.rule) for each in problems(survey)}
    names = part_names()
    offered = dict.fromkeys((*survey.languages, *OFFERED))
    layouts = {
        "one": (_("One question a page"), _("Quick on a phone; nobody sees how many are to come.")),
        "all": (_("All on one page"), _("Good for three or four short questions.")),
        "pages": (_("Pages of your own"), _("You say on the list of questions where each begins.")),
    }
    return SettingsForm(
        title=texts_field("title", names["title"], survey.title, survey.languages, found, most=200),
        intro=texts_field(
            "intro",
            _("Before the first question"),
            survey.intro,
            survey.languages,
            found,
            lines=3,
            optional=True,
        ),
        languages=tuple(
            ChoiceShown(each, labels.language(each), each in survey.languages) for each in offered
        ),
        main=tuple(
            ChoiceShown(each, labels.language(each), each == survey.languages[0])
            for each in offered
        )
        if survey.languages
        else (),
        layouts=tuple((name, *words, name == survey.layout) for name, words in layouts.items()),
        page_titles=tuple(
            (
                number,
                texts_field(
                    f"pages.{number}.title",
                    _("Title of page {n}").format(n=number),
                    page.title,
                    survey.languages,
                    found,
                    optional=True,
                ),
            )
            for number, page in enumerate(survey.pages, 1)
        ),
        anonymous=survey.anonymous,
        problems=tuple(
            words for where, words in found.items() if where in ("id", "languages", "pages")
        ),
    )


def settings_read(form: QueryDict, survey: Survey) -> Survey:
    """Return the survey with what the form says."""
    languages = _languages(form, survey)
    layout = form.get("layout", "")
    made = msgspec.structs.replace(
        survey,
        title=given_texts(form, "title", survey.languages),
        intro=optional_texts(form, "intro", survey.languages),
        anonymous=form.get("anonymous") == "yes",
        pages=tuple(
            msgspec.structs.replace(
                page, title=optional_texts(form, f"pages.{number}.title", survey.languages)
            )
            for number, page in enumerate(survey.pages[:MOST_QUESTIONS], 1)
        ),
    )
    if layout in LAYOUTS:
        made = edits.laid_out(made, layout)
    return edits.in_languages(made, languages) if languages != survey.languages else made


def _languages(form: QueryDict, survey: Survey) -> tuple[str, ...]:
    """Return the languages that were chosen, the main one first; as they were where none was."""
    offered = {*survey.languages, *OFFERED}
    chosen = [each for each in dict.fromkeys(form.getlist("languages")) if each in offered]
    if not chosen:
        return survey.languages
    kept = [each for each in survey.languages if each in chosen]
    ordered = [*kept, *(each for each in chosen if each not in kept)]
    main = form.get("main", "")
    if main in ordered:
        ordered = [main, *(each for each in ordered if each != main)]
    return tuple(ordered[:MOST_LANGUAGES])


# Thanks and links


@dataclass(frozen=True, slots=True)
class EndingRow:
    number: int
    text: TextsField
    condition: ConditionField | None
    offers_contact: bool
    problem: str
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class LinkRow:
    number: int
    kinds: tuple[ChoiceShown, ...]
    text: TextsField
    address: str
    problem: str


@dataclass(frozen=True, slots=True)
class EndingsForm:
    endings: tuple[EndingRow, ...]
    links: tuple[LinkRow, ...]


def endings_read(form: QueryDict, survey: Survey) -> Survey:
    """Return the survey with the thanks and links that were written."""
    do, languages = form.get("do", ""), survey.languages
    endings: list[dict[str, Any]] = [
        {
            "text": given_texts(form, f"ending-{n}.text", languages),
            "show_if": condition_given(form, f"ending-{n}.show_if"),
            "offers_contact": form.get(f"ending-{n}.offers_contact") == "yes",
        }
        for n in range(count(form, "endings", MOST_ENDINGS))
    ]
    new: dict[str, Any] = {"text": dict.fromkeys(languages, ""), "show_if": ""}
    endings = rows_after(do, endings, new, "ending", MOST_ENDINGS)
    if do == "add-ending" and len(endings) > 1:
        # The last is for everybody else, and stays the last: the new one comes before it.
        endings.insert(-1, endings.pop())
    if endings:
        endings[-1] = endings[-1] | {"show_if": ""}
    links: list[dict[str, Any]] = [
        {
            "kind": kind if (kind := form.get(f"link-{n}.kind", "")) in KINDS else "other",
            "text": given_texts(form, f"link-{n}.text", languages),
            "address": given(form, f"link-{n}.address")[:1000],
        }
        for n in range(count(form, "links", MOST_ENDINGS))
    ]
    empty = {"kind": "review", "text": dict.fromkeys(languages, ""), "address": ""}
    links = rows_after(do, links, empty, "link", MOST_ENDINGS)
    return msgspec.structs.replace(
        survey,
        endings=tuple(msgspec.convert(endings, list[Ending])),
        links=tuple(msgspec.convert(links, list[Link])),
    )


def endings_shown(survey: Survey, language: str, *, check: bool = True) -> EndingsForm:
    """Return the form of the thanks and links."""
    found = {each.where: labels.phrase(each.rule) for each in problems(survey)} if check else {}
    return EndingsForm(
        tuple(_ending(survey, number, language, found) for number in range(len(survey.endings))),
        tuple(_link(survey, number, found) for number in range(len(survey.links))),
    )


def _ending(survey: Survey, n: int, language: str, found: dict[str, str]) -> EndingRow:
    ending, last = survey.endings[n], n == len(survey.endings) - 1
    placed = _placed(found, f"endings.{n + 1}.text", f"ending-{n}.text")
    condition = conditions.field(
        survey,
        f"ending-{n}.show_if",
        ending.show_if,
        survey.questions,
        language,
        always=_("Everybody"),
    )
    words = _("For everybody else") if last and n else _("What is said")
    return EndingRow(
        n,
        texts_field(f"ending-{n}.text", words, ending.text, survey.languages, placed, lines=2),
        None if last and not ending.show_if else condition,
        ending.offers_contact,
        found.get(f"endings.{n + 1}.offers_contact", "")
        or found.get(f"endings.{n + 1}.show_if", ""),
        n == 0,
        last,
    )


def _link(survey: Survey, n: int, found: dict[str, str]) -> LinkRow:
    link = survey.links[n]
    words = {"review": _("Write a review"), "refer": _("Tell a friend"), "other": _("Another page")}
    placed = _placed(found, f"links.{n + 1}.text", f"link-{n}.text")
    return LinkRow(
        n,
        tuple(ChoiceShown(each, words[each], each == link.kind) for each in KINDS),
        texts_field(f"link-{n}.text", _("Words of the link"), link.text, survey.languages, placed),
        link.address,
        found.get(f"links.{n + 1}.address", ""),
    )


def _placed(found: dict[str, str], place: str, name: str) -> dict[str, str]:
    """Return the problems of a text under the name it has in the form."""
    return {
        name + where[len(place) :]: words
        for where, words in found.items()
        if where.startswith(f"{place}.")
    }
