"""Reading surveys for the pages that make them."""

from dataclasses import dataclass

from percorso.app import company
from percorso.app.audit.models import Entry
from percorso.i18n import current_language
from percorso.surveys import Survey, SurveyError, Surveys, problems


@dataclass(frozen=True, slots=True)
class Row:
    """A survey in the list.

    ``published`` is the version that is asked, 0 where none is; ``draft`` the one being made, 0
    where none is. ``broken`` says why its file cannot be read.
    """

    id: str
    title: str = ""
    languages: tuple[str, ...] = ()
    questions: int = 0
    anonymous: bool = False
    published: int = 0
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
    rows = [_row(kept, each) for each in kept.ids()]
    return tuple(sorted(rows, key=lambda each: (not each.published, each.title.casefold())))


def _row(kept: Surveys, survey_id: str) -> Row:
    try:
        latest = kept.readable(survey_id)[-1]
        asked = published(survey_id)
    except SurveyError as error:
        return Row(survey_id, survey_id, broken=str(error))
    return Row(
        id=survey_id,
        title=title(latest),
        languages=latest.languages,
        questions=len(latest.questions),
        anonymous=latest.anonymous,
        published=asked.version if asked else 0,
        draft=0 if latest.published else latest.version,
        problems=0 if latest.published else len(problems(latest)),
        types=tuple(dict.fromkeys(each.type for each in latest.questions)),
    )


def title(survey: Survey) -> str:
    """Return what a survey is called, in the reader's language."""
    return survey.say(survey.title, current_language()).strip() or survey.id


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
