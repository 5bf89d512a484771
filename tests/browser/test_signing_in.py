"""Signing in and out in a real browser, in both languages; the keyboard; the look; the phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import EMAIL, PASSWORD
from tests.server import Server

OpenPage = Callable[..., Page]


def test_the_first_link_is_spent(server: Server, signed_in: object, open_page: OpenPage) -> None:
    page = open_page(server.welcome, anonymous=True)
    page.watch.expect("410")  # type: ignore[attr-defined]
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")


@pytest.mark.parametrize(
    ("language", "email", "button", "wrong"),
    [
        ("en", "E-mail address", "Sign in", "not correct"),
        ("it", "Indirizzo e-mail", "Accedi", "non sono corretti"),
    ],
)
@pytest.mark.usefixtures("signed_in")
def test_signing_in(
    open_page: OpenPage, language: str, email: str, button: str, wrong: str
) -> None:
    page = open_page("/data/", language=language, anonymous=True)
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/data/$"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.get_by_label(email).fill(EMAIL)
    page.get_by_label("Password").fill("non è questa")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page).to_have_url(re.compile(r"/data/$"))


@pytest.mark.usefixtures("signed_in")
def test_signing_out(open_page: OpenPage) -> None:
    page = open_page("/sign-in", anonymous=True)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name=re.compile("Sign out|Esci")).click()
    expect(page).to_have_url(re.compile(r"/sign-in$"))
    page.goto("/data/")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/data/$"))


def test_the_language_can_be_changed_on_the_page(open_page: OpenPage) -> None:
    page = open_page("/settings/me")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.get_by_role("button", name="Italiano").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Il mio account")
    expect(page).to_have_url(re.compile(r"/settings/me$"))
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_the_look_can_be_changed_on_the_page(open_page: OpenPage) -> None:
    page = open_page("/settings/me")
    body = page.locator("body")
    light = body.evaluate("body => getComputedStyle(body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    # Each choice loads the page anew, so the colours are waited for.
    expect(body).not_to_have_css("background-color", light)
    page.get_by_role("button", name="As the device").click()
    expect(body).to_have_css("background-color", light)
    page.emulate_media(color_scheme="dark")
    expect(body).not_to_have_css("background-color", light)


def test_the_keyboard_help_opens_closes_and_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page("/settings/me")
    help_ = page.get_by_role("dialog", name="Keyboard")
    page.keyboard.press("?")
    expect(help_).to_be_visible()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    page.get_by_label("Use ? and / as shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(help_).to_be_hidden()


def test_the_first_tab_skips_to_the_content(open_page: OpenPage) -> None:
    page = open_page("/settings/me")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_on_a_phone_the_links_are_behind_a_button(open_page: OpenPage) -> None:
    page = open_page("/settings/me", width=390)
    people = page.get_by_role("link", name="People", exact=True)
    expect(people).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(people).to_be_visible()
    people.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_inviting_somebody_who_then_joins(open_page: OpenPage, server: Server) -> None:
    page = open_page("/settings/people/")
    page.get_by_label("E-mail address").fill("bruno@example.org")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    link = page.get_by_label("Link", exact=True).input_value()
    assert link.startswith(f"{server.url}/invitation/")
    guest = open_page(link.removeprefix(server.url), language="it", anonymous=True)
    guest.get_by_label("Nome e cognome").fill("Bruno")
    guest.get_by_label("Password").fill("un'altra frase lunga")
    guest.get_by_role("button", name="Entra").click()
    expect(guest.get_by_role("link", name="Bruno")).to_be_visible()
    expect(guest.get_by_role("link", name="Persone")).to_have_count(0)


PAGES = [
    "/",
    "/data/",
    "/data/quarantine",
    "/data/sources",
    "/journeys/",
    "/problems/",
    "/settings/people/",
    "/settings/activity/",
    "/settings/company",
    "/settings/me",
    "/settings/password",
    "/settings/security/",
    "/settings/security/confirm",
    "/settings/devices",
    "/settings/tokens/",
    "/settings/api/",
]


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "it")])
def test_every_page_keeps_to_the_basics(
    open_page: OpenPage, width: int, dark: bool, language: str
) -> None:
    page = open_page(PAGES[0], width=width, dark=dark, language=language)
    found = {}
    for path in PAGES:
        page.goto(path)
        found[path] = page.evaluate(BASICS)
    kept = {
        "language": language,
        "headings": 1,
        "skipped": [],
        "nameless": [],
        "unlabelled": [],
        "small": [],
        "wide": 0,
        "doubles": [],
    }
    assert found == dict.fromkeys(PAGES, kept)


#: What WCAG 2.2 AA lets a script find: one h1 and no level skipped, names and labels, targets of
#: 24 pixels (links inside a sentence excepted), nothing wider than the screen, no id twice.
BASICS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const hidden = '.unseen, dialog';
  const seen = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(hidden);
  const name = (e) => (e.getAttribute('aria-label') || e.innerText || e.title || '').trim();
  const show = (e) => e.outerHTML.slice(0, 120);
  const levels = all('main :is(h1, h2, h3, h4)').filter(seen).map((e) => +e.tagName[1]);
  const ids = all('[id]').map((e) => e.id);
  const inText = (e) => e.matches('a') && getComputedStyle(e).display === 'inline';
  const small = (e) => {
    const box = (e.closest('label') ?? e).getBoundingClientRect();
    return box.width < 24 || box.height < 24;
  };
  return {
    language: document.documentElement.lang,
    headings: levels.filter((level) => level === 1).length,
    skipped: levels.filter((level, i) => i && level > levels[i - 1] + 1),
    nameless: all('a[href], button').filter((e) => seen(e) && !name(e)
      && !e.querySelector('title')).map(show),
    unlabelled: all('input:not([type=hidden]), select, textarea').filter((e) =>
      !e.labels?.length && !e.getAttribute('aria-label')).map(show),
    small: all('button, input:not([type=hidden]), select, a[href]').filter((e) =>
      seen(e) && !inText(e) && !(e instanceof SVGElement) && small(e)).map(show),
    wide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    doubles: ids.filter((id, i) => ids.indexOf(id) !== i),
  };
}"""
