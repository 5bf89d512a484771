"""From the first start to a new password, on PostgreSQL and with a mail server, both real."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from tests import mail, postgresql
from tests.browser.conftest import EMAIL, PASSWORD
from tests.mail import Mailbox
from tests.postgresql import Database
from tests.server import Server, start

from percorso.workspace import Workspace

OpenPage = Callable[..., Page]

ANSWERS = """\
Data;Cliente;Voto NPS;Commento
01/03/2026 10:20;C-100;9;Gentilissimi
02/03/2026 11:00;C-101;3;Arrivata tardi
31/02/2026 12:00;C-102;7;
"""
NEW_PASSWORD = "un'altra frase lunga"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with postgresql.running() as made:
        yield made


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with mail.running(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture(scope="module")
def place(
    database: Database, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Return a server over a new company, with its people in PostgreSQL."""
    folder = tmp_path_factory.mktemp("served")
    server = start(
        Workspace.create(folder / "company"),
        folder,
        environment={
            "PERCORSO_DATABASE_URL": database.url,
            "PERCORSO_EMAIL_URL": mailbox.url,
            "PERCORSO_EMAIL_FROM": "cx@example.org",
            "SSL_CERT_FILE": str(mailbox.certificate),
        },
    )
    yield server
    server.stop()


def link_in(message: mail.EmailMessage, place: Server) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    [link] = re.findall(r"https?://\S+", body.get_content())
    assert link.startswith(f"{place.url}/")
    return str(link)


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_from_the_first_start_to_a_new_password(
    place: Server, database: Database, mailbox: Mailbox, open_page: OpenPage
) -> None:
    page = open_page(place.welcome, at=place, anonymous=True)
    heading = page.get_by_role("heading", level=1)

    # The first administrator, and the company.
    page.get_by_label("Your name").fill("Ada Bianchi")
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(heading).to_have_text("Your company")
    page.get_by_label("Name of the company").fill("Bottega Prova")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".side .company")).to_have_text("Bottega Prova")
    assert Workspace.open(place.workspace.path).settings.company == "Bottega Prova"

    # Files by the page, which the worker imports.
    page.goto("/data/")
    page.locator("#files").set_input_files(
        {"name": "answers.csv", "mimeType": "text/csv", "buffer": ANSWERS.encode()}
    )
    page.get_by_role("button", name="Look at the files").click()
    expect(heading).to_have_text("Ready to import", timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(heading).to_have_text("2 interactions added", timeout=60_000)
    page.get_by_role("link", name="See why, and mend them").click()
    page.get_by_role("link", name="See the row").click()
    page.get_by_label("What should stand there").fill("28/02/2026 12:00")
    page.get_by_role("button", name="Try the row again").click()
    expect(page.get_by_text("1 of 1 row entered the log")).to_be_visible(timeout=60_000)

    # Somebody invited by e-mail.
    page.goto("/settings/people/")
    page.get_by_label("E-mail address").fill("bruno@example.org")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("on its way to bruno@example.org")).to_be_visible()
    invitation = mailbox.wait("bruno@example.org")
    assert invitation["From"] == "cx@example.org"
    assert "Bottega Prova" in invitation["Subject"]
    guest = open_page(link_in(invitation, place), at=place, anonymous=True)
    guest.get_by_label("Your name").fill("Bruno")
    guest.get_by_label("Password").fill("un'altra frase ancora")
    guest.get_by_role("button", name="Join").click()
    expect(guest.get_by_role("link", name="Bruno")).to_be_visible()

    # Out, in again, and a new password by e-mail.
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="I do not remember my password").click()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Send me the link").click()
    expect(heading).to_have_text("Look at your e-mail")
    page.goto(link_in(mailbox.wait(EMAIL), place))
    for field in page.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(heading).to_have_text("The password is changed")
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, NEW_PASSWORD)
    expect(page.locator(".side .company")).to_have_text("Bottega Prova")

    assert database.ask("SELECT email, role FROM accounts_user ORDER BY id") == [
        (EMAIL, "administrator"),
        ("bruno@example.org", "viewer"),
    ]
    assert not place.workspace.app_database.exists()
    assert postgresql.PASSWORD not in place.printed
