"""Every change to a survey's definition, each with its entry in the trail."""

from collections.abc import Callable
from typing import Final

import msgspec
from django.db import transaction

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.i18n import gettext as _
from percorso.surveys import Survey, SurveyChangedError, SurveyError, Surveys, state

#: Words of addresses below ``/surveys/`` that no survey can be called.
RESERVED: Final = frozenset(
    {"new", "rules", "campaigns", "sending", "contact", "doors", "logo", "plan"}
)
_TRIES: Final = 3

Edit = Callable[[Survey], Survey]


@transaction.atomic
def make(by: User, survey: Survey) -> Survey:
    """Save a new survey as a draft. Raises SurveyError."""
    if survey.id in RESERVED:
        raise SurveyError(
            _("“{name}” has a meaning of its own. Choose another id.").format(name=survey.id)
        )
    made = Surveys(company.workspace()).add(survey)
    record(by, "survey.made", made.id)
    return made


@transaction.atomic
def change(by: User, survey_id: str, what: str, edit: Edit) -> Survey:
    """Save what ``edit`` makes of the latest version; ``what`` says which part, for the trail.

    Where somebody saves another part at the same moment, both changes hold. Raises SurveyError,
    and what ``edit`` raises.
    """
    surveys = Surveys(company.workspace())
    for tried in range(_TRIES):
        latest = surveys.get(survey_id)
        made = edit(latest)
        if state(made) == state(latest):
            return latest
        try:
            saved = surveys.save(made, instead_of=state(latest))
        except SurveyChangedError:
            if tried + 1 == _TRIES:
                raise
            continue
        record(by, "survey.changed", survey_id, part=what[:200], version=saved.version)
        return saved
    raise AssertionError  # the last try returns or raises


@transaction.atomic
def publish(by: User, survey_id: str) -> Survey:
    """Make the latest version final. Raises SurveyError where it has problems."""
    surveys = Surveys(company.workspace())
    before = surveys.get(survey_id)
    made = surveys.publish(survey_id)
    if not before.published:
        record(by, "survey.published", survey_id, version=made.version)
    return made


@transaction.atomic
def delete_draft(by: User, survey_id: str) -> bool:
    """Delete the draft; say whether the survey went with it. Raises SurveyError."""
    surveys = Surveys(company.workspace())
    latest = surveys.get(survey_id)
    surveys.delete_draft(survey_id)
    record(by, "survey.draft_deleted", survey_id, version=latest.version)
    return not surveys.versions(survey_id)


def take_up(by: User, survey_id: str, version: int) -> Survey:
    """Make an earlier version the draft. Raises SurveyError."""
    found = Surveys(company.workspace()).get(survey_id, version)

    def edit(latest: Survey) -> Survey:
        return msgspec.structs.replace(found, version=latest.version, published=latest.published)

    return change(by, survey_id, f"version {version}", edit)
