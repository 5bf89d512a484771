"""The official client for browsers, in a page of another host, delivers everything, once."""

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page
from tests import web
from tests.clients.conftest import HOW_MUCH, PATIENCE_S, Listening, package
from tests.server import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("serving")]

LOAD = """
([writeKey, cdnURL]) => AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL }).then(
  ([analytics]) => { window.analytics = analytics; })
"""
CALLS = """
async () => {
  await analytics.identify('ada', { email: 'ada@example.org', name: 'Ada Però 🌹', plan: 'pro' });
  await analytics.page('Shop', 'Roses', { shelf: 3 });
  await analytics.track('Product Viewed', { sku: 'r-1', price: 14.5, tags: ['red', 'tall'] });
  await analytics.group('acme', { employees: 3 });
}
"""
SEND = """
async ([count, part]) => {
  analytics.on('error', (error) => console.error('lost: ' + error.code));
  for (let n = 0; n < count; n++) {
    analytics.track('Product Viewed', { sku: n }, { userId: `user-${n % 100}` });
    // A part before each kill, and one after the last.
    if ((n + 1) % part === 0 && n + 1 < count) {
      await new Promise((done) => { window.goOn = done; });
    }
    if (n % 50 === 49) await new Promise((done) => setTimeout(done, 250));
  }
}
"""
GO_ON = """
async () => {
  while (!window.goOn) await new Promise((done) => setTimeout(done, 50));
  const go = goOn; window.goOn = null; go();
}
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of a shop's website that loads the client, which listens to nobody yet."""
    scripts = package("@segment/analytics-next") / "dist" / "umd"
    with web.running() as shop, browser.new_context() as context:
        for file in scripts.glob("*.js"):
            script = web.Answer(200, file.read_bytes(), {"content-type": "text/javascript"})
            shop.answer(f"/{file.name}", script)
        html = b"<!doctype html><title>Roses</title><script src=index.js></script>"
        shop.answer("/roses", web.Answer(200, html, {"content-type": "text/html; charset=utf-8"}))
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        opened.goto(f"{shop.url}/roses?utm_source=letter")
        yield opened


def _came(listening: Listening) -> list[dict[str, Any]]:
    """Return what the client sent, as it is kept."""
    came = listening.inbox.recent(100_000).received
    return [msgspec.json.decode(each.body) for each in came if each.source == listening.source]


def test_each_call_arrives_unchanged(page: Page, listening: Listening) -> None:
    page.evaluate(LOAD, [listening.key, listening.server.url])
    page.evaluate(CALLS)
    wait_for(lambda: len(listening.ids()) >= 4)
    sent = {each["type"]: each for each in _came(listening)}
    assert sent["identify"]["traits"] == {
        "email": "ada@example.org", "name": "Ada Però 🌹", "plan": "pro",
    }  # fmt: skip
    assert sent["track"]["event"] == "Product Viewed"
    assert sent["track"]["properties"] == {
        "sku": "r-1", "price": 14.5, "tags": ["red", "tall"],
    }  # fmt: skip
    assert sent["page"]["category"] == "Shop"
    assert sent["page"]["properties"]["shelf"] == 3
    assert sent["group"]["groupId"] == "acme"
    assert sent["group"]["traits"] == {"employees": 3}
    assert {each["userId"] for each in sent.values()} == {"ada"}
    assert len({each["anonymousId"] for each in sent.values()}) == 1
    assert sent["track"]["context"]["page"]["path"] == "/roses"
    assert sent["track"]["context"]["campaign"] == {"source": "letter"}
    rows = listening.rows("kind", "name", "customer", "touchpoint")
    assert {(each["kind"], each["name"]) for each in rows if each["name"] != "link"} == {
        ("profile", "identify"), ("view", "Roses"), ("view", "Product Viewed"),
        ("profile", "group"),
    }  # fmt: skip
    assert {each["customer"] for each in rows} == {"user:ada"}
    assert listening.inbox.rejected() == ()


@HOW_MUCH
def test_every_event_is_there_once_though_the_server_is_killed(
    page: Page, listening: Listening, events: int, kills: int
) -> None:
    part = math.ceil(events / (kills + 1))
    said: list[str] = []
    page.on("console", lambda each: said.append(each.text))
    page.evaluate(LOAD, [listening.key, listening.server.url])
    page.evaluate(f"(said) => {{ window.sending = ({SEND})(said); }}", [events, part])
    for kill in range(kills):
        listening.wait_for_part(kill, part)
        listening.restart(meanwhile=lambda: page.evaluate(GO_ON))
    page.set_default_timeout(PATIENCE_S * 1000)
    page.evaluate("() => window.sending")
    wait_for(lambda: len(set(_numbers(listening))) >= events, PATIENCE_S)
    assert [each for each in said if each.startswith("lost")] == []
    numbers = _numbers(listening)
    assert sorted(numbers) == list(range(events))


def _numbers(listening: Listening) -> list[int]:
    rows = listening.rows("name", "properties")
    found = [json.loads(each["properties"]) for each in rows if each["name"] == "Product Viewed"]
    return [each["sku"] for each in found]
