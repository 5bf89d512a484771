"""Who may do what: one function for each permission. The default answer is no.

Every view is marked with the permission it takes (``opens_to``), or is public (Django's
``login_not_required``). One that is neither opens to nobody. A permission is a function of whoever
asks, a ``User`` or Django's ``AnonymousUser``; ``may`` gives templates the same answers.

Roles are ordered, each may what the ones before may: viewers see the analyses with texts masked;
agents also the customers and what they wrote, and note what happens with them; analysts also raw
rows, imports, corrections and segments; CX managers also the rules, the sources and the duties
towards customers; administrators also people, keys, settings, erasure and the trail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
Permission = Callable[[object], bool]

#: Requests that change nothing.
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a person does here; each may what the ones before may."""

    VIEWER = "viewer"
    AGENT = "agent"
    ANALYST = "analyst"
    CX_MANAGER = "cx_manager"
    ADMINISTRATOR = "administrator"

    def covers(self, needed: "Role") -> bool:
        """Say whether this role is enough where ``needed`` is asked."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def role_of(user: object) -> Role | None:
    """Return the role of whoever asks; None for nobody, and for whoever was closed out."""
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return None
    return Role(getattr(user, "role", Role.VIEWER))


def _at_least(user: object, needed: Role) -> bool:
    role = role_of(user)
    return role is not None and role.covers(needed)


# Everybody who is signed in


def may_look(user: object) -> bool:
    """See the analyses: figures, journeys, problems, topics, texts with names masked."""
    return _at_least(user, Role.VIEWER)


def may_keep_account(user: object) -> bool:
    """Keep one's own account: password, second factor, sessions, language."""
    return _at_least(user, Role.VIEWER)


# Agents: whoever serves customers


def may_see_customers(user: object) -> bool:
    """See who the customers are: lists, search, a customer's page."""
    return _at_least(user, Role.AGENT)


def may_see_raw_texts(user: object) -> bool:
    """See what customers wrote unmasked, and who wrote it."""
    return _at_least(user, Role.AGENT)


def may_note_customers(user: object) -> bool:
    """Write notes about a customer."""
    return _at_least(user, Role.AGENT)


def may_log_contacts(user: object) -> bool:
    """Log a visit to the shop or a call."""
    return _at_least(user, Role.AGENT)


def may_record_consent(user: object) -> bool:
    """Write down a consent that a customer gave or withdrew, and send the preference link."""
    return _at_least(user, Role.AGENT)


# Analysts: whoever brings the data in and reads it


def may_see_raw_rows(user: object) -> bool:
    """See rows and events as they came: previews, the quarantine, the debugger."""
    return _at_least(user, Role.ANALYST)


def may_import(user: object) -> bool:
    """Import files, mend, replay and discard what could not be accepted."""
    return _at_least(user, Role.ANALYST)


def may_correct_readings(user: object) -> bool:
    """Correct what was read in texts, and order the topics."""
    return _at_least(user, Role.ANALYST)


def may_export_texts(user: object) -> bool:
    """Download what customers wrote."""
    return _at_least(user, Role.ANALYST)


def may_export_customers(user: object) -> bool:
    """Download lists of customers."""
    return _at_least(user, Role.ANALYST)


def may_save_segments(user: object) -> bool:
    """Save, change and delete segments."""
    return _at_least(user, Role.ANALYST)


def may_join_customers(user: object) -> bool:
    """Say whether two are the same customer, and take a join apart."""
    return _at_least(user, Role.ANALYST)


# CX managers: whoever decides how customers are listened to


def may_edit_rules(user: object) -> bool:
    """Change the rules: what live events mean, phases, who is never joined."""
    return _at_least(user, Role.CX_MANAGER)


def may_edit_maps(user: object) -> bool:
    """Write beliefs and drafts on the journey map, and share maps by link."""
    return _at_least(user, Role.CX_MANAGER)


def may_manage_sources(user: object) -> bool:
    """Add, rotate and revoke sources and connectors."""
    return _at_least(user, Role.CX_MANAGER)


def may_build_surveys(user: object) -> bool:
    """Make surveys, publish them, and decide where they are asked."""
    return _at_least(user, Role.CX_MANAGER)


def may_edit_touchpoints(user: object) -> bool:
    """Describe touchpoints: who answers for them, their phases, what customers want there."""
    return _at_least(user, Role.CX_MANAGER)


def may_export_person(user: object) -> bool:
    """Give a customer everything that is held about them."""
    return _at_least(user, Role.CX_MANAGER)


def may_see_privacy(user: object) -> bool:
    """See the record of processing, the data map, certificates of erasure."""
    return _at_least(user, Role.CX_MANAGER)


def may_manage_sending(user: object) -> bool:
    """Say whom surveys are sent to, how often customers are written to, and by whom; stop it."""
    return _at_least(user, Role.CX_MANAGER)


# Administrators: whoever answers for the whole


def may_erase(user: object) -> bool:
    """Erase a customer, for good."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_set_retention(user: object) -> bool:
    """Decide how long each kind of data is kept."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_manage_webhooks(user: object) -> bool:
    """Decide where what happens here is sent."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_manage_tokens(user: object) -> bool:
    """Make and revoke the keys of programs."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_manage_people(user: object) -> bool:
    """Invite people, change their roles, close their access."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_change_settings(user: object) -> bool:
    """Change what the company chose for all."""
    return _at_least(user, Role.ADMINISTRATOR)


def may_see_activity(user: object) -> bool:
    """See who did what."""
    return _at_least(user, Role.ADMINISTRATOR)


#: Every permission, by the name templates use: ``may_import`` is ``{{ may.import }}``.
PERMISSIONS: Final[dict[str, Permission]] = {
    name.removeprefix("may_"): function
    for name, function in list(globals().items())
    if name.startswith("may_")
}


def may(user: object) -> dict[str, bool]:
    """Return what whoever asks may do; for templates to show or leave out."""
    return {name: permission(user) for name, permission in PERMISSIONS.items()}


@dataclass(frozen=True, slots=True)
class Access:
    """What a view takes: ``look`` for requests that change nothing, ``change`` for the others."""

    look: Permission
    change: Permission

    def allows(self, user: object, method: str | None) -> bool:
        """Say whether ``user`` may make a request of this method."""
        return (self.look if method in SAFE_METHODS else self.change)(user)


def opens_to(look: Permission, *, change: Permission | None = None) -> Callable[[View], View]:
    """Mark a view with the permission it takes, and another one for what changes something.

    Put it above the decorators that wrap the view: the mark must be on what the address calls.
    """

    def mark(view: View) -> View:
        view.access = Access(look, change or look)  # type: ignore[attr-defined] # a mark to read
        return view

    return mark


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return the mark of a view; None where there is none, which opens it to nobody."""
    return getattr(view, "access", None)
