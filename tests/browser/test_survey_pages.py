"""The pages customers answer on, in a real browser: for everybody, by keyboard, with no script."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests import web as webs
from tests.app.surveys.asking import EVERY_TYPE, publish, t
from tests.browser.conftest import Watch
from tests.browser.everybody import LOOKS, wrong_in
from tests.server import Server, inside, wait_for
from tests.web import Answer

from percorso.log import Log, open_log
from percorso.workspace import Settings, Workspace

LIGHTEST = 50_000
#: Makes a door to each survey, and invitations; prints what leads to them.
DOORS = """
import itertools
import json
from datetime import timedelta
from uuid import UUID
from django.utils import timezone
from percorso.app.surveys import actions
from percorso.app.surveys.answering import ways
from percorso.app.surveys.models import Door, Invitation, Unfinished
soon = timezone.now() + timedelta(days=7)
made = {}
for survey, kind in (("every", "link"), ("visit", "qr"), ("kiosk", "kiosk"), ("visit", "widget"),
                     ("secret", "link")):
    made[kind if kind != "link" else survey] = "/s/" + Door.objects.create(
        code=(survey + kind)[:16], survey=survey, kind=kind, touchpoint="Shop", place="Brera",
        channel="store").code
made["invitations"] = [
    actions.invite("visit", f"email:c{n}@example.org", touchpoint="Delivery", expires_at=soon).path
    for n in range(12)
]
made["closed"] = "/s/" + Door.objects.create(
    code="closed-door", survey="visit", kind="link", touchpoint="Shop", channel="store",
    closed_at=timezone.now()).code
made["each"] = "/s/" + Door.objects.create(
    code="each-alone", survey="each", kind="link", touchpoint="Shop", channel="store").code
made["expired"] = actions.invite("visit", "email:d@example.org", touchpoint="Delivery",
                                 expires_at=timezone.now() - timedelta(days=1)).path
for name, more in (("used", {"used": True}), ("resumed", {})):
    link = actions.invite("visit", f"email:{name}@example.org", touchpoint="Delivery",
                          expires_at=soon)
    Invitation.objects.filter(id=link.id).update(**more) if more else Unfinished.objects.create(
        response=ways.response_of(UUID(str(link.id))), survey="visit", version=1, language="en",
        answers={"nps": 9}, invitation_id=link.id)
    made[name] = link.path
print(json.dumps(made))
"""
ENDINGS = [
    {
        "text": t("Ci dispiace: rimediamo.", "We are sorry, and put it right."),
        "show_if": "nps <= 6",
        "offers_contact": True,
    },
    {"text": t("Grazie: leggiamo ogni risposta.", "Thank you: we read every answer.")},
]
REVIEW = {"kind": "review", "text": t("Scrivi una recensione", "Write a review"),
          "address": "https://example.org/review"}  # fmt: skip


@pytest.fixture(scope="module")
def asking(start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server over a company that asks."""
    place = tmp_path_factory.mktemp("asking") / "company"
    company = Workspace.create(place, Settings(company="Libreria Aurora"))
    publish(company, "every", questions=EVERY_TYPE, layout="all")
    publish(company, "each", questions=EVERY_TYPE, layout="one")
    intro = t("Bastano due minuti.", "It takes two minutes.")
    publish(company, "visit", endings=ENDINGS, links=[REVIEW], intro=intro)
    publish(company, "kiosk", endings=ENDINGS)
    publish(company, "secret", anonymous=True)
    return start_server(company)


@pytest.fixture(scope="module")
def doors(asking: Server) -> dict[str, Any]:
    """Return the addresses of the doors by kind (or survey), and links of invited people."""
    found: dict[str, Any] = json.loads(inside(asking, DOORS))
    return found


@pytest.fixture
def visit(asking: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a page as a customer does: no account, no cookie."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(
        path: str,
        *,
        language: str = "en",
        dark: bool = False,
        width: int = 390,
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=asking.url,
            locale={"it": "it-IT", "en": "en-GB"}[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 844},
            java_script_enabled=script,
        )
        context.set_default_timeout(30_000)
        watch = Watch(asking.url)
        watch.expect("422")
        watch.expect("410")
        watch.over(context)
        opened.append((context, watch))
        page = context.new_page()
        page.goto(path)
        return page

    yield make
    for context, watch in opened:
        assert not context.cookies()
        context.close()
        watch.check()


def harmless(page: Page) -> None:
    """Fail where axe-core finds something, by the rules of WCAG 2.2 A and AA and good practice."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


# For everybody


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    # Each of a pair goes with each of another: no more is needed to find what two of them break.
    [(390, False, "en"), (390, True, "it"), (1280, False, "it"), (1280, True, "en")],
)
def test_every_type_of_question_is_for_everybody(
    visit: Callable[..., Page], doors: dict[str, Any], width: int, dark: bool, language: str
) -> None:
    page = visit(doors["every"], language=language, dark=dark, width=width)
    harmless(page)
    # Chosen, and with every mistake that can be made.
    page.locator("input[type=radio][value='4']").first.check(force=True)
    page.locator("#q-reach\\.email").fill("nobody")
    for each in page.locator("input[type=checkbox]").all():
        each.check(force=True)
    harmless(page)
    page.locator("button.primary").click()
    expect(page.locator(".notice.wrong")).to_be_visible()
    harmless(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    send = {"en": "Send", "it": "Invia"}[language]
    assert page.get_by_role("button", name=send, exact=True).is_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_way_through_a_survey_is_for_everybody(
    visit: Callable[..., Page], doors: dict[str, Any], dark: bool
) -> None:
    page = visit(f"{doors['qr']}?nps=3", dark=dark)
    harmless(page)
    press(page, "Confirm")
    expect(page.get_by_text("Why?")).to_be_visible()
    harmless(page)
    press(page, "Send")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    harmless(page)
    press(page, "Yes, please contact me")
    expect(page.get_by_text("Please say how to reach you.").or_(
        page.get_by_text("An answer is needed here."))).to_be_visible()  # fmt: skip
    harmless(page)
    page.get_by_label("E-mail").fill("ada@example.org")
    press(page, "Yes, please contact me")
    expect(page.get_by_text("Libreria Aurora will get in touch with you.")).to_be_visible()
    harmless(page)
    page.goto("/s/i/nothing")
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    harmless(page)
    page.goto(doors["kiosk"])
    harmless(page)


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(False, id="in one look"),
        # Some 25 pages in every look take long; otherwise the looks take turns.
        pytest.param(True, id="in each look", marks=pytest.mark.slow),
    ],
)
def test_every_page_of_every_link_is_for_everybody_and_light(
    visit: Callable[..., Page], doors: dict[str, Any], whole: bool
) -> None:
    """Open, closed, used, expired, forged, resumed, at a kiosk, in a website, page after page."""
    states = [
        *(doors[each] for each in ("closed", "used", "expired", "resumed", "kiosk", "secret")),
        f"{doors['invitations'][1]}x",
        f"{doors['widget']}?widget",
        f"{doors['closed']}?widget",
        f"{doors['qr']}?kiosk",
    ]
    page = visit(doors["qr"])
    wrong: list[str] = []
    styles: dict[str, int] = {}
    turns = itertools.cycle(LOOKS)

    def look_at() -> None:
        for look in LOOKS if whole else (next(turns),):
            wrong.extend(wrong_in(page, look))
        size = len(page.content().encode())
        for each in page.locator("link[rel=stylesheet]").all():
            address = str(each.get_attribute("href"))
            if address not in styles:
                styles[address] = len(page.request.get(address).body())
            size += styles[address]
        assert size < LIGHTEST, page.url

    for address in states:
        page.goto(address)
        look_at()
    # Each type alone, and the endings of who is happy and of who is not.
    page.goto(doors["each"])
    for _question in EVERY_TYPE:
        look_at()
        if page.locator("#q-nps-9").count():
            page.locator("button.primary").click()
            look_at()
            page.locator("#q-nps-9").check(force=True)
        page.locator("button.primary").click()
    expect(page.locator(".done")).to_be_visible()
    for score in (9, 2):
        page.goto(f"{doors['qr']}?nps={score}")
        press(page, "Confirm")
        press(page, "Send")
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        look_at()
    assert not wrong, "\n".join(wrong)


def test_every_type_is_answered_by_keyboard_alone_without_a_script(
    visit: Callable[..., Page], doors: dict[str, Any], asking: Server
) -> None:
    page = visit(doors["each"], script=False, width=1280)
    pressed: set[str] = set()
    for _question in EVERY_TYPE:
        pressed |= answer_by_keyboard(page)
    expect(page.locator(".done")).to_be_visible()
    assert {each.partition(".")[0] for each in pressed} == {each["id"] for each in EVERY_TYPE}
    log = open_log(asking.workspace)
    wait_for(lambda: "By keys alone" in texts(log))
    rows = [each for each in log.read().read_all().to_pylist() if each["about"] == "survey:each"]
    assert {json.loads(each["properties"])["question"] for each in rows} == {
        each["id"] for each in EVERY_TYPE
    }


def answer_by_keyboard(page: Page) -> set[str]:
    """Go through a page with Tab, answer what there is, and go on; return the fields met."""
    typed = {"textarea": "By keys alone", "email": "ada@example.org", "text": "Ada",
             "date": "01012026"}  # fmt: skip
    met: set[str] = set()
    for _time in range(60):
        page.keyboard.press("Tab")
        if not page.locator(":focus").count():
            continue  # past the last, before the first again
        kind, name, css = page.locator(":focus").evaluate("e => [e.type, e.name, e.className]")
        if kind == "submit" and "primary" in css:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return met
        if not name or name in met or kind == "submit":
            continue
        if kind in ("radio", "checkbox"):
            page.keyboard.press("Space")
        elif kind in typed:
            page.keyboard.type(typed[kind])
        else:
            continue
        met.add(name)
    raise AssertionError("the button cannot be reached")


def test_a_survey_is_answered_by_keyboard_alone(
    visit: Callable[..., Page], doors: dict[str, Any], asking: Server
) -> None:
    page = visit(doors["every"], width=1280)
    keys = page.keyboard
    radios = {"nps": 9, "csat": 3, "ces": 6, "pmf": 0, "pyramid.needs": 4}

    def go_to(name: str) -> None:
        for _time in range(60):
            keys.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                return
        raise AssertionError(f"{name} cannot be reached")

    for name, downs in radios.items():
        go_to(name)
        keys.press("Space")
        for _time in range(downs):
            keys.press("ArrowRight")
    go_to("why")
    keys.type("By keyboard")
    go_to("genres")
    keys.press("Space")
    go_to("news")
    keys.press("Space")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Send"
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    log = open_log(asking.workspace)
    wait_for(lambda: "By keyboard" in texts(log))
    rows = [each for each in log.read().read_all().to_pylist() if each["name"] == "nps"]
    assert 9 in {each["score"] for each in rows}


def texts(log: Log) -> set[str]:
    return {str(each) for each in log.read(["text"]).read_all()["text"].to_pylist()}


def test_enter_in_a_field_goes_on_and_changes_no_language(
    visit: Callable[..., Page], doors: dict[str, Any]
) -> None:
    page = visit(f"{doors['every']}?nps=9", language="it")
    page.locator("#q-reach\\.name").fill("Ada")
    page.locator("#q-reach\\.email").fill("ada@example.org")
    page.locator("#q-reach\\.email").press("Enter")
    expect(page.locator(".done")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "it"


def test_a_survey_is_answered_without_a_script(
    visit: Callable[..., Page], doors: dict[str, Any]
) -> None:
    page = visit(doors["invitations"][0], script=False)
    press(page, "Next")
    expect(page.get_by_text("Please look at this once more")).to_be_visible()
    page.locator("label[for='q-nps-10']").click(force=True)
    page.locator("#q-nps-10").check(force=True)
    press(page, "Next")
    press(page, "Italiano")
    expect(page.get_by_text("Perché?")).to_be_visible()
    page.locator("textarea").fill("Senza script")
    page.locator("button[name=back]").click()
    assert page.locator("#q-nps-10").is_checked()
    page.locator("button.primary").click()
    assert page.locator("textarea").input_value() == "Senza script"
    page.locator("button.primary").click()
    expect(page.locator(".done")).to_be_visible()
    expect(page.get_by_role("link", name="Scrivi una recensione")).to_be_visible()


def test_a_page_is_light(visit: Callable[..., Page], doors: dict[str, Any]) -> None:
    page = visit(doors["every"])
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    page.reload(wait_until="networkidle")
    assert len(sizes) <= 4, sizes
    assert sum(sizes.values()) < LIGHTEST, sizes
    assert not page.locator("script").count()
    assert not page.locator("[style]").count()


def test_a_phone_of_320_points_and_twice_the_letters_lose_nothing(
    visit: Callable[..., Page], doors: dict[str, Any]
) -> None:
    page = visit(doors["every"], width=320)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    small = page.evaluate(
        "[...document.querySelectorAll('label, button:not(.enter), input:not([type=hidden])')]"
        ".filter(e => e.getClientRects().length)"
        ".map(e => e.getBoundingClientRect())"
        ".filter(r => r.width && (r.width < 24 || r.height < 24)).length"
    )
    assert small == 0


def test_a_kiosk_begins_anew_by_itself(visit: Callable[..., Page], doors: dict[str, Any]) -> None:
    page = visit(doors["kiosk"], width=1024)
    page.locator("#q-nps-9").check(force=True)
    press(page, "Next")
    press(page, "Send")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.wait_for_url(re.compile(r"\?kiosk$"), timeout=20_000)
    expect(page.locator("#q-nps-9")).not_to_be_checked(timeout=20_000)
    assert page.get_by_text("Recommend?").is_visible()


# On another website


def test_a_widget_on_a_strict_website(
    asking: Server, browser: Browser, doors: dict[str, Any]
) -> None:
    policy = f"default-src 'none'; script-src {asking.url}; frame-src {asking.url}"
    code = doors["widget"].removeprefix("/s/")
    body = (
        f'<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1></main>'
        f'<script src="{asking.url}/percorso-survey.js" data-survey="{code}" async></script>'
    )
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
    with webs.running() as web, browser.new_context(locale="en-GB") as context:
        web.answer("/", Answer(body=body.encode(), headers=headers))
        complaints: list[str] = []
        context.on("console", lambda message: complaints.append(message.text))
        page = context.new_page()
        page.goto(web.url)
        opener = page.get_by_role("button", name="Your opinion")
        opener.click()
        frame = page.frame_locator("iframe")
        frame.locator("#q-nps-9").check(force=True)
        frame.get_by_role("button", name="Next", exact=True).click()
        frame.get_by_role("button", name="Send", exact=True).click()
        expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()
        page.get_by_role("button", name="Close").press("Escape")
        expect(opener).to_be_focused()
        assert not context.cookies()
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        left = [each for each in complaints if "favicon" not in each]
        assert not left, left
        opener.click()
        harmless(page)


# Of an anonymous survey, on the disk


def test_no_byte_of_a_released_answer_stays_where_it_was_held(
    asking: Server, doors: dict[str, Any], visit: Callable[..., Page]
) -> None:
    for number in range(5):
        page = visit(doors["secret"])
        page.locator("#q-nps-9").check(force=True)
        press(page, "Next")
        page.locator("textarea").fill(f"Secret-{number}-word")
        press(page, "Send")
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    held = asking.workspace.app_database
    assert found(held) == {0, 1, 2, 3, 4}
    release = (
        "from datetime import UTC, datetime, timedelta\n"
        "from percorso.app.surveys.answering import holding\n"
        "print(holding.release_due(datetime.now(UTC) + timedelta(days=1)))"
    )
    assert inside(asking, release) == "5"
    assert found(held) == set()
    log = open_log(asking.workspace)
    wait_for(lambda: sum("Secret-" in each for each in texts(log)) == 5)
    rows = [each for each in log.read().read_all().to_pylist() if each["about"] == "survey:secret"]
    assert len({each["at"] for each in rows}) == len({each["received_at"] for each in rows}) == 1
    assert "Secret-" not in asking.printed
    assert doors["secret"] not in asking.printed


def found(database: Path) -> set[int]:
    """Return which of the answers are in the bytes of a database and of its journal."""
    time.sleep(0.1)
    data = b"".join(each.read_bytes() for each in database.parent.glob(f"{database.name}*"))
    return {int(each) for each in re.findall(rb"Secret-(\d)-word", data)}
