"""The worker reads texts after an import, looks for topics, and gives way to other tasks."""

import errno
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from tests.log.rows import add, row

from percorso import identity
from percorso.app import company as served
from percorso.app.audit.models import Entry
from percorso.app.intake import reading, tasks
from percorso.app.serving.worker import put_back
from percorso.log.errors import LogBusyError
from percorso.text import MODEL, enrichment, kept, topics, vectors
from percorso.text.embedding.endpoint import EmbeddingError
from percorso.workspace import Workspace

SAID = (
    "Il corriere ha consegnato il pacco in ritardo",
    "La commessa mi ha consigliato un romanzo",
    "Il carrello dal telefono si blocca",
    "La fattura dell'ordine non arriva",
    "Serata splendida alla presentazione",
)
TEXTS = 100

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _texts(company: Workspace) -> None:
    """Put texts into the log, with vectors of five themes, so that none are computed."""
    log = served.log()
    said = [
        row(f"t{n}", f"user:{n}", n, kind="review", text=f"{SAID[n % 5]}, {chr(97 + n // 5) * 3}")
        for n in range(TEXTS)
    ]
    add(log, said)
    near = (
        np.random.default_rng(5).normal(0, 0.02, (TEXTS, 384)) + np.eye(384)[np.arange(TEXTS) % 5]
    )
    unit = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    keys = pa.table({name: [getattr(one, name) for one in said] for name in ("id", "customer")})
    vectors.keep(log, keys, unit, MODEL.embedder, log.version)
    # Nothing but texts waits.
    identity.resolve(log)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by the fast path, which computes no vectors, some texts at a time."""
    enrich = enrichment.enrich
    monkeypatch.setattr(
        enrichment, "enrich", lambda log, **given: enrich(log, path="fast", **given)
    )
    monkeypatch.setattr(tasks, "TEXTS_AT_ONCE", 40)


def waiting(task: object) -> int:
    path = task.module_path  # type: ignore[attr-defined]  # a task of django-tasks
    return DBTaskResult.objects.ready().filter(task_path=path).count()


def test_texts_are_read_topics_found_and_answers_made_anew() -> None:
    log = served.log()
    tasks.warm.call()
    assert waiting(tasks.read_texts) == 1
    tasks.read_texts.call()
    assert enrichment.pending(log) == 0
    assert len(topics.topics(log).all) == 5
    assert waiting(tasks.warm) == 1
    DBTaskResult.objects.all().delete()
    # There is nothing more to do, and nothing asks for it again.
    tasks.warm.call()
    tasks.read_texts.call()
    assert DBTaskResult.objects.count() == 0


def test_other_tasks_have_their_turn_and_the_reading_goes_on() -> None:
    log = served.log()
    tasks.warm.enqueue()
    tasks.read_texts.call()
    assert 0 < kept.readings(log).count() <= 40
    assert topics.topics(log).all == ()
    assert waiting(tasks.read_texts) == 1
    DBTaskResult.objects.all().delete()
    tasks.read_texts.call()
    assert enrichment.pending(log) == 0
    assert len(topics.topics(log).all) == 5


def test_topics_are_found_where_the_worker_was_stopped_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = served.log()

    def stopped(_log: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(topics, "refresh", stopped)
        with pytest.raises(KeyboardInterrupt):
            tasks.read_texts.call()
    assert enrichment.pending(log) == 0
    assert topics.topics(log).all == ()
    tasks.warm.call()
    assert waiting(tasks.read_texts) == 1
    tasks.read_texts.call()
    assert len(topics.topics(log).all) == 5


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, of: object = enrichment) -> None:
    def fail(*_given: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(of, "enrich" if of is enrichment else "refresh", fail)


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_reading_that_failed_is_told_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, client_of: Callable[[str], Client]
) -> None:
    analyst = client_of("analyst")
    with monkeypatch.context() as patched:
        failing(patched, FULL)
        tasks.read_texts.call()
    said = analyst.get("/voice/").content.decode()
    assert "Reading the texts failed on" in said
    assert "The disk is full." in said
    assert "No text is read yet" in said
    assert "Have the texts read again" in analyst.get("/?period=all").content.decode()
    assert waiting(tasks.read_texts) == 0
    [action] = re.findall(r'<form method="post" action="(/voice/[^"]+)"', said)
    answer = analyst.post(action, {"next": "/voice/?period=all"})
    assert answer["Location"] == "/voice/?period=all"
    assert waiting(tasks.read_texts) == 1
    assert Entry.objects.filter(action="voice.read_again").count() == 1
    assert "failed" not in analyst.get("/voice/").content.decode()
    tasks.read_texts.call()
    said = analyst.get("/voice/?period=all").content.decode()
    assert "failed" not in said
    assert "100 texts" in said


def test_topics_that_could_not_be_found_are_told_of_too(
    monkeypatch: pytest.MonkeyPatch, client_of: Callable[[str], Client]
) -> None:
    with monkeypatch.context() as patched:
        failing(patched, EmbeddingError("https://example.org/v1 answered 401: who?"), topics)
        tasks.read_texts.call()
    analyst, viewer = client_of("analyst"), client_of("viewer")
    said = analyst.get("/voice/topics/?period=all").content.decode()
    assert "Looking for topics failed on" in said
    assert "did not answer as it should" in said
    assert "https://example.org/v1 answered 401" in said
    seen = viewer.get("/voice/?period=all").content.decode()
    assert "did not answer as it should" in seen
    # Where the server is, and what it says, is for those who can do something about it.
    assert "example.org" not in seen
    assert "/voice/read-again" not in seen
    assert viewer.post("/voice/read-again").status_code == 403
    assert not Entry.objects.filter(action__startswith="voice.").exists()
    # By whatever way it was done since, it failed no more.
    topics.refresh(served.log())
    assert "failed" not in viewer.get("/voice/?period=all").content.decode()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (LogBusyError("busy"), "Un altro processo"),
        (MemoryError(), "poca memoria"),
        (PermissionError(errno.EACCES, "/secret/place"), "cartella dell’azienda"),
        (ValueError("a text of somebody"), "qualcosa di imprevisto"),
    ],
)
def test_why_it_failed_is_said_in_italian(
    monkeypatch: pytest.MonkeyPatch,
    client_of: Callable[[str], Client],
    error: Exception,
    why: str,
) -> None:
    with monkeypatch.context() as patched:
        failing(patched, error)
        tasks.read_texts.call()
    analyst = client_of("analyst")
    analyst.cookies["django_language"] = "it"
    said = analyst.get("/voice/", headers={"accept-language": "it"}).content.decode()
    assert why in said
    assert "secret" not in said
    assert "somebody" not in said


def test_a_reading_that_ended_its_worker_too_often_is_not_begun_again_by_itself(
    client_of: Callable[[str], Client],
) -> None:
    tasks.read_texts.enqueue()
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=["a", "b", "c"])
    assert put_back() == {tasks.read_texts.module_path}
    reading.note_stopped()
    assert "ended three times" in client_of("viewer").get("/voice/").content.decode()
