"""Quotes are masked whole, one of each customer, and of texts that are still there."""

from pathlib import Path

import numpy as np
import pytest
from tests.text.readings_kept import put

from percorso.log import Log, open_log
from percorso.text import quotes
from percorso.text.frame import load
from percorso.text.results import Quote
from percorso.workspace import Workspace


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = open_log(Workspace.create(tmp_path / "workspace"))
    put(
        log,
        [
            ("Consegna in ritardo, scrivete a rossi@example.org per favore", {}),
            ("Assistenza gentile ma il telefono non risponde mai a nessuno", {}),
            ("mai " * 30_000 + "rossi@example.org", {}),
        ],
    )
    return log


def quoted(log: Log) -> tuple[Quote, ...]:
    texts = load(log)
    return quotes.choose(log, texts, {"all": np.arange(len(texts))}, 5)["all"]


def test_a_long_text_is_quoted_from_its_beginning(log: Log) -> None:
    texts = {each.id: each.text for each in quoted(log)}
    assert texts["t2"] == ("mai " * 250)[:1000]
    assert texts["t0"] == "Consegna in ritardo, scrivete a [e-mail] per favore"


def test_a_text_erased_meanwhile_is_not_quoted(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    # It was counted; when its words are asked for it is gone.
    read = quotes._texts
    monkeypatch.setattr(
        quotes, "_texts", lambda log, ids: {k: v for k, v in read(log, ids).items() if k != "t0"}
    )
    assert {each.id for each in quoted(log)} == {"t1", "t2"}
