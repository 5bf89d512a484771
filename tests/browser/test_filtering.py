"""A filter nobody asked for before: what is quick is shown first, the rest when it is there."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_what_takes_longer_comes_after_what_is_quick(open_page: Open) -> None:
    page = open_page("/?period=all")
    # Filters nobody asked for before, the second while the first is still under way.
    page.locator("#filter-segment").select_option("one_purchase")
    page.locator("#filter-channel").select_option("website")
    page.wait_for_url(re.compile(r"segment=one_purchase&channel=website$"))
    expect(page.locator("#problems-title")).to_have_count(1)
    expect(page.locator("#ideal-title")).to_be_visible()
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    expect(page.locator("#lede")).to_have_count(1)
    expect(page.locator("#lede")).not_to_be_empty()
    expect(page.locator("#filter-channel")).to_have_value("website")
    assert page.url.endswith("segment=one_purchase&channel=website")
