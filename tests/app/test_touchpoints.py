"""The pages of touchpoints: begun in one step, described without script, compared, given away."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django import Settings as DjangoSettings
from tests.log.rows import add, row

from percorso.app import results
from percorso.app.accounts import tokens
from percorso.app.accounts.models import User
from percorso.app.audit.models import Entry
from percorso.app.touchpoints import queries
from percorso.log import Log, open_log
from percorso.touchpoints import READY, Registry, Touchpoint, ready
from percorso.vocabulary import Phase
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
Clients = Callable[[str], Client]
HOSTILE = '"><script>alert(1)</script>{{ 7 }}'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small log: a till, a site where nobody listens, a survey, and a place for few."""
    workspace = Workspace.create(tmp_path_factory.mktemp("made") / "company")
    rows = []
    for n in range(60):
        who = f"user:{n % 30}"
        rows += [
            row(f"o{n}", who, n * 10, kind="order", touchpoint="Till", channel="store"),
            row(f"v{n}", who, n * 10 + 1, kind="view", touchpoint="Site"),
            row(
                f"a{n}", who, n * 10 + 5, kind="answer", touchpoint="Till", channel="email",
                scale="csat", score=float(4 + n % 2), direction="in", name="csat",
                properties={"survey": "after", "question": "how"},
            ),
            row(
                f"s{n}", who, n * 10 + 6, kind="answer", touchpoint="Survey", scale="nps",
                score=9.0, direction="in",
            ),
        ]  # fmt: skip
    rows += [row(f"f{n}", f"user:{n}", n, kind="call", touchpoint="Hot line") for n in range(3)]
    add(open_log(workspace), rows)
    return workspace.path


@pytest.fixture
def registry(log: Log) -> Registry:
    results.forget()
    return Registry(log.workspace)


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_company_without_data_begins_with_a_ready_list(
    company: Workspace, client_of: Clients
) -> None:
    manager = client_of("cx_manager")
    assert "Where do customers meet your company?" in words(manager.get("/touchpoints/"))
    for number, name in enumerate(READY):
        assert manager.post("/touchpoints/begin", {"with": name}).status_code == 302
        assert len(Registry(company).all()) >= len(ready(name, "en").touchpoints), number
    said = words(manager.get("/touchpoints/"))
    assert "at least one for every phase" in said
    # That an empty log does not know them says nothing of them.
    assert "that the log does not know" not in said
    assert "not in the log" not in said
    assert "when the log holds something" in said
    for each in Registry(company).all():
        words(manager.get(f"/touchpoints/at/{each.id}/"))
    # A second time adds nothing.
    count = len(Registry(company).all())
    manager.post("/touchpoints/begin", {"with": "shop"})
    assert "All of these are there already" in words(manager.get("/touchpoints/"))
    assert len(Registry(company).all()) == count


def test_the_registry_begins_with_what_the_log_has_found(
    registry: Registry, client_of: Clients
) -> None:
    manager = client_of("cx_manager")
    said = words(manager.get("/touchpoints/"))
    assert "The log knows 4 touchpoints; nobody described them yet." in said
    # Three people called: they might be recognised.
    assert "fewer than 5 customers" in said
    manager.post("/touchpoints/begin", {"with": "log"})
    assert {each.name for each in registry.all()} == {"Till", "Site", "Survey", "Hot line"}
    assert registry.find("till").channel == "store"  # type: ignore[union-attr]  # it is there
    said = words(manager.get("/touchpoints/?open=listening"))
    assert "Site" in said
    listed = said.split("shown · show all")[1].split("Add several at once")[0]
    assert "Hot line" in listed
    assert "Till" not in listed
    assert Entry.objects.filter(action="touchpoint.begun").count() == 1


def form(**given: Any) -> dict[str, Any]:
    return {"name": "Till", "channel": "store", "rules.0.phase": "", **given}


def test_a_touchpoint_is_described_changed_and_deleted(
    registry: Registry, client_of: Clients
) -> None:
    manager = client_of("cx_manager")
    given = form(
        name="The till",
        owner="Shop",
        seen_as="till\r\nsite",
        phases=["purchase"],
        promise="Nobody waits",
        **{
            "strategy.loyalty.tone": "Warm",
            "strategy.loyalty.moves_on": "The card",
            "rules.0.phase": "loyalty",
            "rules.0.kinds": ["order", "view"],
            "rules.0.at_least": "1",
        },
    )
    answer = manager.post("/touchpoints/new/", given)
    assert answer["Location"] == "/touchpoints/at/the-till/"
    kept = registry.find("the-till")
    assert kept is not None
    assert (kept.owner, kept.online, kept.seen_as) == ("Shop", False, ("till", "site"))
    # A phase that a rule leads to is one it serves.
    assert kept.phases == (Phase.PURCHASE, Phase.LOYALTY)
    said = words(manager.get("/touchpoints/at/the-till/"))
    assert "Nobody waits" in said
    assert "Order, Page or product seen (after at least 1 order) → Loyalty" in said
    assert "180" in said  # what the log calls till, and what it calls site
    page = manager.get("/touchpoints/at/the-till/edit/").content.decode()
    assert re.search(r'name="rules.0.at_least" value="1"', page)
    state = re.search(r'name="state" value="(\w+)"', page)[1]  # type: ignore[index]
    changed = form(name="Till", owner="Sales", state=state)
    assert manager.post("/touchpoints/at/the-till/edit/", changed).status_code == 302
    assert registry.find("the-till").owner == "Sales"  # type: ignore[union-attr]
    # Who loaded it before that is told, and what they wrote is still in the form.
    late = manager.post("/touchpoints/at/the-till/edit/", form(owner="IT", state=state))
    assert late.status_code == 422
    assert "Somebody else changed this touchpoint" in late.content.decode()
    assert 'value="IT"' in late.content.decode()
    assert manager.post("/touchpoints/at/the-till/delete").status_code == 302
    assert registry.all() == ()
    entries = Entry.objects.filter(action__startswith="touchpoint.").order_by("id")
    assert [each.action for each in entries] == [
        "touchpoint.added", "touchpoint.changed", "touchpoint.deleted",
    ]  # fmt: skip


def test_what_is_wrong_is_said_beside_its_field(registry: Registry, client_of: Clients) -> None:
    manager = client_of("cx_manager")
    registry.save(Touchpoint(id="", name="Site"), who="ada")
    for given, said in (
        (form(name=""), "This field is required."),
        (form(name="SITE"), "There is a touchpoint “Site” already."),
        (form(seen_as="*"), "* alone would be every name of the log."),
        (form(channel="nowhere"), "nowhere is not one of the available choices."),
        (form(**{"rules.0.kinds": ["order"]}), "Say which phase it belongs to."),
        (
            form(**{"rules.0.phase": "loyalty", "rules.0.at_least": "3", "rules.0.at_most": "1"}),
            "Orders before are numbers from 0 to 100",
        ),
        (form(promise="x" * 601), "at most 600 characters"),
    ):
        answer = manager.post("/touchpoints/new/", given)
        assert answer.status_code == 422, given
        assert said in answer.content.decode(), given
    assert len(registry.all()) == 1


def test_what_customers_want_is_written_down_with_its_evidence(
    registry: Registry, client_of: Clients
) -> None:
    manager = client_of("cx_manager")
    manager.post("/touchpoints/begin", {"with": "log"})
    to = "/touchpoints/at/till/wants"
    given = {"about": "expectation", "text": "Little waiting", "phase": "purchase"}
    answer = manager.post(to, {**given, "seen": "Queues on Saturdays", "on": "2026-03-07"})
    assert answer["Location"] == "/touchpoints/at/till/#wants"
    [want] = registry.beliefs()
    assert (want.about, want.touchpoint, want.phase) == ("expectation", "till", "purchase")
    one = f"{to}/{want.id}"
    for measured in ("factor:speed", "question:csat", "question:after/how", "topic:t1"):
        assert manager.post(one, {"do": "add", "measured": measured}).status_code == 302
    said = words(manager.get("/touchpoints/at/till/"))
    assert "7 Mar 2026" in said
    assert "Speed No customer’s words are known from here." in said
    # The answers to the question there are 60 of 30 customers, all of them 4 or 5.
    assert len(re.findall(r"60 answers here · CSAT 100% \(89 –\u2060 100\)", said)) == 2
    refused = manager.post(one, {"do": "add"})
    assert refused.status_code == 422
    assert "Choose something measured" in refused.content.decode()
    assert manager.post(one, {"do": "add", "measured": "factor:nonsense"}).status_code == 422
    assert manager.post(one, {"do": "add", "measured": "nonsense:x"}).status_code == 422
    manager.post(one, {"do": "remove-0"})
    assert [each.kind for each in registry.beliefs()[0].evidence] == [
        "factor", "question", "question", "topic",
    ]  # fmt: skip
    manager.post(one, {"do": "delete"})
    assert registry.beliefs() == ()
    assert manager.post(one, {"do": "delete"}).status_code == 404


def test_viewers_look_and_change_nothing(registry: Registry, client_of: Clients) -> None:
    registry.save(Touchpoint(id="", name="Till"), who="ada")
    for role in ("viewer", "analyst"):
        client = client_of(role)
        for address in ("", "at/till/", "consistency/", "touchpoints.csv", "consistency.csv"):
            answer = client.get(f"/touchpoints/{address}")
            assert answer.status_code == 200
            assert b'method="post"' not in answer.content.split(b"<main")[-1], address
        assert client.get("/touchpoints/at/till/edit/").status_code == 403
        for address in ("begin", "new/", "at/till/edit/", "at/till/delete", "at/till/wants"):
            assert client.post(f"/touchpoints/{address}").status_code == 403
    assert len(registry.all()) == 1


def test_hostile_words_are_only_words(registry: Registry, client_of: Clients) -> None:
    manager = client_of("cx_manager")
    given = form(name=HOSTILE, owner=HOSTILE, promise=HOSTILE, seen_as=f"till\n{HOSTILE}x")
    given["strategy.loyalty.tone"] = HOSTILE
    manager.post("/touchpoints/new/", given)
    [kept] = registry.all()
    manager.post(
        f"/touchpoints/at/{kept.id}/wants", {"about": "need", "text": HOSTILE, "seen": HOSTILE}
    )
    for address in ("", f"at/{kept.id}/", f"at/{kept.id}/edit/", "consistency/"):
        page = manager.get(f"/touchpoints/{address}").content.decode()
        assert "<script>alert" not in page
    assert escape(HOSTILE) in page or address == "consistency/"
    assert len(registry.beliefs()) == 1


def test_a_file_broken_by_hand_says_so(registry: Registry, log: Log, client_of: Clients) -> None:
    log.workspace.touchpoints.write_text("[[touchpoint]]\nid = 3")
    for address in ("/touchpoints/", "/touchpoints/consistency/"):
        said = words(client_of("cx_manager").get(address))
        assert "touchpoint 1: id: expected str, found int" in said


def test_the_comparison_and_the_files(
    small_demo: Workspace, company: Workspace, settings: DjangoSettings, client_of: Clients
) -> None:
    settings.WORKSPACE = small_demo
    results.forget()
    viewer = client_of("viewer")
    said = words(viewer.get("/touchpoints/consistency/"))
    assert "a touchpoint is worse than the others, beyond chance." in said
    gaps = list(csv.DictReader(io.StringIO(
        viewer.get("/touchpoints/consistency.csv").content.decode("utf-8-sig")
    )))  # fmt: skip
    # The checkout on phones is one of the demo's planted truths.
    assert ("Carrello da telefono", "ces", "True") in {
        (each["touchpoint"], each["measure"], each["worse"]) for each in gaps
    }
    shorter = words(viewer.get("/touchpoints/consistency/?period=30"))
    assert shorter != said
    listed = list(csv.DictReader(io.StringIO(
        viewer.get("/touchpoints/touchpoints.csv").content.decode("utf-8-sig")
    )))  # fmt: skip
    assert {each["name"] for each in listed} >= {"Carrello da telefono", "Consegna a casa"}
    assert {"listening", "traffic"} <= {each["open"] for each in listed}


def test_programs_read_them(log: Log, registry: Registry, db: None) -> None:
    ada = User.objects.create_user("ada@example.org", "x", name="Ada", role="administrator")
    key = tokens.make(ada, "a program", ("read:figures",), 30)
    program = Client(headers={"authorization": f"Bearer {key}"})
    registry.save(Touchpoint(id="", name="Till", phases=(Phase.PURCHASE,)), who="ada")
    found = program.get("/api/v1/touchpoints").json()
    by_name = {each["name"]: each for each in found["touchpoints"]}
    assert (by_name["Till"]["id"], by_name["Till"]["answers"]) == ("till", 60)
    assert by_name["Till"]["open"] == ["owner", "strategy"]
    assert by_name["Hot line"]["customers"] is None
    assert "purchase" not in found["phases_without"]
    compared = program.get("/api/v1/touchpoints/consistency").json()
    [till] = compared["touchpoints"]
    assert till["figures"]["csat"]["value"] == 100
    assert program.get("/api/v1/touchpoints?x=1").status_code == 422


def test_on_a_long_log_nobody_waits_for_the_comparison(
    registry: Registry, log: Log, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 10)
    registry.save(Touchpoint(id="", name="Till"), who="ada")
    viewer = client_of("viewer")
    assert "being worked out anew" in words(viewer.get("/touchpoints/at/till/"))
    queries.prepare(log)
    said = words(viewer.get("/touchpoints/at/till/"))
    assert "being worked out anew" not in said
    assert "CSAT" in said


def test_a_program_asks_of_a_part_of_the_log(log: Log, registry: Registry, db: None) -> None:
    ada = User.objects.create_user("ada@example.org", "x", name="Ada", role="administrator")
    key = tokens.make(ada, "a program", ("read:figures",), 30)
    program = Client(headers={"authorization": f"Bearer {key}"})
    registry.save(Touchpoint(id="", name="Till", phases=(Phase.PURCHASE,)), who="ada")
    found = program.get("/api/v1/touchpoints", {"channel": "store"}).json()["touchpoints"]
    by_name = {each["name"]: each for each in found}
    # The answers about the till came by e-mail.
    assert (by_name["Till"]["interactions"], by_name["Till"]["answers"]) == (60, 0)
    assert by_name["Site"]["interactions"] is None
    # What is left open is told of all of the log.
    assert "listening" in by_name["Site"]["open"]
    assert "listening" not in by_name["Till"]["open"]
    assert program.get("/api/v1/touchpoints", {"segment": "nobody such"}).status_code == 422
