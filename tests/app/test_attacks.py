"""What somebody with bad intent would try on the pages: forged forms, fixed sessions, odd links."""

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver
from tests.app.test_access import ADDRESSES, PATTERNS

from percorso.app.accounts import actions
from percorso.app.accounts.models import ApiToken, Invitation, User
from percorso.app.ui.access import Role
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
PASSWORD = "una frase lunga di prova"
SIGN_IN = {"login": "ada@example.org", "password": PASSWORD}
#: Who knows the link, or signs the message, comes in: no cookie speaks for them.
BY_LINK = {
    "answering:call_back",
    "answering:door",
    "answering:invitation",
    "counter:page",
    "preferences:ask",
    "preferences:leave",
    "preferences:page",
    "webhooks:receive",
}
EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "/%0d%0aLocation: https://evil.example",
]


@pytest.fixture(autouse=True)
def _no_attempts(db: None) -> None:
    cache.clear()


@pytest.fixture
def ada(company: Workspace) -> User:
    return actions.found("ada@example.org", "Ada", PASSWORD, "en")


def test_no_form_is_taken_without_its_token(ada: User) -> None:
    """Another site can make a browser send a form, but cannot know the form's token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, "allauth.account.auth_backends.AuthenticationBackend")
    for name, address in ADDRESSES:
        answer = client.post(address, {"name": "x"})
        # A link or a signature that has to be known, and is not.
        refused = (401, 410) if name in BY_LINK else (403, 405)
        assert answer.status_code in (*refused, 405), (name, answer.status_code)
        if answer.status_code == 405:
            assert "POST" not in answer["Allow"], name
    assert User.objects.get().is_active


def test_only_the_api_goes_without_form_tokens(company: Workspace) -> None:
    exempt = {name for name, each in PATTERNS if getattr(each.callback, "csrf_exempt", False)}
    assert exempt <= {"api:openapi-json", "api:api-root", *BY_LINK}
    assert get_resolver()


def test_a_session_known_before_signing_in_is_worth_nothing_after(ada: User) -> None:
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["left_by"] = "somebody else"
    session.save()
    before = session.session_key
    client.cookies["percorso_session"] = before
    assert client.post("/sign-in", SIGN_IN).status_code == 302
    after = client.cookies["percorso_session"].value
    assert after != before
    other = Client()
    other.cookies["percorso_session"] = before
    assert other.get("/settings/me").status_code == 302


def test_signing_out_ends_the_session_itself(ada: User) -> None:
    client = Client()
    client.post("/sign-in", SIGN_IN)
    stolen = client.cookies["percorso_session"].value
    client.post("/sign-out")
    other = Client()
    other.cookies["percorso_session"] = stolen
    assert other.get("/settings/me").status_code == 302


def test_the_cookies_are_out_of_reach_of_scripts_and_of_other_sites(ada: User) -> None:
    client = Client()
    client.post("/sign-in", SIGN_IN)
    for name in ("percorso_session", "percorso_csrf"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name


@pytest.mark.parametrize("there", EVIL)
def test_no_link_of_ours_leads_to_another_site(ada: User, there: str) -> None:
    client = Client()
    for address, form in (
        ("/sign-in", {**SIGN_IN, "next": there}),
        ("/settings/security/confirm", {"password": PASSWORD, "next": there}),
        ("/preferences", {"theme": "dark", "next": there}),
        ("/voice/texts/correct", {"id": "x", "next": there}),
        ("/voice/topics/x/change", {"do": "pin", "next": there}),
        ("/sign-out", {"next": there}),
    ):
        answer = client.post(address, form)
        if answer.status_code == 302:
            assert _stays(answer["Location"]), (address, answer["Location"])
    signed = Client()
    signed.post("/sign-in", SIGN_IN)
    for address in ("/sign-in", "/sign-in/second", "/sign-in/passkey"):
        answer = signed.get(address, {"next": there})
        assert _stays(answer["Location"]), (address, answer["Location"])


def _stays(location: str) -> bool:
    """Say whether a browser that follows this stays here."""
    return bool(re.match(r"/(?![/\\])", location)) and "\n" not in location


def test_a_form_changes_no_more_than_it_shows(
    ada: User, client_of: Callable[[str], Client]
) -> None:
    """Fields that no form has, sent along: a role, an address, an owner."""
    token = actions.invite(ada, "bob@example.org", Role.VIEWER)
    Client().post(
        f"/invitation/{token}",
        {
            "name": "Bob",
            "password": PASSWORD,
            "role": "administrator",
            "email": "boss@example.org",
            "is_active": "1",
            "id": str(ada.id),
        },
    )
    bob = User.objects.get(name="Bob")
    assert (bob.email, bob.role, bob.id != ada.id) == ("bob@example.org", "viewer", True)

    viewer = client_of("viewer")
    viewer.post("/preferences", {"language": "it", "role": "administrator", "is_active": "0"})
    viewer.post(
        "/settings/password",
        {"oldpassword": "x", "password1": "y", "password2": "y", "role": "administrator"},
    )
    seen = User.objects.get(email="viewer@example.org")
    assert (seen.role, seen.is_active, seen.language) == ("viewer", True, "it")

    administrator = client_of("administrator")
    administrator.post(
        "/settings/people/",
        {"email": "c@example.org", "role": "viewer", "accepted_at": "now", "token_digest": "x"},
    )
    invited = Invitation.objects.get(email="c@example.org")
    assert invited.accepted_at is None
    assert invited.token_digest != "x"
    administrator.post(
        "/settings/tokens/",
        {
            "name": "shop",
            "scopes": "read:figures",
            "days": "30",
            "made_by": str(ada.id),
            "digest": "x",
            "expires_at": "2999-01-01",
        },
    )
    made = ApiToken.objects.get()
    assert (made.made_by.email, made.scopes) == ("administrator@example.org", ["read:figures"])
    assert (made.expires_at - made.made_at).days in (29, 30)
    for wrong in ({"days": "99999"}, {"scopes": "everything"}, {"scopes": ""}, {"name": "a\nb"}):
        form = {"name": "shop", "scopes": "read:figures", "days": "30"} | wrong
        assert administrator.post("/settings/tokens/", form).status_code == 422, wrong
    assert ApiToken.objects.count() == 1


def test_a_token_is_shown_once(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    page = client.post(
        "/settings/tokens/", {"name": "shop", "scopes": "read:figures", "days": "30"}
    ).content.decode()
    key = re.search(r"prc_[\w-]{43}", page)
    assert key
    assert key[0] not in client.get("/settings/tokens/").content.decode()
    asked = Client(headers={"authorization": f"Bearer {key[0]}"}).get("/api/v1/figures")
    assert asked.status_code == 200
    client.post(f"/settings/tokens/{ApiToken.objects.get().id}/revoke")
    assert client.post(f"/settings/tokens/{ApiToken.objects.get().id}/revoke").status_code == 404


def test_the_guide_names_every_operation(client_of: Callable[[str], Client]) -> None:
    page = client_of("administrator").get("/settings/api/").content.decode()
    for words in ("/api/v1/figures", "/api/v1/interactions", "interactions[].customer", "scope"):
        assert words.lower() in page.lower(), words
