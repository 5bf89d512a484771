"""Surveys: what is asked, in which words, how it goes on, and what the answers become in the log.

    survey = ready("nps", "after-delivery")
    surveys = Surveys(workspace)
    surveys.add(survey)
    surveys.publish("after-delivery")

    course = Course(surveys.get("after-delivery"))
    walk = course.walk({})                               # nothing answered yet
    checked = check_form(walk.screen.questions, {"nps": ["9"]})
    walk = course.walk({**walk.answers, **checked.answers})

All words are plain text, to be escaped where they are shown. Nothing here knows how a survey
travels or who is asked; what was answered is read from the log by the parts above.
"""

from percorso.surveys.answers import Answers, Value, as_plain, from_plain, is_answered
from percorso.surveys.checking import problems, said, too_large
from percorso.surveys.checking_answers import Checked, Mistake, check_form, check_response
from percorso.surveys.contrast import contrast
from percorso.surveys.errors import DefinitionError, LogicError, SurveyChangedError, SurveyError
from percorso.surveys.faults import Fault, fault
from percorso.surveys.model import Question, Survey, Theme
from percorso.surveys.piping import FACTS, fill
from percorso.surveys.planning import (
    MEASURES,
    Expected,
    expected,
    invitations,
    sample_size,
    spread_of,
)
from percorso.surveys.problem import Problem
from percorso.surveys.reading import from_json, to_json
from percorso.surveys.ready import READY, ready
from percorso.surveys.rows import (
    AnonymousResponse,
    Response,
    anonymous_rows,
    blend,
    blend_versions,
    known_rows,
    new_id,
    release,
    shuffle,
    wording,
)
from percorso.surveys.storage import Surveys, state
from percorso.surveys.walking import Course, Screen, Walk

__all__ = [
    "FACTS",
    "MEASURES",
    "READY",
    "AnonymousResponse",
    "Answers",
    "Checked",
    "Course",
    "DefinitionError",
    "Expected",
    "Fault",
    "LogicError",
    "Mistake",
    "Problem",
    "Question",
    "Response",
    "Screen",
    "Survey",
    "SurveyChangedError",
    "SurveyError",
    "Surveys",
    "Theme",
    "Value",
    "Walk",
    "anonymous_rows",
    "as_plain",
    "blend",
    "blend_versions",
    "check_form",
    "check_response",
    "contrast",
    "expected",
    "fault",
    "fill",
    "from_json",
    "from_plain",
    "invitations",
    "is_answered",
    "known_rows",
    "new_id",
    "problems",
    "ready",
    "release",
    "said",
    "sample_size",
    "shuffle",
    "spread_of",
    "state",
    "to_json",
    "too_large",
    "wording",
]
