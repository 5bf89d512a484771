"""Every change to people, invitations and the company, each with its entry in the trail."""

from dataclasses import asdict

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from percorso.app.accounts import links
from percorso.app.accounts.models import Founding, Invitation, User
from percorso.app.audit.actions import record
from percorso.app.company import workspace as company_workspace
from percorso.app.ui.access import Role
from percorso.workspace import Settings


class NotPossible(Exception):  # noqa: N818 - reads as what it says
    """The change makes no sense as things are; the message says why, for the page."""


@transaction.atomic
def found(email: str, name: str, password: str, language: str) -> User:
    """Make the first administrator. Raises NotPossible where there is anybody already."""
    if User.objects.exists():
        raise NotPossible(_("This company has an administrator already."))
    try:
        with transaction.atomic():
            Founding.objects.create(id=1)
    except IntegrityError as error:
        raise NotPossible(_("This company has an administrator already.")) from error
    user = User.objects.create_user(
        email, password, name=name, role=Role.ADMINISTRATOR.value, language=language
    )
    record(user, "person.first", user.email)
    return user


@transaction.atomic
def invite(by: User, email: str, role: Role) -> str:
    """Invite a person, and return the token of the link. Earlier links to them stop working.

    Raises NotPossible where they have an account.
    """
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise NotPossible(_("This person has an account already."))
    now = timezone.now()
    _open(email).update(withdrawn_at=now)
    token = links.new_token()
    Invitation.objects.create(
        email=email,
        role=role.value,
        token_digest=links.digest(token),
        invited_by=by,
        expires_at=now + links.INVITATION_LASTS,
    )
    record(by, "person.invited", email, role=role.value)
    return token


def send_invitation(by: User, email: str, address: str) -> None:
    """Send the link, where the server can send e-mail. A failure to send is the caller's to say."""
    company = company_workspace().settings.company
    send_mail(
        _("%(company)s invites you to Percorso") % {"company": company},
        _(
            "%(person)s invites you to look at how the customers of %(company)s fare.\n\n"
            "Open this link to choose a password; it works once, for seven days:\n%(address)s\n"
        )
        % {"person": by.name, "company": company, "address": address},
        None,
        [email],
    )


@transaction.atomic
def withdraw(by: User, invitation_id: int) -> None:
    """Withdraw an invitation that nobody has accepted yet."""
    changed = Invitation.objects.filter(
        id=invitation_id, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=timezone.now())
    if changed:
        record(by, "invitation.withdrawn", Invitation.objects.get(id=invitation_id).email)


@transaction.atomic
def accept(token: str, name: str, password: str, language: str) -> User:
    """Make the invited person's account. Raises NotPossible where the link is spent."""
    now = timezone.now()
    invitation = (
        Invitation.objects.select_for_update()
        .filter(token_digest=links.digest(token), accepted_at=None, withdrawn_at=None)
        .filter(expires_at__gt=now)
        .first()
    )
    if invitation is None:
        raise NotPossible(_("This link has been used or is too old. Ask for a new one."))
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise NotPossible(_("This person has an account already."))
    user = User.objects.create_user(
        invitation.email, password, name=name, role=invitation.role, language=language
    )
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    record(user, "person.joined", user.email, role=user.role)
    return user


@transaction.atomic
def change_role(by: User, user_id: int, role: Role) -> None:
    """Give a person another role. Raises NotPossible where no administrator would be left."""
    user = User.objects.select_for_update().get(id=user_id)
    if user.role == role.value:
        return
    _keep_an_administrator(user)
    before, user.role = user.role, role.value
    user.save(update_fields=["role"])
    record(by, "person.role", user.email, before=before, now=role.value)


@transaction.atomic
def set_active(by: User, user_id: int, *, active: bool) -> None:
    """Open or close a person's access. Closing ends what they have open, on every device."""
    user = User.objects.select_for_update().get(id=user_id)
    if user.is_active == active:
        return
    if not active:
        _keep_an_administrator(user)
        _end_sessions(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(by, "person.reactivated" if active else "person.deactivated", user.email)


@transaction.atomic
def clear_factors(by: User | None, user_id: int) -> bool:
    """Take a person's second factor and passkeys away, and sign them out everywhere.

    For whoever lost the phone and the recovery codes. Return False where they have none.
    """
    user = User.objects.select_for_update().get(id=user_id)
    removed, _kinds = Authenticator.objects.filter(user_id=user.id).delete()
    if not removed:
        return False
    _end_sessions(user)
    record(by, "person.factors_cleared", user.email)
    return True


@transaction.atomic
def reset_link(by: User | None, user_id: int) -> str:
    """Return the path of a link with which the person chooses a new password.

    Raises NotPossible where their access is closed: the link would open nothing.
    """
    user = User.objects.get(id=user_id)
    if not user.is_active:
        raise NotPossible(_("This person has no access. Give it again first."))
    record(by, "person.reset_link", user.email)
    return links.reset_path(user)


@transaction.atomic
def choose_language(user: User, language: str) -> None:
    """Keep the language a person reads in. A preference: not part of the trail."""
    User.objects.filter(id=user.id).update(language=language)


@transaction.atomic
def change_company(by: User, settings: Settings) -> None:
    """Change what the company chose. Raises WorkspaceError where a setting makes no sense."""
    place = company_workspace()
    before, now = asdict(place.settings), asdict(settings)
    changed = {name: value for name, value in now.items() if value != before[name]}
    if not changed:
        return
    record(
        by,
        "company.changed",
        ", ".join(f"{before[name]} → {value}" for name, value in changed.items()),
        before={name: before[name] for name in changed},
        now=changed,
    )
    place.change(settings)


def _open(email: str) -> models.QuerySet[Invitation]:
    return Invitation.objects.filter(email__iexact=email, accepted_at=None, withdrawn_at=None)


def _keep_an_administrator(user: User) -> None:
    others = User.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True).exclude(id=user.id)
    if user.role == Role.ADMINISTRATOR.value and user.is_active and not others.exists():
        raise NotPossible(_("Somebody must remain administrator."))


def _end_sessions(user: User) -> None:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.id):
            session.delete()
