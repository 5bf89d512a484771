"""The way somebody came to a survey: through a door, or by an invitation of their own."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from percorso.app import company
from percorso.app.surveys.errors import SpentError
from percorso.app.surveys.models import Door, Invitation
from percorso.app.surveys.tokens import digest
from percorso.surveys.piping import PERSONAL

#: Seconds for which a door counts as open after it was seen to be; doors that are remembered.
_DOORS_S: Final = 3.0
_MOST_DOORS: Final = 1000
#: Written out: putting the same words together anew takes four times as long as asking.
_BY_DIGEST: Final = "SELECT * FROM surveys_invitation WHERE digest = %s"


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody comes from, and what is known of them.

    ``key`` stands for the way in what a page carries along. ``invitation`` and ``door`` are the one
    they came by. ``response`` is the id of an invited person's response, always the same; empty
    where each page begins one of its own. ``facts`` may be said by the words of the survey.
    """

    key: str
    survey: str
    touchpoint: str
    channel: str
    reference: str = ""
    response: str = ""
    language: str = ""
    kind: str = "invitation"
    invitation: UUID | None = None
    door: str = ""
    websites: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


_doors: dict[tuple[Path, str], tuple[float, Way]] = {}


def forget_doors() -> None:
    """Look every door up again: one was opened or closed."""
    _doors.clear()


def by_door(code: str) -> Way:
    """Return the way through a door. Raises SpentError where it is closed, or none.

    An open door is looked up once in a few seconds: many come through it at once.
    """
    place = (company.workspace().path, code)
    known = _doors.get(place)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    found = Door.objects.filter(code=code[:16], closed_at=None).first()
    if found is None:
        _doors.pop(place, None)
        raise SpentError
    way = through(found)
    if len(_doors) >= _MOST_DOORS:
        _doors.clear()
    _doors[place] = (time.monotonic() + _DOORS_S, way)
    return way


def through(door: Door) -> Way:
    """Return the way through a door, whether it is open or not."""
    given = {"door": door.code, "place": door.place}
    facts = {"shop": door.place, "touchpoint": door.touchpoint}
    return Way(
        key=f"d:{door.code}",
        survey=door.survey,
        touchpoint=door.touchpoint,
        channel=door.channel,
        kind=door.kind,
        door=door.code,
        websites=tuple(door.websites),
        facts=_with_company(facts),
        properties={name: value for name, value in given.items() if value},
    )


def by_token(token: str) -> Way:
    """Return the way of an invitation. Raises SpentError: not ours, too old, or used."""
    found = next(iter(Invitation.objects.raw(_BY_DIGEST, [digest(token[:200])])), None)
    if found is None or found.used or found.expires_at <= timezone.now():
        raise SpentError
    return invited(found)


def invited(invitation: Invitation) -> Way:
    """Return the way of an invitation, whether it can still be used or not."""
    facts = {"touchpoint": invitation.touchpoint, **invitation.facts}
    return Way(
        key=f"i:{invitation.id.hex}",
        survey=invitation.survey,
        touchpoint=invitation.touchpoint,
        channel=invitation.channel,
        reference=invitation.reference,
        response=response_of(invitation.id),
        language=invitation.language,
        invitation=invitation.id,
        facts=_with_company(facts),
        properties={"campaign": invitation.campaign} if invitation.campaign else {},
    )


def response_of(invitation: UUID) -> str:
    """Return the id of the response to an invitation: one, however often it is sent."""
    made = salted_hmac("percorso.surveys.response", invitation.hex, algorithm="sha256")
    return made.hexdigest()[:32]


def of_customer(way: Way, reference: str) -> Way:
    """Return a way as somebody took it who is known."""
    return replace(way, reference=reference)


def facts_of(way: Way, *, anonymous: bool) -> Mapping[str, str]:
    """Return what the words of a survey may say: of an anonymous one, nothing of the person."""
    if not anonymous:
        return way.facts
    return {name: fact for name, fact in way.facts.items() if name not in PERSONAL}


def path_of(way: Way) -> str:
    """Return the address of a door, without the host."""
    return reverse("answering:door", args=[way.door])


def by_key(key: str) -> Way:
    """Return the way that a key stands for, whether it is open or not. Raises SpentError."""
    kind, _colon, name = key.partition(":")
    if kind == "d":
        door = Door.objects.filter(code=name).first()
        if door is not None:
            return through(door)
    elif kind == "i":
        with suppress(ValueError):
            invitation = Invitation.objects.filter(id=UUID(hex=name)).first()
            if invitation is not None:
                return invited(invitation)
    raise SpentError


def _with_company(facts: Mapping[str, str]) -> dict[str, str]:
    return {**facts, "company": company.workspace().settings.company}
