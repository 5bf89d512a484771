"""The form that makes a survey of its definition: JSON that was pasted, or a file of it."""

from dataclasses import dataclass
from typing import IO, Final

import msgspec

from percorso.app.surveys.building import logos
from percorso.app.surveys.building.new_form import free_id
from percorso.i18n import gettext as _
from percorso.surveys import (
    DefinitionError,
    Fault,
    Survey,
    fault,
    from_json,
    said,
    too_large,
)
from percorso.surveys.model import SURVEY_ID
from percorso.surveys.reading import LARGEST

_NO_SURVEY_ID: Final = "survey"


@dataclass(frozen=True, slots=True)
class Given:
    """What was sent: the text, which stays in the form whatever is wrong with it."""

    text: str
    file: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """The survey that a text defines; or what is wrong with the text."""

    survey: Survey | None = None
    fault: Fault | None = None
    problems: tuple[str, ...] = ()
    renamed: bool = False
    lost_logo: bool = False


def given(text: str, upload: "IO[bytes] | None", name: str) -> Given:
    """Return the text of a file where one was sent, else what was pasted."""
    if upload is None:
        return Given(text)
    data = upload.read(LARGEST + 1)
    if len(data) > LARGEST:
        words = _("The file has more than {n} bytes: it is no survey.").format(n=LARGEST)
        return Given(text, name, words)
    try:
        return Given(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        words = _("The file is no text in UTF-8: what stands at byte {n} is not.")
        return Given(text, name, words.format(n=error.start + 1))


def read(text: str) -> Read:
    """Return the survey that a text defines, as a draft of its own, or what is wrong with it."""
    try:
        survey = from_json(text)
    except DefinitionError as error:
        return Read(fault=fault(text, error))
    beyond = too_large(survey)
    if beyond:
        return Read(problems=tuple(map(said, beyond)))
    wanted = survey.id if SURVEY_ID.fullmatch(survey.id) else _NO_SURVEY_ID
    name = free_id(wanted)
    logo = survey.theme.logo
    lost_logo = bool(logo) and logos.find(logo) is None
    if lost_logo:
        survey = msgspec.structs.replace(
            survey, theme=msgspec.structs.replace(survey.theme, logo="", logo_text={})
        )
    made = msgspec.structs.replace(survey, id=name, version=1, published=False)
    return Read(made, renamed=name != survey.id, lost_logo=lost_logo)
