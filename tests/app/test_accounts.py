"""The first link, invitations, roles, signing in, and what each leaves in the trail."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings as DjangoSettings

from percorso.app.accounts import actions, links, queries
from percorso.app.accounts.models import Invitation, User
from percorso.app.audit.models import Entry
from percorso.app.config import environment
from percorso.app.ui.access import Role
from percorso.workspace import SETTINGS_FILE, Settings, Workspace

pytestmark = pytest.mark.django_db

PASSWORD = "una frase lunga di prova"
BEGIN = {"name": "Ada Bianchi", "email": "Ada@Example.org", "password": PASSWORD}


def trail() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


@pytest.fixture
def ada(company: Workspace) -> User:
    return actions.found("ada@example.org", "Ada", PASSWORD, "en")


def test_the_first_link_makes_an_administrator_once(company: Workspace, client: Client) -> None:
    link = links.welcome_path()
    assert client.get(link).status_code == 200
    answer = client.post(link, BEGIN)
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.role) == ("ada@example.org", "administrator")
    assert client.get("/settings/people/").status_code == 200, "and is signed in"
    assert trail()[0] == "person.first"

    again = Client()
    assert again.get(link).status_code == 410
    assert again.post(link, BEGIN | {"email": "eve@example.org"}).status_code == 410
    assert again.get(links.welcome_path()).status_code == 410, "nor does a new one work"
    assert User.objects.count() == 1


def test_two_cannot_be_first(company: Workspace, ada: User) -> None:
    with pytest.raises(actions.NotPossible):
        actions.found("eve@example.org", "Eve", PASSWORD, "en")
    User.objects.all().delete()
    with pytest.raises(actions.NotPossible):
        # The row that two at the same moment would both have written.
        actions.found("eve@example.org", "Eve", PASSWORD, "en")


def test_the_first_link_expires_and_cannot_be_made_up(
    company: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = links.welcome_path()
    assert client.get(link[:-2] + "xx").status_code == 410
    assert client.get("/welcome/anything").status_code == 410
    monkeypatch.setattr(links, "WELCOME_LASTS", timedelta(seconds=-1))
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("password", "why"), [("short", "too short"), ("passwordpassword", ""), ("ada bianchi", "")]
)
def test_a_weak_password_is_refused(
    company: Workspace, client: Client, password: str, why: str
) -> None:
    if not why:
        password = {"passwordpassword": "1234567890", "ada bianchi": "ada@example.org"}[password]
    answer = client.post(links.welcome_path(), BEGIN | {"password": password})
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("address", "given"),
    [
        ("/settings/password", {"oldpassword": PASSWORD, "password1": "corta", "password2": "x"}),
        ("/sign-in", {"login": "ada@example.org", "password": "non è questa"}),
    ],
)
def test_what_is_wrong_with_a_password_is_said_in_italian(
    company: Workspace, ada: User, address: str, given: dict[str, str]
) -> None:
    """Django has no Italian for a password that is too short, and allauth other words for mail."""
    client = Client(headers={"accept-language": "it"})
    User.objects.update(language="it")
    if address != "/sign-in":
        client.force_login(ada, "allauth.account.auth_backends.AuthenticationBackend")
    said = client.post(address, given).content.decode()
    assert "usa almeno 10 caratteri" in said or "L’indirizzo e-mail o la password" in said
    assert "This password" not in said


def test_signing_in_and_out(company: Workspace, client: Client, ada: User) -> None:
    answer = client.post("/sign-in", {"login": "ADA@example.org", "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == "/"
    assert client.get("/settings/me").status_code == 200
    assert "person.signed_in" in trail()
    assert client.get("/sign-out").status_code == 200, "asks, so that no image signs people out"
    assert client.post("/sign-out").status_code == 302
    assert client.get("/settings/me").status_code == 302


def test_a_wrong_password_says_the_same_as_an_unknown_address(
    company: Workspace, client: Client, ada: User
) -> None:
    def refusal(login: str) -> str:
        answer = client.post("/sign-in", {"login": login, "password": "not this one at all"})
        assert answer.status_code == 200
        found = re.search(r'role="alert">(.*?)</div>', answer.content.decode(), re.DOTALL)
        assert found
        return found[1]

    assert refusal("ada@example.org") == refusal("nobody@example.org")


def test_guessing_is_limited_and_the_right_password_then_waits_too(
    company: Workspace, client: Client, ada: User
) -> None:
    for _ in range(6):
        client.post("/sign-in", {"login": "ada@example.org", "password": "a guess and another"})
    answer = client.post("/sign-in", {"login": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many" in answer.content.decode()


def test_nobody_is_sent_to_another_site_after_signing_in(
    company: Workspace, client: Client, ada: User
) -> None:
    answer = client.post(
        "/sign-in",
        {"login": "ada@example.org", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    back = client.post("/preferences", {"theme": "dark", "next": "https://evil.example/"})
    assert back["Location"] == "/"


def test_there_is_no_signing_up(company: Workspace, client: Client) -> None:
    for address in ("/sign-up", "/signup", "/accounts/signup/", "/account/signup"):
        assert client.get(address).status_code == 404


def test_an_invitation_is_a_link_that_works_once(company: Workspace, ada: User) -> None:
    token = actions.invite(ada, "Bob@Example.org ", Role.ANALYST)
    assert not Invitation.objects.filter(token_digest=token).exists(), "the token is not kept"
    guest = Client()
    page = guest.get(f"/invitation/{token}")
    assert "bob@example.org" in page.content.decode()
    joined = guest.post(f"/invitation/{token}", {"name": "Bob", "password": PASSWORD})
    assert joined.status_code == 302
    assert User.objects.get(email="bob@example.org").role == "analyst"
    assert Client().get(f"/invitation/{token}").status_code == 410
    assert queries.invitations() == ()
    assert [each for each in trail() if each.startswith("person")][:3] == [
        "person.first",
        "person.invited",
        "person.joined",
    ]


def test_an_old_or_withdrawn_invitation_does_not_work(company: Workspace, ada: User) -> None:
    old = actions.invite(ada, "bob@example.org", Role.VIEWER)
    new = actions.invite(ada, "bob@example.org", Role.VIEWER)
    assert Client().get(f"/invitation/{old}").status_code == 410, "the newer one replaced it"
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert Client().get(f"/invitation/{new}").status_code == 410
    with pytest.raises(actions.NotPossible):
        actions.accept(new, "Bob", PASSWORD, "it")
    third = actions.invite(ada, "bob@example.org", Role.VIEWER)
    actions.withdraw(ada, Invitation.objects.latest("id").id)
    assert Client().get(f"/invitation/{third}").status_code == 410


def test_inviting_by_the_page_shows_the_link_or_sends_it(
    company: Workspace, client_of: Callable[[str], Client], settings: DjangoSettings
) -> None:
    client = client_of("administrator")
    answer = client.post("/settings/people/", {"email": "bob@example.org", "role": "viewer"})
    assert re.search(r'value="http://testserver/invitation/[\w-]{40,}"', answer.content.decode())
    assert mail.outbox == []
    settings.EMAIL_CONFIGURED = True
    client.post("/settings/people/", {"email": "carla@example.org", "role": "viewer"})
    assert mail.outbox[0].to == ["carla@example.org"]
    assert "/invitation/" in str(mail.outbox[0].body)
    again = client.post("/settings/people/", {"email": "viewer@example.org", "role": "owner"})
    assert again.status_code == 422


def test_somebody_remains_administrator(company: Workspace, ada: User) -> None:
    with pytest.raises(actions.NotPossible):
        actions.change_role(ada, ada.id, Role.VIEWER)
    with pytest.raises(actions.NotPossible):
        actions.set_active(ada, ada.id, active=False)
    bob = User.objects.create_user("bob@example.org", PASSWORD, name="Bob", role="administrator")
    actions.change_role(ada, ada.id, Role.VIEWER)
    with pytest.raises(actions.NotPossible):
        actions.set_active(bob, bob.id, active=False)
    ada.refresh_from_db()
    assert ada.role == "viewer"
    assert Entry.objects.get(action="person.role").details == {
        "before": "administrator",
        "now": "viewer",
    }


def test_a_new_password_by_the_administrators_link(
    company: Workspace, ada: User, client_of: Callable[[str], Client]
) -> None:
    page = client_of("administrator").post(f"/settings/people/{ada.id}", {"what": "password"})
    link = re.search(r'value="http://testserver(/reset/[^"]+)"', page.content.decode())
    assert link
    guest = Client()
    form = guest.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    assert "set-password" in address, "the key leaves the address at once"
    new = "un'altra frase ancora"
    done = guest.post(address, {"password1": new, "password2": new}, follow=True)
    assert "The password is changed" in done.content.decode()
    signed = guest.post("/sign-in", {"login": "ada@example.org", "password": new})
    assert signed.status_code == 302
    assert "no longer works" in Client().get(link[1], follow=True).content.decode()
    assert "person.password" in trail()


def test_closed_access_gets_no_link_for_a_new_password(
    client_of: Callable[[str], Client], ada: User
) -> None:
    User.objects.filter(id=ada.id).update(is_active=False)
    page = client_of("administrator").post(
        f"/settings/people/{ada.id}", {"what": "password"}, follow=True
    )
    assert "has no access" in page.content.decode()


def test_a_reset_by_e_mail_tells_nobody_who_has_an_account(
    company: Workspace, ada: User, settings: DjangoSettings
) -> None:
    settings.EMAIL_CONFIGURED = True
    answers = [
        Client().post("/reset", {"email": email})["Location"]
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert "/reset/" in str(mail.outbox[0].body)


def test_the_link_in_an_e_mail_leads_to_the_companys_own_address(
    client_of: Callable[[str], Client], settings: DjangoSettings
) -> None:
    settings.EMAIL_CONFIGURED = True
    settings.ENVIRONMENT = environment.read({"PERCORSO_URL": "https://cx.example.org"})
    settings.ALLOWED_HOSTS = ["*"]
    client = client_of("administrator")
    Client(headers={"host": "elsewhere.example.org:81"}).post(
        "/reset", {"email": "administrator@example.org"}
    )
    client.post("/settings/people/", {"email": "bob@example.org", "role": "viewer"})
    assert len(mail.outbox) == 2
    for message, path in zip(mail.outbox, ("reset", "invitation"), strict=True):
        assert f"https://cx.example.org/{path}/" in str(message.body)
        assert "elsewhere" not in f"{message.subject} {message.body}"


def test_without_a_mail_server_the_page_says_whom_to_ask(
    company: Workspace, client: Client
) -> None:
    assert "Ask an administrator" in client.get("/reset").content.decode()


def test_the_language_is_the_persons_then_the_browsers_then_the_companys(
    company: Workspace, ada: User
) -> None:
    def language(client: Client, **headers: str) -> str:
        found = re.search(r'<html lang="(\w+)"', client.get("/sign-in", **headers).content.decode())
        assert found
        return found[1]

    company.change(replace(company.settings, language="it"))
    assert language(Client()) == "it"
    assert language(Client(), HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.8") == "en"
    assert language(Client(), HTTP_ACCEPT_LANGUAGE="de") == "it"
    chosen = Client()
    chosen.post("/preferences", {"language": "en"})
    assert language(chosen) == "en"
    chosen.post("/preferences", {"language": "xx"})
    assert language(chosen) == "en"

    person = Client(HTTP_ACCEPT_LANGUAGE="it")
    person.force_login(ada, "allauth.account.auth_backends.AuthenticationBackend")
    assert '<html lang="en"' in person.get("/settings/me").content.decode()
    person.post("/preferences", {"language": "it"})
    ada.refresh_from_db()
    assert ada.language == "it"
    assert '<html lang="it"' in person.get("/settings/me").content.decode()


def test_the_look_is_kept(company: Workspace, client: Client) -> None:
    assert 'data-theme="system"' in client.get("/sign-in").content.decode()
    client.post("/preferences", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/sign-in").content.decode()
    client.post("/preferences", {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/sign-in").content.decode()


def test_names_are_escaped(company: Workspace, client_of: Callable[[str], Client]) -> None:
    User.objects.create_user("x@example.org", PASSWORD, name="<script>alert(1)</script>")
    page = client_of("administrator").get("/settings/people/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


COMPANY = {
    "company": "Caffè Àncora",
    "zone": "Europe/Lisbon",
    "currency": "chf",
    "language": "it",
    "second_factor": "nobody",
}


def test_a_company_without_a_name_is_asked_at_the_first_start(
    tmp_path: Path, company: Workspace, settings: DjangoSettings
) -> None:
    settings.WORKSPACE = Workspace.create(tmp_path / "new")
    client = Client(headers={"accept-language": "en"})
    link = links.welcome_path()
    assert "My company" not in client.get(link).content.decode().split("</title>")[1]
    there = client.post(link, BEGIN)["Location"]
    page = client.get(there).content.decode()
    assert "Your company" in page
    assert re.search(r'name="company" value=', page) is None, "nobody is called My company"
    assert re.search(r'value="en"\s+selected', page), "the language it is read in is offered"
    assert client.post(there, COMPANY)["Location"] == "/"
    assert Workspace.open(tmp_path / "new").settings == Settings(
        "Caffè Àncora", "Europe/Lisbon", "CHF", "it"
    )
    assert "Caffè Àncora" in client.get("/settings/me").content.decode(), "at once"


def test_a_company_with_a_name_is_not_asked(company: Workspace) -> None:
    assert Client().post(links.welcome_path(), BEGIN)["Location"] == "/"


def test_the_settings_can_be_changed_later_and_leave_a_trail(
    company: Workspace, client_of: Callable[[str], Client]
) -> None:
    client = client_of("administrator")
    assert "Bottega Prova" in client.get("/settings/company").content.decode()
    answer = client.post("/settings/company", COMPANY, follow=True)
    assert "The settings are saved" in answer.content.decode()
    assert Workspace.open(company.path).settings.zone == "Europe/Lisbon"
    entry = Entry.objects.get(action="company.changed")
    assert entry.details["before"]["company"] == "Bottega Prova"
    assert entry.details["now"]["zone"] == "Europe/Lisbon"
    assert "changed the company" in client.get("/settings/activity/").content.decode()
    client.post("/settings/company", COMPANY)
    assert Entry.objects.filter(action="company.changed").count() == 1, "nothing changed"


def test_a_zone_that_is_not_offered_stays_when_something_else_changes(
    client_of: Callable[[str], Client], company: Workspace
) -> None:
    company.change(replace(company.settings, zone="CET"))
    client = client_of("administrator")
    page = client.get("/settings/company").content.decode()
    assert '<option value="CET" selected>' in page
    assert client.post("/settings/company", COMPANY | {"zone": "CET"}).status_code == 302
    assert Workspace.open(company.path).settings.zone == "CET"


@pytest.mark.parametrize(
    "wrong",
    [
        {"company": "one\ntwo"},
        {"company": "bell\x07"},
        {"company": "turned \u202eround"},
        {"company": ""},
        {"company": "x" * 121},
        {"zone": "Rome"},
        {"currency": "EU1"},
        {"language": "de"},
    ],
)
def test_settings_that_make_no_sense_are_refused(
    company: Workspace, client_of: Callable[[str], Client], wrong: dict[str, str]
) -> None:
    before = (company.path / SETTINGS_FILE).read_bytes()
    answer = client_of("administrator").post("/settings/company", COMPANY | wrong)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert (company.path / SETTINGS_FILE).read_bytes() == before


def test_a_file_that_makes_no_sense_does_not_stop_the_pages(
    company: Workspace, client_of: Callable[[str], Client]
) -> None:
    (company.path / SETTINGS_FILE).write_text("company = ")
    assert "Bottega Prova" in client_of("viewer").get("/settings/me").content.decode()


def test_a_mail_server_that_fails_is_not_told_to_whoever_asks(
    company: Workspace, ada: User, settings: DjangoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_CONFIGURED = True

    def broken(*_: object, **__: object) -> None:
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    answers = [
        Client().post("/reset", {"email": email})
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert [each.status_code for each in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
