"""Topics on the voice's pages: found, named, merged, pinned and hidden by people."""

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client
from tests.log.rows import add, row
from tests.text.readings_kept import PLAIN, put

from percorso.app import company as the_company
from percorso.app import results
from percorso.app.audit.models import Entry
from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.text import MODEL, kept, needs, topics, vectors
from percorso.text.topics import catalogue
from percorso.workspace import Workspace

SAID = (
    ("Il corriere ha consegnato in ritardo", {"sentiment": "negative", "score": -0.7}),
    ("La commessa mi ha consigliato un romanzo", {"sentiment": "positive", "score": 0.7}),
    ("Il carrello dal telefono si blocca", {"sentiment": "negative", "score": -0.6}),
    ("La fattura dell'ordine non arriva", {"sentiment": "negative", "score": -0.5}),
    ("Serata splendida alla presentazione", {"sentiment": "positive", "score": 0.9}),
)
EACH = 30
ALL = "?period=all"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of five things said by thirty customers each, with the topics found in them."""
    place = Workspace.create(tmp_path_factory.mktemp("topics") / "company")
    log = open_log(place)
    said = [SAID[n % 5] for n in range(5 * EACH)]
    put(log, [(f"{text}, {_word(n)}", reading) for n, (text, reading) in enumerate(said)])
    rows = log.read(["id", "customer"]).read_all()
    kinds = np.array([int(each[1:]) % 5 for each in rows["id"].to_pylist()])
    near = np.random.default_rng(5).normal(0, 0.02, (len(kinds), 384)) + np.eye(384)[kinds]
    unit = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    vectors.keep(log, pa.table(rows), unit, MODEL.embedder, log.version)
    topics.refresh(log)
    return place.path


def _word(n: int) -> str:
    """Return a word of its own for each number: a wording counts once."""
    return "".join(chr(97 + int(digit)) * 2 for digit in f"{n:03}")


@pytest.fixture
def analyst(client_of: Callable[[str], Client]) -> Client:
    return client_of("analyst")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    results.forget()
    yield
    results.forget()


def page(client: Client, path: str) -> str:
    answer = client.get(f"/voice/{path}")
    assert answer.status_code == 200, path
    return answer.content.decode()


def ids(log: Log) -> list[str]:
    return [each.id for each in topics.topics(log).rows]


def change(client: Client, id_: str, do: str, **more: str) -> str:
    back = f"/voice/topics/{id_}/{ALL}"
    given = {"do": do, "next": back, **more}
    answer = client.post(f"/voice/topics/{id_}/change", given)
    assert answer.status_code == 302
    return str(answer["Location"])


def test_the_overview_tells_all_of_it_in_short(analyst: Client, shared: Log) -> None:
    content = page(analyst, ALL)
    assert re.search(r"<h1>[^<]*150[^<]*</h1>", content)
    for heading in ("Sentiment of texts", "What they speak of", "Topics"):
        assert heading in content
    assert re.search(r"60% <span class=\"sub\">\d+\xa0–\u2060\xa0\d+", content), (
        "negative, with its interval"
    )
    for address in re.findall(r'href="(/voice/[^"]+)"', content):
        assert analyst.get(address.replace("&amp;", "&")).status_code == 200, address


def test_a_topic_has_its_page(analyst: Client, shared: Log) -> None:
    content = page(analyst, f"topics/{ids(shared)[0]}/{ALL}")
    assert "In their words" in content
    assert "20%" in content
    assert "<blockquote" in content
    assert f"topic={ids(shared)[0]}" in content


def test_people_order_topics_as_they_like(analyst: Client, log: Log) -> None:
    first, second, third, *_ = ids(log)
    change(analyst, first, "rename", name="  Consegne <b>tarde</b> ")
    assert "Consegne &lt;b&gt;tarde&lt;/b&gt;" in page(analyst, f"topics/{ALL}")
    change(analyst, third, "pin")
    assert ids(log)[0] == third
    change(analyst, second, "hide")
    assert second not in ids(log)
    assert len(ids(log)) == 4
    assert "1 hidden topic" in page(analyst, f"topics/{ALL}")
    change(analyst, second, "unhide")
    change(analyst, third, "unpin")
    assert len(ids(log)) == 5
    done = set(Entry.objects.values_list("action", flat=True))
    assert {"topic.rename", "topic.pin", "topic.unpin", "topic.hide", "topic.unhide"} <= done


def few_more(log: Log, kind: int, words: str, **reading: object) -> None:
    """Have three customers write, by another channel, what others wrote as the ``kind`` of it."""
    said = [
        row(f"few{n}", f"user:few{n}", 500 + n, kind="review", channel="email", text=f"{words} {n}")
        for n in range(3)
    ]
    add(log, said)
    model = {"model": MODEL.version}
    read = [
        {**PLAIN, **reading, **model, "id": each.id, "customer": each.customer} for each in said
    ]
    readings = kept.readings(log)
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
    keys = pa.table({name: [getattr(each, name) for each in said] for name in ("id", "customer")})
    place = np.eye(384, dtype=np.float32)[[kind] * 3]
    vectors.keep(log, keys, place, MODEL.embedder, log.version)
    topics.refresh(log)


def test_what_few_customers_wrote_is_not_shown_as_hidden_either(
    client_of: Callable[[str], Client], log: Log
) -> None:
    few_more(log, 0, "Il corriere non ha citofonato nemmeno stavolta, pacco perso")
    [late] = [each for each in ids(log) if "few0" in topics.members(log, each)]
    topics.hide(log, late, who="ada")
    [of_few] = topics.topics(log, Selection(channels=["email"])).all
    assert (of_few.id, of_few.customers, of_few.shown) == (late, 3, False)
    assert of_few.quotes == ()
    for role in ("viewer", "analyst"):
        client = client_of(role)
        content = page(client, f"topics/{ALL}&channel=email")
        assert "citofonato" not in content
        assert not re.search(rf"\b{late}\b", content)  # a token may hold its letters
        assert "hidden" not in content.partition("<main")[2]
        # Who looks at everybody's texts sees it among the hidden ones.
        assert "1 hidden topic" in page(client, f"topics/{ALL}")


@pytest.mark.parametrize(("customers", "told"), [(1, False), (5, True)])
def test_many_texts_of_few_customers_are_not_counted_apart(
    client_of: Callable[[str], Client], log: Log, customers: int, told: bool
) -> None:
    said = [
        row(f"more{n}", f"user:more{n % customers}", 600 + n, kind="review", text=f"Ancora, {n}")
        for n in range(7)
    ]
    add(log, said)
    read = [
        {**PLAIN, "need": True, "model": MODEL.version, "id": each.id, "customer": each.customer}
        for each in said
    ]
    readings = kept.readings(log)
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
    # They came after the topics were looked for: they wait.
    found, wanted = topics.topics(log), needs.needs(log)
    assert (found.waiting, found.waiting_customers) == (7, customers)
    assert (wanted.waiting, wanted.waiting_customers) == (7, customers)
    for name in ("topics", "needs"):
        content = page(client_of("viewer"), f"{name}/{ALL}")
        assert (": 7 texts" in content) == told, name
    topics.refresh(log)
    found, wanted = topics.topics(log), needs.needs(log)
    assert (found.outside, found.outside_customers) == (7, customers)
    assert (wanted.apart, wanted.apart_customers) == (7, customers)
    for name in ("topics", "needs"):
        content = page(client_of("viewer"), f"{name}/{ALL}")
        assert (": 7 texts" in content) == told, name


def test_topics_are_merged_and_taken_apart(analyst: Client, log: Log) -> None:
    first, second, *_ = ids(log)
    there = change(analyst, first, "merge", into=second)
    assert there.startswith(f"/voice/topics/{second}/")
    content = page(analyst, f"topics/{second}/{ALL}")
    assert "40%" in content
    assert "60 texts" in content
    assert "Take it apart again" in content
    # Whoever kept the link to the one that was merged finds the whole.
    assert "60 texts" in page(analyst, f"topics/{first}/{ALL}")
    change(analyst, second, "unmerge", which=first)
    assert len(ids(log)) == 5


@pytest.mark.parametrize(
    ("do", "more"),
    [
        ("rename", {"name": "  "}),
        ("rename", {"name": "x" * 200}),
        ("merge", {"into": ""}),
        ("merge", {"into": "t999"}),
        ("merge", {"into": "n1"}),
        ("unmerge", {"which": "t999"}),
        ("explode", {}),
    ],
)
def test_what_cannot_be_done_is_said(
    analyst: Client, shared: Log, do: str, more: dict[str, str]
) -> None:
    before = catalogue.read(shared.workspace).edits
    there = change(analyst, ids(shared)[0], do, **more)
    assert 'role="alert"' in analyst.get(there).content.decode()
    assert catalogue.read(shared.workspace).edits == before
    assert not Entry.objects.filter(action__startswith="topic.").exists()


def test_a_topic_that_is_not_there_leads_to_those_that_are(analyst: Client, shared: Log) -> None:
    assert "This topic is not here and now" in page(analyst, f"topics/t999/{ALL}")
    assert "a topic that is there no more" in page(analyst, f"texts/{ALL}&topic=t999")


def test_a_topics_texts_are_found(analyst: Client, shared: Log) -> None:
    content = page(analyst, f"texts/{ALL}&topic={ids(shared)[0]}")
    assert "30 texts" in content


def test_topics_are_exported(analyst: Client, shared: Log) -> None:
    answer = analyst.get(f"/voice/topics.csv{ALL}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [each["texts"] for each in rows] == ["30"] * 5
    assert all(float(each["share_low"]) < 20 < float(each["share_high"]) for each in rows)


def test_needs_have_a_page_where_there_are_none(analyst: Client, shared: Log) -> None:
    assert "No need stands out" in page(analyst, f"needs/{ALL}")


WISHES = ("Vorrei {} la spedizione di sera", "Mi piacerebbe {} pagare a rate", "Manca {} il grande")


@pytest.fixture(scope="module")
def wished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of three wishes of eight customers each, and of thirty that stand alone."""
    place = Workspace.create(tmp_path_factory.mktemp("wishes") / "company")
    log = open_log(place)
    rng = np.random.default_rng(3)
    alone = [f"Aggiungete {_word(n)} {_word(n + 30)} {_word(n + 60)}" for n in range(30)]
    texts = [wish.format(_word(n)) for wish in WISHES for n in range(8)] + alone
    put(log, [(text, {"need": True}) for text in texts])
    centres = np.concatenate([np.repeat(rng.normal(size=(3, 384)), 8, axis=0), np.zeros((30, 384))])
    near = centres + np.where(centres.any(axis=1), 0.4, 1)[:, None] * rng.normal(size=(54, 384))
    unit = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    rows = {f"t{n}": unit[n] for n in range(54)}
    kept = log.read(["id", "customer"]).read_all()
    placed = np.array([rows[each] for each in kept["id"].to_pylist()])
    vectors.keep(log, pa.table(kept), placed, MODEL.embedder, log.version)
    topics.refresh(log)
    return place.path


@pytest.fixture
def asking(wished: Path, company: Workspace) -> Log:
    """Return the log of wishes, in a place of its own."""
    shutil.copytree(wished, company.path, dirs_exist_ok=True)
    return the_company.log()


def test_people_order_needs_as_they_like(
    analyst: Client, client_of: Callable[[str], Client], asking: Log
) -> None:
    first, second, third = (each.id for each in needs.needs(asking).rows)
    here = f"/voice/needs/{ALL}"

    def do(id_: str, what: str, **more: str) -> None:
        given = {"do": what, "next": here, **more}
        assert analyst.post(f"/voice/topics/{id_}/change", given)["Location"] == here

    assert "3 things customers ask for" in page(analyst, f"needs/{ALL}")
    do(first, "rename", name="Consegna di sera")
    do(third, "pin")
    do(second, "hide")
    content = page(analyst, f"needs/{ALL}")
    assert "2 things customers ask for" in content
    assert "1 hidden need" in content
    assert "Consegna di sera" in content
    assert [each.id for each in needs.needs(asking).rows] == [third, first]
    do(second, "unhide")
    do(third, "unpin")
    do(second, "merge", into=first)
    content = page(analyst, f"needs/{ALL}")
    assert "2 things customers ask for" in content
    assert "16 customers" in content
    assert "Take it apart again" in content
    do(first, "unmerge", which=second)
    assert "3 things customers ask for" in page(analyst, f"needs/{ALL}")
    done = Entry.objects.filter(action__startswith="topic.").values_list("action", flat=True)
    assert sorted(done) == sorted(
        f"topic.{each}" for each in ("rename", "pin", "hide", "unhide", "unpin", "merge", "unmerge")
    )
    viewer = client_of("viewer")
    assert viewer.post(f"/voice/topics/{first}/change", {"do": "pin"}).status_code == 403
    assert "Rename, merge, pin or hide" not in page(viewer, f"needs/{ALL}")


def test_the_control_room_tells_what_customers_say(analyst: Client, shared: Log) -> None:
    content = analyst.get("/?period=all").content.decode()
    assert "What customers say" in content
    assert 'href="/voice/?period=all"' in content


def test_what_few_customers_ask_for_is_not_shown_as_hidden_either(
    analyst: Client, asking: Log
) -> None:
    first, *_others = needs.needs(asking).rows
    topics.hide(asking, first.id, who="ada")
    said = first.quotes[0].text.partition(" ")[0]
    assert "1 hidden need" in page(analyst, f"needs/{ALL}")
    for text in sorted(topics.members(asking, first.id))[:5]:
        asking.erase(text.replace("t", "user:"))
    [now] = [each for each in needs.needs(asking).all if each.id == first.id]
    assert (now.customers, now.hidden, now.quotes) == (3, True, ())
    content = page(analyst, f"needs/{ALL}")
    assert said not in content
    assert "hidden need" not in content
