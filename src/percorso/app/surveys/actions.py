"""Every change about where a survey is asked and who is asked."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.surveys.answering import ways
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.models import Door, Invitation
from percorso.app.surveys.tokens import digest, new_token
from percorso.surveys import FACTS, Survey, SurveyError, Surveys
from percorso.surveys.piping import PERSONAL
from percorso.vocabulary import CHANNELS

#: Letters that nobody takes for one another, on paper or on the telephone.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LETTERS_OF_A_CODE: Final = 10
_MOST_WEBSITES: Final = 20
#: Where the answers of each kind of door come from, if nobody says otherwise.
CHANNEL_OF: Final[Mapping[str, str]] = {
    Door.Kind.LINK: "survey",
    Door.Kind.QR: "store",
    Door.Kind.KIOSK: "store",
    Door.Kind.WIDGET: "website",
    Door.Kind.API: "other",
}


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made. ``path`` is the address without the host, with the token."""

    id: str
    token: str
    path: str


def invite(
    survey_id: str,
    reference: str,
    *,
    campaign: str = "",
    language: str = "",
    touchpoint: str,
    channel: str = "email",
    expires_at: datetime,
    facts: Mapping[str, str] | None = None,
) -> Invited:
    """Make the invitation of one person (a reference) to a survey; the token is told only here.

    ``language`` is the one it is shown in, empty for the browser's. ``facts`` are what its words
    may say of them; names outside ``percorso.surveys.FACTS`` are left aside, and of an anonymous
    survey, which calls nobody by name, those of the person. Raises AskingError where the survey was
    never published or the channel is none.
    """
    survey = published(survey_id)
    sayable = [each for each in FACTS if not (survey.anonymous and each in PERSONAL)]
    _check_channel(channel)
    token = new_token()
    made = Invitation.objects.create(
        survey=survey_id,
        digest=digest(token),
        reference=reference[:200],
        language=language[:10],
        campaign=campaign[:80],
        touchpoint=_touchpoint(touchpoint),
        channel=channel,
        facts={name: str(fact)[:200] for name, fact in (facts or {}).items() if name in sayable},
        expires_at=expires_at,
    )
    return Invited(str(made.id), token, reverse("answering:invitation", args=[token]))


@transaction.atomic
def open_door(
    by: User,
    survey_id: str,
    kind: str,
    *,
    touchpoint: str,
    place: str = "",
    channel: str = "",
    websites: Iterable[str] = (),
) -> Door:
    """Open a door to a survey. Raises AskingError.

    ``websites`` are the origins (``https://www.example.org``) whose pages may show a widget; none
    is any.
    """
    survey = published(survey_id)
    if kind not in Door.Kind.values:
        raise AskingError(_("Choose a link, a QR code, a kiosk, a website or a program."))
    channel = channel or CHANNEL_OF[kind]
    _check_channel(channel)
    door = Door.objects.create(
        code=_new_code(),
        survey=survey.id,
        kind=kind,
        touchpoint=_touchpoint(touchpoint),
        channel=channel,
        place=" ".join(place.split())[:80],
        websites=_origins(websites),
        made_by=by,
    )
    record(by, "survey.door_opened", survey.id, kind=kind, code=door.code)
    return door


@transaction.atomic
def close_door(by: User, code: str) -> bool:
    """Close a door: its link answers that it does not work. Return False where none was open."""
    door = Door.objects.filter(code=code, closed_at=None).first()
    if door is None:
        return False
    door.closed_at = timezone.now()
    door.save(update_fields=["closed_at"])
    ways.forget_doors()
    record(by, "survey.door_closed", door.survey, kind=door.kind, code=code)
    return True


@transaction.atomic
def reopen_door(by: User, code: str) -> bool:
    """Open a door again that was closed. Return False where none was closed."""
    door = Door.objects.filter(code=code).exclude(closed_at=None).first()
    if door is None:
        return False
    door.closed_at = None
    door.save(update_fields=["closed_at"])
    record(by, "survey.door_opened", door.survey, kind=door.kind, code=code)
    return True


def note_export(by: User, survey_id: str) -> None:
    """Note that somebody took the responses to a survey out."""
    record(by, "survey.exported", survey_id)


def published(survey_id: str) -> Survey:
    """Return the version of a survey that is asked. Raises AskingError."""
    try:
        found = Surveys(company.workspace()).published(survey_id)
    except SurveyError as error:
        raise AskingError(str(error)) from error
    if found is None:
        raise AskingError(
            _("“%(name)s” was never published: nobody can be asked yet.") % {"name": survey_id[:60]}
        )
    return found


def _new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _each in range(_LETTERS_OF_A_CODE))


def _touchpoint(given: str) -> str:
    name = " ".join(given.replace("\0", " ").split())[:200]
    if not name:
        raise AskingError(_("Say at which touchpoint it is asked."))
    return name


def _check_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise AskingError(_("“%(name)s” is no channel.") % {"name": channel[:40]})


def _origins(websites: Iterable[str]) -> list[str]:
    """Return websites as origins, small letters, each once."""
    found: dict[str, None] = {}
    for each in websites:
        written = each.strip().lower()
        if not written:
            continue
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host = parts.netloc
        if parts.scheme not in ("http", "https") or not _is_host(host):
            raise AskingError(
                _("“%(name)s” is no website such as https://www.example.org.")
                % {"name": each.strip()[:80]}
            )
        found[f"{parts.scheme}://{host}"] = None
    if len(found) > _MOST_WEBSITES:
        raise AskingError(_("At most %(most)s websites.") % {"most": _MOST_WEBSITES})
    return list(found)


def _is_host(host: str) -> bool:
    name, _colon, port = host.partition(":")
    labels = name.split(".")
    fit = all(each and each.replace("-", "").isalnum() and each.isascii() for each in labels)
    return fit and (not port or port.isdecimal())
