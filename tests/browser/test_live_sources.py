"""A source from its key to its events, seen as they come in; and two taps on a phone."""

import base64
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests import web as webs
from tests.server import Server, wait_for
from tests.web import Answer

from percorso.log import open_log
from percorso.workspace import Settings, Workspace

LONG = "Product Viewed"
Open = Callable[..., Page]


def send(server: Server, key: str, *events: dict[str, Any]) -> None:
    asked = urllib.request.Request(
        f"{server.url}/v1/batch",
        json.dumps({"batch": events}).encode(),
        {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status == 200


def track(name: str, message: str, **properties: Any) -> dict[str, Any]:
    given = {"userId": "42", "messageId": message, "properties": properties}
    return {"type": "track", "event": name, **given}


@pytest.fixture(scope="module")
def quiet_server(
    start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """Return a server over a company to which nothing has come yet, and soon will."""
    place = tmp_path_factory.mktemp("quiet") / "company"
    return start_server(Workspace.create(place, Settings(company="Bottega Prova")))


def test_from_a_new_source_to_a_rule_for_what_it_sends(
    quiet_server: Server, open_page: Open
) -> None:
    page = open_page("/sources/", at=quiet_server)
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_label("Name").fill("till")
    page.get_by_role("button", name="Add it").click()
    key = page.get_by_label("Write key", exact=True).input_value()
    assert key.startswith("prk_")

    page.goto("/sources/live/?source=till")
    expect(page.get_by_text("Nothing has arrived")).to_be_visible()
    send(quiet_server, key, track("Scontrino emesso", "a", euro=12.5))
    # The page asks by itself: nobody reloads it.
    expect(page.locator(".arrived")).to_contain_text("Scontrino emesso")
    expect(page.locator(".arrived .chip")).to_have_text("not yet mapped")
    page.get_by_role("link", name="Scontrino emesso").click()
    expect(page.locator("pre")).to_contain_text('"euro": 12.5')

    page.goto("/sources/unmapped/")
    row = page.locator("tr", has_text="Scontrino emesso")
    row.get_by_role("link", name="Say what it is").click()
    page.get_by_label("It is").select_option("order")
    page.get_by_label("Amount").select_option("euro")
    page.get_by_role("button", name="Add the rule").click()
    expect(row).to_have_count(0)

    page.goto("/sources/rules/")
    rules = page.get_by_label("Rules", exact=True)
    written = rules.input_value()
    assert 'event = "Scontrino emesso"' in written
    page.watch.expect("422")  # type: ignore[attr-defined]  # rides along with its page
    rules.fill(written + '\n[[rule]]\nevent = "x"\nkind = "ordr"\n')
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Did you mean 'order'?")
    rules.fill(written.replace('"order"', '"payment"'))
    page.get_by_role("button", name="Try them on the last day").click()
    expect(page.locator("#trial")).to_contain_text("Rows that would be different: 1")
    expect(page.locator("#trial ins").first).to_have_text("Payment")


PAGE = """<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Bottega</title>
<link rel="icon" href="data:,">{}</head><body><h1>Bottega</h1>
<a href="/catalogo">Catalogo</a></body></html>"""


def test_a_website_tells_what_visitors_do(
    quiet_server: Server, open_page: Open, browser: Browser
) -> None:
    with webs.running() as site, browser.new_context() as visitor:
        page = open_page("/sources/add", at=quiet_server)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_label("Name").fill("website")
        page.get_by_label("Websites that may send").fill(site.url)
        page.get_by_role("button", name="Add it").click()
        line = page.locator(".snippet", has=page.locator("#for-website"))
        line.get_by_role("button").click()
        expect(line.get_by_role("button")).to_have_text("Copied")
        html = PAGE.format(page.evaluate("navigator.clipboard.readText()")).encode()
        for path in ("/vetrina", "/catalogo"):
            site.answer(path, Answer(body=html, headers={"Content-Type": "text/html"}))

        page.goto("/sources/live/?source=website")
        complaints: list[str] = []
        visitor.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        shop = visitor.new_page()
        shop.goto(f"{site.url}/vetrina")
        # Nobody reloads the debugger.
        expect(page.locator(".arrived")).to_contain_text("/vetrina")
        assert stored(shop) == []
        shop.evaluate("percorso.consent(true, {purpose: 'profiling', words: 'Sì'})")
        assert stored(shop) == ["percorso_id"]
        shop.get_by_role("link", name="Catalogo").click()
        expect(page.locator(".arrived")).to_contain_text("/catalogo")
        shop.evaluate("percorso.track('Preventivo chiesto', {valore: 120, nota: '<b>urgente</b>'})")
        row = page.locator(".arrived tr", has_text="Preventivo chiesto")
        expect(row.locator(".chip")).to_have_text("not yet mapped")
        assert stored(shop) == ["percorso_id"]
        # More than a browser lets go on its way when a page is left: 240 KB at once.
        shop.evaluate(
            "for (let n = 0; n < 30; n++)"
            "  percorso.track('Product Viewed', {n: n, words: 'ò'.repeat(4000)})"
        )
        wait_for(lambda: [e["name"] for e in logged(quiet_server, "website")].count(LONG) == 30)
        who = {each["customer"] for each in logged(quiet_server, "website")}
        shop.evaluate("percorso.consent(false)")
        assert (stored(shop), visitor.cookies(), complaints) == ([], [], [])
        # The page seen before they agreed was seen by nobody in particular.
        assert sorted(each.startswith("anon:once-") for each in who) == [False, True]

    page.goto("/sources/unmapped/")
    row = page.locator("tr", has_text="Preventivo chiesto")
    row.get_by_role("link", name="Say what it is").click()
    page.get_by_label("It is").select_option("search")
    page.get_by_label("Words").select_option("nota")
    page.get_by_role("button", name="Try it on the last day").click()
    expect(page.locator("#trial")).to_contain_text("Rows that would be different: 1")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("status")).to_contain_text("is read again")
    wait_for(lambda: "search" in {each["kind"] for each in logged(quiet_server, "website")})
    kinds = [each["kind"] for each in logged(quiet_server, "website")]
    assert "other" not in kinds
    assert kinds.count("search") == 1

    page.goto("/data/")
    line = page.locator("#main tr", has_text="website")
    expect(line.locator(".chip")).to_have_text("events arrive")


def stored(page: Page) -> list[str]:
    """Return what a page keeps on the visitor's device."""
    found: list[str] = page.evaluate(
        "[...Object.keys(localStorage), ...Object.keys(sessionStorage), "
        "...document.cookie.split(';').filter(Boolean)]"
    )
    return found


def logged(server: Server, source: str) -> list[dict[str, Any]]:
    rows = (
        open_log(server.workspace)
        .read(["customer", "kind", "name", "source"])
        .read_all()
        .to_pylist()
    )
    return [each for each in rows if each["source"] == source]


def test_a_call_is_logged_with_two_taps_on_a_phone(quiet_server: Server, open_page: Open) -> None:
    page = open_page("/sources/log/", at=quiet_server, width=390, language="it")
    tall = page.get_by_role("link", name="Ci ha chiamato").bounding_box()
    assert tall is not None
    assert tall["height"] >= 64
    page.get_by_role("link", name="Ci ha chiamato").click()
    page.get_by_role("button", name="Ha chiesto qualcosa").click()
    expect(page.get_by_role("status")).to_contain_text("Annotato: Ci ha chiamato")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
