"""Reading surveys for the pages that make them."""

from dataclasses import dataclass

from percorso.app import company
from percorso.app.audit.models import Entry
from percorso.app.surveys import queries as ways
from percorso.i18n import current_language
from percorso.surveys import Survey, SurveyError, Surveys, problems


@dataclass(frozen=True, slots=True)
class Row:
    """A survey in the list.

    ``published`` is the version that is asked, 0 where none is; ``asked`` says that somebody can
    come to it now. ``draft`` is the version being made, 0 where none is. ``broken`` says why its
    file cannot be read.
    """

    id: str
    title: str = ""
    languages: tuple[str, ...] = ()
    questions: int = 0
    anonymous: bool = False
    published: int = 0
    asked: bool = False
    draft: int = 0
    problems: int = 0
    types: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a survey, and who published it when, where the trail says."""

    survey: Survey
    by: str
    at: object


def surveys() -> tuple[Row, ...]:
    """Return all surveys: those being asked first, then by title."""
    kept = Surveys(company.workspace())
    ids = kept.ids()
    asking = ways.asking(ids)
    rows = [_row(kept, each, asked=each in asking) for each in ids]
    return tuple(sorted(rows, key=lambda each: (not each.published, each.title.casefold())))


def _row(kept: Surveys, survey_id: str, *, asked: bool) -> Row:
    try:
        latest = kept.readable(survey_id)[-1]
        current = published(survey_id)
    except SurveyError as error:
        return Row(survey_id, survey_id, broken=str(error))
    return Row(
        id=survey_id,
        title=title(latest),
        languages=latest.languages,
        questions=len(latest.questions),
        anonymous=latest.anonymous,
        published=current.version if current else 0,
        asked=asked and current is not None,
        draft=0 if latest.published else latest.version,
        problems=0 if latest.published else len(problems(latest)),
        types=tuple(dict.fromkeys(each.type for each in latest.questions)),
    )


def title(survey: Survey) -> str:
    """Return what a survey is called, in the reader's language."""
    return survey.say(survey.title, current_language()).strip() or survey.id


def title_of(survey_id: str) -> str:
    """Return what a survey is called, by its id; the id where it cannot be read."""
    try:
        found = find(survey_id)
    except SurveyError:
        found = None
    return title(found) if found is not None else survey_id


def find(survey_id: str, version: int | None = None) -> Survey | None:
    """Return a survey, in the latest version that can be read; None where there is none.

    Raises SurveyError where none can be read, or not the version that is named.
    """
    try:
        kept = Surveys(company.workspace())
        if not kept.versions(survey_id):
            return None
    except SurveyError:
        return None  # no id of a survey
    return kept.find(survey_id, version) if version else kept.readable(survey_id)[-1]


def broken(survey_id: str) -> tuple[str, ...]:
    """Return which files of a survey cannot be read, and why."""
    return Surveys(company.workspace()).broken(survey_id)


def published(survey_id: str) -> Survey | None:
    """Return the version that is asked; None where there is none, or none that can be read."""
    try:
        return Surveys(company.workspace()).published(survey_id)
    except SurveyError:
        return None


def versions(survey_id: str) -> tuple[Version, ...]:
    """Return all versions, the newest first."""
    kept = Surveys(company.workspace())
    entries = {
        each.details.get("version"): each
        for each in Entry.objects.filter(action="survey.published", subject=survey_id)
    }
    found = []
    for each in reversed(kept.readable(survey_id)):
        entry = entries.get(each.version)
        at = entry.at if entry else None
        found.append(Version(each, entry.actor_name if entry else "", at))
    return tuple(found)


def was_asked(survey_id: str, question_id: str) -> bool:
    """Say whether a published version asks a question: then its id stays."""
    kept = Surveys(company.workspace())
    return any(
        each.published and each.question(question_id) is not None
        for each in kept.readable(survey_id)
    )
