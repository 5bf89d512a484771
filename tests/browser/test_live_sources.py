"""A source from its key to its events, seen as they come in; and two taps on a phone."""

import base64
import json
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from tests.server import Server

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


def test_from_a_new_source_to_a_rule_for_what_it_sends(
    empty_server: Server, open_page: Open
) -> None:
    page = open_page("/sources/", at=empty_server)
    page.get_by_role("link", name="Add a source").first.click()
    page.get_by_label("Name").fill("till")
    page.get_by_role("button", name="Add it").click()
    key = page.get_by_label("Write key", exact=True).input_value()
    assert key.startswith("prk_")

    page.goto("/sources/live/")
    expect(page.get_by_text("Nothing has arrived")).to_be_visible()
    send(empty_server, key, track("Scontrino emesso", "a", euro=12.5))
    # The page asks by itself: nobody reloads it.
    expect(page.locator(".arrived")).to_contain_text("Scontrino emesso")
    expect(page.locator(".arrived .chip")).to_have_text("not yet mapped")
    page.get_by_role("link", name="Scontrino emesso").click()
    expect(page.locator("pre")).to_contain_text('"euro": 12.5')

    page.goto("/sources/unmapped/")
    page.get_by_role("link", name="Say what it is").click()
    page.get_by_label("It is").select_option("order")
    page.get_by_label("Amount").select_option("euro")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_text("There is a rule for everything")).to_be_visible()

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


def test_a_call_is_logged_with_two_taps_on_a_phone(empty_server: Server, open_page: Open) -> None:
    page = open_page("/sources/log/", at=empty_server, width=390, language="it")
    tall = page.get_by_role("link", name="Ci ha chiamato").bounding_box()
    assert tall is not None
    assert tall["height"] >= 64
    page.get_by_role("link", name="Ci ha chiamato").click()
    page.get_by_role("button", name="Ha chiesto qualcosa").click()
    expect(page.get_by_role("status")).to_contain_text("Annotato: Ci ha chiamato")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
