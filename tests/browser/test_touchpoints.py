"""Touchpoints in a real browser: no violation that axe finds, no script needed, a phone too."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
ONE = "/touchpoints/at/cart-phone/"
PAGES = ("/touchpoints/", "/touchpoints/new/", ONE, f"{ONE}edit/", "/touchpoints/consistency/")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(1280, False, "en"), (390, True, "it")], ids=["wide", "phone"]
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_page: Open, width: int, dark: bool, language: str
) -> None:
    page = open_page(PAGES[0], width=width, dark=dark, language=language)
    rules = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        found = Axe().run(page, options=rules)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, path


def test_a_touchpoint_is_described_without_script(open_page: Open) -> None:
    page = open_page("/touchpoints/")
    with page.context.browser.new_context(  # type: ignore[union-attr]  # launched, so it has one
        java_script_enabled=False, storage_state=page.context.storage_state(), locale="en-GB"
    ) as context:
        plain = context.new_page()
        plain.goto(page.url)
        plain.get_by_role("link", name="Add a touchpoint").click()
        plain.get_by_label("Name", exact=True).fill("Window in via Dante")
        plain.get_by_label("Channel").select_option("store")
        plain.get_by_label("Owner").fill("Negozio")
        plain.get_by_role("group", name="Phases it is meant for").get_by_label("Awareness").check()
        plain.locator("summary", has_text="Awareness").click()
        plain.get_by_role("group", name="Awareness", exact=True).get_by_label("Tone of voice").fill(
            "Curious"
        )
        plain.get_by_role("button", name="Save").click()
        expect(plain.get_by_role("heading", level=1)).to_have_text("Window in via Dante")
        expect(plain.locator(".strategies")).to_contain_text("Curious")
        plain.locator("summary", has_text="Write down a need").click()
        plain.get_by_label("In words").fill("To see the prices from outside")
        plain.locator("#measured-new").select_option("factor:transparency")
        plain.locator("#seen-new").fill("People shade their eyes at the glass.")
        plain.get_by_role("button", name="Write it down").click()
        expect(plain.locator("#wants .evidence li")).to_have_count(2)
        plain.get_by_role("button", name="Delete this touchpoint").click()
        expect(plain).to_have_url(re.compile(r"/touchpoints/$"))
        expect(plain.locator("main")).to_contain_text(
            "“Window in via Dante” is no longer described"
        )


def test_what_is_left_open_leads_to_the_touchpoints_by_keyboard(open_page: Open) -> None:
    page = open_page("/touchpoints/")
    point = page.locator(".points a", has_text="nobody listens")
    point.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"open=listening"))
    expect(page.locator(".touchpoints tbody tr").first).to_contain_text("nobody listens")
    page.get_by_role("link", name="Ricerca sul sito").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ricerca sul sito")


def test_the_comparison_is_narrowed_and_keeps_the_page(open_page: Open) -> None:
    page = open_page("/touchpoints/consistency/")
    page.evaluate("window.stillHere = true")
    expect(page.locator("section[aria-labelledby=worse-title] .gaps details").first).to_be_visible()
    page.locator("#filter-period").select_option("365")
    page.wait_for_url(re.compile(r"period=365"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\w"))
    assert page.evaluate("window.stillHere") is True
