"""The journey map in a real browser: no violation that axe finds, phone and desktop, keyboard."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

Open = Callable[..., Page]


def violations(page: Page) -> str:
    """Return what axe finds where all that opens is open, in words; empty where nothing."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return "" if not found.violations_count else found.generate_report()


def test_axe_finds_nothing(open_page: Open) -> None:
    page = open_page("/maps/?period=all")
    for path in (
        "/maps/?period=all",
        "/maps/?period=90&against=before",
        "/maps/compare/?period=all&segment=repeat&other=one_purchase",
        "/maps/next-steps/?period=all",
        "/maps/beliefs/?period=all",
        "/maps/beliefs/new/",
        "/maps/to-be/",
        "/maps/links/",
    ):
        page.goto(path)
        expect(page.locator("h1")).not_to_be_empty()
        expect(page.locator(".working-out")).to_have_count(0)
        assert violations(page) == "", path
    page.goto("/maps/to-be/")
    page.get_by_label("Name").fill("To be looked at")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator(".working-out")).to_have_count(0)
    add = page.locator("#activation-effort .add")
    assert violations(page) == "", "a draft"
    add.click()
    expect(page.get_by_label("What is to be")).to_be_visible()
    assert violations(page) == "", "an entry"


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_a_phone(open_page: Open, dark: bool) -> None:
    page = open_page("/maps/?period=all", width=390, dark=dark, language="it")
    expect(page.locator(".jmap")).to_be_visible()
    assert violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("dark", "language"), [(False, "en"), (True, "it")])
def test_two_personas_on_a_phone_are_compared_a_phase_at_a_time(
    open_page: Open, dark: bool, language: str
) -> None:
    address = "/maps/compare/?period=all&segment=repeat&other=one_purchase"
    page = open_page(address, width=390, dark=dark, language=language)
    folds = page.locator(".fold")
    expect(folds).to_have_count(6)
    expect(page.locator(".sides")).to_be_hidden()
    # Six phases, what differs, and one phase's figures: a few screens.
    folds.nth(2).locator("summary").click()
    figures = folds.nth(2).get_by_role("row").nth(2).get_by_role("cell")
    expect(figures.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < 4_000
    # Both personas' values and their difference stand in one line.
    tops = [box["y"] for each in figures.all() if (box := each.bounding_box())]
    assert len(tops) == 3
    assert max(tops) - min(tops) < 4
    assert violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".sides")).to_be_visible()
    expect(folds.first).to_be_hidden()


def test_a_map_that_takes_long_shows_its_page_first_and_comes_by_itself(
    open_page: Open, browser: Browser
) -> None:
    page = open_page("/maps/to-be/")
    held: list[str] = []

    def hold(route: Route) -> None:
        held.append(route.request.url)
        expect(page.locator(".working-out")).to_contain_text("Working it out")
        route.continue_()

    page.route("**/maps/?*wait=1*", hold)
    page.goto("/maps/?period=365&channel=website")
    expect(page.locator("#phase-purchase")).to_be_visible()
    assert held
    assert "wait" not in page.url
    # Without script the browser goes on by itself.
    with browser.new_context(
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
        base_url=page.url.split("/maps/")[0],
        locale="en-GB",
    ) as context:
        plain = context.new_page()
        plain.goto("/maps/?period=365&segment=repeat")
        expect(plain.locator("#phase-purchase")).to_be_visible()
        assert "wait=1" in plain.url


def test_wide_it_is_a_grid_and_on_a_phone_the_phases_stand_below_each_other(
    open_page: Open,
) -> None:
    page = open_page("/maps/?period=all")
    heads = [page.locator(f"#phase-{name}") for name in ("awareness", "activation", "advocacy")]
    boxes = [each.bounding_box() for each in heads]
    assert all(boxes)
    tops = {round(box["y"]) for box in boxes if box}
    assert len(tops) == 1
    page.set_viewport_size({"width": 390, "height": 900})
    boxes = [each.bounding_box() for each in heads]
    below = [box["y"] for box in boxes if box]
    assert below == sorted(below)
    assert below[-1] - below[0] > 900
    # A lane is named in each phase there, and one may go to a phase at once.
    expect(page.locator("#activation-effort h3")).to_be_visible()
    page.get_by_role("navigation", name="Phases").get_by_role("link", name="Activation").click()
    expect(page.locator("#phase-activation")).to_be_in_viewport()


def test_the_score_on_the_curve_and_the_persona_are_chosen_in_the_address(
    open_page: Open,
) -> None:
    page = open_page("/maps/?period=all")
    page.get_by_role("group", name="Score on the curve").get_by_role("link", name="NPS").click()
    page.wait_for_url(re.compile(r"scale=nps"))
    expect(page.locator(".legend")).to_contain_text("NPS")
    page.locator("#filter-segment").select_option("repeat")
    page.wait_for_url(re.compile(r"segment=repeat"))
    expect(page.locator(".legend")).to_contain_text("NPS")


def test_the_map_is_a_table_too(open_page: Open) -> None:
    page = open_page("/maps/?period=all")
    page.get_by_text("The map as a table").click()
    table = page.get_by_role("region", name="The map as a table")
    expect(table.get_by_role("row").nth(5)).to_be_visible()
    expect(table.get_by_role("columnheader").first).to_have_text("Phase")


def test_a_belief_is_written_with_the_keyboard_and_judged(open_page: Open) -> None:
    page = open_page("/maps/beliefs/")
    page.get_by_role("link", name="Write a belief").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What do you believe?").focus()
    page.keyboard.type("Paying on a phone is a pleasure.")
    page.get_by_label("What would show it").select_option("ces")
    page.get_by_label("Which way", exact=True).select_option("higher")
    page.locator("[name=where_touchpoint]").select_option("Carrello da telefono")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/maps/beliefs/\?period=all"))
    mine = page.locator(".beliefs > li", has_text="Paying on a phone is a pleasure.")
    expect(mine).to_contain_text("Denied by data")
    mine.get_by_role("link", name="Paying on a phone is a pleasure.").click()
    expect(page.get_by_label("What do you believe?")).to_have_value(re.compile("pleasure"))
    assert violations(page) == ""


def test_a_draft_is_written_and_shared_without_script(open_page: Open, browser: Browser) -> None:
    first = open_page("/maps/to-be/")
    with browser.new_context(
        java_script_enabled=False,
        storage_state=first.context.storage_state(),
        base_url=first.url.split("/maps/")[0],
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
    ) as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto("/maps/to-be/")
        page.get_by_label("Name").fill("Phones at ease")
        page.get_by_role("button", name="Make a draft").click()
        page.locator("#activation-effort .add").click()
        page.get_by_label("What is to be").fill("Three steps")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#activation-effort")).to_contain_text("Three steps")
        page.get_by_text("Share by link").click()
        page.get_by_role("button", name="Make the link").click()
        link = page.locator("input.link").first.input_value()
    with browser.new_context(locale="it-IT", viewport={"width": 390, "height": 900}) as context:
        reader = context.new_page()
        reader.goto(link)
        expect(reader.locator("#activation-effort")).to_contain_text("Three steps")
        assert reader.locator("form, button").count() == 0
        assert violations(reader) == ""


def test_what_is_written_on_a_draft_is_dragged_to_another_place(open_page: Open) -> None:
    page = open_page("/maps/to-be/")
    page.get_by_label("Name").fill("Dragged about")
    page.get_by_role("button", name="Make a draft").click()
    for text in ("Three steps", "No account"):
        page.locator("#activation-effort .add").click()
        page.get_by_label("What is to be").fill(text)
        page.get_by_role("button", name="Save").click()
    entries = page.locator("#activation-effort .entry")
    # The script comes after the page; each drop leads to the page anew.
    page.wait_for_load_state()
    entries.nth(1).drag_to(entries.nth(0), target_position={"x": 20, "y": 6})
    expect(entries).to_have_text([re.compile("No account"), re.compile("Three steps")])
    page.wait_for_load_state()
    entries.nth(1).drag_to(page.locator("#purchase-effort .add"))
    expect(page.locator("#purchase-effort .entry")).to_contain_text("Three steps")
    expect(entries).to_have_count(1)
