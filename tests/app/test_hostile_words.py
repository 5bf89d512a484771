"""What websites, feeds, mails and visitors may write is words on our pages, and nothing else."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html import escape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings as DjangoSettings
from tests import imap as imaps
from tests import web as webs
from tests.app.test_connectors import make_due
from tests.app.test_source_pages import drain, send, track
from tests.web import Answer, Web

from percorso import net
from percorso.app import inbox
from percorso.app.connectors import actions as connectors
from percorso.app.sources import actions as sources
from percorso.app.sources import arrivals, contacts
from percorso.app.webhooks import actions as webhooks
from percorso.app.webhooks import events, noticing, sending
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
EVIL = "'\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}"
#: None of these may be in a page as it is; escaped they are harmless.
TELLTALE = (b"<script>alert", b"<img src=x", b"'\"><", b">14<")


@pytest.fixture(autouse=True)
def _company(company: Workspace, settings: DjangoSettings) -> Iterator[None]:
    settings.NETWORK_GUARD = net.Guard.parse("127.0.0.0/8")
    cache.clear()
    yield
    inbox.close()


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


def harmless(client: Client, address: str, *, has: bool, **given: Any) -> None:
    """Look at a page: it shows the words (where it ``has`` them), and runs none of them."""
    answer = client.get(address, given)
    assert answer.status_code == 200, address
    for each in TELLTALE:
        assert each not in answer.content, (address, each)
    assert (b"script&gt;alert(1)" in answer.content) is has, address


def test_sources_and_what_they_send(client_of: As, company: Workspace) -> None:
    manager = client_of("administrator")
    refused = manager.post(reverse("sources:add"), {"name": EVIL})
    assert refused.status_code == 422
    assert not any(each in refused.content for each in TELLTALE)
    sources.add(None, "till")
    send(
        track(EVIL, EVIL, **{EVIL: EVIL, "amount": EVIL}),
        track("Order Completed", "b", total=EVIL, order_id=EVIL),
        {"type": "page", "name": EVIL, "anonymousId": EVIL, "messageId": "c"},
        {"type": EVIL, "userId": EVIL, "messageId": "d"},
        source="till",
    )
    drain(company)
    harmless(manager, reverse("sources:list"), has=False)
    harmless(manager, reverse("sources:live"), has=True)
    harmless(manager, reverse("sources:rejected"), has=True)
    harmless(manager, reverse("sources:unmapped"), has=True)
    asked = {"source": "till", "call": "track", "name": EVIL}
    harmless(manager, reverse("sources:new_rule"), has=True, **asked)
    for each in arrivals.arrived(10):
        harmless(manager, reverse("sources:event", args=[each.number]), has=True)
    made = {**asked, "kind": "order", "touchpoint": EVIL.partition("{")[0]}
    tried = manager.post(reverse("sources:new_rule"), {**made, "do": "try"})
    assert tried.status_code == 200
    assert not any(each in tried.content for each in TELLTALE)
    assert manager.post(reverse("sources:new_rule"), made).status_code == 302
    harmless(manager, reverse("sources:unmapped"), has=True)  # it says which name is known now
    harmless(manager, reverse("sources:rules"), has=True)
    wrong = manager.post(reverse("sources:rules"), {"rules": EVIL, "do": "check"})
    assert not any(each in wrong.content for each in TELLTALE)


def test_contacts_and_the_counter(client_of: As, company: Workspace) -> None:
    manager = client_of("administrator")
    sources.add(None, "till")
    place = EVIL[:80]
    harmless(manager, reverse("sources:counter", args=["till"]), has=True, place=place)
    code = manager.get(reverse("sources:counter_code", args=["till"]), {"place": place})
    assert b"alert" not in code.content
    harmless(
        Client(), reverse("counter:page", args=[contacts.counter_token("till", place)]), has=True
    )
    given = {"what": "visit", "reason": "asked", "place": place, "notes": EVIL}
    assert manager.post(reverse("contacts:log"), given).status_code == 302
    harmless(manager, reverse("contacts:log"), has=True)
    drain(company)
    harmless(manager, reverse("sources:live"), has=True)
    harmless(manager, reverse("audit:trail"), has=False)


def test_feeds_and_mails(client_of: As, web: Web) -> None:
    title = escape(EVIL)
    feed = f"""<rss version="2.0"><channel><title>{title}</title><item><guid>1</guid>
        <title>{title}</title><description>{title}</description><author>{title}</author>
        <link>javascript:alert(1)</link></item></channel></rss>"""
    letter = EmailMessage()
    letter["From"] = "ada@example.org"
    letter["Subject"] = EVIL
    letter["Message-ID"] = "<1@example.org>"
    letter.set_content(EVIL)
    manager = client_of("administrator")
    with imaps.running() as imap:
        user = imap.user()
        imap.put(user, letter.as_bytes())
        mailbox = {"host": "127.0.0.1", "port": imap.port, "encryption": "none", "user": user}
        for number, (kind, given) in enumerate(
            (
                ("feed", {"url": web.answer("/f", feed.encode())}),
                ("mailbox", {**mailbox, "password": imaps.PASSWORD, "days": 3650}),
                ("feed", {"url": web.answer("/x", Answer(404, EVIL.encode()))}),
            )
        ):
            form = {"name": EVIL[:80], "every_minutes": 30, "kind_": "mention", "channel": "other",
                    "folders": "INBOX", "touchpoint": "E-mail", **given, "do": "try"}  # fmt: skip
            tried = manager.post(reverse("connectors:add", args=[kind]), form)
            assert tried.status_code in (200, 422)
            assert not any(each in tried.content for each in TELLTALE), kind
            made = connectors.add(None, f"{number} {EVIL}"[:80], kind, given, 30)
            make_due()
            harmless(manager, reverse("connectors:one", args=[made]), has=True)
    harmless(manager, reverse("connectors:list"), has=True)
    for page in ("customers:list", "journeys:graph", "voice:overview", "intake:home"):
        answer = manager.get(reverse(page))
        assert not any(each in answer.content for each in TELLTALE), page


def test_webhooks_and_their_answers(client_of: As, web: Web, company: Workspace) -> None:
    administrator = client_of("administrator")
    url = web.answer("/hook", Answer(500, EVIL.encode()))
    made, _ = webhooks.add(None, url, [events.RECEIVED], description=EVIL[:100], with_words=True)
    send(track(EVIL, EVIL, text=EVIL))
    drain(company)
    noticing.notice()
    number = webhooks.test(None, made)
    sending.deliver_due()
    harmless(administrator, reverse("webhooks:home"), has=True)
    harmless(administrator, reverse("webhooks:one", args=[made]), has=True)
    harmless(administrator, reverse("webhooks:sent", args=[made, number]), has=True)
    refused = administrator.post(reverse("webhooks:home"), {"url": EVIL, "description": EVIL})
    assert refused.status_code == 422
    assert not any(each in refused.content for each in TELLTALE)
