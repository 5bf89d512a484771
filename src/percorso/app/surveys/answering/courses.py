"""Surveys that are asked, read from their files once for all who answer."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final, TypeVar

from percorso.app import company
from percorso.surveys import Course, LogicError, SurveyError, Surveys
from percorso.surveys.model import SURVEY_ID

_K = TypeVar("_K")
_V = TypeVar("_V")

_KEPT: Final = 200
_mutex = threading.Lock()
#: Published versions never change.
_courses: "OrderedDict[tuple[Path, str, int], Course]" = OrderedDict()
#: The latest published version, and the time of its folder when it was looked for.
_latest: "OrderedDict[tuple[Path, str], tuple[int, int]]" = OrderedDict()


def asked(survey_id: str) -> Course | None:
    """Return the version of a survey that is asked now; None where there is none."""
    if not SURVEY_ID.fullmatch(survey_id):
        return None
    workspace = company.workspace()
    place = (workspace.path, survey_id)
    try:
        changed = (workspace.surveys / survey_id).stat().st_mtime_ns
    except OSError:
        return None
    with _mutex:
        known = _latest.get(place)
    if known is not None and known[0] == changed:
        return course(survey_id, known[1])
    kept = Surveys(workspace)
    try:
        found = kept.published(survey_id)
    except SurveyError:
        return None
    if found is None:
        return None
    if kept.broken(survey_id):
        # Whoever mends a file in its place changes nothing of the folder.
        return course(survey_id, found.version)
    _keep(_latest, place, (changed, found.version))
    return course(survey_id, found.version)


def course(survey_id: str, version: int) -> Course | None:
    """Return a published version of a survey; None where there is none."""
    workspace = company.workspace()
    place = (workspace.path, survey_id, version)
    with _mutex:
        known = _courses.get(place)
    if known is not None:
        return known
    try:
        found = Surveys(workspace).find(survey_id, version)
        if found is None or not found.published:
            return None
        made = Course(found)
    except (SurveyError, LogicError):
        return None
    _keep(_courses, place, made)
    return made


def _keep(kept: "OrderedDict[_K, _V]", key: _K, value: _V) -> None:
    with _mutex:
        kept[key] = value
        while len(kept) > _KEPT:
            kept.popitem(last=False)
