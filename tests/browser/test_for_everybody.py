"""Every page of analyses: axe-core finds nothing, light and dark, wide and on a phone.

Pages of surveys, maps and touchpoints are looked at beside what they do: ``test_survey_builder``,
``test_maps``, ``test_touchpoints``; those that customers see in ``test_survey_pages``.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.browser.addresses import ANALYSES, LED_TO
from tests.browser.everybody import wrong_on_all

Open = Callable[..., Page]
#: Each page in one look, taken in turn; in both looks it takes minutes.
in_looks = pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["in one look", "in each"]
)


@in_looks
def test_every_analysis(open_page: Open, whole: bool) -> None:
    page = open_page("/?period=all")
    found = [f"{each}{'&' if '?' in each else '?'}period=all" for each in ANALYSES]
    for begins, link in LED_TO:
        page.goto(f"{begins}?period=all")
        found.append(str(page.locator(link).first.get_attribute("href")))
    wrong = wrong_on_all(page, found, whole=whole)
    assert not wrong, "\n".join(wrong)
