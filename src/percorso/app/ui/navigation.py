"""The links at the side, by the phases of the loop. Only what exists."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from percorso.app.ui.access import (
    Permission,
    may_change_settings,
    may_log_contacts,
    may_look,
    may_manage_people,
    may_manage_tokens,
    may_manage_webhooks,
    may_see_activity,
    may_see_privacy,
)

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Link:
    """A link; it is the current one on every page whose address is in, or called, ``namespace``."""

    words: Words
    url_name: str
    namespace: str
    permission: Permission = may_look


@dataclass(frozen=True, slots=True)
class Section:
    """Links under a heading; the first section has none."""

    words: Words
    links: tuple[Link, ...]


SECTIONS: tuple[Section, ...] = (
    Section("", (Link(_("Control room"), "home", "home"),)),
    Section(
        _("Listen"),
        (
            Link(_("Data"), "intake:home", "intake"),
            Link(_("Live sources"), "sources:list", "sources"),
            Link(_("Connectors"), "connectors:list", "connectors"),
            Link(_("Surveys"), "surveys:list", "surveys"),
            Link(_("Log a contact"), "contacts:log", "contacts", may_log_contacts),
        ),
    ),
    Section(
        _("Understand"),
        (
            Link(_("Journeys"), "journeys:graph", "journeys"),
            Link(_("Journey maps"), "maps:map", "maps"),
            Link(_("Touchpoints"), "touchpoints:list", "touchpoints"),
            Link(_("Problems"), "problems:list", "problems"),
            Link(_("Voice"), "voice:overview", "voice"),
            Link(_("Customers"), "customers:list", "customers"),
            Link(_("Segments"), "segments:list", "segments"),
        ),
    ),
    Section(
        _("Company"),
        (
            Link(_("Outbox"), "outbox:record", "outbox"),
            Link(_("Privacy"), "privacy:home", "privacy", may_see_privacy),
            Link(_("People"), "people:list", "people", may_manage_people),
            Link(_("Activity"), "audit:trail", "audit", may_see_activity),
            Link(_("API tokens"), "tokens:list", "tokens", may_manage_tokens),
            Link(_("Webhooks"), "webhooks:home", "webhooks", may_manage_webhooks),
            Link(_("Settings"), "accounts:company", "accounts:company", may_change_settings),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ShownLink:
    words: Words
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    words: Words
    links: tuple[ShownLink, ...]


def shown(request: HttpRequest) -> tuple[ShownSection, ...]:
    """Return the sections the person may see."""
    match = request.resolver_match
    here = {match.namespace, match.view_name} if match else set()
    sections = (
        ShownSection(
            section.words,
            tuple(
                ShownLink(link.words, reverse(link.url_name), link.namespace in here)
                for link in section.links
                if link.permission(request.user)
            ),
        )
        for section in SECTIONS
    )
    return tuple(section for section in sections if section.links)
