"""The second step when signing in: apps, recovery codes, passkeys, who must, and the devices."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from pytest_django import Settings as DjangoSettings

from percorso.app import company as the_company
from percorso.app.accounts import actions, queries
from percorso.app.accounts.models import User
from percorso.app.audit.models import Entry
from percorso.cli import main as cli
from percorso.workspace import SECOND_FACTOR, Workspace

pytestmark = pytest.mark.django_db
PASSWORD = "una frase lunga di prova"
SIGN_IN = {"login": "ada@example.org", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _no_attempts(db: None) -> None:
    cache.clear()


@pytest.fixture
def ada(company: Workspace) -> User:
    return actions.found("ada@example.org", "Ada", PASSWORD, "en")


@pytest.fixture
def client(ada: User) -> Client:
    browser = Client(headers={"accept-language": "en", "user-agent": "Firefox Linux"})
    assert browser.post("/sign-in", SIGN_IN).status_code == 302
    return browser


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the code an app shows now, or some steps from now."""
    counter = int(time.time()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def confirm(client: Client) -> None:
    answer = client.post("/settings/security/confirm", {"password": PASSWORD})
    assert answer.status_code == 302


def set_up_app(client: Client) -> str:
    """Set up an authenticator app and return its secret."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return _set_up_app(client)


def _set_up_app(client: Client) -> str:
    confirm(client)
    page = client.get("/settings/security/app").content.decode()
    found = re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', page)
    assert found
    answer = client.post("/settings/security/app", {"code": code_of(found[1])})
    assert answer["Location"] == "/settings/security/codes"
    return found[1]


def fresh() -> Client:
    return Client(headers={"accept-language": "en"})


def test_what_guards_the_account_is_changed_only_after_the_password(client: Client) -> None:
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/settings/security/confirm?next="), name
    wrong = client.post("/settings/security/confirm", {"password": "not this one"})
    assert wrong.status_code == 200
    confirm(client)
    assert client.get("/settings/security/app").status_code == 200


def test_an_app_is_asked_for_after_the_password(client: Client) -> None:
    secret = set_up_app(client)
    assert Entry.objects.filter(action="person.factor_added").exists()
    other = fresh()
    answer = other.post("/sign-in", SIGN_IN)
    assert answer["Location"] == "/sign-in/second"
    assert other.get("/settings/me").status_code == 302, "the password alone opens nothing"
    assert "One more step" in other.get("/sign-in/second").content.decode()
    wrong = other.post("/sign-in/second", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    assert Entry.objects.filter(action="person.code_refused").exists()
    assert other.post("/sign-in/second", {"code": code_of(secret)}).status_code == 302
    assert other.get("/settings/me").status_code == 200


def test_a_code_works_once(client: Client) -> None:
    secret = set_up_app(client)
    code = code_of(secret)
    first, second = fresh(), fresh()
    for each in (first, second):
        each.post("/sign-in", SIGN_IN)
    assert first.post("/sign-in/second", {"code": code}).status_code == 302
    assert second.post("/sign-in/second", {"code": code}).status_code == 200


def test_a_clock_half_a_minute_off_is_forgiven_and_no_more(client: Client) -> None:
    secret = set_up_app(client)
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    assert other.post("/sign-in/second", {"code": code_of(secret, steps=5)}).status_code == 200
    assert other.post("/sign-in/second", {"code": code_of(secret, steps=-1)}).status_code == 302


def test_wrong_codes_are_limited_and_the_right_one_then_waits_too(client: Client) -> None:
    secret = set_up_app(client)
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    for _ in range(6):
        other.post("/sign-in/second", {"code": "000000"})
    answer = other.post("/sign-in/second", {"code": code_of(secret)})
    assert answer.status_code == 200
    assert "Too many" in answer.content.decode()


def test_recovery_codes_sign_in_once_each(client: Client) -> None:
    set_up_app(client)
    page = client.get("/settings/security/codes").content.decode()
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert len(set(codes)) == 10
    file = client.get("/settings/security/codes/recovery-codes.txt")
    assert codes[0] in file.content.decode()
    assert "attachment" in file["Content-Disposition"]
    for answer in (302, 200):
        other = fresh()
        other.post("/sign-in", SIGN_IN)
        assert other.post("/sign-in/second", {"code": codes[0]}).status_code == answer
    confirm(client)
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/settings/security/codes/new")
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    assert other.post("/sign-in/second", {"code": codes[1]}).status_code == 200, "the old ones end"
    assert Entry.objects.filter(action="person.codes_renewed").exists()


def test_secrets_lie_encrypted(client: Client, settings: DjangoSettings, ada: User) -> None:
    secret = set_up_app(client)
    codes = re.findall(
        r"<li><code>([^<]+)</code>", client.get("/settings/security/codes").content.decode()
    )
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    # With another key of the server they are worth nothing, and no code can be guessed from it.
    settings.SECRET_KEY = "another key than the one they were encrypted with"
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    for guess in (code_of(secret), code_of("")):
        assert other.post("/sign-in/second", {"code": guess}).status_code == 200
    wrapped = Authenticator.objects.get(type="totp").wrap()
    assert not wrapped.validate_code(code_of(secret))


def test_removing_the_app_removes_the_codes_with_it(client: Client) -> None:
    set_up_app(client)
    confirm(client)
    assert client.post("/settings/security/app/remove").status_code == 302
    assert not Authenticator.objects.exists()
    assert fresh().post("/sign-in", SIGN_IN)["Location"] == "/"


def test_an_administrator_helps_whoever_lost_everything(
    client: Client, ada: User, client_of: Callable[[str], Client]
) -> None:
    set_up_app(client)
    assert next(p for p in queries.people() if p.id == ada.id).second_factor
    administrator = client_of("administrator")
    page = administrator.get("/settings/people/").content.decode()
    assert "Remove the second step" in page
    administrator.post(f"/settings/people/{ada.id}", {"what": "factors"})
    assert not Authenticator.objects.exists()
    assert client.get("/settings/me").status_code == 302, "and is signed out everywhere"
    entry = Entry.objects.get(action="person.factors_cleared")
    assert (entry.actor_name, entry.subject) == ("administrator@example.org", "ada@example.org")
    assert not actions.clear_factors(None, ada.id), "there is nothing left to remove"


@pytest.mark.parametrize(
    ("required", "asked"),
    [
        ("nobody", []),
        ("administrators", ["administrator"]),
        ("managers", ["administrator", "cx_manager"]),
        ("everybody", ["administrator", "cx_manager", "analyst", "agent", "viewer"]),
    ],
)
def test_the_company_says_who_must(
    company: Workspace, client_of: Callable[[str], Client], required: str, asked: list[str]
) -> None:
    changed = company.change(replace(company.settings, second_factor=required))
    assert the_company.workspace().settings.second_factor == changed.settings.second_factor
    for role in ("administrator", "cx_manager", "analyst", "agent", "viewer"):
        client = client_of(role)
        answer = client.get("/journeys/")
        if role in asked:
            assert answer["Location"] == "/settings/security/", role
            page = client.get("/settings/security/")
            assert "Set it up first" in page.content.decode()
            assert client.post("/data/upload").status_code in (302, 403)
            assert client.get("/settings/me").status_code == 200
        else:
            assert answer.status_code == 200, role
    assert set(SECOND_FACTOR) >= {required}


def test_whoever_set_it_up_goes_on(company: Workspace, client: Client) -> None:
    company.change(replace(company.settings, second_factor="everybody"))
    assert client.get("/journeys/")["Location"] == "/settings/security/"
    set_up_app(client)
    assert client.get("/journeys/").status_code == 200


def test_what_is_required_is_chosen_on_the_settings(client: Client, company: Workspace) -> None:
    confirm(client)
    chosen = {
        "company": "Bottega Prova",
        "zone": "Europe/Rome",
        "currency": "EUR",
        "language": "en",
        "second_factor": "everybody",
    }
    client.post("/settings/company", chosen)
    assert Workspace.open(company.path).settings.second_factor == "everybody"
    refused = client.post("/settings/company", chosen | {"second_factor": "cats"})
    assert refused.status_code in (302, 422)
    assert Workspace.open(company.path).settings.second_factor == "everybody"


def test_a_passkey_cannot_be_made_up(client: Client, ada: User) -> None:
    stranger = fresh()
    options = stranger.get("/sign-in/passkey", headers={"accept": "application/json"}).json()
    asked = options["request_options"]["publicKey"]
    assert asked["userVerification"] == "required"
    assert asked.get("allowCredentials", []) == [], "says of nobody that they have an account"
    for credential in ("", "{}", "[]", '{"response": {"userHandle": "MQ"}}', "x" * 1000):
        answer = stranger.post("/sign-in/passkey", {"credential": credential})
        assert answer.status_code == 302, credential
        assert stranger.get("/settings/me").status_code == 302


def test_a_passkeys_host_is_the_companys_own(client: Client, settings: DjangoSettings) -> None:
    from percorso.app.config import environment

    settings.ENVIRONMENT = environment.read({"PERCORSO_URL": "https://cx.example.org"})
    settings.ALLOWED_HOSTS = ["*"]
    asked = fresh().get(
        "/sign-in/passkey", headers={"accept": "application/json", "host": "evil.example"}
    )
    assert asked.json()["request_options"]["publicKey"]["rpId"] == "cx.example.org"


def test_devices_are_listed_and_ended_one_by_one(client: Client, ada: User) -> None:
    confirm(client)
    phone = Client(headers={"user-agent": "Mozilla (iPhone) Safari", "accept-language": "en"})
    phone.post("/sign-in", SIGN_IN)
    page = client.get("/settings/devices").content.decode()
    assert "Firefox · Linux" in page
    assert "Safari · iPhone" in page
    assert page.count("this one") == 1
    ended = re.findall(r"/settings/devices/(\d+)/end", page)
    assert len(ended) == 1, "this one cannot be ended by itself: that is signing out"
    assert client.post(f"/settings/devices/{ended[0]}/end").status_code == 302
    assert phone.get("/settings/me").status_code == 302
    assert client.get("/settings/me").status_code == 200
    assert Entry.objects.filter(action="session.ended").exists()


def test_nobody_ends_anothers_session(client: Client, client_of: Callable[[str], Client]) -> None:
    from allauth.usersessions.models import UserSession

    mine = UserSession.objects.get(user__email="ada@example.org")
    other = client_of("administrator")
    assert other.post(f"/settings/devices/{mine.id}/end").status_code == 404
    assert other.post("/settings/devices/end-others").status_code == 302
    assert client.get("/settings/me").status_code == 200


def test_signing_out_everywhere_else(client: Client) -> None:
    confirm(client)
    others = [fresh(), fresh()]
    for each in others:
        each.post("/sign-in", SIGN_IN)
    client.post("/settings/devices/end-others")
    assert [each.get("/settings/me").status_code for each in others] == [302, 302]
    assert client.get("/settings/me").status_code == 200


def test_a_new_password_ends_the_other_sessions(client: Client) -> None:
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    new = "un'altra frase ancora"
    changed = client.post(
        "/settings/password",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert changed.status_code == 302
    assert client.get("/settings/me").status_code == 200
    assert other.get("/settings/me").status_code == 302


def test_reading_pages_writes_a_device_down_now_and_then(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.get("/settings/me")
    with django_assert_max_num_queries(3):
        client.get("/settings/me")


@pytest.mark.parametrize("password", ["ababababababab", "aaaaaaaaaaaaaaa"])
def test_a_password_that_repeats_itself_is_refused(client: Client, password: str) -> None:
    answer = client.post(
        "/settings/password",
        {"oldpassword": PASSWORD, "password1": password, "password2": password},
    )
    assert answer.status_code == 200
    assert "different characters" in answer.content.decode()


def test_a_visitor_without_an_address_can_sign_in(company: Workspace, ada: User) -> None:
    """A proxy on a socket passes none on."""
    browser = Client(REMOTE_ADDR="")
    assert browser.post("/sign-in", SIGN_IN).status_code == 302
    assert "0.0.0.0" in browser.get("/settings/devices").content.decode()


def test_whoever_runs_the_machine_lets_a_person_in_again(
    client: Client,
    ada: User,
    company: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PERCORSO_DIR", str(company.path))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    def reset(email: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli(["people", "reset-second-step", email, "--dir", str(company.path)])
        captured = capfd.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    code, said = reset("ADA@example.org")
    assert code != 0
    assert "has no second step" in said
    set_up_app(client)
    code, said = reset("nobody@example.org")
    assert code != 0
    assert "Nobody has the address" in said
    assert Authenticator.objects.filter(user=ada).exists()
    code, said = reset("ADA@example.org")
    assert (code, "with the password alone" in said) == (0, True)
    assert not Authenticator.objects.filter(user=ada).exists(), "the recovery codes went as well"
    assert client.get("/settings/me").status_code == 302, "signed out everywhere"
    other = fresh()
    other.post("/sign-in", SIGN_IN)
    assert other.get("/settings/me").status_code == 200
    assert Entry.objects.filter(action="person.factors_cleared", actor_id=None).count() == 1
