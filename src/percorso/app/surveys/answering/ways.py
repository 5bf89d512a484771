"""The way somebody came to a survey: through a door, or by an invitation of their own."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from percorso.app import company
from percorso.app.surveys.actions import digest
from percorso.app.surveys.errors import SpentError
from percorso.app.surveys.models import Door, Invitation
from percorso.surveys.piping import PERSONAL


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


def by_door(code: str) -> Way:
    """Return the way through a door. Raises SpentError where it is closed, or none."""
    found = Door.objects.filter(code=code[:16], closed_at=None).first()
    if found is None:
        raise SpentError
    return through(found)


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
    found = Invitation.objects.filter(digest=digest(token[:200])).first()
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
