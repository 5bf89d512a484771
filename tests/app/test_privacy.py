"""Customers' rights on pages: found, copied, erased, asked what they agree to; the trail."""

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from percorso import privacy
from percorso.app import company as served
from percorso.app import holdings
from percorso.app.audit.append_only import is_installed
from percorso.app.audit.models import Entry
from percorso.app.intake.models import Import
from percorso.app.privacy import tasks
from percorso.app.privacy.models import PreferenceLink, Request
from percorso.log.schema import as_table
from percorso.privacy.consents import consents
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ADA = "email:ada@example.org"


@pytest.fixture
def shop(company: Workspace) -> Workspace:
    """Return a company with a customer called Ada, and some others."""
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    rows = [
        Interaction(
            id=f"{n}",
            at=at,
            received_at=at,
            customer=who,
            kind="order",
            source="till",
            touchpoint="shop",
        )
        for n, who in enumerate([ADA, ADA, *(f"user:{n}" for n in range(8))])
    ]
    served.log().append(as_table(rows))
    return company


def _link(client: Client) -> str:
    page = client.post(reverse("privacy:link"), {"who": ADA}).content.decode()
    found = re.search(r'value="http://testserver([^"]+)"', page)
    assert found, page
    return found[1]


def _version(page: HttpResponse) -> str:
    """Return which words a preference page shows, as its form says."""
    found = re.search(r'name="words" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def _choose(customer: Client, address: str, *purposes: str) -> HttpResponse:
    given = {"words": _version(customer.get(address)), **dict.fromkeys(purposes, "on")}
    return customer.post(address, given)


def test_every_model_says_whether_it_holds_customers_data() -> None:
    named = holdings.named()
    models = [each._meta.label_lower for each in apps.get_models(include_auto_created=True)]
    missing = [each for each in models if each not in named]
    assert not missing, f"name them in percorso.app.privacy.held or in their slice: {missing}"
    assert set(named) <= set(models)
    for each in holdings.holdings():
        fields = {field.name for field in apps.get_model(each.model)._meta.get_fields()}
        assert {*each.fields, *filter(None, [each.at])} <= fields, each.model


def test_a_person_is_found_and_erased_with_a_certificate(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    client = client_of("administrator")
    _link(client)
    Import.objects.create(
        language="en",
        plan={
            "sample": [{"mail": "ADA@example.org", "text": "private"}, {"mail": "b@example.org"}]
        },
    )
    tasks.erase_waiting.enqueue()
    to = client.get(reverse("privacy:home"), {"q": "ada@example.org"})
    assert to["Location"].endswith("who=email%3Aada%40example.org")
    assert "2 interactions" in client.get(to["Location"]).content.decode()
    refused = client.post(reverse("privacy:erase"), {"who": ADA, "again": "ada"}, follow=True)
    assert "to be sure" in refused.content.decode()
    assert not privacy.waiting(served.log())

    going = client.post(reverse("privacy:erase"), {"who": ADA, "again": ADA})
    assert "Being erased" in client.get(going["Location"]).content.decode()
    tasks.erase_waiting.call()
    done = client.get(going["Location"]).content.decode()
    assert "Nothing of them was found afterwards" in done
    assert "ada@example.org" not in done
    assert not PreferenceLink.objects.exists()
    assert Import.objects.get().plan == {"sample": [{"mail": "b@example.org"}]}
    number = going["Location"].rstrip("/").rsplit("/", 1)[1]
    given = json.loads(client.get(reverse("privacy:certificate_file", args=[number])).content)
    assert {each["name"]: each["removed"] for each in given["places"]}["log"] == 2
    trail = "".join(f"{each.subject}{each.details}" for each in Entry.objects.all())
    assert "ada@" not in trail
    assert served.log().summary().interactions == 8


def test_a_copy_holds_what_is_held(shop: Workspace, client_of: Callable[[str], Client]) -> None:
    client = client_of("cx_manager")
    client.post(
        reverse("privacy:consent"),
        {"who": ADA, "purpose": "marketing", "given": "yes", "how": "phone", "words": "May we?"},
    )
    answer = client.post(reverse("privacy:copy"), {"who": ADA, "language": "it"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        held = json.loads(packed.read("data.json"))
        page = packed.read("data.html").decode()
    assert [each["kind"] for each in held["interactions"]] == ["order", "order", "consent"]
    said = next(each for each in held["consents"] if each["purpose"] == "marketing")
    assert said["may"]
    assert said["history"][0]["words"] == "May we?"
    assert said["history"][0]["by"] == "cx_manager@example.org"
    assert 'lang="it"' in page
    assert "<script" not in page
    assert Entry.objects.filter(action="privacy.exported").count() == 1


def test_a_customer_chooses_by_their_link_without_an_account(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    address = _link(client_of("agent"))
    customer = Client(enforce_csrf_checks=True)
    version = served.log().version
    page = customer.get(address, {"lang": "it"})
    assert 'lang="it"' in page.content.decode()
    assert "<script" not in page.content.decode()
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    customer.get(f"{address}/leave")
    assert served.log().version == version  # looking changes nothing

    _choose(customer, address, "marketing", "survey")
    assert {e.purpose: e.may for e in consents(served.log(), ADA)} == {
        "service": True, "survey": True, "marketing": True, "profiling": False
    }  # fmt: skip
    last = next(e.last for e in consents(served.log(), ADA) if e.purpose == "marketing")
    assert last is not None
    assert (last.how, last.given) == ("preference page", True)
    assert last.words
    # As a mail program does it: RFC 8058.
    left = customer.post(f"{address}/leave", {"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200, "it follows nothing"
    assert customer.post(f"{address}/leave").status_code == 302
    assert not any(e.may for e in consents(served.log(), ADA) if e.purpose != "service")
    customer.post(f"{address}/ask", {"kind": "erase"})
    customer.post(f"{address}/ask", {"kind": "erase"})
    asked = Request.objects.get()
    assert asked.reference == ADA
    assert asked.due_at - asked.at <= timedelta(days=31)


def test_nobody_agrees_to_words_they_were_not_shown(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    address = _link(client_of("agent"))
    customer = Client()
    read = {"marketing": "on", "words": _version(customer.get(address))}
    asked = "You may give my address to anybody."
    (shop.path / "privacy.toml").write_text(f'[purposes.marketing]\nen = "{asked}"\n')
    for given in (read, {"marketing": "on"}):
        answer = customer.post(address, given)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert "nothing was saved" in page
        assert asked in page
        assert not any(e.history for e in consents(served.log(), ADA))
    # Whoever reads them now can agree.
    saved = customer.post(address, {**read, "words": _version(answer)})
    assert "done=saved" in saved["Location"]
    last = next(e.last for e in consents(served.log(), ADA) if e.purpose == "marketing")
    assert last is not None
    assert (last.given, last.words) == (True, asked)


@pytest.mark.parametrize("spoil", ["expire", "forge", "withdraw"])
def test_a_link_that_is_spent_shows_nothing(
    shop: Workspace, client_of: Callable[[str], Client], spoil: str
) -> None:
    address = _link(client_of("agent"))
    if spoil == "expire":
        PreferenceLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "withdraw":
        PreferenceLink.objects.update(withdrawn_at=timezone.now())
    else:
        address = address[:-3] + "abc"
    for answer in (Client().get(address), Client().post(address, {"marketing": "on"})):
        assert answer.status_code == 410
        assert "ada" not in answer.content.decode()
    assert served.log().summary().interactions == 10


def test_a_link_is_not_for_hammering(shop: Workspace, client_of: Callable[[str], Client]) -> None:
    address = _link(client_of("agent"))
    answers = [Client().post(f"{address}/ask", {"kind": "copy"}).status_code for _ in range(25)]
    assert 429 in answers


def test_rules_of_retention_are_tried_before_they_are_applied(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    client = client_of("administrator")
    address = reverse("privacy:retention")
    bad = client.post(address, {"rules": '[[rule]]\nkinds = ["ordr"]\nmonths = 1'})
    assert bad.status_code == 422
    assert "ordr" in bad.content.decode()
    client.post(address, {"rules": '[[rule]]\nkinds = ["order"]\nmonths = 1\nthen = "anonymise"'})
    assert "made anonymous" in client.get(address).content.decode()
    assert served.log().summary().interactions == 10
    client.post(address, {"do": "apply"})
    tasks.forget_old.call()
    assert served.log().summary().interactions == 10
    customers = served.log().read(["customer"]).read_all()["customer"].to_pylist()
    assert all(str(each).startswith("gone:") for each in customers)


def _waiting(task: Any) -> int:
    return DBTaskResult.objects.ready().filter(task_path=task.module_path).count()


def test_what_is_due_is_forgotten_once_a_day_by_itself(shop: Workspace) -> None:
    from percorso.privacy.retention import write_rules

    day = timedelta(days=1, minutes=1)
    assert not tasks.forget_when_due()  # there are no rules
    write_rules(shop, '[[rule]]\nkinds = ["order"]\nmonths = 1')
    assert not tasks.forget_when_due()  # whoever wrote them may think again
    assert tasks.forget_when_due(timezone.now() + day)
    assert tasks.forget_when_due(timezone.now() + day)
    assert _waiting(tasks.forget_old) == 1
    old = (datetime.now(UTC) - day).timestamp()
    os.utime(shop.path / "retention.toml", (old, old))
    tasks.forget_old.call()
    assert served.log().summary().interactions == 0
    DBTaskResult.objects.all().delete()
    assert not tasks.forget_when_due(timezone.now() + timedelta(hours=23))
    assert tasks.forget_when_due(timezone.now() + timedelta(hours=25))
    (shop.path / "retention.toml").write_text("[[rule]]\nmonths = 0")
    assert not tasks.forget_when_due(timezone.now() + timedelta(days=3))


def test_an_erasure_that_was_cut_off_is_taken_up_when_the_worker_starts(shop: Workspace) -> None:
    from percorso.app.serving.errands import _telling, run_if_due

    first, *_ = _telling()
    assert run_if_due(first, 1.0)
    assert _waiting(tasks.erase_waiting) == 0
    privacy.begin(served.log(), ADA)  # and then the power went
    assert not run_if_due(first, 2.0)  # not all the time
    assert run_if_due(first, 1000.0)
    assert run_if_due(first, 2000.0)
    assert _waiting(tasks.erase_waiting) == 1
    tasks.erase_waiting.call()
    assert privacy.Register(shop).count() == 1
    assert not tasks.take_up_erasures()
    assert served.log().summary().interactions == 8


def test_the_worker_clears_what_a_kill_left_half_written(shop: Workspace) -> None:
    from percorso.app.serving.errands import _telling, run_if_due

    left = shop.path / ".segments.toml.0123456789abcdef.draft"
    left.write_text("ada@example.org")
    clearing = next(each for each in _telling() if each.name == "clearing drafts")
    assert run_if_due(clearing, 1.0)
    assert not left.exists()


def test_the_record_and_the_map_are_shown_and_given(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    client = client_of("cx_manager")
    page = client.get(reverse("privacy:record")).content.decode()
    assert "can subtract one answer from the other" in page
    assert "quarantine.sqlite" in page
    given = client.get(reverse("privacy:data_map")).content.decode("utf-8-sig")
    assert "inbox.sqlite" in given
    assert "notes about customers" in given


def test_the_database_refuses_to_change_the_trail(
    shop: Workspace, client_of: Callable[[str], Client]
) -> None:
    client_of("administrator").get(reverse("privacy:person"), {"who": ADA})
    assert is_installed(connection)
    entry = Entry.objects.latest("id")
    for change in (
        lambda: Entry.objects.filter(pk=entry.pk).update(subject="somebody else"),
        lambda: Entry.objects.filter(pk=entry.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            change()
    assert Entry.objects.filter(pk=entry.pk, subject=entry.subject).exists()


def test_the_trail_is_searched(shop: Workspace, client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    client.get(reverse("privacy:person"), {"who": ADA})
    client.get(reverse("privacy:person"), {"who": "user:3"})

    def lines(**query: str) -> int:
        page = client.get(reverse("audit:trail"), query).content.decode()
        return page.count('<td class="nowrap">')

    assert lines(about="ada@example.org", action="privacy.looked") == 1
    assert lines(action="privacy.looked") == 2
    assert lines(q="administrator nothing-like-it") == 0
    assert lines(until="2020-01-01") == 0
    given = client.get(reverse("audit:export"), {"action": "privacy.looked"}).content.decode()
    assert given.count("administrator@example.org") == 2
    assert Entry.objects.filter(action="trail.exported").exists()
