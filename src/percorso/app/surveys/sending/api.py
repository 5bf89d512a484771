"""Rules and campaigns for programs: who is sent a survey by e-mail, after what, and whom now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Status

from percorso import labels
from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.accounts.tokens import Caller
from percorso.app.api.asked import refuse_others
from percorso.app.api.auth import Token, caller
from percorso.app.api.fields import Number
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, ProblemDetails, WrongField, broken
from percorso.app.connectors import phrases
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.sending import actions, queries, trial
from percorso.app.surveys.sending.models import Campaign, Rule, Sending
from percorso.app.surveys.sending.shapes import (
    CHANGEABLE,
    DryRun,
    DryRunPerson,
    NewSurveyCampaign,
    NewSurveyRule,
    SendingEnded,
    SurveyCampaign,
    SurveyCampaignChange,
    SurveyRule,
    SurveyRuleChange,
)
from percorso.app.ui.components import is_few
from percorso.contacts import ContactsError
from percorso.estimation import may_be_shown
from percorso.segments import SegmentError
from percorso.surveys import Surveys

operations = router("Sending surveys by e-mail")

_ABSENT: Final = {404: ProblemDetails}
#: What cannot be read, or is too large to be.
_UNREAD: Final = {400: ProblemDetails, 413: ProblemDetails}
#: Who sees whom it would ask.
_PEOPLE: Final = "read:customers"
_PRIORITIES: Final = {"first": 10, "normal": 0, "last": -10}
_TIMES: Final = ("starts_at", "finished_at")
_Either = TypeVar("_Either", bound=Rule | Campaign)


@operations.get(
    "/surveys/{survey}/rules",
    response={200: list[SurveyRule], **_ABSENT, **ERRORS},
    auth=Token("read:figures"),
    summary="The rules that send a survey",
)
def rules(request: HttpRequest, survey: str) -> Any:
    """Return the rules of a survey, those that go before others first.

    `state` is active, paused or trouble. Scope: `read:figures`.
    """
    return _listed(request, "rule", survey, Rule.objects.filter(survey=survey))


@operations.post(
    "/surveys/{survey}/rules",
    response={201: SurveyRule, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Send a survey after something happens",
)
def add_rule(request: HttpRequest, survey: str, given: NewSurveyRule) -> Any:
    """Add a rule. It looks at what happens from now on, and asks nobody while it is paused.

    Only who agreed is asked, and never more often than the contact budget allows. Make it
    `"paused": true` to see first whom it would ask. Scope: `write:sending`.
    """
    return _added(request, survey, given, actions.add_rule)


@operations.patch(
    "/surveys/{survey}/rules/{number}",
    response={200: SurveyRule, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Change, pause or resume a rule",
)
def change_rule(request: HttpRequest, survey: str, number: Number, given: SurveyRuleChange) -> Any:
    """Change a rule; what it decided before stays. `paused` lets it rest, or go on.

    While it rests, what waits of it is kept; when it goes on it looks at what happens from then on.
    Scope: `write:sending`.
    """
    refuse_others(request, ())
    by = caller(request)
    changed = {name: each for name, each in given.dict().items() if each is not None}
    paused = changed.pop("paused", None)
    with _explained(changed), transaction.atomic():
        found = _found(Rule, survey, number)
        if changed:
            stands = {name: getattr(found, name) for name in CHANGEABLE}
            whole = {**stands, **_plain(survey, changed)}
            found = actions.change_rule(by.person, number, whole, by.name)
        _rest(by, found, paused=paused)
    return _one(_found(Rule, survey, number))


@operations.delete(
    "/surveys/{survey}/rules/{number}",
    response={200: SendingEnded, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Stop a rule for good",
)
def end_rule(request: HttpRequest, survey: str, number: Number) -> Any:
    """Stop a rule: who waits for it is not asked. What was sent stays, and its links work.

    Scope: `write:sending`.
    """
    return _end(request, Rule, survey, number)


@operations.get(
    "/surveys/{survey}/rules/{number}/dry-run",
    response={200: DryRun, **_ABSENT, **ERRORS},
    auth=Token("read:figures"),
    summary="Whom a rule would ask now",
)
def try_rule(request: HttpRequest, survey: str, number: Number) -> Any:
    """Return whom it would ask of the last days, how many not, and why; nothing is sent.

    Scope: `read:figures`; with `read:customers` too, also who they are, which is noted in the
    trail.
    """
    return _tried(request, Rule, survey, number)


@operations.get(
    "/surveys/{survey}/campaigns",
    response={200: list[SurveyCampaign], **_ABSENT, **ERRORS},
    auth=Token("read:figures"),
    summary="The campaigns that send a survey",
)
def campaigns(request: HttpRequest, survey: str) -> Any:
    """Return the campaigns of a survey, the latest first.

    `state` is to come, under way, done, paused or trouble. Scope: `read:figures`.
    """
    return _listed(request, "campaign", survey, Campaign.objects.filter(survey=survey))


@operations.post(
    "/surveys/{survey}/campaigns",
    response={201: SurveyCampaign, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Send a survey once to a segment",
)
def add_campaign(request: HttpRequest, survey: str, given: NewSurveyCampaign) -> Any:
    """Add a campaign. It begins when its time comes, and asks nobody while it is paused.

    Only who agreed is asked, and never more often than the contact budget allows. Make it
    `"paused": true` to see first whom it would ask. Scope: `write:sending`.
    """
    return _added(request, survey, given, actions.add_campaign)


@operations.patch(
    "/surveys/{survey}/campaigns/{number}",
    response={200: SurveyCampaign, **_UNREAD, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Pause or resume a campaign",
)
def change_campaign(
    request: HttpRequest, survey: str, number: Number, given: SurveyCampaignChange
) -> Any:
    """Let a campaign rest, or go on where it was. Scope: `write:sending`."""
    refuse_others(request, ())
    with transaction.atomic():
        _rest(caller(request), _found(Campaign, survey, number), paused=given.paused)
    return _one(_found(Campaign, survey, number))


@operations.delete(
    "/surveys/{survey}/campaigns/{number}",
    response={200: SendingEnded, **_ABSENT, **ERRORS},
    auth=Token("write:sending"),
    summary="Stop a campaign for good",
)
def end_campaign(request: HttpRequest, survey: str, number: Number) -> Any:
    """Stop a campaign: who waits for it is not asked. What was sent stays, and its links work.

    Scope: `write:sending`.
    """
    return _end(request, Campaign, survey, number)


@operations.get(
    "/surveys/{survey}/campaigns/{number}/dry-run",
    response={200: DryRun, **_ABSENT, **ERRORS},
    auth=Token("read:figures"),
    summary="Whom a campaign would ask now",
)
def try_campaign(request: HttpRequest, survey: str, number: Number) -> Any:
    """Return whom it would ask next, how many not, and why; nothing is sent.

    Scope: `read:figures`; with `read:customers` too, also who they are, which is noted in the
    trail.
    """
    return _tried(request, Campaign, survey, number)


# What they share


def _check_survey(survey: str) -> None:
    if survey not in Surveys(company.workspace()).ids():
        raise Http404(_("There is no survey of this name."))


def _found(model: type[_Either], survey: str, number: int) -> _Either:
    every: Any = model.objects
    found: _Either | None = every.filter(pk=number, survey=survey).first()
    if found is None:
        raise Http404(_("There is no such rule or campaign any more."))
    return found


def _plain(survey: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given as the actions take it."""
    known = {name: each for name, each in given.items() if name != "paused"}
    if "priority" in known:
        known["priority"] = _PRIORITIES[known["priority"]]
    for name in ("subject", "opening"):
        if name in known:
            known[name] = {language: said for language, said in known[name].items() if said}
    return {**known, "survey": survey}


def _rest(by: Caller, sending: Rule | Campaign, *, paused: bool | None) -> None:
    if paused is not None:
        (actions.pause if paused else actions.resume)(by.person, sending, by.name)


def _end(
    request: HttpRequest, model: type[Rule] | type[Campaign], survey: str, number: int
) -> Mapping[str, int]:
    refuse_others(request, ())
    by = caller(request)
    return {"waiting": actions.end(by.person, _found(model, survey, number), by.name)}


@contextmanager
def _explained(given: Mapping[str, Any]) -> Iterator[None]:
    """Have what an action refuses answered with the field, the rule and the value."""
    try:
        yield
    except AskingError as error:
        if not error.field:
            raise Problem(422, str(error)) from error
        name, _dot, language = error.field.partition(".")
        value = given.get(name)
        raise _wrong(
            error.field, str(error), value.get(language) if isinstance(value, dict) else value
        ) from error


def _wrong(field: str, rule: str, value: Any) -> Problem:
    shown = None if value is None else str(value)[:200]
    return Problem(422, broken(1), [WrongField(field=f"body.{field}", rule=rule, value=shown)])


def _added(
    request: HttpRequest,
    survey: str,
    given: NewSurveyRule | NewSurveyCampaign,
    add: Callable[[User, Mapping[str, Any], str], Rule | Campaign],
) -> Status[dict[str, Any]]:
    refuse_others(request, ())
    _check_survey(survey)
    by = caller(request)
    with _explained(given.dict()), transaction.atomic():
        made = add(by.person, _plain(survey, given.dict()), by.name)
        if given.paused:
            actions.pause(by.person, made, by.name)
    return Status(201, _one(made))


def _listed(
    request: HttpRequest, kind: str, survey: str, found: Iterable[Rule | Campaign]
) -> list[dict[str, Any]]:
    refuse_others(request, ())
    _check_survey(survey)
    shown = {each.id: each for each in queries.listed(survey) if each.kind == kind}
    return [_said(each, shown[each.pk]) for each in found if each.pk in shown]


def _one(sending: Rule | Campaign) -> dict[str, Any]:
    return _said(sending, queries.shown(sending))


def _said(sending: Rule | Campaign, shown: queries.Shown) -> dict[str, Any]:
    same = ("name", "survey", "segment", "share", "wanted_days", "open_days", "touchpoint")
    own = ("kind", "only_at", "delay_hours") if isinstance(sending, Rule) else _TIMES
    trouble = phrases.read(sending.trouble)
    return {
        **{name: getattr(sending, name) for name in (*same, *own, "subject", "opening", "made_at")},
        "id": sending.tag,
        "number": sending.pk,
        "state": shown.health,
        "trouble": labels.phrase(trouble) if trouble else "",
        "priority": _priority(sending),
        "invited": shown.invited,
        "answered": None if is_few(shown.answered) else shown.answered,
    }


def _priority(sending: Sending) -> str:
    return next(
        (name for name, value in _PRIORITIES.items() if value == sending.priority), "normal"
    )


def _tried(
    request: HttpRequest, model: type[Rule] | type[Campaign], survey: str, number: int
) -> dict[str, Any]:
    refuse_others(request, ())
    by, found = caller(request), _found(model, survey, number)
    try:
        tried = trial.run(company.log(), found, timezone.now())
    except SegmentError as error:
        raise Problem(422, str(error)) from error
    except ContactsError as error:
        said = _("The contact budget cannot be read: the page Outbox says why.")
        raise Problem(503, said) from error
    if _PEOPLE not in by.scopes:
        return _without_few(tried)
    actions.note_trial(by.person, found, by.name)
    names = ("of", "total", "send", "wait", "never")
    people = [
        {name: getattr(each, name) for name in DryRunPerson.model_fields} for each in tried.seen
    ]
    return {
        **{name: getattr(tried, name) for name in names},
        "reasons": _reasons(tried),
        "more": tried.cut,
        "people": people,
    }


def _reasons(tried: trial.Trial) -> list[dict[str, Any]]:
    return [{"outcome": outcome, "why": why, "count": n} for outcome, why, n in tried.reasons]


def _without_few(tried: trial.Trial) -> dict[str, Any]:
    """Return the counts, but those that tell of few, by themselves or as what is left of a sum.

    How many there are in all may be known from elsewhere (the page of a segment, other figures):
    so where one count is hidden, others are, until those who are hidden are 5 together.
    """
    visible = may_be_shown([n for _outcome, _why, n in tried.reasons])
    reasons = [
        {**each, "count": each["count"] if may else None}
        for each, may in zip(_reasons(tried), visible, strict=True)
    ]
    hidden = {each["outcome"] for each in reasons if each["count"] is None}
    return {
        "of": tried.of,
        "total": None if is_few(tried.total) else tried.total,
        **{
            name: None if name in hidden else getattr(tried, name)
            for name in ("send", "wait", "never")
        },
        "reasons": reasons,
        "more": tried.cut,
        "people": None,
    }
