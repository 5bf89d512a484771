"""Surveys for programs: what is asked, answers from elsewhere, and links for one person."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from django.http import Http404, HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ConfigDict, Field

from percorso import labels
from percorso.app import company
from percorso.app.accounts.links import address
from percorso.app.api.auth import Token
from percorso.app.api.fields import Moment, words
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, ProblemDetails, WrongField, broken
from percorso.app.surveys import actions, queries
from percorso.app.surveys.answering import courses, holding, known, ways
from percorso.app.surveys.answering.ways import Way
from percorso.app.surveys.errors import AskingError, SpentError
from percorso.app.ui.components import is_few
from percorso.live import LiveError
from percorso.surveys import Course, Survey, Surveys, check_response, new_id
from percorso.surveys.reading import to_plain
from percorso.vocabulary import CHANNELS
from percorso.vocabulary.references import GONE, PASSING

operations = router("Surveys")

_ABSENT: Final = {404: ProblemDetails}
#: What cannot be read, or is too large to be.
_UNREAD: Final = {400: ERRORS[422], 413: ERRORS[422]}
#: How long an invitation may last, in days.
_LONGEST: Final = 366
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


Channel = Annotated[str, Field(json_schema_extra={"enum": list(CHANNELS)})]


class Listed(Schema):
    """A survey that is asked. `titles` are by language.

    `answered` is of those who were invited; null where so few did that they may be recognised.
    """

    id: str
    version: int
    titles: dict[str, str]
    languages: list[str]
    anonymous: bool
    questions: int
    doors: int
    invited: int
    answered: int | None


class Definition(Schema):
    """A survey as it is asked now: see docs/reference/survey-definition.md."""

    id: str
    version: int
    survey: dict[str, Any]


class Answered(Schema):
    """What somebody answered, somewhere else.

    `answers` holds, by question, a number, an option's id, a list of them, words, a day, true, or
    an object by row. Send an `id` of yours with it: what is sent again under it counts once.
    `customer` says who it was (`email:ada@example.org`); leave it out for nobody in particular.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    answers: Annotated[dict[str, Any], Field(max_length=500)]
    id: words(200) = ""  # type: ignore[valid-type]
    customer: words(200) = ""  # type: ignore[valid-type]
    language: words(10) = ""  # type: ignore[valid-type]
    door: words(16) = ""  # type: ignore[valid-type]
    touchpoint: words(200) = ""  # type: ignore[valid-type]
    channel: Channel = "other"
    at: Moment | None = None


class Kept(Schema):
    """`response` names what was kept; empty where the survey is anonymous. It is on the disk."""

    response: str
    answered: int


class Inviting(Schema):
    """Whom to invite: one person, once. `facts` may stand in the words of the survey."""

    model_config = ConfigDict(extra="forbid", strict=True)

    customer: words(200, 1)  # type: ignore[valid-type]
    touchpoint: words(200, 1)  # type: ignore[valid-type]
    channel: Channel = "email"
    language: words(10) = ""  # type: ignore[valid-type]
    campaign: words(80) = ""  # type: ignore[valid-type]
    days: Annotated[int, Field(ge=1, le=_LONGEST)] = 30
    facts: dict[str, words(200)] = {}  # type: ignore[valid-type]


class PersonalLink(Schema):
    """The link of one person. It is told only here."""

    address: str
    expires_at: datetime


@operations.get(
    "/surveys",
    response={200: list[Listed], **ERRORS},
    auth=Token("read:figures"),
    summary="List surveys that are asked",
)
def surveys(request: HttpRequest) -> Any:  # noqa: ARG001
    """Return every survey that was published, in the version that is asked now.

    Scope: `read:figures`.
    """
    found = [courses.asked(each) for each in Surveys(company.workspace()).ids()]
    asked = [each.survey for each in found if each is not None]
    doors = queries.open_doors([each.id for each in asked])
    return [_listed(each, doors[each.id]) for each in asked]


@operations.get(
    "/surveys/{survey}",
    response={200: Definition, **_ABSENT, **ERRORS},
    auth=Token("read:figures"),
    summary="Read a survey",
)
def survey(request: HttpRequest, survey: str) -> Any:  # noqa: ARG001
    """Return the questions, words and rules of a survey as it is asked now.

    Scope: `read:figures`.
    """
    found = _course(survey).survey
    return {"id": found.id, "version": found.version, "survey": to_plain(found)}


@operations.post(
    "/surveys/{survey}/answers",
    response={200: Kept, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:answers"),
    summary="Send what somebody answered",
)
def answer(request: HttpRequest, survey: str, given: Answered) -> Any:  # noqa: ARG001
    """Keep a whole response to a survey; it is on the disk when this answers, in the log soon.

    The answers follow the survey as its pages do: what is required is there, and nothing is there
    that would not be asked after the other answers. Those to an anonymous survey name no customer
    and no time, and are released with others, in the night. Scope: `write:answers`.
    """
    course = _course(survey)
    way = _way(course.survey, given)
    language = course.survey.language_for(given.language)
    checked = check_response(course, given.answers)
    if not checked.right:
        errors = [
            WrongField(field=f"body.answers.{each.field}", rule=labels.phrase(each.rule))
            for each in checked.mistakes
        ]
        raise Problem(422, " ".join((_("Nothing was kept."), broken(len(errors)))), errors)
    response = _response(survey, given.id)
    answered = sum(value is not None for value in checked.answers.values())
    if course.survey.anonymous:
        holding.hold(way, course.survey, checked.answers, response, language)
        return {"response": "", "answered": answered}
    try:
        known.send_in(way, course.survey, checked.answers, response, language, given.at)
    except LiveError as error:
        said = _("It could not be kept: %(why)s Try again.") % {"why": error}
        raise Problem(503, said) from error
    return {"response": response, "answered": answered}


@operations.post(
    "/surveys/{survey}/invitations",
    response={200: PersonalLink, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:answers"),
    summary="Make the link of one person",
)
def invite(request: HttpRequest, survey: str, given: Inviting) -> Any:
    """Return a link with which one person answers once, to put into a message of yours.

    Whether they may be written to is for you to see: the contact budget counts what Percorso sends
    itself. Scope: `write:answers`.
    """
    _course(survey)
    # A browser is not written to.
    if errors := _nobody(given.customer, GONE, "anon:"):
        raise Problem(422, broken(len(errors)), errors)
    expires_at = datetime.now(UTC) + timedelta(days=given.days)
    try:
        made = actions.invite(
            survey,
            given.customer,
            campaign=given.campaign,
            language=given.language,
            touchpoint=given.touchpoint,
            channel=given.channel,
            expires_at=expires_at,
            facts=given.facts,
        )
    except AskingError as error:
        raise Problem(422, str(error)) from error
    return {"address": address(request, made.path), "expires_at": expires_at}


def _listed(survey: Survey, doors: int) -> dict[str, Any]:
    counted = queries.invited(survey.id)
    return {
        "id": survey.id,
        "version": survey.version,
        "titles": dict(survey.title),
        "languages": list(survey.languages),
        "anonymous": survey.anonymous,
        "questions": len(survey.questions),
        "doors": doors,
        "invited": counted.made,
        "answered": None if is_few(counted.answered) else counted.answered,
    }


def _course(survey_id: str) -> Course:
    found = courses.asked(survey_id)
    if found is None:
        raise Http404(_("There is no survey of this name that is asked."))
    return found


def _way(survey: Survey, given: Answered) -> Way:
    """Return where an answer comes from. Raises Problem for what does not fit together."""
    errors = list(_wrong(survey, given))
    way: Way | None = None
    if given.door and not errors:
        try:
            way = ways.by_door(given.door)
        except SpentError:
            way = None
        if way is None or way.survey != survey.id:
            rule = _("There is no open door of this code to this survey.")
            errors.append(WrongField(field="body.door", rule=rule, value=given.door))
    if errors:
        raise Problem(422, " ".join((_("Nothing was kept."), broken(len(errors)))), errors)
    if way is None:
        way = Way(key="a:", survey=survey.id, touchpoint=given.touchpoint, channel=given.channel)
    return ways.of_customer(way, given.customer)


def _wrong(survey: Survey, given: Answered) -> "list[WrongField]":
    found = []
    if given.channel not in CHANNELS:
        rule = _("must be one of: {allowed}").format(allowed=", ".join(CHANNELS))
        found.append(WrongField(field="body.channel", rule=rule, value=given.channel))
    if not given.door and not given.touchpoint.strip():
        rule = _("Say a door, or at which touchpoint it was asked.")
        found.append(WrongField(field="body.touchpoint", rule=rule))
    if survey.anonymous and (given.customer or given.at):
        rule = _("An answer to an anonymous survey names nobody and no time.")
        name = "customer" if given.customer else "at"
        found.append(WrongField(field=f"body.{name}", rule=rule))
    found += _nobody(given.customer, GONE, PASSING)
    if given.at and given.at > datetime.now(UTC) + _CLOCKS_DIFFER:
        found.append(WrongField(field="body.at", rule=_("must not lie in the future")))
    if given.at and given.at.year < 1970:
        found.append(WrongField(field="body.at", rule=_("must be in 1970 or later")))
    return found


def _nobody(customer: str, *beginnings: str) -> "list[WrongField]":
    """Return what is wrong where a reference can be no customer's here."""
    if not customer.lower().startswith(beginnings):
        return []
    rule = _("must be somebody's reference, such as email:ada@example.org; %(begin)s is nobody's")
    words = rule % {"begin": " / ".join(beginnings)}
    return [WrongField(field="body.customer", rule=words, value=customer)]


def _response(survey: str, sent: str) -> str:
    """Return the id of a response: the same for what is sent again under the sender's id."""
    if not sent:
        return new_id()
    made = salted_hmac("percorso.surveys.api", f"{survey}\0{sent}", algorithm="sha256")
    return made.hexdigest()[:32]
