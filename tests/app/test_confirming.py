"""Who one is, asked again before what guards the company is changed; and what waited, done."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from tests.app.conftest import PASSWORD

from percorso.app.accounts import actions, tokens
from percorso.app.accounts.models import ApiToken, Invitation, User
from percorso.app.ui.access import Role
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
CONFIRM = "/settings/security/confirm"
BOB = "Bob (bob@example.org)"
TOKEN = {"name": "Web shop", "scopes": "read:figures", "days": "30"}
COMPANY = {"company": "Prova", "zone": "Europe/Rome", "currency": "EUR", "language": "en"}


@pytest.fixture
def ada(company: Workspace) -> User:
    return actions.found("ada@example.org", "Ada", PASSWORD, "en")


@pytest.fixture
def bob(ada: User) -> User:
    return actions.accept(
        actions.invite(ada, "bob@example.org", Role.VIEWER), "Bob", PASSWORD, "en"
    )


@pytest.fixture
def client(ada: User) -> Client:
    """Return Ada's browser, which signed in and has confirmed nothing yet."""
    cache.clear()
    browser = Client(headers={"accept-language": "en"})
    browser.post("/sign-in", {"login": "ada@example.org", "password": PASSWORD})
    return browser


def waits(client: Client, address: str, form: dict[str, str]) -> str:
    """Send a form, and return where it is asked who one is."""
    answer = client.post(address, form)
    assert answer.status_code == 302, (address, answer.status_code)
    assert answer["Location"].startswith(f"{CONFIRM}?next="), (address, answer["Location"])
    return answer["Location"]


def number_in(page: str) -> dict[str, str]:
    """Return the field that says which request a page asks about; none where it is about none."""
    return dict(re.findall(r'name="(waits)" value="([\w-]+)"', page))


def give(client: Client, there: str, **more: str) -> Any:
    """Look at the page that asks, and fill it in."""
    asked = number_in(client.get(there).content.decode())
    return client.post(there, {"password": PASSWORD, **asked, **more})


def crumbs(page: str) -> str:
    """Return the line of a page that leads back."""
    found = re.search(r'<p class="crumbs">.*?</p>', page)
    assert found, page
    return found[0]


def test_a_token_is_made_once_it_is_known_who_asks(client: Client) -> None:
    there = waits(client, "/settings/tokens/", TOKEN)
    assert not ApiToken.objects.exists()
    page = client.get(there).content.decode()
    assert "You are about to make the API token “Web shop”." in page
    assert 'href="/settings/tokens/"' in page
    wrong = give(client, there, password="not this one")
    assert wrong.status_code == 200
    assert not ApiToken.objects.exists()
    done = give(client, there).content.decode()
    assert ApiToken.objects.get().name == "Web shop"
    assert re.search(r"prc_[\w-]{43}", done), "shown, this once"
    assert client.post("/settings/tokens/", TOKEN).status_code == 200, "it holds for a while"


def test_every_change_that_guards_the_company_waits(client: Client, ada: User, bob: User) -> None:
    tokens.make(ada, "shop", ["read:figures"], 30)
    token = ApiToken.objects.get()
    device = UserSession.objects.get(user=ada)
    person, role = f"/settings/people/{bob.id}", {"what": "role"}
    for address, form, words in [
        (
            f"/settings/tokens/{token.id}/revoke",
            {},
            f"revoke the API token “shop” ({token.start}…)",
        ),
        (person, role | {"role": "administrator"}, f"make {BOB} an administrator"),
        (person, role | {"role": "agent"}, f"make {BOB} an agent"),
        (person, {"what": "password"}, f"make a link with which {BOB} chooses a new password"),
        (person, {"what": "factors"}, f"remove the second step of {BOB}"),
        (person, {"what": "close"}, f"close the access of {BOB}"),
        (person, {"what": "open"}, f"give {BOB} access again"),
        (
            "/settings/people/",
            {"email": "c@example.org", "role": "administrator"},
            "invite c@example.org as administrator",
        ),
        (
            "/settings/company",
            COMPANY | {"second_factor": "everybody"},
            "require a second step of everybody",
        ),
        (
            f"/settings/devices/{device.id}/end",
            {},
            "sign out a device: A program or an unknown browser, at 127.0.0.1",
        ),
        ("/settings/devices/end-others", {}, "sign out all other devices"),
    ]:
        back = re.match(r"/settings/(?:tokens/|people/|company|devices)", address)
        assert back
        there = waits(client, address, form)
        page = client.get(there).content.decode()
        assert f"You are about to {words}." in page, address
        assert f'href="{back[0]}"' in crumbs(page), address
    assert ApiToken.objects.get().revoked_at is None
    bob.refresh_from_db()
    assert (bob.role, bob.is_active) == ("viewer", True)
    assert not Invitation.objects.filter(email="c@example.org").exists()


@pytest.mark.parametrize(
    "address",
    [
        "/settings/security/app",
        "/settings/security/app/remove",
        "/settings/security/codes",
        "/settings/security/codes/new",
        "/settings/security/codes/recovery-codes.txt",
        "/settings/security/passkeys/add",
        "/settings/security/passkeys/{passkey}/name",
        "/settings/security/passkeys/{passkey}/remove",
    ],
)
def test_the_second_step_is_guarded_too(client: Client, ada: User, address: str) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    if address != "/settings/security/app":
        TOTP.activate(ada, "A" * 32)
    RecoveryCodes.activate(ada)
    key = Authenticator.objects.create(
        user=ada, type="webauthn", data={"name": "phone", "credential": {}, "passwordless": True}
    )
    kept = Authenticator.objects.count()
    answer = client.post(address.format(passkey=key.pk))
    assert answer.status_code in (302, 405)
    if answer.status_code == 405:
        answer = client.get(address)
        assert answer.status_code == 302
    assert answer["Location"].startswith(f"{CONFIRM}?next="), answer["Location"]
    assert Authenticator.objects.count() == kept


def test_what_needs_no_proof_asks_for_none(client: Client, company: Workspace) -> None:
    invited = client.post("/settings/people/", {"email": "d@example.org", "role": "viewer"})
    assert invited.status_code == 200
    assert Invitation.objects.filter(email="d@example.org").exists()
    saved = client.post("/settings/company", COMPANY | {"second_factor": "nobody"})
    assert saved["Location"] == "/settings/company"
    for address in ("/settings/tokens/", "/settings/people/", "/settings/company"):
        assert client.get(address).status_code == 200


def test_a_role_is_changed_and_the_person_is_back_on_the_list(client: Client, bob: User) -> None:
    form = {"what": "role", "role": "analyst"}
    done = give(client, waits(client, f"/settings/people/{bob.id}", form))
    assert done["Location"] == "/settings/people/"
    bob.refresh_from_db()
    assert bob.role == "analyst"


def test_a_form_with_a_mistake_comes_back_filled_in(client: Client) -> None:
    page = give(client, waits(client, "/settings/tokens/", TOKEN | {"days": "9"}))
    assert page.status_code == 422
    assert 'value="Web shop"' in page.content.decode()


def test_it_holds_for_five_minutes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    give(client, waits(client, "/settings/tokens/", TOKEN))
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 301)
    waits(client, "/settings/tokens/", TOKEN)
    assert ApiToken.objects.count() == 1


def test_what_was_left_waiting_is_not_done_later(
    client: Client, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"what": "role", "role": "administrator"}
    # The person goes elsewhere instead: to the passkeys.
    waits(client, f"/settings/people/{bob.id}", form)
    elsewhere = client.get("/settings/security/passkeys/add")["Location"]
    assert "about to" not in client.get(elsewhere).content.decode()
    assert give(client, elsewhere)["Location"] == "/settings/security/passkeys/add"
    # Or takes so long that they may think of something else.
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 400)
    there = waits(client, f"/settings/people/{bob.id}", form)
    monkeypatch.setattr(time, "time", lambda: now() + 800)
    late = client.post(there, {"password": PASSWORD}, follow=True)
    assert late.redirect_chain[-1][0] == "/settings/people/"
    assert "nothing was done" in late.content.decode()
    bob.refresh_from_db()
    assert bob.role == "viewer"


def test_a_password_does_not_carry_out_what_another_tab_asked(client: Client, bob: User) -> None:
    there = waits(client, f"/settings/people/{bob.id}", {"what": "close"})
    first = number_in(client.get(there).content.decode())
    invited = {"email": "c@example.org", "role": "administrator"}
    assert waits(client, "/settings/people/", invited) == there, "both lead back to one page"
    second = number_in(client.get(there).content.decode())
    mistyped = client.post(there, {"password": "wrong", **first}).content.decode()
    assert "c@example.org" not in mistyped
    refused = client.post(there, {"password": PASSWORD, **first}, follow=True)
    assert refused.redirect_chain[-1][0] == "/settings/people/"
    assert "Another request took the place of this one, so nothing was done." in (
        refused.content.decode()
    )
    bob.refresh_from_db()
    assert bob.is_active
    assert not Invitation.objects.exclude(email=bob.email).exists()
    client.post(there, {"password": PASSWORD})
    assert not Invitation.objects.exclude(email=bob.email).exists(), "it must say which"
    # The tab that speaks of what waits still may.
    client.post(there, {"password": PASSWORD, **second})
    assert Invitation.objects.filter(email="c@example.org").exists()
    bob.refresh_from_db()
    assert bob.is_active


def test_who_and_what_are_said_in_italian_and_as_words_alone(client: Client, bob: User) -> None:
    User.objects.filter(id=bob.id).update(name="<b>%(who)s</b>")
    for language, words in [
        ("en", "You are about to make {} an administrator."),
        ("it", "Stai per rendere {} amministratore."),
    ]:
        client.post("/preferences", {"language": language})
        form = {"what": "role", "role": "administrator"}
        page = client.get(waits(client, f"/settings/people/{bob.id}", form)).content.decode()
        assert words.format("&lt;b&gt;%(who)s&lt;/b&gt; (bob@example.org)") in page
        assert "<b>%" not in page


def test_what_another_release_left_waiting_is_not_done(client: Client) -> None:
    there = waits(client, "/settings/tokens/", TOKEN)
    session = client.session
    kept = session[STATE_SESSION_KEY]
    session[STATE_SESSION_KEY] = {**kept, "state": {"to": "make an API token", "deed": 7}}
    session.save()
    assert "about to" not in client.get(there).content.decode()
    assert give(client, there)["Location"] == "/settings/tokens/"
    assert not ApiToken.objects.exists()


def test_whoever_may_no_longer_does_not(client: Client, ada: User, bob: User) -> None:
    there = waits(client, f"/settings/people/{bob.id}", {"what": "role", "role": "administrator"})
    User.objects.filter(id=ada.id).update(role="viewer")
    assert give(client, there).status_code == 403
    bob.refresh_from_db()
    assert bob.role == "viewer"


@pytest.mark.parametrize(
    "outside", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_leads_to_no_other_site(client: Client, outside: str) -> None:
    for form in (None, TOKEN):
        if form:
            waits(client, "/settings/tokens/", form)
        answer = client.post(CONFIRM, {"password": PASSWORD, "next": outside})
        assert answer.status_code == 302
        assert answer["Location"] in ("/", "/settings/tokens/"), answer["Location"]
        client.session.flush()
        client.post("/sign-in", {"login": "ada@example.org", "password": PASSWORD})
    assert not ApiToken.objects.exists()


def test_tries_are_limited(client: Client) -> None:
    there = waits(client, "/settings/tokens/", TOKEN)
    answers = [give(client, there, password="wrong").status_code for _ in range(11)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert give(client, there).status_code == 429
    assert not ApiToken.objects.exists()


def test_nobody_else_finds_the_page(company: Workspace, client_of: Callable[[str], Client]) -> None:
    assert Client().get(CONFIRM)["Location"].startswith("/sign-in?next=")
    assert client_of("viewer").get(CONFIRM).status_code == 200
