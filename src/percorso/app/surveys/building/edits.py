"""Changes to a survey, as plain functions of it. What they return may have problems: a draft may.

Where the survey has pages, each question keeps its place on them: a question that moves takes the
place of the one it passes.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import msgspec

from percorso.surveys import READY, Survey
from percorso.surveys.model import (
    ID,
    QUESTION_TYPES,
    AnyQuestion,
    Jump,
    Page,
    Question,
    Texts,
)
from percorso.surveys.parsing import RESERVED

_WORDS: Final = re.compile(r"[^\W\d]\w*|[^\w\s]+|\S")
_ASKS_FOR_OPTIONS: Final = frozenset({"is", "in", "è", "=", "==", "!=", "<>", "≠"})
_JOINS: Final = frozenset({"and", "or", "e", "ed", "o", "od", "oppure", ")"})
#: Of an id that is made from words.
_LONGEST_ID: Final = 24


def new_question(survey: Survey, type_name: str) -> AnyQuestion:
    """Return a new question of a type, under an id that is free: with its usual words, or none."""
    question = _usual(type_name) or _bare(type_name)
    kept = dict.fromkeys(survey.languages, "")
    plain = _only(msgspec.to_builtins(question), kept)
    plain["id"] = free_id((each.id for each in survey.questions), type_name)
    return cast("AnyQuestion", msgspec.convert(plain, QUESTION_TYPES[type_name]))


def _usual(type_name: str) -> Question | None:
    found = READY.get(type_name)
    return found.questions[0] if found else None


def _bare(type_name: str) -> Question:
    ends: dict[str, Any] = {"low": {}, "high": {}} if type_name in ("rating", "matrix") else {}
    options = [{"id": "a", "text": {}}, {"id": "b", "text": {}}]
    own: dict[str, dict[str, Any]] = {
        "choice": {"options": options},
        "multiple": {"options": options},
        "matrix": {"rows": options},
        "consent": {"purpose": "survey"},
    }
    plain = {"type": type_name, "id": type_name, "text": {}, **ends, **own.get(type_name, {})}
    return msgspec.convert(plain, QUESTION_TYPES[type_name])


def _only(plain: Any, languages: Texts) -> Any:
    """Return plain values with all texts in these languages, and no other."""
    if isinstance(plain, list | tuple):
        return [_only(each, languages) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if _is_texts(plain):
        return {each: plain.get(each, "") for each in languages}
    return {name: _only(value, languages) for name, value in plain.items()}


def _is_texts(plain: dict[str, Any]) -> bool:
    return not plain or (
        all(re.fullmatch("[a-z]{2}", each) for each in plain) and "id" not in plain
    )


def free_id(taken: Iterable[str], wanted: str) -> str:
    """Return an id as near to what is wanted as is free."""
    held = {*taken, *RESERVED}
    number, found = 1, wanted
    while found in held:
        number += 1
        found = f"{wanted[:36]}_{number}"
    return found


def id_of(words: str, fallback: str) -> str:
    """Return an id made of words, such as ``too_late`` of “Too late!”."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_ID].strip("_")
    return made if ID.fullmatch(made) and made not in RESERVED else fallback


def added(survey: Survey, question: AnyQuestion, after: str = "") -> Survey:
    """Return the survey with a question more: after another one, or at the end."""
    ids = [each.id for each in survey.questions]
    at = ids.index(after) + 1 if after in ids else len(ids)
    questions = (*survey.questions[:at], question, *survey.questions[at:])
    sizes = _sizes(survey)
    if sizes:
        sizes[_page_at(sizes, max(at - 1, 0))] += 1
    return _with(survey, questions, sizes or [1])


def removed(survey: Survey, question_id: str) -> Survey:
    """Return the survey without a question. Jumps to it lead where they would have gone on."""
    at = index_of(survey, question_id)
    following = survey.questions[at + 1].id if at + 1 < len(survey.questions) else "end"
    kept = (*survey.questions[:at], *survey.questions[at + 1 :])
    sizes = _sizes(survey)
    sizes[_page_at(sizes, at)] -= 1
    return _with(survey, tuple(_led(each, question_id, following) for each in kept), sizes)


def moved(survey: Survey, question_id: str, by: int) -> Survey:
    """Return the survey with a question so many places further; as it is where there is no room."""
    at = index_of(survey, question_id)
    to = min(max(at + by, 0), len(survey.questions) - 1)
    questions = list(survey.questions)
    questions.insert(to, questions.pop(at))
    return _with(survey, tuple(questions), _sizes(survey))


def duplicated(survey: Survey, question_id: str) -> tuple[Survey, str]:
    """Return the survey with a question twice, and the id of the new one."""
    question = survey.questions[index_of(survey, question_id)]
    made = free_id((each.id for each in survey.questions), question_id)
    return added(survey, msgspec.structs.replace(question, id=made), question_id), made


def replaced(survey: Survey, question_id: str, question: AnyQuestion) -> Survey:
    """Return the survey with a question in the place of another, also in all that names it."""
    at = index_of(survey, question_id)
    questions = (*survey.questions[:at], question, *survey.questions[at + 1 :])
    if question.id != question_id:
        questions = tuple(_renamed(each, question_id, question.id) for each in questions)
        endings = tuple(
            msgspec.structs.replace(each, show_if=renamed(each.show_if, question_id, question.id))
            for each in survey.endings
        )
        survey = msgspec.structs.replace(survey, endings=endings)
    return _with(survey, questions, _sizes(survey))


def broken_at(survey: Survey, question_id: str) -> Survey:
    """Return the survey with a page that begins at a question, or no more does where one did."""
    at = index_of(survey, question_id)
    starts = _starts(_sizes(survey))
    starts ^= {at} - {0}
    ordered = [*sorted(starts), len(survey.questions)]
    sizes = [end - start for start, end in itertools.pairwise(ordered)]
    # A page's title stays with its first question.
    titles = {page.questions[0]: page.title for page in survey.pages if page.questions}
    return _paged(survey, survey.questions, sizes, titles)


def laid_out(survey: Survey, layout: str) -> Survey:
    """Return the survey in another layout; its first pages are all on one."""
    if layout == survey.layout:
        return survey
    made = msgspec.structs.replace(survey, layout=layout, pages=())
    if layout != "pages" or not survey.questions:
        return made
    whole = Page(questions=tuple(each.id for each in survey.questions))
    return msgspec.structs.replace(made, pages=(whole,))


def in_languages(survey: Survey, languages: Sequence[str]) -> Survey:
    """Return the survey with its words in these languages: new ones are empty, others gone."""
    kept = dict.fromkeys(languages, "")
    plain = msgspec.to_builtins(survey)
    theme = plain.pop("theme", {})
    made = _without_empty(_only(plain, kept))
    if theme.get("logo_text"):
        theme["logo_text"] = _only(theme["logo_text"], kept)
    return msgspec.convert({**made, "languages": list(languages), "theme": theme}, Survey)


def _without_empty(plain: dict[str, Any]) -> dict[str, Any]:
    """Leave words out that nobody has to write, where they are written in no language."""
    for part in (plain, *plain.get("questions", ()), *plain.get("pages", ())):
        for name in ("intro", "help"):
            if name in part and not any(part[name].values()):
                del part[name]
    return plain


def index_of(survey: Survey, question_id: str) -> int:
    """Return the place of a question. Raises KeyError where it is not there any more."""
    for index, each in enumerate(survey.questions):
        if each.id == question_id:
            return index
    raise KeyError(question_id)


def renamed(condition: str, old: str, new: str) -> str:
    """Return a condition with the id of a question replaced; options of that name stay."""
    pieces, at, options = [], 0, False
    for found in _WORDS.finditer(condition):
        word = found[0].casefold()
        options = word in _ASKS_FOR_OPTIONS or (options and word not in _JOINS)
        part_of = condition[found.start() - 1 : found.start()] == "."
        if word == old and not options and not part_of:
            pieces += [condition[at : found.start()], new]
            at = found.end()
    return "".join([*pieces, condition[at:]])


def _renamed(question: AnyQuestion, old: str, new: str) -> AnyQuestion:
    jumps = tuple(
        Jump(to=new if each.to == old else each.to, when=renamed(each.when, old, new))
        for each in question.jumps
    )
    shown = renamed(question.show_if, old, new)
    return msgspec.structs.replace(question, show_if=shown, jumps=jumps)


def _led(question: AnyQuestion, gone: str, following: str) -> AnyQuestion:
    jumps = tuple(
        msgspec.structs.replace(each, to=following) if each.to == gone else each
        for each in question.jumps
    )
    return msgspec.structs.replace(question, jumps=jumps)


# Pages


def _sizes(survey: Survey) -> list[int]:
    """Return how many questions stand on each page; a page for all where there are no pages."""
    if survey.layout != "pages":
        return [len(survey.questions)]
    sizes: dict[int, int] = {}
    for each in survey.page_numbers():
        sizes[each] = sizes.get(each, 0) + 1
    return list(sizes.values())


def _starts(sizes: list[int]) -> set[int]:
    return {sum(sizes[:number]) for number in range(len(sizes))}


def _page_at(sizes: list[int], index: int) -> int:
    for number in range(len(sizes)):
        index -= sizes[number]
        if index < 0:
            return number
    return len(sizes) - 1


def _with(survey: Survey, questions: tuple[AnyQuestion, ...], sizes: list[int]) -> Survey:
    if survey.layout != "pages":
        return msgspec.structs.replace(survey, questions=questions)
    titles = [page.title for page in survey.pages]
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    by_first = {
        questions[start].id: title
        for start, title, size in zip(starts, titles, sizes, strict=False)
        if size
    }
    return _paged(survey, questions, sizes, by_first)


def _paged(
    survey: Survey, questions: tuple[AnyQuestion, ...], sizes: list[int], titles: dict[str, Texts]
) -> Survey:
    ids = [each.id for each in questions]
    pages, at = [], 0
    for size in sizes:
        here = tuple(ids[at : at + size])
        at += size
        if here:
            pages.append(Page(questions=here, title=titles.get(here[0], {})))
    return msgspec.structs.replace(survey, questions=questions, pages=tuple(pages), layout="pages")
