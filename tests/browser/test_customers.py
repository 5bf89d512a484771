"""Customers and segments in a real browser: counting as one builds, without script, on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_a_segment_is_counted_while_it_is_built(open_page: Open) -> None:
    page = open_page("/segments/build/")
    page.evaluate("window.stillHere = true")
    page.get_by_label("Value").fill("1")
    expect(page.locator(".rule-text")).to_have_text("orders >= 1")
    fewer = int(page.locator(".outcome .big").inner_text().replace(",", ""))
    page.get_by_label("Value").fill("4")
    expect(page.locator(".rule-text")).to_have_text("orders >= 4")
    expect(page.locator(".outcome .big")).not_to_have_text(str(fewer))
    page.get_by_role("button", name="Add a condition").click()
    expect(page.get_by_role("group", name="Condition 2")).to_be_visible()
    assert page.evaluate("window.stillHere") is True


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_segment_is_built_without_script_and_filters_the_list(
    open_page: Open, language: str
) -> None:
    italian = language == "it"
    page = open_page("/segments/build/", language=language)
    name = "Chi torna" if italian else "Who return"
    with page.context.browser.new_context(  # type: ignore[union-attr]  # launched, so it has one
        java_script_enabled=False, storage_state=page.context.storage_state()
    ) as context:
        plain = context.new_page()
        plain.goto(page.url)
        plain.get_by_label("Valore" if italian else "Value").fill("2")
        plain.get_by_role("button", name="Conta" if italian else "Count", exact=True).click()
        plain.get_by_label("Nome del segmento" if italian else "Name of the segment").fill(name)
        button = "Salva il segmento" if italian else "Save the segment"
        plain.get_by_role("button", name=button).click()
        plain.get_by_role("link", name=name, exact=True).click()
        expect(plain.locator("#by-segment")).to_have_value(name)
        expect(plain.locator(".customers tbody tr").first).to_be_visible()


def test_a_customers_page_fits_a_phone_and_names_what_they_met(open_page: Open) -> None:
    page = open_page("/customers/?order=value", width=390)
    page.locator(".customers tbody th a").first.click()
    expect(page.locator(".timeline li").first).to_be_visible()
    expect(page.locator("#met-title + *, section:has(#met-title) .source").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
