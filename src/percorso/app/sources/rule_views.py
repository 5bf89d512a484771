"""The pages of mapping rules: what holds, the company's own to edit and try, a rule in one step."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from percorso import labels
from percorso.app.accounts.asking import user_of
from percorso.app.sources import arrivals, mapping
from percorso.app.sources.forms import RuleForm
from percorso.app.sources.mapping import RulesError, Unknown
from percorso.app.sources.words import FIELDS, field_value, why
from percorso.app.ui.access import may_edit_rules, may_look, opens_to
from percorso.live import InboxError

if TYPE_CHECKING:
    from percorso.live.mapping import Changed, Rule, Trial

_AGAIN: Final = gettext_lazy(
    "What came in the last 7 days and no rule knew is read again in the next seconds."
)


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule in words: for which events, and what they become."""

    when: tuple[str, ...]
    where: tuple[str, ...]
    makes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownTrial:
    """A trial: rows by kind before and after, and examples, field by field."""

    events: int
    changed: int
    rejected_before: int
    rejected_after: int
    kinds: tuple[tuple[str, int, int], ...]
    examples: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


@opens_to(may_look, change=may_edit_rules)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules; check, try and save the company's own."""
    if request.method == "GET":
        kept = mapping.written()
        return _rules(request, kept.text, kept.version)
    text = request.POST.get("rules", "").replace("\r\n", "\n")
    version = request.POST.get("version", "")
    try:
        match request.POST.get("do"):
            case "save":
                mapping.save(user_of(request), text, version)
                messages.success(
                    request, _("The rules are saved. They hold for what arrives from now on.")
                )
                return redirect("sources:rules")
            case "again":
                mapping.read_again(user_of(request))
                messages.success(request, _AGAIN)
                return redirect("sources:rules")
            case "try":
                return _rules(request, text, version, trial=_shown_trial(mapping.try_out(text)))
            case _:
                count = mapping.check(text).own
                return _rules(request, text, version, fits=count)
    except RulesError as error:
        return _rules(request, text, version, error=error)
    except (InboxError, OSError) as error:
        return _rules(request, text, version, error=RulesError(why(error)))


def _rules(
    request: HttpRequest,
    text: str,
    version: str,
    *,
    trial: ShownTrial | None = None,
    fits: int | None = None,
    error: RulesError | None = None,
) -> HttpResponse:
    own: tuple[Rule, ...] = ()
    shipped: tuple[Rule, ...] = ()
    try:
        own, shipped = mapping.rules_in_force()
    except RulesError as broken:
        # Somebody edited the file itself: until it makes sense, nothing is drained.
        error = error or broken
    shown = {
        "own": [_shown(each) for each in own],
        "shipped": [_shown(each) for each in shipped],
        "text": text,
        "version": version,
        "trial": trial,
        "fits": fits,
        "error": error,
        "wrong_line": _line(text, error.line) if error and error.line else "",
    }
    status = 422 if error and request.method == "POST" else 200
    return render(request, "sources/rules.html", shown, status=status)


@opens_to(may_edit_rules)
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Say in one step what events of a name are."""
    found = _unknown(request)
    form = RuleForm(request.POST or None, properties=found.properties)
    trial: ShownTrial | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "try":
                trial = _shown_trial(mapping.try_rule(found.call, found.name, form.made))
            else:
                return _added(request, found, form)
        except (RulesError, InboxError, OSError) as error:
            form.add_error(None, why(error))
    shown = {
        "unknown": found,
        "form": form,
        "last_at": arrivals.as_time(found.last_at),
        "trial": trial,
    }
    status = 422 if form.errors else 200
    return render(request, "sources/new_rule.html", shown, status=status)


def _added(request: HttpRequest, found: Unknown, form: RuleForm) -> HttpResponse:
    mapping.add_rule(user_of(request), found.call, found.name, form.made)
    words = _("From now on “%(name)s” is known.") % {"name": found.name}
    if form.cleaned_data["again"]:
        mapping.read_again(user_of(request))
        words = f"{words} {_AGAIN}"
    messages.success(request, words)
    return redirect("sources:unmapped")


def _unknown(request: HttpRequest) -> Unknown:
    given = request.POST if request.method == "POST" else request.GET
    asked = (given.get("source", ""), given.get("call", ""), given.get("name", ""))
    for each in mapping.unknown():
        if (each.source, each.call, each.name) == asked:
            return each
    raise Http404


def _shown(rule: "Rule") -> ShownRule:
    where = [f"{path} = {_or(values)}" for path, values in rule.where]
    if rule.sources:
        where.append(_("from %(sources)s") % {"sources": _or(rule.sources)})
    return ShownRule(
        when=rule.events or rule.types or ("*",),
        where=tuple(where),
        makes=(
            (_("not wanted in the log"),)
            if rule.drop
            else tuple(labels.kind(each.kind) for each in (rule.makes, *rule.also))
        ),
    )


def _or(values: tuple[str, ...]) -> str:
    return _(" or ").join(values)


def _shown_trial(trial: "Trial") -> ShownTrial:
    kinds = sorted(
        {*trial.kinds_before, *trial.kinds_after},
        key=lambda each: -max(trial.kinds_before.get(each, 0), trial.kinds_after.get(each, 0)),
    )
    return ShownTrial(
        trial.events,
        trial.changed,
        trial.rejected_before,
        trial.rejected_after,
        tuple(
            (labels.kind(each), trial.kinds_before.get(each, 0), trial.kinds_after.get(each, 0))
            for each in kinds
        ),
        tuple((each.name, _differences(each)) for each in trial.examples),
    )


def _differences(changed: "Changed") -> tuple[tuple[str, str, str], ...]:
    before, after = changed.before or {}, changed.after or {}
    return tuple(
        (str(FIELDS.get(name, name)), _value(name, before), _value(name, after))
        for name in FIELDS
        if before.get(name) != after.get(name)
    )


def _value(name: str, row: dict[str, object]) -> str:
    value = row.get(name)
    if value is None:
        return "–"
    return field_value(name, value)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
