"""The worker reads texts after an import, looks for topics, and gives way to other tasks."""

import numpy as np
import pyarrow as pa
import pytest
from django_tasks_db.models import DBTaskResult
from tests.log.rows import add, row

from percorso import identity
from percorso.app import company as served
from percorso.app.intake import tasks
from percorso.text import MODEL, enrichment, kept, topics, vectors
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
