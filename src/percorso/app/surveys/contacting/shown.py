"""Who waits to be contacted, as the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.urls import reverse

from percorso import identity, labels
from percorso.app.surveys.contacting.queries import Asking, Made, Said
from percorso.i18n import gettext as _
from percorso.log.facts import key_of

if TYPE_CHECKING:
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class Score:
    """An answer on a scale, such as ``NPS`` and ``1``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody to contact: who, how, since when, until when, and what they had said.

    ``address`` leads to their page, or to what can be done for them where they have none. ``how``
    is the way that they left.
    """

    response: str
    name: str
    email: str
    phone: str
    dial: str
    how: str
    address: str
    survey: str
    title: str
    touchpoint: str
    asked: str
    waits: str
    due: str
    late: bool
    scores: tuple[Score, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoneRow:
    """Somebody who was contacted."""

    row: Row
    at: str
    by: str
    note: str
    late: bool


def rows(
    log: "Log",
    asked: Sequence[Asking],
    said: Mapping[str, Said],
    titles: Mapping[str, str],
    now: datetime,
) -> list[Row]:
    """Return who asked, in their order."""
    called = identity.called(log, [each.customer for each in asked if not each.is_passing])
    zone = log.workspace.settings.zone_info
    return [
        _row(log, each, called.get(each.customer), said.get(each.response), titles, now, zone)
        for each in asked
    ]


def done(
    log: "Log",
    made: Sequence[tuple[Asking, Made]],
    titles: Mapping[str, str],
    now: datetime,
) -> list[DoneRow]:
    """Return who was contacted, in their order."""
    zone = log.workspace.settings.zone_info
    shown = rows(log, [asking for asking, _made in made], {}, titles, now)
    return [
        DoneRow(row, labels.moment(each.at, zone), each.by, each.note, each.at > asking.due_at)
        for row, (asking, each) in zip(shown, made, strict=True)
    ]


def _row(
    log: "Log",
    asking: Asking,
    called: "identity.Called | None",
    said: Said | None,
    titles: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
) -> Row:
    known = called or identity.Called()
    form, _colon, bare = asking.customer.partition(":")
    email = asking.email or known.email or (bare if form == "email" else "")
    phone = asking.phone or known.phone or (bare if form == "phone" else "")
    said = said or Said()
    return Row(
        asking.response,
        asking.name or known.name or (_("No name given") if asking.is_passing else asking.customer),
        email,
        phone,
        quote("".join(each for each in phone if each.isdigit() or each == "+"), safe="+"),
        "phone" if phone and not email else "email",
        _address(log, asking),
        asking.survey,
        titles.get(asking.survey, asking.survey),
        asking.touchpoint,
        labels.moment(asking.at, zone),
        labels.hours((now - asking.at).total_seconds() / 3600),
        labels.moment(asking.due_at, zone),
        asking.due_at < now,
        tuple(
            Score(_capital(labels.metric(name)), labels.number(score, 0 if score % 1 == 0 else 1))
            for name, score in said.scores
            if name
        ),
        said.words,
    )


def _address(log: "Log", asking: Asking) -> str:
    if asking.is_passing:
        return f"{reverse('privacy:person')}?{urlencode({'who': asking.reference})}"
    return reverse("customers:customer", args=[key_of(log, asking.customer)])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
