"""Who saw what is known of customers is in the trail: once for each page, not for each refresh."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from percorso.app.audit.models import Entry
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/sources/live/", "event.seen"),
        ("/sources/rejected/", "event.seen"),
        ("/sources/unmapped/", "event.seen"),
        ("/customers/duplicates/", "customer.pairs_seen"),
        ("/customers/", "customer.listed"),
        ("/privacy/?q=nobody@example.org", "privacy.searched"),
    ],
)
def test_a_look_is_noted_once(
    company: Workspace, client_of: Callable[[str], Client], address: str, action: str
) -> None:
    client = client_of("administrator")
    for _ in range(3):
        assert client.get(address).status_code == 200, address
    [entry] = Entry.objects.filter(action=action)
    assert entry.actor_name
    assert "nobody" not in f"{entry.subject} {entry.details}"


def test_signing_out_and_wrong_passwords_are_noted(
    company: Workspace, client: Client, client_of: Callable[[str], Client]
) -> None:
    cache.clear()
    client_of("viewer").post("/sign-out")
    assert Entry.objects.filter(action="person.signed_out").count() == 1
    for _ in range(2):
        client.post("/sign-in", {"login": "ada@example.org", "password": "a secret word"})
    [entry] = Entry.objects.filter(action="person.refused")
    assert (entry.actor_name, entry.subject, entry.details) == ("", "", {})
