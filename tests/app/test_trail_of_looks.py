"""Every page and file that names a customer leaves an entry in the trail, whichever it is."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from tests.app.mailing import agree, posted, shop
from tests.app.permissions import PUBLIC
from tests.app.test_access import ADDRESSES
from tests.log.rows import add, row
from tests.text.readings_kept import PLAIN

from percorso.app import company as served
from percorso.app import inbox
from percorso.app.audit import looks
from percorso.app.audit.models import Entry
from percorso.app.intake import tasks
from percorso.app.intake.models import Import
from percorso.app.privacy.models import Request
from percorso.app.sources import arrivals
from percorso.live import Received
from percorso.live.draining import Drainer
from percorso.log.facts import key_of
from percorso.log.quarantine import Quarantine
from percorso.text import kept
from percorso.text.model import MODEL
from percorso.workspace import Workspace

__all__ = ["agree", "posted", "shop"]

pytestmark = pytest.mark.django_db

#: In everything that is known of one customer, and nowhere else.
NAME = "zaira"
FILE = f"""\
Data;Cliente;Voto NPS;Commento
01/03/2026 10:20;{NAME};9;Bene
02/03/2026;{NAME};nove;Bene
"""
#: Addresses at which a customer is named here.
NAMING = {
    *("customers:list", "customers:customer", "customers:csv"),
    *("voice:texts", "voice:texts_csv", "outbox:record", "outbox:message", "outbox:csv"),
    *("sources:live", "sources:event", "sources:rejected"),
    *("intake:import", "intake:row", "intake:export"),
    *("privacy:home", "privacy:person"),
}


@pytest.fixture
def addresses(
    shop: Workspace, posted: Callable[..., Any], client_of: Callable[[str], Client]
) -> list[str]:
    """Have a customer in all there is; return every address, and those that lead to them."""
    log = served.log()
    said = row("t", f"user:{NAME}", 0, kind="review", text="Tutto bene")
    add(log, [said])
    readings = kept.readings(log)
    read = {**PLAIN, "id": said.id, "customer": said.customer, "model": MODEL.version}
    readings.append(pa.Table.from_pylist([read], schema=readings.schema), log.version)

    message = posted(f"{NAME}@example.org")
    Request.objects.create(reference=f"user:{NAME}", kind="copy", due_at=timezone.now())

    analyst = client_of("analyst")
    for _ in range(2):
        sent = SimpleUploadedFile("voti.csv", FILE.encode())
        analyst.post(reverse("intake:upload"), {"files": sent})
    done, looked_at = Import.objects.all()
    for each in (done, looked_at):
        tasks.look.call(str(each.id))
    analyst.post(reverse("intake:import", args=[done.id]), {"do": "import"})
    tasks.run.call(str(done.id))
    [waiting] = Quarantine(shop).list("waiting")

    events = [
        {"type": "track", "event": "Scontrino", "userId": NAME, "messageId": "a"},
        {"type": "odd", "userId": NAME, "messageId": "b"},
    ]
    body = msgspec.json.encode({"batch": events})
    inbox.inbox().put([Received("till", "batch", time.time_ns() // 1000, body, len(events))])
    Drainer(log, inbox.inbox()).drain()
    [event, *_] = arrivals.arrived(5)
    return [
        *(address for name, address in ADDRESSES if name not in PUBLIC),
        reverse("customers:customer", args=[key_of(log, f"user:{NAME}")]),
        reverse("voice:texts") + "?period=all",
        reverse("voice:texts_csv") + "?period=all",
        reverse("outbox:message", args=[message]),
        reverse("sources:event", args=[event.number]),
        reverse("intake:import", args=[looked_at.id]),
        reverse("intake:row", args=[waiting.id]),
        reverse("privacy:person") + f"?who=user:{NAME}",
    ]


def test_whatever_names_a_customer_leaves_an_entry(
    addresses: list[str], client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "SAME", timedelta(0))  # one page's entry is not another's
    client = client_of("administrator")
    naming, silent = set(), []
    for address in addresses:
        before = Entry.objects.count()
        answer = b"".join(client.get(address)).decode(errors="replace")
        if NAME in answer.lower():
            naming.add(resolve(address.partition("?")[0]).view_name)
            if Entry.objects.count() == before:
                silent.append(address)
    inbox.close()
    assert silent == []
    assert naming == NAMING
    trail = "".join(f"{each.subject}{each.details}" for each in Entry.objects.all())
    assert NAME not in trail


def test_who_sees_figures_only_leaves_none(
    addresses: list[str], client_of: Callable[[str], Client]
) -> None:
    viewer = client_of("viewer")
    for name in ("voice:texts", "outbox:record", "intake:quarantine"):
        assert viewer.get(reverse(name)).status_code == 200
    inbox.close()
    seen = Entry.objects.filter(actor_name="viewer@example.org")
    assert [each.action for each in seen] == ["person.signed_in"]
