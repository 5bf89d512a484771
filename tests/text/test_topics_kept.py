"""Topics over a real log: found again as they were, with what people did to them."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests import apart
from tests.log.rows import START, add, row
from tests.text.readings_kept import PLAIN

from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.text import MODEL, corrections, kept, needs, topics, vectors, voice
from percorso.text.topics import catalogue
from percorso.text.topics.refreshing import beside
from percorso.workspace import Workspace

SAID = (
    "Il corriere ha consegnato il pacco in ritardo",
    "La commessa mi ha consigliato un romanzo",
    "Il carrello dal telefono si blocca",
    "La fattura dell'ordine non arriva",
    "Serata splendida alla presentazione",
)
FROM_MAY = Selection(since=START.replace(month=5))


IN_ENGLISH = ("The courier delivered the parcel late",)


def write(
    log: Log,
    start: int,
    count: int,
    *,
    each: int = 5,
    kind: str = "review",
    language: str = "it",
) -> None:
    """Put texts into the log, each of another customer, with readings and planted vectors."""
    sentences = SAID if language == "it" else IN_ENGLISH
    numbers = range(start, start + count)
    said = [
        row(
            f"t{n}",
            f"user:{n}",
            n * 600,
            kind=kind,
            text=f"{sentences[n % each]}, {word(n)}. Scrivete a u{n}@example.org",
        )
        for n in numbers
    ]
    add(log, said)
    late = {"sentiment": "negative", "score": -0.7, "need": True}
    read = [
        {**PLAIN, "language": language, **(late if n % each == 0 else {})}
        | {"id": one.id, "customer": one.customer, "model": MODEL.version}
        for n, one in zip(numbers, said, strict=True)
    ]
    readings = kept.readings(log)
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
    place = np.eye(384)[np.arange(start, start + count) % each]
    near = np.array([np.random.default_rng(n).normal(0, 0.02, 384) for n in numbers]) + place
    unit = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    keys = pa.table({name: [getattr(one, name) for one in said] for name in ("id", "customer")})
    vectors.keep(log, keys, unit, MODEL.embedder, log.version)


def word(n: int) -> str:
    """Return a word of its own for each number: a wording counts once."""
    return "".join(chr(97 + int(digit)) * 2 for digit in f"{n:03}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of five things said by thirty customers each, with the topics found in them."""
    place = Workspace.create(tmp_path_factory.mktemp("topics") / "made")
    log = open_log(place)
    write(log, 0, 150)
    topics.refresh(log)
    return place.path


@pytest.fixture
def log(made: Path, workspace: Workspace) -> Log:
    """Return the log, in a place of its own."""
    shutil.copytree(made, workspace.path, dirs_exist_ok=True)
    return open_log(workspace)


def about(log: Log, kind: int) -> str:
    """Return the topic of what was said of a kind, the one most of it is in."""
    said = {f"t{n}" for n in range(kind, 150, 5)}
    return max(topics.names(log), key=lambda each: len(said & set(topics.members(log, each))))


def test_what_was_planted_is_found_and_found_again_as_it_was(log: Log) -> None:
    first, kept_first = topics.topics(log), catalogue.read(log.workspace).entries
    assert len(first.rows) == 5
    assert len({about(log, kind) for kind in range(5)}) == 5
    assert first.outside + sum(each.texts for each in first.all) == 150
    assert first.waiting == 0
    topics.refresh(log)
    again = topics.topics(log)
    assert catalogue.read(log.workspace).entries == kept_first
    assert [(each.id, each.name, each.texts) for each in again.all] == [
        (each.id, each.name, each.texts) for each in first.all
    ]
    late = topics.topic(log, about(log, 0))
    assert late is not None
    assert late.negative.value == 100
    assert late.positive.value == 0
    assert "corriere" in late.name.lower() or "ritardo" in late.name.lower()


def test_a_name_is_in_the_language_most_texts_are_in(log: Log) -> None:
    late, kind = (about(log, each) for each in range(2))
    assert topics.names(log)[late] != topics.names(log)[kind]
    topics.rename(log, kind, "Librai", who="ada")
    write(log, 150, 35, each=1, language="en")
    topics.refresh(log)
    now = topics.topic(log, late)
    assert now is not None
    assert (now.texts, now.language) == (65, "en")
    assert "parcel late" in now.name.lower()
    assert "corriere" not in now.name.lower()
    assert topics.names(log)[kind] == "Librai"


def test_what_people_did_outlives_a_new_search_with_more_texts(log: Log) -> None:
    late, kind, cart, bill, evening = (about(log, each) for each in range(5))
    topics.rename(log, late, "Consegne", who="ada")
    topics.merge(log, [cart], into=bill, who="ada")
    topics.pin(log, evening, who="ada")
    topics.hide(log, kind, who="ada")
    write(log, 150, 100)
    assert topics.topics(log).waiting == 100
    topics.refresh(log)
    found = {each.id: each for each in topics.topics(log).all}
    assert set(found) == {late, kind, bill, evening}
    assert found[late].name == "Consegne"
    assert found[late].renamed
    assert found[late].texts >= 45
    assert found[bill].merged == (cart,)
    assert found[bill].texts >= 90
    assert set(topics.members(log, cart)) == set(topics.members(log, bill))
    rows = topics.topics(log).rows
    assert rows[0].id == evening
    assert kind not in {each.id for each in rows}
    assert topics.topic(log, cart) == topics.topic(log, bill)
    assert [each.action for each in catalogue.read(log.workspace).edits] == [
        "rename",
        "merge",
        "pin",
        "hide",
    ]
    topics.unmerge(log, cart, who="ada")
    assert len(topics.topics(log).all) == 5


def test_a_topic_of_before_and_of_now_are_told_apart(log: Log) -> None:
    write(log, 150, 100, each=2)
    topics.refresh(log)
    before = Selection(until=FROM_MAY.since)
    found = topics.topics(log, FROM_MAY, previous=before)
    late = next(each for each in found.all if each.id == about(log, 0))
    assert late.share_change is not None
    assert late.share_change.real
    assert late.share_change.estimate.value is not None
    assert late.share_change.estimate.value > 0
    assert [month for month, _share in late.months] == ["2025-05", "2025-06"]
    assert sum(each.texts for each in found.all) + found.outside == found.texts


def test_needs_are_of_those_who_ask_and_quotes_are_masked(log: Log) -> None:
    found = needs.needs(log)
    assert found.texts == 30
    assert sum(each.texts for each in found.all if each.shown) + found.apart == 30
    for each in topics.topics(log).rows:
        assert each.quotes
        for quote in each.quotes:
            assert "[e-mail]" in quote.text
            assert "@" not in quote.text


def test_topics_are_due_until_they_were_looked_for_in_all_that_was_read(log: Log) -> None:
    assert not topics.due(log)
    write(log, 150, 20)
    assert topics.due(log)
    topics.refresh(log)
    assert not topics.due(log)
    topics.rename(log, about(log, 0), "Consegne", who="ada")
    assert not topics.due(log)
    log.erase("user:3")
    assert topics.due(log)


def test_nothing_is_due_where_nothing_was_read(workspace: Workspace) -> None:
    log = open_log(workspace)
    assert not topics.due(log)
    add(log, [row("a", kind="review", text="Troppo caro")])
    assert not topics.due(log)


def test_what_is_done_while_topics_are_looked_for_neither_waits_nor_is_lost(log: Log) -> None:
    late = about(log, 0)
    write(log, 150, 20)

    def meanwhile(_done: int, _there: int) -> None:
        begun = time.monotonic()
        topics.rename(log, late, "Consegne", who="ada")
        assert time.monotonic() - begun < 10

    topics.refresh(log, on_progress=meanwhile)
    assert topics.names(log)[late] == "Consegne"
    assert topics.topics(log).waiting == 0


def test_a_topic_never_becomes_a_part_of_itself(log: Log) -> None:
    a, b, c = (about(log, kind) for kind in range(3))
    topics.merge(log, [a], into=c, who="ada")
    topics.merge(log, [b], into=a, who="ada")
    # a is part of c: what is merged into b now must not be what b is a part of.
    for each in (a, c):
        with pytest.raises(topics.TopicError):
            topics.merge(log, [each], into=b, who="ada")
    assert set(topics.members(log, b)) == set(topics.members(log, c))
    assert len(topics.topics(log).all) == 3


@pytest.mark.parametrize("name", ["", " \n", "x" * 121, "\x1b\x07"])
def test_a_name_that_is_none_is_refused(log: Log, name: str) -> None:
    with pytest.raises(topics.TopicError):
        topics.rename(log, about(log, 0), name, who="ada")
    assert catalogue.read(log.workspace).edits == ()


def test_a_name_steers_no_terminal(log: Log) -> None:
    late = about(log, 0)
    given = " Consegne\x1b[2J\x07\n in  \u202eritardo\u2069 📦 \u061c👩\u200d🔧\x9b "
    assert topics.rename(log, late, given, who="ada") == topics.names(log)[late]
    assert topics.names(log)[late] == "Consegne[2J in ritardo 📦 👩\u200d🔧"


def test_erased_customers_leave_no_byte(log: Log) -> None:
    topics.topics(log)
    secret = word(5)
    corrections.correct(log, "t5", field="sentiment", value="positive", who="ada")
    topics.rename(log, about(log, 0), "Consegne", who="ada")
    assert [each["id"] for each in voice.find(log, words=secret).rows] == ["t5"]
    log.erase("user:5")
    for table in (kept.readings(log), kept.vectors(log), beside(log)):
        assert table.of(["t5"]).num_rows == 0
        assert table.count() == 149
    assert corrections.corrections(log) == ()
    vector = np.random.default_rng(5).normal(0, 0.02, 384) + np.eye(384)[0]
    half = (vector / np.linalg.norm(vector)).astype(np.float32).astype("<f2").tobytes()
    sought = [secret.encode(), b"u5@example.org", b"user:5\x00", b'"user:5"', half[:32]]
    for file in files(log.workspace.path):
        data = file.read_bytes()
        assert not [each for each in sought if each in data], file
    topics.refresh(log)
    assert sum(each.texts for each in topics.topics(log).all) <= 149


def files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file())


@pytest.mark.parametrize("texts", [0, 1, 3])
def test_few_texts_have_no_topics(workspace: Workspace, texts: int) -> None:
    log = open_log(workspace)
    if texts:
        write(log, 0, texts)
    done = topics.refresh(log)
    assert (done.topics, done.needs, done.texts) == (0, 0, texts)
    assert topics.topics(log).all == ()
    assert topics.topics(log).outside == texts
    assert needs.needs(log).all == ()


@pytest.mark.parametrize(
    "text", ["Consegna sempre in ritardo", "物流太慢了,等了两个星期", "😡😡😡"]
)
def test_one_text_over_and_over_is_no_topic(workspace: Workspace, text: str) -> None:
    log = open_log(workspace)
    add(log, [row(f"t{n}", f"user:{n}", n, kind="review", text=text) for n in range(100)])
    read = [
        {**PLAIN, "id": f"t{n}", "customer": f"user:{n}", "model": MODEL.version}
        for n in range(100)
    ]
    readings = kept.readings(log)
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
    same = np.repeat(np.eye(384, dtype=np.float32)[:1], 100, axis=0)
    keys = pa.table(
        {"id": [f"t{n}" for n in range(100)], "customer": [f"user:{n}" for n in range(100)]}
    )
    vectors.keep(log, keys, same, MODEL.embedder, log.version)
    topics.refresh(log)
    assert topics.topics(log).all == ()
    assert topics.topics(log).outside == 100


def rename_on(folder: str, said: str, id_: str) -> None:
    """Rename a topic over and over; write a byte after each that is acknowledged."""
    log = open_log(Workspace.open(folder))
    acknowledged = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(10_000):
        topics.rename(log, id_, f"name {number}", who="ada")
        os.write(acknowledged, b".")


def test_killed_while_topics_are_written_what_was_acknowledged_is_there(
    log: Log, tmp_path: Path
) -> None:
    late = about(log, 0)
    done = 0
    for kill in range(4):
        said = tmp_path / f"said-{kill}"
        process = apart.start(rename_on, str(log.workspace.path), str(said), late)
        end = time.monotonic() + 60
        while (said.stat().st_size if said.exists() else 0) < 3 + kill:
            assert time.monotonic() < end, "the writer does not get on"
            time.sleep(0.001)
        process.kill()
        process.join(60)
        renamed = [each.detail for each in catalogue.read(log.workspace).edits[done:]]
        assert renamed == [f"name {n}" for n in range(len(renamed))]
        assert len(renamed) >= said.stat().st_size
        done += len(renamed)
    assert topics.names(log)[late] == renamed[-1]
    assert len(topics.topics(log).all) == 5
