"""The devices on which a person is signed in: seen, and ended one by one."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from percorso.app.accounts.models import User
from percorso.app.audit.actions import record

_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
_SYSTEM_NAMES = {"Macintosh": "Mac"}


@dataclass(frozen=True, slots=True)
class Device:
    """A browser on which somebody is signed in."""

    id: int
    words: str
    address: str
    since: datetime
    last_seen: datetime
    here: bool


def devices(user: User, key: str | None) -> tuple[Device, ...]:
    """Return where the person is signed in, this browser (session ``key``) first."""
    found = [_device(each, key) for each in UserSession.objects.purge_and_list(user)]
    return tuple(sorted(found, key=lambda each: (not each.here, -each.last_seen.timestamp())))


def device(user: User, session_id: int) -> Device | None:
    """Return one device of the person; None where it is none of theirs."""
    found = UserSession.objects.filter(user=user, id=session_id).first()
    return None if found is None else _device(found, None)


def _device(session: UserSession, key: str | None) -> Device:
    return Device(
        session.id,
        described(session.user_agent),
        session.ip,
        session.created_at,
        session.last_seen_at,
        session.session_key == key,
    )


def described(user_agent: str) -> str:
    """Return a browser and a system as people call them."""
    browser = next((each for each in _BROWSERS if each in user_agent), "")
    system = next((each for each in _SYSTEMS if each in user_agent), "")
    if not browser and not system:
        return _("A program or an unknown browser")
    words = (_NAMES.get(browser, browser), _SYSTEM_NAMES.get(system, system))
    return " · ".join(each for each in words if each)


@transaction.atomic
def end(user: User, session_id: int) -> bool:
    """Sign the person out of one device. Return False where it is none of theirs."""
    found = UserSession.objects.filter(user=user, id=session_id).first()
    if found is None:
        return False
    found.end()
    record(user, "session.ended", described(found.user_agent))
    return True


@transaction.atomic
def end_others(user: User, key: str | None) -> int:
    """Sign the person out everywhere but in session ``key``; return how many that were."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=key or ""))
    for each in others:
        each.end()
    if others:
        record(user, "session.others_ended", str(len(others)))
    return len(others)
