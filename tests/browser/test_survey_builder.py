"""A survey made, tried and opened in a real browser, with and without script; results; axe."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.server import Server

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.surveys import Response, Surveys, known_rows, ready
from percorso.workspace import Settings, Workspace

Open = Callable[..., Page]
LONG = "unaparolachenonfinisce" * 8


@pytest.fixture(scope="module")
def shop(start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server over a company that has asked, and one draft with much to mend."""
    made = Workspace.create(
        tmp_path_factory.mktemp("asked") / "company", Settings(company="Bottega Prova")
    )
    surveys = Surveys(made)
    rows = []
    for name, given in (
        ("nps", {"nps": 9, "why": "Gentili e veloci"}),
        ("pyramid", {"pyramid": {"needs": 5, "ease": 2, "enjoyment": 3}}),
        ("pmf", {"pmf": "very", "benefit": "I consigli"}),
    ):
        surveys.add(ready(name, f"{name}-asked"))
        survey = surveys.publish(f"{name}-asked")
        for n in range(45):
            when = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=n)
            response = Response(
                id=f"{name}{n}",
                customer=f"user:{n}",
                at=when,
                language="it",
                touchpoint="Consegna",
                channel="store" if n % 2 else "website",
            )
            rows += known_rows(survey, given, response)
    open_log(made).append(as_table(rows))
    return start_server(made)


def wrong_on(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, and whether one scrolls sideways."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    wrong = [found.generate_report()] if found.violations_count else []
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        wrong.append("one has to scroll sideways")
    return [f"{page.url}: {each}" for each in wrong]


def test_a_survey_is_made_with_logic_tried_published_and_opened(
    open_page: Open, empty_server: Server
) -> None:
    page = open_page("/surveys/", at=empty_server)
    page.get_by_role("link", name="Make a survey").click()
    page.get_by_label("Title").fill("After the delivery")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("After the delivery")

    page.get_by_label("Add a question").select_option("choice")
    page.get_by_label("After").select_option("nps")
    page.get_by_role("button", name="Add it").click()
    page.get_by_label("The question – English").fill("What went wrong?")
    page.get_by_label("The question – Italian").fill("Che cosa non è andato?")
    page.evaluate("window.stillHere = true")
    page.get_by_role("button", name="Add one").click()
    expect(page.get_by_label("3 – English")).to_be_visible()
    assert page.evaluate("window.stillHere") is True
    expect(page.get_by_label("The question – English")).to_have_value("What went wrong?")
    for n, (it, en) in enumerate((("Tardi", "Late"), ("Rotto", "Broken"), ("Altro", "Other")), 1):
        page.get_by_label(f"{n} – Italian").fill(it)
        page.get_by_label(f"{n} – English").fill(en)
    page.get_by_text("Write a condition").click()
    page.get_by_label("Who is asked, as a condition").fill("npps <= 6")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("mark")).to_have_text("npps")
    expect(page.get_by_text("Did you mean “nps”?")).to_be_visible()
    page.get_by_label("Who is asked", exact=True).select_option("nps <= 6")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#question-choice")).to_contain_text("Asked only when")
    page.get_by_role("button", name="Move question 2 down").click()
    expect(page.locator(".question").nth(2)).to_contain_text("What went wrong?")
    page.get_by_role("button", name="Move question 3 up").click()
    expect(page.locator(".question").nth(1)).to_contain_text("What went wrong?")

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Remove question 3").click()
    expect(page.locator(".question")).to_have_count(3)

    page.get_by_role("link", name="Try it").click()
    phone = page.frame_locator(".phone iframe")
    expect(phone.get_by_text("likely are you to recommend Bottega Prova")).to_be_visible()
    phone.get_by_role("radio", name=re.compile("^3")).check()
    phone.get_by_role("button", name="Next").click()
    expect(phone.get_by_text("What went wrong?")).to_be_visible()

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is published: from now on")).to_be_visible()
    page.locator("#kind-qr").check()
    page.get_by_label("Touchpoint").fill("Delivery")
    page.get_by_label("Place").fill("Via Dante")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="QR code: Via Dante")).to_be_visible()
    address = page.get_by_label("Address", exact=True).input_value()
    page.goto(address)
    expect(page.get_by_text("likely are you to recommend")).to_be_visible()


def test_who_goes_by_keyboard_sees_where_they_are(open_page: Open, empty_server: Server) -> None:
    """The bar at the foot of the window covers nothing that has the focus (WCAG 2.4.11)."""
    page = open_page("/surveys/new/?start=csat", at=empty_server, width=390)
    page.get_by_role("button", name="Make it").click()
    page.goto(f"{page.url.rstrip('/')}/words/")
    expect(page.locator(".decide")).to_be_visible()
    steps = page.locator("main :is(a, button, input, select, textarea, summary)").count()
    reached = set()
    for _ in range(2 * steps):
        page.keyboard.press("Tab")
        where, covered = page.evaluate(COVERED)
        reached.add(where)
        assert not covered, where
    assert "language-it" in reached


def test_colours_say_at_once_whether_they_can_be_seen(
    open_page: Open, empty_server: Server
) -> None:
    page = open_page("/surveys/new/?start=csat", at=empty_server)
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Look", exact=True).click()
    page.evaluate("window.stillHere = true")
    colour = page.locator("[id='light.text']")
    colour.fill("#dddddd")
    expect(page.get_by_text("hard to see: at least 4.5 is needed")).to_be_visible()
    expect(page.locator(".palette text").first).to_have_attribute("fill", "#dddddd")
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_text("hard to see")).to_have_count(0)
    assert page.evaluate("window.stillHere") is True
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_all_of_it_works_without_script_and_with_the_keyboard_alone(
    open_page: Open, empty_server: Server, browser: Browser
) -> None:
    page = open_page("/surveys/", at=empty_server)
    with browser.new_context(
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
        base_url=empty_server.url,
    ) as context:
        plain = context.new_page()
        plain.goto("/surveys/new/?start=ces")
        plain.get_by_label("Title").focus()
        plain.keyboard.type("By keyboard")
        plain.keyboard.press("Enter")
        expect(plain.get_by_role("heading", level=1)).to_have_text("By keyboard")
        plain.get_by_label("Add a question").focus()
        plain.keyboard.type("Mult")
        plain.get_by_role("button", name="Add it").focus()
        plain.keyboard.press("Enter")
        plain.get_by_label("The question – English").focus()
        plain.keyboard.type("What did you like?")
        plain.get_by_role("button", name="Add one").focus()
        plain.keyboard.press("Space")
        expect(plain.get_by_label("3 – Italian")).to_be_visible()
        expect(plain.get_by_label("The question – English")).to_have_value("What did you like?")
        # Enter in a field saves, whatever buttons stand before it.
        plain.get_by_label("1 – English").focus()
        plain.keyboard.type("The staff")
        plain.keyboard.press("Enter")
        expect(plain.get_by_text("Saved. What is marked below")).to_be_visible()
        expect(plain.get_by_label("1 – English")).to_have_value("The staff")
        expect(plain.get_by_text("the text is missing").first).to_be_visible()
        plain.goto("/surveys/by-keyboard/ask/?people=1000&rate=10&measure=share&width=5")
        expect(plain.locator(".plan-says")).to_contain_text("385")


PAGES = (
    "/surveys/",
    "/surveys/new/",
    "/surveys/draft/",
    "/surveys/draft/questions/choice/",
    "/surveys/draft/questions/matrix/",
    "/surveys/draft/words/",
    "/surveys/draft/thanks/",
    "/surveys/draft/look/",
    "/surveys/nps-asked/",
    "/surveys/nps-asked/try/",
    "/surveys/nps-asked/ask/",
    "/surveys/nps-asked/versions/",
    "/surveys/nps-asked/results/?period=all",
    "/surveys/nps-asked/results/people/?period=all",
    "/surveys/nps-asked/results/by/?period=all",
    "/surveys/pyramid-asked/results/pyramid/?period=all",
    "/surveys/pmf-asked/results/pmf/?period=all",
)

#: What has the focus, and whether the bar at the foot of the window is over it.
COVERED = """() => {
  const at = document.activeElement, bar = document.querySelector('.decide');
  const under = at.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
  return [at.id, under && !bar.contains(at) && at.closest('form.editor') !== null];
}"""


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(False, id="in one look"),
        # Each page as axe sees it takes seconds: every other one in each look is enough.
        pytest.param(True, id="in each look", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    ("language", "dark", "width"),
    [("it", True, 390), ("en", False, 1280)],
)
def test_every_page_fits_and_can_be_used_by_everybody(
    open_page: Open, shop: Server, language: str, dark: bool, width: int, whole: bool
) -> None:
    page = open_page("/surveys/", at=shop, language=language, dark=dark, width=width)
    if page.request.get("/surveys/draft/").status == 404:
        _draft(page, shop)
    wrong: list[str] = []
    for address in PAGES if whole else PAGES[int(dark) :: 2]:
        page.goto(address)
        expect(page.locator("main h1, main h2").first).to_be_visible()
        wrong += wrong_on(page)
    assert not wrong, "\n".join(wrong)


def test_no_page_is_wider_than_the_narrowest_phone(open_page: Open, shop: Server) -> None:
    # WCAG 2.2, 1.4.10: 320 CSS pixels without scrolling sideways; Italian words are the longer.
    page = open_page("/surveys/", at=shop, language="it", width=320)
    if page.request.get("/surveys/draft/").status == 404:
        _draft(page, shop)
    wide = []
    for address in (*PAGES, "/surveys/new/file/"):
        page.goto(address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wide += [f"{address}: {over} px too wide"] if over > 0 else []
    assert not wide, "\n".join(wide)


def _draft(page: Page, server: Server) -> None:
    """Make a draft with long words, conditions right and wrong, and nothing in some places."""

    def post(path: str, **form: Any) -> None:
        token = next(c["value"] for c in page.context.cookies() if c["name"] == "percorso_csrf")
        given = {**form, "csrfmiddlewaretoken": token}
        headers = {"Referer": server.url}
        answer = page.request.post(f"{server.url}{path}", form=given, headers=headers)
        assert answer.status in (200, 302), answer.text()[:500]

    post("/surveys/new/", start="nps", title=LONG[:180], id="draft", languages="it")
    for kind in ("choice", "matrix", "pyramid"):
        post("/surveys/draft/", do="add", type=kind)
    was = re.search(
        r'name="was" value="(\w+)"', page.request.get("/surveys/draft/questions/choice/").text()
    )
    assert was
    post(
        "/surveys/draft/questions/choice/",
        **{
            "do": "save",
            "was": was[1],
            "id": "choice",
            "text.it": LONG,
            "options": "2",
            "option-0.text.it": LONG,
            "option-1.text.it": "No",
            "show_if": "npss <= 6 and nps",
            "jumps": "1",
            "jump-0.when": "choice is no",
            "jump-0.to": "end",
        },
    )
