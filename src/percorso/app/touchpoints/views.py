"""The pages of touchpoints: the list with its coverage, one of them, and how alike they are."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app import company
from percorso.app.filters import Filter, Scope, provenance, scope
from percorso.app.filters.emptiness import nothing_yet
from percorso.app.touchpoints import compared, evidence, plain, queries, shown
from percorso.app.touchpoints.actions import FROM_LOG
from percorso.app.touchpoints.forms import EvidenceForm, WantForm, about
from percorso.app.touchpoints.queries import Kept, Seen
from percorso.app.ui.access import may_edit_touchpoints, may_look, may_see_customers, opens_to
from percorso.app.ui.components import few_or
from percorso.app.ui.export import csv_file
from percorso.app.ui.fragment import show
from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _
from percorso.journey_map.touchpoints import Coverage, cover
from percorso.touchpoints import READY, Belief, Touchpoint, ready

if TYPE_CHECKING:
    from percorso.journey_map.touchpoints import Traffic
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the registry can begin with: what the log has found, or a ready list."""

    value: str
    words: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Want:
    """What customers are believed to want, with its evidence."""

    id: str
    about: str
    text: str
    phase: str
    by: str
    evidence: tuple[evidence.EvidenceShown, ...]


@opens_to(may_look)
@require_GET
def touchpoints(request: HttpRequest) -> HttpResponse:
    """Show every touchpoint, described or only seen, and what is left open."""
    log, kept = company.log(), queries.kept()
    if kept.problem:
        return show(request, "touchpoints/list.html", {"problem": kept.problem})
    asked = _asked(request, log)
    seen, part = _seen(asked, kept)
    coverage = cover(seen.rows, kept.touchpoints)
    if not seen.rows:
        # Of an empty log it is no news that a touchpoint is not in it.
        coverage = replace(coverage, unseen=())
    rows = shown.rows(kept, seen, part, coverage)
    point = request.GET.get("open", "")
    own = {"open": point} if point in shown.OPEN else {}

    def link(**changes: str) -> str:
        return asked.chosen.address(own, **changes)

    narrowed = _narrowed(rows, part, coverage, asked.chosen, own.get("open", ""))
    context = {
        "kept": bool(kept.touchpoints),
        "headline": _headline(kept, seen, coverage),
        "rows": narrowed,
        "left_out": len(rows) - len(narrowed),
        "phases": shown.phases(rows, asked.chosen.phase, link),
        "open_points": shown.open_points(coverage, own.get("open", ""), link),
        "beginnings": _beginnings(coverage),
        "empty_log": asked.empty,
        "bar": asked.bar(own),
        "csv": reverse("touchpoints:csv") + asked.chosen.address(),
        "provenance": provenance(asked),
    }
    return show(request, "touchpoints/list.html", context, address=link())


def _asked(request: HttpRequest, log: "Log") -> Scope:
    """Return the part of the log that is asked about: since the beginning, for pages of a list."""
    query = {**queries.WHOLE, **request.GET.dict()}
    return scope(log, query, known=may_see_customers(request.user))


def _seen(asked: Scope, kept: Kept) -> tuple[Seen, Seen]:
    """Return what happened at the touchpoints in all of the log, and in the part asked about."""
    seen = queries.seen(asked.log, kept.touchpoints)
    if not seen.rows:
        return seen, seen
    return seen, queries.seen_in(asked.log, asked.selection, asked.key, kept.touchpoints)


def _narrowed(
    rows: list[shown.Row], part: Seen, coverage: Coverage, chosen: Filter, point: str
) -> list[shown.Row]:
    """Return the rows that serve the phase, have what is left open, and where it happened."""
    if chosen.phase:
        rows = [each for each in rows if chosen.phase in each.phases]
    if point:
        keys = {*shown.keys_of(coverage)[point]}
        rows = [each for each in rows if each.key in keys]
    if chosen.touchpoint or chosen.channel:
        rows = [each for each in rows if part.of(each.key)]
    return rows


def _headline(kept: Kept, seen: Seen, coverage: Coverage) -> str:
    count = len(kept.touchpoints)
    if not count:
        return (
            ngettext(
                "The log knows {n} touchpoint; nobody described it yet.",
                "The log knows {n} touchpoints; nobody described them yet.",
                len(seen.rows),
            ).format(n=labels.number(len(seen.rows)))
            if seen.rows
            else _("Where do customers meet your company?")
        )
    words = ngettext("{n} touchpoint", "{n} touchpoints", count).format(n=labels.number(count))
    if coverage.phases_without:
        names = ", ".join(labels.phase(each) for each in coverage.phases_without)
        return ngettext(
            "{touchpoints}, and none for this phase: {phases}.",
            "{touchpoints}, and none for these phases: {phases}.",
            len(coverage.phases_without),
        ).format(touchpoints=words, phases=names)
    if coverage.complete:
        return _("{touchpoints}, and nothing is left open.").format(touchpoints=words)
    return _("{touchpoints}, at least one for every phase.").format(touchpoints=words)


def _beginnings(coverage: Coverage) -> list[Beginning]:
    found = []
    new = coverage.not_described
    if new:
        found.append(
            Beginning(
                FROM_LOG,
                _("What the log has found"),
                ngettext(
                    "{n} touchpoint, with its channel and phases as they are.",
                    "{n} touchpoints, with their channels and phases as they are.",
                    len(new),
                ).format(n=labels.number(len(new))),
                tuple(each.name for each in new),
            )
        )
    words = {
        "shop": _("A shop"),
        "ecommerce": _("An e-commerce"),
        "service": _("A service company"),
    }
    for name in READY:
        start = ready(name, current_language())
        text = _("{n} usual touchpoints, with needs and a strategy to make your own.").format(
            n=labels.number(len(start.touchpoints))
        )
        names = tuple(each.name for each in start.touchpoints)
        found.append(Beginning(name, words[name], text, names))
    return found


@opens_to(may_look)
@require_GET
def touchpoint(request: HttpRequest, touchpoint_id: str) -> HttpResponse:
    """Show one touchpoint."""
    return show_one(request, touchpoint_id)


def show_one(
    request: HttpRequest,
    touchpoint_id: str,
    *,
    want: WantForm | None = None,
    adding: EvidenceForm | None = None,
    adding_to: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show one touchpoint, with a form that somebody filled in wrongly."""
    log, kept = company.log(), queries.kept()
    given = kept.find(touchpoint_id)
    if given is None:
        raise Http404
    traffic = queries.seen(log, kept.touchpoints).of(given.id)
    may_edit = may_edit_touchpoints(request.user)
    context = {
        "given": given,
        "channel": labels.channel(given.channel),
        "online": shown.online(given.online),
        "traffic": _traffic(log, traffic),
        "names": [each for each in traffic.names if each != given.name] if traffic else [],
        **_compared(log, kept, given),
        "phases": shown.phases_here(given, traffic),
        **_rules(log, given, traffic),
        "wants": _wants(log, kept.of(given.id), traffic),
        "options": evidence.options(log) if may_edit else (),
        "want": want or WantForm(),
        "adding": adding or EvidenceForm(),
        "adding_to": adding_to,
        "problems": reverse("problems:list") + _at(traffic),
        "texts": reverse("voice:texts") + _at(traffic),
        "changed": _changed(log, given),
    }
    response = show(request, "touchpoints/one.html", context)
    response.status_code = status
    return response


def _traffic(log: "Log", traffic: "Traffic | None") -> dict[str, str] | None:
    if traffic is None:
        return None
    zone = log.workspace.settings.zone_info
    return {
        "interactions": shown.interactions(traffic) or labels.NOTHING,
        "customers": few_or(traffic.customers),
        "first": labels.day(traffic.first, zone),
        "last": labels.day(traffic.last, zone),
        "listening": shown.listening(traffic) or _("nobody listens"),
        "channels": ", ".join(labels.channel(each) for each in traffic.channels),
        "kinds": ", ".join(labels.kind(each) for each in traffic.kinds),
    }


def _compared(log: "Log", kept: Kept, given: Touchpoint) -> dict[str, Any]:
    usual = queries.whole(log)
    if usual.empty:
        return {"figures": ()}
    if not queries.at_hand(usual, kept.touchpoints):
        # After a change the worker does it: whoever looks need not wait.
        return {"figures": (), "figures_wait": True}
    found = queries.compared(usual, kept.touchpoints)
    place = next((each for each in found.places if each.id == given.id), None)
    own = [each for each in found.gaps if each.id == given.id]
    figures = compared.figures(place, own, compared.most_of(found)) if place else ()
    return {"figures": figures}


def _rules(log: "Log", given: Touchpoint, traffic: "Traffic | None") -> dict[str, Any]:
    from percorso.log.phases import load_general_rules

    general = load_general_rules(log.workspace)
    return {
        "own_rules": [shown.own_rule(each) for each in given.rules],
        "general_rules": shown.general_rules(general.rules, traffic) if traffic else (),
        "otherwise": labels.phase(general.otherwise),
    }


def _wants(
    log: "Log", beliefs: tuple[Belief, ...], traffic: "Traffic | None"
) -> list[tuple[str, list[Want]]]:
    """Return what is believed, under what it is about."""
    groups: dict[str, list[Want]] = {}
    for each in beliefs:
        words = str(about(each.about))
        groups.setdefault(words, []).append(
            Want(
                each.id,
                words,
                each.text,
                labels.phase(each.phase) if each.phase else "",
                each.by,
                evidence.shown(log, each, traffic),
            )
        )
    return list(groups.items())


def _at(traffic: "Traffic | None") -> str:
    from urllib.parse import urlencode

    if traffic is None:
        return "?period=all"
    return "?" + urlencode({"period": "all", "touchpoint": traffic.names[0]})


def _changed(log: "Log", given: Touchpoint) -> str:
    if not given.at:
        return ""
    day = labels.day(given.at, log.workspace.settings.zone_info)
    return _("Last changed by {who} on {day}.").format(who=given.by, day=day)


@opens_to(may_look)
@require_GET
def consistency(request: HttpRequest) -> HttpResponse:
    """Compare the touchpoints with one another."""
    log, kept = company.log(), queries.kept()
    if kept.problem:
        return show(request, "touchpoints/consistency.html", {"problem": kept.problem})
    asked = _asked(request, log)
    if asked.empty:
        return show(request, "touchpoints/consistency.html", {"nothing": nothing_yet()})
    found = queries.compared(asked, kept.touchpoints)
    gaps = compared.gaps(found)
    worse = [each for each in gaps if each.worse]
    query = asked.chosen.address()
    context = {
        "bar": asked.bar(),
        "found": found,
        "worse": worse,
        "better": [each for each in gaps if not each.worse],
        "headline": _consistency_headline(len(worse), found.tests),
        "measures": compared.columns(found),
        "rows": compared.table(found),
        "meant": compared.meant(kept.touchpoints),
        "csv": reverse("touchpoints:consistency_csv") + ("" if query == "?" else query),
        "provenance": provenance(asked),
    }
    return show(request, "touchpoints/consistency.html", context, address=query)


def _consistency_headline(worse: int, tests: int) -> str:
    if not tests:
        return _("There is too little to compare touchpoints with.")
    if not worse:
        return _("No touchpoint is worse than the others beyond chance.")
    return ngettext(
        "In {n} comparison a touchpoint is worse than the others, beyond chance.",
        "In {n} comparisons a touchpoint is worse than the others, beyond chance.",
        worse,
    ).format(n=labels.number(worse))


# Files


@opens_to(may_look)
@require_GET
def touchpoints_csv(request: HttpRequest) -> HttpResponse:
    """Return the list as a file: a row a touchpoint, those only the log knows too."""
    kept = queries.kept()
    seen, part = _seen(_asked(request, company.log()), kept)
    coverage = cover(seen.rows, kept.touchpoints)
    columns = (
        "id", "name", "channel", "online", "owner", "phases", "interactions", "customers",
        "answers", "texts", "open", "promise", "wants",
    )  # fmt: skip
    rows = (
        [_as_cell(each[name]) for name in columns]
        for each in plain.touchpoints(kept, part, coverage)
    )
    return csv_file("percorso-touchpoints.csv", columns, rows)


def _as_cell(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    texts = (each["text"] if isinstance(each, dict) else str(each) for each in value)
    return " | ".join(texts)


@opens_to(may_look)
@require_GET
def consistency_csv(request: HttpRequest) -> HttpResponse:
    """Return the comparisons that are gaps as a file."""
    log, kept = company.log(), queries.kept()
    asked = _asked(request, log)
    gaps = () if asked.empty else queries.compared(asked, kept.touchpoints).gaps
    columns = (
        "touchpoint", "channel", "phases", "compared_with", "measure", "value", "value_low",
        "value_high", "others", "others_low", "others_high", "difference", "difference_low",
        "difference_high", "p_adjusted", "worse",
    )  # fmt: skip
    rows = (
        (
            each.name,
            each.channel,
            ", ".join(each.phases),
            ", ".join(each.others),
            each.measure,
            *(
                end
                for estimate in (each.value, each.rest, each.difference)
                for end in (estimate.value, estimate.low, estimate.high)
            ),
            each.p_adjusted,
            each.worse,
        )
        for each in gaps
    )
    return csv_file("percorso-consistency.csv", columns, rows)
