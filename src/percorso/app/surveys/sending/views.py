"""The pages of sending: rules and campaigns, a dry run of each, and the message as it arrives."""

from typing import Any, Final

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso import labels
from percorso.app import company
from percorso.app.accounts.asking import user_of
from percorso.app.filters.scope import choices
from percorso.app.outbox import queries as outbox
from percorso.app.surveys import actions as asking
from percorso.app.surveys.building.queries import title_of
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.sending import actions, letter, queries, trial, words
from percorso.app.surveys.sending.forms import CampaignForm, RuleForm, SendingForm
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.app.ui.access import may_look, may_manage_sending, opens_to
from percorso.contacts import ContactsError
from percorso.i18n import gettext as _
from percorso.log.errors import LogBusyError
from percorso.segments import SegmentError
from percorso.surveys import Survey

_FORMS: Final[dict[str, type[SendingForm]]] = {"rule": RuleForm, "campaign": CampaignForm}
_MODELS: Final[dict[str, type[Rule] | type[Campaign]]] = {"rule": Rule, "campaign": Campaign}
#: A message carries its own look, for mail programs load none. Nothing else is let in.
_A_MESSAGE: Final = {"style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF], "script-src": []}
_TONES: Final = {
    "active": "good",
    "to come": "still",
    "under way": "good",
    "done": "still",
    "paused": "warn",
    "trouble": "bad",
    "send": "good",
    "wait": "still",
    "never": "still",
}


def _health_words() -> dict[str, str]:
    return {
        "active": _("asks"),
        "to come": _("begins later"),
        "under way": _("under way"),
        "done": _("everybody was considered"),
        "paused": _("paused"),
        "trouble": _("cannot ask"),
        "send": _("asked now"),
        "wait": _("waits"),
        "never": _("not asked"),
    }


@opens_to(may_look)
@require_GET
def listed(request: HttpRequest, survey: str = "") -> HttpResponse:
    """List what sends surveys by e-mail, of one survey or all."""
    rows = queries.listed(survey)
    shown = {
        "rows": rows,
        "of": survey,
        "survey_title": title_of(survey) if survey else "",
        "titles": {each: title_of(each) for each in {row.survey for row in rows}},
        "segments": {each: labels.segment(each) for each in {row.segment for row in rows}},
        "askable": _askable(survey),
        "standing": outbox.standing(),
        **_words(),
    }
    return render(request, "surveys/sending/list.html", shown)


@opens_to(may_manage_sending)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # it types views without arguments
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, survey: str, kind: str) -> HttpResponse:
    """Make a rule or a campaign; or see first whom it would ask."""
    if kind not in _FORMS:
        raise Http404
    asked = _asked(survey)
    form = _form(kind, asked, request, {"name": _name(asked)})
    tried: trial.Trial | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "try":
                tried = _tried(kind, form)
            else:
                made = _add(request, kind, form)
                messages.success(request, _started(made))
                return redirect("surveys:sender", kind, made.pk)
        except (AskingError, ContactsError, SegmentError, LogBusyError) as error:
            form.add_error(None, str(error))
    return _page(request, kind, form, asked, tried=tried)


@opens_to(may_manage_sending)
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # it types views without arguments
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Show a rule or campaign; change a rule; see whom it would ask today."""
    found = _found(kind, number)
    try:
        asked: Survey | None = asking.published(found.survey)
    except AskingError:
        asked = None
    if asked is None:
        shown = {
            "sending": queries.shown(found),
            "survey": found.survey,
            "survey_title": title_of(found.survey),
            **_words(),
        }
        return render(request, "surveys/sending/one.html", shown)
    form = _form(kind, asked, request, _FORMS[kind].initial_of(found))
    tried: trial.Trial | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "try":
                tried = _tried(kind, form)
            elif kind == "rule":
                actions.change_rule(user_of(request), number, form.given)
                messages.success(request, _("The rule was changed."))
                return redirect("surveys:sender", kind, number)
        except (AskingError, ContactsError, SegmentError, LogBusyError) as error:
            form.add_error(None, str(error))
    return _page(request, kind, form, asked, tried=tried, found=found)


@opens_to(may_manage_sending)
@require_POST
def act(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Pause, resume or end a rule or campaign."""
    found, by = _found(kind, number), user_of(request)
    match request.POST.get("do"):
        case "pause":
            actions.pause(by, found)
        case "resume":
            actions.resume(by, found)
        case "end":
            survey = found.survey
            waiting = actions.end(by, found)
            said = _("It was stopped. {n} were still waiting, and are not asked.")
            messages.success(request, said.format(n=waiting))
            return redirect("surveys:sending", survey)
    return redirect("surveys:sender", kind, number)


@opens_to(may_manage_sending)
@require_GET
@xframe_options_sameorigin
@csp_replace(_A_MESSAGE)  # type: ignore[arg-type] # it types views without arguments
def mail(request: HttpRequest, survey: str) -> HttpResponse:
    """Show the message as it arrives, in a language, to somebody called Ada Bianchi."""
    asked = _asked(survey)
    language = request.GET.get("language", "")
    sending = Rule(
        survey=asked.id,
        subject={language: request.GET.get("subject", "")[:150]},
        opening={language: request.GET.get("opening", "")[:1500]},
    )
    written = letter.write(
        asked,
        sending,
        language=language,
        facts={"first_name": "Ada", "last_name": "Bianchi", "name": "Ada Bianchi"},
        # Nothing of it leads anywhere.
        links=letter.Links(survey="#", choices="#", leave=""),
        company=company.workspace().settings.company,
        postal=outbox.postal(),
    )
    if request.GET.get("as") == "text":
        return HttpResponse(written.body.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(written.body.html)


def _page(
    request: HttpRequest,
    kind: str,
    form: SendingForm,
    asked: Survey,
    *,
    tried: trial.Trial | None = None,
    found: Rule | Campaign | None = None,
) -> HttpResponse:
    shown = {
        "form": form,
        "kind": kind,
        "survey": asked.id,
        "survey_title": title_of(asked.id),
        "asked": asked,
        "tried": tried,
        "sending": queries.shown(found) if found else None,
        "mails": _mails(form),
        "standing": outbox.standing(),
        **_words(),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/sending/one.html", shown, status=status)


def _mails(form: SendingForm) -> list[tuple[str, dict[str, str]]]:
    """Return for each language of the survey what the frame with the message is asked with."""
    return [
        (
            labels.language(each),
            {
                "language": each,
                "subject": str(form[f"subject_{each}"].value() or ""),
                "opening": str(form[f"opening_{each}"].value() or ""),
            },
        )
        for each in form.survey.languages
    ]


def _form(kind: str, asked: Survey, request: HttpRequest, initial: dict[str, Any]) -> SendingForm:
    log = company.log()
    return _FORMS[kind](
        request.POST or None,
        initial=initial,
        survey=asked,
        segments=queries.segments(),
        touchpoints=choices(log).touchpoints if log.summary().interactions else (),
    )


def _tried(kind: str, form: SendingForm) -> trial.Trial:
    if kind == "rule":
        made: Rule | Campaign = Rule(**form.given, since=timezone.now(), log_version=0)
    else:
        made = Campaign(**form.given)
    # Afterwards: what begins now has begun.
    return trial.run(company.log(), made, timezone.now())


def _add(request: HttpRequest, kind: str, form: SendingForm) -> Rule | Campaign:
    if kind == "rule":
        return actions.add_rule(user_of(request), form.given)
    return actions.add_campaign(user_of(request), form.given)


def _started(made: Rule | Campaign) -> str:
    if isinstance(made, Rule):
        return _("The rule asks from now on.")
    if made.starts_at > timezone.now():
        return _("The campaign begins when its time comes.")
    return _("The campaign begins in the next seconds.")


def _name(asked: Survey) -> str:
    return asked.say(asked.title, asked.languages[0])[:80]


def _asked(survey: str) -> Survey:
    try:
        return asking.published(survey)
    except AskingError as error:
        raise Http404 from error


def _askable(survey: str) -> bool:
    if not survey:
        return False
    try:
        asking.published(survey)
    except AskingError:
        return False
    return True


def _found(kind: str, number: int) -> Rule | Campaign:
    found = queries.one(kind, number) if kind in _MODELS else None
    if found is None:
        raise Http404
    return found


def _words() -> dict[str, Any]:
    return {"healths": _health_words(), "tones": _TONES, "after_words": words.after()}
