"""The voice of the customer in a real browser: reading, narrowing, correcting, on a phone too."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]

#: The words of what is too small to be pressed with a finger.
SMALL = """() => [...document.querySelectorAll('main a, main button, main select, main summary')]
  .filter(each => each.checkVisibility() && !each.closest('svg, p, li, td, th, .unseen'))
  .map(each => [each.textContent.trim().slice(0, 30), each.getBoundingClientRect()])
  .filter(([, box]) => box.height && Math.min(box.width, box.height) < 24)
  .map(([words]) => words)"""


def test_a_wrong_label_is_corrected_with_one_press_and_taken_back(open_page: Open) -> None:
    page = open_page("/voice/texts/?period=all&sentiment=positive", language="it")
    page.evaluate("window.stillHere = true")
    text = page.locator("article.text").first
    neutral = text.get_by_role("button", name="Neutro")
    expect(neutral).to_have_attribute("aria-pressed", "false")
    neutral.click()
    expect(neutral).to_have_attribute("aria-pressed", "true")
    expect(text.get_by_role("status")).not_to_be_empty()
    expect(neutral).to_be_focused()
    text.get_by_role("button", name="Annulla").click()
    expect(neutral).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.stillHere") is True


def test_a_label_is_corrected_without_script(open_page: Open) -> None:
    page = open_page("/voice/texts/?period=all")
    with page.context.browser.new_context(  # type: ignore[union-attr]  # launched, so it has one
        java_script_enabled=False, storage_state=page.context.storage_state()
    ) as context:
        plain = context.new_page()
        plain.goto(page.url)
        text = plain.locator("article.text").nth(3)
        anchor = text.get_attribute("id")
        text.get_by_role("button", name="Neutral").click()
        expect(plain).to_have_url(re.compile(rf"/voice/texts/\?period=all#{anchor}$"))
        expect(plain.locator(f"#{anchor} .done")).to_contain_text(re.compile("Corrected|Noted"))
        plain.locator(f"#{anchor}").get_by_role("button", name="Undo").click()
        expect(plain.locator(f"#{anchor} .done")).to_contain_text("Taken back")


def test_texts_are_narrowed_without_leaving_the_page(open_page: Open) -> None:
    page = open_page("/voice/texts/?period=all")
    page.evaluate("window.stillHere = true")
    page.locator("#by-sentiment").select_option("negative")
    page.wait_for_url(re.compile(r"period=all.*sentiment=negative"))
    expect(page.locator("article.tone-bad").first).to_be_visible()
    expect(page.locator("article.tone-good")).to_have_count(0)
    page.locator("#by-factor").select_option("speed")
    page.wait_for_url(re.compile(r"factor=speed"))
    expect(page.locator("article mark").first).to_be_visible()
    said = page.locator("article.text .words").first.inner_text()
    word = re.findall(r"[^\W\d_]{4,}", said)[0]
    page.locator("#q").fill(word)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q="))
    expect(page.locator("article.text").first).to_contain_text(word)
    page.locator("#filter-channel").select_option("reviews")
    page.wait_for_url(re.compile(r"channel=reviews"))
    expect(page.locator("#q")).to_have_value(word)
    expect(page.locator("#by-sentiment")).to_have_value("negative")
    assert page.evaluate("window.stillHere") is True


def test_other_labels_are_said_from_the_keyboard(open_page: Open) -> None:
    page = open_page("/voice/texts/?period=all&page=2")
    text = page.locator("article.text").first
    text.locator("summary", has_text="Other labels").focus()
    page.keyboard.press("Enter")
    text.get_by_label("Another factor").select_option("continuity")
    text.get_by_label("Betrayal").check()
    text.get_by_role("button", name="These labels are right").click()
    expect(text.get_by_role("status")).to_contain_text("Corrected")
    expect(text.locator(".chip", has_text="Continuity")).to_be_visible()
    expect(text.locator(".chip", has_text="Betrayal")).to_be_visible()
    text.get_by_role("button", name="Undo").click()
    expect(text.locator(".chip", has_text="Betrayal")).to_have_count(0)


def test_factors_are_compared_and_lead_to_their_texts(open_page: Open) -> None:
    page = open_page("/voice/factors/?period=all")
    expect(page.locator(".chart svg[role=img]")).to_have_attribute("aria-label", re.compile(r"\w"))
    page.locator(".choices a").nth(2).click()
    expect(page.locator(".choices a").nth(2)).to_have_attribute("aria-current", "true")
    page.locator(".switch a").nth(3).click()
    page.wait_for_url(re.compile(r"by=month"))
    expect(page.locator(".grid thead th").nth(2)).to_contain_text(re.compile(r"20\d\d"))
    page.locator(".factors td a").first.click()
    page.wait_for_url(re.compile(r"/voice/texts/.*polarity=negative"))
    expect(page.locator("article.text").first).to_be_visible()


def test_on_a_phone_nothing_sticks_out(open_page: Open) -> None:
    page = open_page("/voice/?period=all", width=390, dark=True, language="it")
    for path in ("", "texts/", "factors/", "topics/", "needs/"):
        if path:
            page.goto(page.url.partition("/voice/")[0] + f"/voice/{path}?period=all")
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, path
        small = page.evaluate(SMALL)
        assert small == [], path
