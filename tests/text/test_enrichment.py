"""Every text of the log is read once, kept beside it, and read again by another model."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests import apart
from tests.log.rows import add, row

from percorso.log import Log, open_log
from percorso.text import READINGS, Readings, enrichment, kept, vectors, voice
from percorso.text.model import MODEL, ModelInfo
from percorso.workspace import Workspace

TEXTS = (
    "Personale gentilissimo, torno volentieri.",
    "Consegna in ritardo di una settimana!",
    "The checkout is a mess.",
    "ok",
    "😀",
)


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


def write(log: Log, count: int, prefix: str = "t") -> list[str]:
    """Put texts of 20 customers into the log, and what is no customer's text."""
    said = [
        row(f"{prefix}{n}", f"user:{n % 20}", n, kind="review", text=TEXTS[n % len(TEXTS)])
        for n in range(count)
    ]
    silent = [
        row(f"{prefix}-blank", text=" \n\t"),
        row(f"{prefix}-none"),
        row(f"{prefix}-ours", kind="message", direction="out", text="Gentile cliente"),
        row(f"{prefix}-search", kind="search", text="libri gialli"),
        row(f"{prefix}-promise", kind="promise", text="domani"),
    ]
    add(log, [*said, *silent])
    return [each.id for each in said]


def read_ids(log: Log) -> list[str]:
    return sorted(kept.readings(log).read(["id"])["id"].to_pylist())


def another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModelInfo("another", MODEL.embedder, MODEL.created)
    monkeypatch.setattr("percorso.text.model.MODEL", other)


def test_texts_of_customers_are_read_once(log: Log) -> None:
    ids = write(log, 30)
    assert enrichment.pending(log) == 30
    told: list[tuple[int, int]] = []
    done = enrichment.enrich(
        log, path="fast", at_once=8, on_progress=lambda *step: told.append(step)
    )
    assert (done.read, done.already, done.waiting, done.model) == (30, 0, 0, MODEL.version)
    assert told[-1] == (30, 30)
    assert len(told) >= 4
    assert read_ids(log) == sorted(ids)
    assert enrichment.pending(log) == 0
    again = enrichment.enrich(log, path="fast")
    assert (again.read, again.already) == (0, 30)
    write(log, 2, "new")
    assert enrichment.enrich(log, path="fast").read == 2


def test_a_limit_is_kept_and_the_rest_waits(log: Log) -> None:
    write(log, 30)
    done = enrichment.enrich(log, path="fast", limit=11)
    assert (done.read, done.waiting) == (11, 19)
    assert len(read_ids(log)) == 11 == 30 - enrichment.pending(log)


def test_what_was_kept_before_an_end_is_not_read_again(log: Log) -> None:
    write(log, 40)

    def stop(done: int, there: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enrichment.enrich(log, path="fast", at_once=10, on_progress=stop)
    before = read_ids(log)
    assert 0 < len(before) <= 10
    assert enrichment.enrich(log, path="fast").read == 40 - len(before)


def test_the_same_words_are_read_once_in_a_batch(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    from percorso.text import reading

    write(log, 60)
    asked: list[str] = []
    genuine = reading.read

    def counting(texts: list[str], **options: str) -> Readings:
        asked.extend(texts)
        return genuine(texts, **options)

    monkeypatch.setattr(reading, "read", counting)
    enrichment.enrich(log, path="fast")
    assert sorted(asked) == sorted(TEXTS)
    table = voice.texts(log).select("text", "sentiment").distinct().to_pyarrow()
    assert table.num_rows == len(TEXTS)


def test_another_model_reads_again_and_the_old_reading_counts_until_then(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log, 30)
    enrichment.enrich(log, path="fast")
    another_model(monkeypatch)
    assert enrichment.pending(log) == 30
    enrichment.enrich(log, path="fast", limit=10)
    models = kept.readings(log).read(["model"])["model"].to_pylist()
    assert sorted(models) == sorted([MODEL.version] * 20 + ["another"] * 10)
    table = voice.texts(log)
    assert table.filter(table.sentiment.notnull()).count().to_pyarrow().as_py() == 30
    enrichment.enrich(log, path="fast")
    assert set(kept.readings(log).read(["model"])["model"].to_pylist()) == {"another"}
    assert len(read_ids(log)) == 30


def test_texts_have_the_columns_of_what_was_read(log: Log) -> None:
    write(log, 5)
    [before] = {voice.state(log)}
    unread = voice.texts(log).to_pyarrow()
    assert unread["sentiment"].null_count == unread.num_rows == 5
    enrichment.enrich(log, path="fast")
    assert voice.state(log) != before
    read = voice.texts(log).to_pyarrow()
    assert set(READINGS.names) - {"score", "path", "language_certainty"} <= set(read.column_names)
    assert read["sentiment"].null_count == 0
    assert not any(read["corrected"].to_pylist())


def test_a_merge_shows_in_texts_and_keeps_what_was_read(log: Log) -> None:
    write(log, 5)
    enrichment.enrich(log, path="fast")
    log.merge("user:1", "email:ada@example.org")
    table = voice.texts(log)
    [found] = table.filter(table.id == "t1").to_pyarrow().to_pylist()
    assert (found["customer"], found["reference"]) == ("email:ada@example.org", "user:1")
    assert found["sentiment"] is not None
    log.erase("email:ada@example.org")
    assert "t1" not in read_ids(log)


class Letters:
    """An embedder: how often the five vowels are in a text."""

    name = "letters"
    asked = 0

    def embed(self, texts: list[str]) -> np.ndarray:
        Letters.asked += len(texts)
        counts = np.array([[each.count(vowel) + 0.1 for vowel in "aeiou"] for each in texts])
        vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return vectors.astype(np.float32)


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> type[Letters]:
    monkeypatch.setattr("percorso.text.embedding.choose", Letters)
    Letters.asked = 0
    return Letters


def test_vectors_are_computed_once_and_kept(log: Log, letters: type[Letters]) -> None:
    ids = write(log, 30)
    some = vectors.vectors(log, [ids[3], "nobody", ids[0], ids[3]])
    assert some.shape == (4, 5)
    assert letters.asked == 2
    assert not some[1].any()
    np.testing.assert_array_equal(some[0], some[3])
    expected = Letters().embed([TEXTS[3], TEXTS[0]])
    np.testing.assert_allclose(some[[0, 2]], expected, atol=1e-3)
    letters.asked = 0
    everything = vectors.vectors(open_log(log.workspace), ids)
    assert letters.asked == 28
    np.testing.assert_allclose(everything[[3, 0]], expected, atol=1e-3)
    found, closeness = vectors.nearest(log, TEXTS[1])
    assert found[int(closeness.argmax())] in ids[1::5]
    assert closeness.max() == pytest.approx(1, abs=1e-3)


def test_vectors_come_in_parts_each_text_once(log: Log, letters: type[Letters]) -> None:
    ids = write(log, 30)
    everything = vectors.vectors(log, ids)
    asked = pa.array(["nobody", *ids[:25]])
    places = []
    for rows, some in vectors.in_parts(log, asked):
        places += rows.tolist()
        np.testing.assert_array_equal(some, everything[rows - 1])
    assert sorted(places) == list(range(1, 26))
    assert letters.asked == 30


def test_vectors_of_another_embedder_are_not_taken_for_this_ones(
    log: Log, letters: type[Letters], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = write(log, 3)
    vectors.vectors(log, ids)
    monkeypatch.setattr(Letters, "name", "others")
    assert vectors.nearest(log, "a")[0] == []
    letters.asked = 0
    vectors.vectors(log, ids)
    assert letters.asked == 3


def test_vectors_that_reading_gave_are_kept(log: Log) -> None:
    ids = write(log, 5)
    enrichment.enrich(log, path="accurate")
    stored = kept.vectors(log).read(["id", "model"]).to_pylist()
    # Of an emoji by itself nothing is read.
    assert {each["id"] for each in stored} == {
        each["id"]
        for each in kept.readings(log).read(["id", "path"]).to_pylist()
        if each["path"] == "accurate"
    }
    assert {each["model"] for each in stored} <= {MODEL.embedder}
    assert len(stored) >= len(ids) - 1


def work(folder: str, said: str) -> None:
    """Read the log's texts by small batches."""
    Path(said).touch()
    enrichment.enrich(open_log(Workspace.open(folder)), path="fast", at_once=5)


def test_killed_while_reading_it_goes_on_where_it_was(workspace: Workspace, tmp_path: Path) -> None:
    log = open_log(workspace)
    ids = write(log, 150)
    process = apart.start(work, str(workspace.path), str(tmp_path / "said"))
    end = time.monotonic() + 90
    while kept.readings(log).count() < 20:
        assert time.monotonic() < end, "the reading does not get on"
        time.sleep(0.005)
    process.kill()
    process.join(60)
    before = read_ids(log)
    assert len(before) == len(set(before))
    done = enrichment.enrich(log, path="fast")
    assert (done.read, done.already) == (150 - len(before), len(before))
    assert read_ids(log) == sorted(ids)
