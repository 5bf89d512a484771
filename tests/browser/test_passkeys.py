"""Passkeys in a real browser, with the authenticator that Chromium makes up for tests."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import EMAIL, PASSWORD, Watch, become_administrator
from tests.browser.everybody import wrong_on
from tests.server import Server

from percorso.workspace import Settings, Workspace

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def own(start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server of its own: its administrator will sign in otherwise than others expect."""
    place = tmp_path_factory.mktemp("passkeys") / "company"
    server = start_server(Workspace.create(place, Settings(company="Bottega Prova")))
    # Browsers allow passkeys on https and on localhost.
    server.url = server.url.replace("127.0.0.1", "localhost")
    return server


@pytest.fixture
def visitor(own: Server, browser: Browser) -> Iterator[Page]:
    """Return a page of a browser on a device that has passkeys."""
    context = browser.new_context(base_url=own.url, locale="en-GB")
    context.set_default_timeout(30_000)
    watch = Watch(own.url)
    watch.expect("Password forms should have")  # Chromium's advice on the form of a new password
    watch.over(context)
    page = context.new_page()
    _with_passkeys(context, page)
    become_administrator(page, _local(own))
    yield page
    context.close()
    watch.check()


def _local(server: Server) -> Server:
    class Local(Server):
        @property
        def welcome(self) -> str:
            return super().welcome.replace("127.0.0.1", "localhost")

    return Local(server.workspace, server.url, server.log, server.process)


def _with_passkeys(context: BrowserContext, page: Page) -> None:
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_passkey_is_added_signs_in_alone_and_is_the_second_step(visitor: Page) -> None:
    page = visitor
    page.goto("/settings/security/")
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    wrong = wrong_on(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the device").fill("My phone")
    wrong += wrong_on(page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    wrong += wrong_on(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("rowheader", name="My phone")).to_be_visible()
    for address in ("app", "codes/new", "passkeys/1/name"):
        answer = page.goto(f"/settings/security/{address}")
        assert answer, address
        assert answer.ok, address
        assert page.url.endswith(address)
        wrong += wrong_on(page)
    page.goto("/settings/security/")

    _sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="Ada Bianchi")).to_be_visible()

    _sign_out(page)
    page.goto("/sign-in?next=/settings/me")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    wrong += wrong_on(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

    page.goto("/settings/security/")
    page.get_by_role("link", name=re.compile(r"Remove.*My phone")).click()
    # A session of its own, so it is asked once more who that is.
    wrong += wrong_on(page)
    page.get_by_role("link", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    wrong += wrong_on(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    wrong += wrong_on(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("rowheader", name="My phone")).to_have_count(0)
    assert not wrong, "\n".join(wrong)
