"""The voice's tables as CSV files."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from percorso import labels
from percorso.app.accounts.asking import user_of
from percorso.app.ui.access import may_export_texts, may_look, opens_to
from percorso.app.ui.export import csv_file, streamed_csv
from percorso.app.voice import actions, queries
from percorso.app.voice.asked import Asked, asked
from percorso.text.results import Need, Shift, Topic
from percorso.vocabulary import Estimate


def _ready(what: Asked) -> bool:
    return not what.scope.empty and queries.standing(what.scope.log).read > 0


@opens_to(may_export_texts)
@require_GET
def texts(request: HttpRequest) -> HttpResponseBase:
    """Send the texts that were asked for, as they were written, with what was read in them."""
    from percorso.text.finding import MeaningUnavailableError

    by = user_of(request)
    what = asked(request)
    try:
        found = queries.every_text(what) if _ready(what) else iter(())
    except MeaningUnavailableError as error:
        messages.error(request, str(error))
        return redirect(reverse("voice:texts") + what.link())
    actions.note_export(by)
    columns = (
        "id", "customer", "at", "touchpoint", "channel", "phase", "kind", "scale", "score", "text",
        "language", "sentiment", "sentiment_score", "certainty", "emotions", "factors", "urgency",
        "need", "corrected",
    )  # fmt: skip
    return streamed_csv(
        "percorso-texts.csv", columns, ([_plain(row, name) for name in columns] for row in found)
    )


def _plain(row: Any, name: str) -> Any:
    value = row[name]
    if name == "emotions":
        return " ".join(value or ())
    if name == "factors":
        return " ".join(f"{each['factor']}:{each['polarity']}" for each in value or ())
    return value.isoformat() if name == "at" else value


@opens_to(may_look)
@require_GET
def factors(request: HttpRequest) -> HttpResponse:
    what = asked(request, "by")
    by = what.own.get("by", "")
    by = by if by in ("touchpoint", "channel", "phase", "month") else ""
    rows = queries.factors(what, by or None) if _ready(what) else ()
    return csv_file(
        "percorso-factors.csv",
        (
            "factor", "name", by or "group", "mentions", "customers",
            *_named("share"), *_named("positive"), *_named("negative"), *_named("balance"),
            "differs_p_adjusted", "change", "change_p_adjusted",
        ),
        (
            (
                each.factor,
                labels.factor(each.factor),
                each.group or "",
                each.mentions,
                each.customers,
                *_ends(each.share),
                *_ends(each.positive),
                *_ends(each.negative),
                *_ends(each.balance),
                each.rest.p_adjusted if each.rest else None,
                *_shift(each.change),
            )
            for each in rows
            if each.shown
        ),
    )  # fmt: skip


@opens_to(may_look)
@require_GET
def topics(request: HttpRequest) -> HttpResponse:
    what = asked(request)
    rows = queries.topics(what).rows if _ready(what) else ()
    return csv_file(
        "percorso-topics.csv",
        (
            "id", "name", "words", "language", "texts", "customers", *_named("share"),
            *_named("positive"), *_named("negative"), "share_change", "share_change_p_adjusted",
        ),
        ((*row, *_shift(each.share_change)) for each, row in _topics(rows)),
    )  # fmt: skip


def _topics(rows: tuple[Topic, ...]) -> Iterator[tuple[Topic, tuple[Any, ...]]]:
    for each in rows:
        shares = (*_ends(each.share), *_ends(each.positive), *_ends(each.negative))
        yield each, (*_about(each), *shares)


@opens_to(may_look)
@require_GET
def needs(request: HttpRequest) -> HttpResponse:
    what = asked(request)
    rows = queries.needs(what).rows if _ready(what) else ()
    return csv_file(
        "percorso-needs.csv",
        (
            "rank", "id", "name", "words", "language", "texts", "customers", *_named("share"),
            "value", *_named("value_each"),
        ),
        (
            (each.rank, *_about(each), *_ends(each.share), each.value, *_ends(each.value_each))
            for each in rows
        ),
    )  # fmt: skip


def _about(each: Topic | Need) -> tuple[Any, ...]:
    return (each.id, each.name, " ".join(each.words), each.language, each.texts, each.customers)


def _named(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


def _ends(given: Estimate) -> tuple[float | None, float | None, float | None]:
    return given.value, given.low, given.high


def _shift(given: Shift | None) -> tuple[float | None, float | None]:
    return (None, None) if given is None else (given.estimate.value, given.p_adjusted)
