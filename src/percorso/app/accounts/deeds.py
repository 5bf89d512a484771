"""What waits until a person confirms who they are, in words: to whom, and what.

Each follows "You are about to": whoever reads it sees whether it is what they asked for.
"""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from percorso.app.accounts import sessions
from percorso.app.accounts.asking import user_of
from percorso.app.accounts.models import ApiToken, User
from percorso.app.ui.access import Role


def invite(request: HttpRequest) -> str:
    """Say whom an administrator invites as another."""
    email = request.POST.get("email", "").strip()
    if not email:
        return _("invite an administrator")
    return _("invite %(email)s as administrator") % {"email": email}


def change(request: HttpRequest, user_id: int) -> str:
    """Say whose role or access is changed, and to what."""
    person = User.objects.filter(id=user_id).first()
    what = request.POST.get("what", "")
    words = _roles().get(request.POST.get("role", "")) if what == "role" else _changes().get(what)
    if person is None or words is None:
        return _("change what a person may do, or how they sign in")
    # The name is what they call themselves, and may be another's; the address is theirs alone.
    return words % {"who": f"{person.name} ({person.email})" if person.name else person.email}


def require_second_factor(request: HttpRequest) -> str:
    """Say of whom a second step is required from now on."""
    words = {
        "nobody": _("require a second step of nobody"),
        "administrators": _("require a second step of administrators"),
        "managers": _("require a second step of administrators and CX managers"),
        "everybody": _("require a second step of everybody"),
    }
    return words.get(request.POST.get("second_factor", "")) or _("change who needs a second step")


def make_token(request: HttpRequest) -> str:
    """Say which token is made."""
    name = request.POST.get("name", "").strip()
    if not name:
        return _("make an API token")
    return _("make the API token “%(name)s”") % {"name": name}


def revoke_token(request: HttpRequest, token_id: int) -> str:  # noqa: ARG001 - as the view takes it
    """Say which token ends."""
    token = ApiToken.objects.filter(id=token_id).first()
    if token is None:
        return _("revoke an API token")
    named = {"name": token.name, "start": token.start}
    return _("revoke the API token “%(name)s” (%(start)s…)") % named


def end_device(request: HttpRequest, session_id: int) -> str:
    """Say which of one's own devices is signed out."""
    device = sessions.device(user_of(request), session_id)
    if device is None:
        return _("sign out another device")
    named = {"device": device.words, "address": device.address}
    return _("sign out a device: %(device)s, at %(address)s") % named


def end_other_devices(request: HttpRequest) -> str:  # noqa: ARG001 - as the view takes it
    """Say that all others are signed out."""
    return _("sign out all other devices")


def _roles() -> dict[str, str]:
    return {
        Role.VIEWER: _("make %(who)s a viewer"),
        Role.AGENT: _("make %(who)s an agent"),
        Role.ANALYST: _("make %(who)s an analyst"),
        Role.CX_MANAGER: _("make %(who)s a CX manager"),
        Role.ADMINISTRATOR: _("make %(who)s an administrator"),
    }


def _changes() -> dict[str, str]:
    return {
        "close": _("close the access of %(who)s"),
        "open": _("give %(who)s access again"),
        "factors": _("remove the second step of %(who)s"),
        "password": _("make a link with which %(who)s chooses a new password"),
    }
