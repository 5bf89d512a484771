"""Every page of a busy company, and those outside: axe-core finds nothing, in any look.

Analyses are looked at in ``test_for_everybody``, other pages beside what they do: see
``addresses``, against which ``tests/app/test_looked_at.py`` holds all pages there are.
"""

import base64
import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.app.surveys.asking import publish
from tests.browser.addresses import OUTSIDE, pages_of
from tests.browser.everybody import wrong_on_all
from tests.server import Server, inside

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.vocabulary import Interaction
from percorso.workspace import Settings, Workspace

Open = Callable[..., Page]
#: Fills a company with what its pages show: messages, refusals, sources, webhooks, requests.
SEED = """
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from django.utils import timezone
from percorso import contacts
from percorso.app import company
from percorso.app.accounts import actions as accounts
from percorso.app.accounts.models import User
from percorso.app.connectors import actions as connectors
from percorso.app.outbox import actions as outbox, suppression
from percorso.app.outbox.letters import Body, Letter
from percorso.app.privacy import actions as privacy
from percorso.app.sources import actions as sources
from percorso.app.sources.contacts import counter_token
from percorso.app.surveys import actions as asking
from percorso.app.surveys.models import Door
from percorso.app.surveys.sending import actions as sending
from percorso.app.ui.access import Role
from percorso.app.webhooks import actions as webhooks, events
from percorso.contacts import Ledger, Wish
from percorso.log.facts import key_of
from percorso.vocabulary import Phrase

place = company.workspace()
ada = User.objects.get()
now = datetime.now(UTC)
outbox.save_sender(ada, {"name": "Bottega", "address": "ciao@example.org"})
outbox.pause(ada)
open_ = replace(contacts.load(place), quiet_from=None, quiet_until=None, holidays="",
                weekdays=frozenset(range(7)), total=None)
contacts.save(place, contacts.as_toml(open_))
ledger = Ledger(place)
wish = lambda n: Wish(f"w{n}", f"email:c{n}@example.org", "survey", "visit", now,
                      now + timedelta(days=7))
decided = ledger.settle([wish(n) for n in range(2)], open_, now)
body = Body(text="How was it?", html="<p>How was it?</p>", leave="https://cx.example.org/leave")
messages = [
    outbox.post(Letter(wish=each.wish.id, reservation=each.reservation, purpose="survey",
        campaign="visit", reference=each.wish.person, address=each.wish.person[6:], language="en",
        subject="How was it?", body=body, until=each.until, about="survey:visit"))
    for each in decided
]
ledger.decline([(wish(n), Phrase("did not agree to be asked")) for n in range(2, 5)], now)
outbox.suppress(ada, "gone@example.org")
given = {"name": "After the visit", "survey": "visit", "segment": "", "share": 1.0, "priority": 0,
    "wanted_days": 7, "open_days": 30, "subject": {}, "opening": {}, "touchpoint": ""}
rule = sending.add_rule(ada, {**given, "kind": "order", "only_at": "", "delay_hours": 24})
campaign = sending.add_campaign(ada, {**given, "starts_at": timezone.now()})
key = sources.add(ada, "till")
connector = connectors.add(ada, "Feed", "feed", {"url": "https://feeds.example.org/feed"}, 60)
hook, _ = webhooks.add(ada, "https://hooks.example.org/in", [events.RECEIVED], description="Shop")
sent = webhooks.test(ada, hook)
webhooks.add_hook(ada, "till")
privacy.note_request(None, "email:c1@example.org", "copy", "Please")
number = privacy.erase(ada, "email:c9@example.org", keep_figures=True)
accounts.invite(ada, "bob@example.org", Role.VIEWER)
door = Door.objects.create(code="counter-code", survey="visit", kind="qr", touchpoint="Shop",
                           place="Brera", channel="store")
print(json.dumps({
    "key": key, "message": str(messages[0]), "rule": rule.pk, "campaign": campaign.pk,
    "connector": str(connector), "hook": str(hook), "sent": sent, "certificate": number,
    "counter": counter_token("till", "Brera"), "choices": privacy.standing_link(
        "email:c1@example.org"), "door": door.code,
    "customer": key_of(company.log(), "email:c1@example.org"),
}))
"""


@pytest.fixture(scope="module")
def busy(start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server over a company that has customers, and has agreed on nothing yet."""
    place = tmp_path_factory.mktemp("busy") / "company"
    company = Workspace.create(place, Settings(company="Bottega Prova"))
    publish(company)
    rows = [
        Interaction(
            id=f"{kind}{n}",
            at=datetime(2026, 3, 1, 10, tzinfo=UTC),
            customer=f"email:c{n}@example.org",
            kind=kind,
            source="shop",
            touchpoint="Cassa",
            properties={"traits": {"first_name": "Ada", "email": f"c{n}@example.org"}},
        )
        for n in range(10)
        for kind in ("profile", "order")
    ]
    rows.append(
        Interaction(
            id="survey:r1:call_back",
            at=datetime(2026, 3, 2, 10, tzinfo=UTC),
            customer="anon:once-r1",
            kind="message",
            name="asks to be contacted",
            source="surveys",
            touchpoint="Cassa",
            about="survey:visit",
            properties={
                "survey": "visit",
                "response": "r1",
                "contact": {"name": "Ugo", "email": "ugo@example.org", "phone": "+39 02 6789012"},
            },
        )
    )
    open_log(company).append(as_table(rows))
    return start_server(company)


@pytest.fixture(scope="module")
def seeded(busy: Server, cookies_of: Callable[[Server], Any]) -> dict[str, Any]:
    """Return what the addresses of the busy company's pages are made of."""
    cookies_of(busy)  # its administrator has to be there
    given: dict[str, Any] = json.loads(inside(busy, SEED))
    send(busy, given["key"])
    return given


#: Each page in one look, taken in turn; in both looks it takes minutes.
in_looks = pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["in one look", "in each"]
)


@in_looks
def test_every_page_of_the_company(
    open_page: Open, busy: Server, seeded: dict[str, Any], whole: bool
) -> None:
    page = open_page("/sources/live/", at=busy)
    link = page.locator("main a[href^='/sources/live/']", has_text="Scontrino")
    event = str(link.first.get_attribute("href")).removeprefix("/sources/live/")
    wrong = wrong_on_all(page, pages_of({**seeded, "event": event}), whole=whole)
    assert not wrong, "\n".join(wrong)


@in_looks
def test_every_page_before_one_is_signed_in(open_page: Open, busy: Server, whole: bool) -> None:
    page = open_page("/sign-in", anonymous=True, at=busy)
    page.watch.expect("404")  # type: ignore[attr-defined]  # rides along with its page
    page.watch.expect("410")  # type: ignore[attr-defined]
    wrong: list[str] = []
    for address, status in OUTSIDE:
        wrong += wrong_on_all(page, [address], whole=whole, status=status)
    assert not wrong, "\n".join(wrong)


def send(server: Server, key: str) -> None:
    """Send an event that no rule knows and one that nobody can read."""
    event = {"type": "track", "event": "Scontrino", "userId": "42", "messageId": "a"}
    asked = urllib.request.Request(
        f"{server.url}/v1/batch",
        json.dumps({"batch": [event, {"type": "odd", "userId": "42", "messageId": "b"}]}).encode(),
        {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status == 200
