"""Whether a page can be used by everybody: what axe-core finds, and whether it fits."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: The rules of WCAG 2.2, A and AA, and of good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Wide and light, a phone in the dark.
LOOKS = ((1280, "light"), (390, "dark"))
_AXE = Axe()


def wrong_on(page: Page) -> list[str]:
    """Return what axe-core finds on a page, and whether one has to scroll sideways."""
    # What is under the bar at the foot of the window can be scrolled out from under it.
    page.evaluate("document.querySelectorAll('.decide').forEach(e => e.style.position = 'static')")
    rules = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = _AXE.run(page, options=rules)
    wrong = [found.generate_report()] if found.violations_count else []
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        wrong.append("one has to scroll sideways")
    return [f"{page.url} {_how(page)}: {each}" for each in wrong]


def wrong_in(page: Page, look: tuple[int, str]) -> list[str]:
    """Return what is wrong on a page in a look: a width, and light or dark.

    What can be opened is open, for what is hidden is not looked at.
    """
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    width, scheme = look
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
    return wrong_on(page)


def wrong_on_all(
    page: Page, addresses: Sequence[str], *, whole: bool, status: int = 200
) -> list[str]:
    """Return what is wrong on pages: ``whole`` in every look, else in one, taken in turn."""
    wrong: list[str] = []
    for number, address in enumerate(addresses):
        answer = page.goto(address)
        if answer is None or answer.status != status:
            wrong.append(f"{address}: {answer and answer.status}")
        looks = LOOKS if whole else (LOOKS[number % 2],)
        for look in looks:
            wrong += wrong_in(page, look)
    return wrong


def _how(page: Page) -> str:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    size = page.viewport_size or {}
    return f"({size.get('width')} wide, {'dark' if dark else 'light'})"
