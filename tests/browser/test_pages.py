"""The control room, the explorer and the problems in a real browser: pointer, keyboard, phone.

Every page is watched (see conftest): a console message, a breach of the policy or a request to
another host fails the test.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_control_room_opens_and_filters_without_leaving_the_page(
    open_page: Open, language: str
) -> None:
    page = open_page("/?period=all", language=language)
    expect(page.locator("h1")).not_to_be_empty()
    expect(page.locator(".score").first).to_be_visible()
    expect(page.locator(".strip .phase")).to_have_count(6)
    page.evaluate("window.stillHere = true")
    page.locator("#filter-segment").select_option("repeat")
    page.wait_for_url(re.compile(r"\?period=all&segment=repeat$"))
    expect(page.locator(".filters .clear")).to_be_visible()
    page.locator(".strip .phase").nth(3).click()
    page.wait_for_url(re.compile(r"phase=purchase"))
    expect(page.locator(".strip .phase[aria-current]")).to_have_count(1)
    assert page.evaluate("window.stillHere") is True
    page.go_back()
    page.wait_for_url(re.compile(r"segment=repeat$"))
    expect(page.locator("#filter-segment")).to_have_value("repeat")
    expect(page.locator(".strip .phase[aria-current]")).to_have_count(0)


def test_a_score_tells_what_it_is_and_where_it_comes_from(open_page: Open) -> None:
    page = open_page("/?period=all")
    page.get_by_role("button", name="What is NPS?").focus()
    page.keyboard.press("Enter")
    about = page.locator("#about-nps")
    expect(about).to_be_visible()
    expect(about).to_contain_text("share of 9-10 minus share of 0-6")
    expect(about).to_contain_text("version")
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()


@pytest.mark.parametrize("language", ["it", "en"])
def test_clicking_a_touchpoint_picks_it_and_another_click_lets_go(
    open_page: Open, language: str
) -> None:
    page = open_page("/journeys/?period=all", language=language)
    page.evaluate("window.stillHere = true")
    node = page.locator(".graph .node", has_text="Ordine online")
    node.click()
    page.wait_for_url(re.compile(r"at=Ordine\+online"))
    expect(page.locator("#pick h3")).to_have_text("Ordine online")
    expect(page.locator(".graph .node.picked")).to_have_count(1)
    expect(page.locator(".graph .node.faded").first).to_be_attached()
    assert page.evaluate("window.stillHere") is True
    node.click()
    page.wait_for_url(re.compile(r"\?period=all$"))
    expect(page.locator(".graph .node.picked")).to_have_count(0)


def test_the_filter_by_a_touchpoint_narrows_the_journeys(open_page: Open) -> None:
    page = open_page("/journeys/?period=all&at=Recensione+online")
    before = page.locator("#graph-title + p").inner_text()
    page.get_by_role("link", name="Only journeys that pass here").click()
    page.wait_for_url(re.compile(r"touchpoint=Recensione"))
    expect(page.locator("#filter-touchpoint")).to_have_value("Recensione online")
    expect(page.locator("#graph-title + p")).not_to_have_text(before)


def test_a_ribbon_can_be_picked_and_closed_with_escape(open_page: Open) -> None:
    page = open_page("/journeys/?period=all")
    page.locator(".graph .ribbon.forward").first.dispatch_event("click")
    expect(page.locator("#pick h3")).to_contain_text("→")
    expect(page.locator("#pick dl")).to_contain_text("median wait")
    page.keyboard.press("Escape")
    expect(page.locator("#pick h3")).to_have_text("What stands out")


def test_the_graph_is_used_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page("/journeys/?period=all")
    first = page.locator(".graph .node").first
    first.focus()
    start = first.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused
    assert focused != start
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"at="))
    expect(page.locator(".graph .node.picked")).to_have_attribute("aria-label", focused)
    # The focus stays where it was, so that one can go on.
    expect(page.locator(".graph .node.picked")).to_be_focused()
    expect(page.locator(".graph .ribbon:not([tabindex])").first).to_be_attached()


def test_what_is_joined_to_a_touchpoint_lights_up_under_the_pointer(open_page: Open) -> None:
    page = open_page("/journeys/?period=all")
    node = page.locator(".graph .node", has_text="Ordine online")
    node.hover()
    key = node.get_attribute("data-key")
    lit = page.locator(".graph .ribbon.lit")
    expect(lit.first).to_be_attached()
    for ribbon in lit.all():
        assert key in (ribbon.get_attribute("data-from"), ribbon.get_attribute("data-to"))
    page.locator("h1").hover()
    expect(lit).to_have_count(0)


def test_all_of_it_works_without_script(open_page: Open, server: object, browser: object) -> None:
    page = open_page("/journeys/?period=all")
    with page.context.browser.new_context(  # type: ignore[union-attr]  # launched, so it has one
        java_script_enabled=False, storage_state=page.context.storage_state()
    ) as context:
        plain = context.new_page()
        plain.goto(page.url)
        plain.locator(".graph .node", has_text="Ordine online").click()
        expect(plain.locator("#pick h3")).to_have_text("Ordine online")
        plain.locator("#filter-segment").select_option("repeat")
        plain.get_by_role("button", name="Apply").click()
        expect(plain).to_have_url(re.compile(r"segment=repeat"))
        expect(plain.locator("#pick h3")).to_have_text("Ordine online")


def test_the_tabs_keep_the_filter(open_page: Open) -> None:
    page = open_page("/journeys/?period=all&segment=repeat")
    for name, heading in (
        ("Variants", "The same journey, step by step"),
        ("Stops and waits", "Where customers stop"),
        ("Ideal path", "The path of ideal customers"),
        ("As a table", "Touchpoints"),
        ("Graph", "Where customers go"),
    ):
        page.get_by_role("navigation", name="Views of the journeys").get_by_role(
            "link", name=name, exact=True
        ).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(r"segment=repeat"))
        # What is swapped in brings its title along, to the browser's tab and not into the page.
        expect(page).to_have_title(re.compile(f"^{name} · Journeys · "))
        expect(page.locator("main title:not(svg title)")).to_have_count(0)


def test_a_funnel_is_built_step_by_step(open_page: Open) -> None:
    page = open_page("/journeys/funnel/?period=all")
    page.get_by_label("Step 1").select_option("Scheda del libro")
    page.wait_for_url(re.compile(r"step=Scheda"))
    page.get_by_label("Step 2").select_option("Ordine online")
    expect(page.locator(".funnel li")).to_have_count(2)
    expect(page.locator(".funnel li").nth(1)).to_contain_text("of those at Scheda del libro")
    page.get_by_label("Within days").fill("3")
    page.get_by_role("button", name="Count").click()
    page.wait_for_url(re.compile(r"within=3"))
    expect(page.locator(".funnel + .source")).to_contain_text("within 3 days")


def test_from_the_control_room_to_the_evidence_and_the_journeys(open_page: Open) -> None:
    page = open_page("/?period=all")
    page.locator(".problems .button").first.click()
    expect(page.get_by_role("heading", name="What shows it")).to_be_visible()
    expect(page.locator(".evidence").first).to_contain_text("n ")
    page.get_by_role("link", name="See it in the journeys").click()
    expect(page.locator(".graph")).to_be_visible()
    expect(page).to_have_url(re.compile(r"period=all"))


#: What a finger hardly hits: less than 24 pixels high or wide, links inside a sentence excepted.
SMALL = """() => [...document.querySelectorAll('main a, main button, main select')]
  .filter(each => each.checkVisibility() && !each.closest('svg, p, li, td, th, .unseen'))
  .map(each => [each.textContent.trim().slice(0, 30), each.getBoundingClientRect()])
  .filter(([, box]) => box.height && Math.min(box.width, box.height) < 24)
  .map(([words]) => words)"""


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_sticks_out(open_page: Open, dark: bool) -> None:
    page = open_page("/?period=all", width=390, dark=dark, language="it")
    for path in ("/", "/journeys/", "/journeys/stops/", "/problems/"):
        page.goto(f"{path}?period=all")
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, path
        small = page.evaluate(SMALL)
        assert small == [], path


def test_an_empty_company_says_what_to_do(open_page: Open, empty_server: object) -> None:
    page = open_page("/", at=empty_server)
    expect(page.locator(".empty a.button")).to_have_attribute("href", "/data/")
