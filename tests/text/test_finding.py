"""Texts are found by labels, words and meaning, and come masked."""

from typing import Any

import numpy as np
import pytest
from tests.log.rows import add, row
from tests.text.readings_kept import factor, put

from percorso.log import Log, LogError, open_log
from percorso.log.selection import Selection
from percorso.text import vectors, voice
from percorso.text.embedding import EmbeddingError
from percorso.text.personal_data import mask_beginning
from percorso.workspace import Workspace

PHONE = "Chiamatemi al 333 1234567, la consegna è in ritardo"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log that tests only read."""
    log = open_log(Workspace.create(tmp_path_factory.mktemp("finding") / "workspace"))
    put(
        log,
        [
            (
                "Città bella, PERCHÉ no?",
                {"sentiment": "positive", "score": 0.8, "emotions": ["joy"]},
            ),
            (
                PHONE,
                {
                    "sentiment": "negative",
                    "urgency": 2,
                    "factors": [factor("speed", "negative", 27, len(PHONE))],
                },
            ),
            (
                "Fast delivery, rude staff",
                {
                    "language": "en",
                    "factors": [
                        factor("speed", "positive", 0, 13),
                        factor("assistance", "negative"),
                    ],
                    "need": True,
                },
            ),
            ("100% <b>l’ottimo</b> (davvero) C++ \\ [x]", {"urgency": 1}),
        ],
    )
    add(log, [row("unread", "user:9", 99, kind="review", text="Non ancora letto")])
    return log


def found(log: Log, **asked: Any) -> list[str]:
    return [each["id"] for each in voice.find(log, **asked).rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["unread", "t3", "t2", "t1", "t0"]),
        ({"sentiment": "positive"}, ["t0"]),
        ({"emotion": "joy"}, ["t0"]),
        ({"factor": "speed"}, ["t2", "t1"]),
        ({"factor": "speed", "polarity": "negative"}, ["t1"]),
        # Praised for one thing and blamed for another is not blamed for the first.
        ({"factor": "assistance", "polarity": "positive"}, []),
        ({"polarity": "negative"}, ["t2", "t1"]),
        ({"language": "en"}, ["t2"]),
        ({"urgency": 1}, ["t3", "t1"]),
        ({"need": True}, ["t2"]),
        ({"corrected": True}, []),
        ({"ids": ["t0", "t2", "other"]}, ["t2", "t0"]),
        ({"ids": []}, []),
        ({"sentiment": "neutral", "urgency": 1}, ["t3"]),
        ({"selection": Selection(kinds=["view"])}, []),
    ],
)
def test_texts_are_found_by_what_was_read(
    log: Log, asked: dict[str, Any], expected: list[str]
) -> None:
    assert found(log, **asked) == expected
    assert voice.find(log, **asked, limit=1).total == len(expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("citta", ["t0"]),
        ("CITTÀ perche", ["t0"]),
        ("citta fast", []),
        ("consegn", ["t1"]),
        ("onsegna", []),
        ('"in ritardo"', ["t1"]),
        ('"ritardo in"', []),
        ("ritardo in", ["t1"]),
        ("«rude staff»", ["t2"]),
        ("l'ottimo", ["t3"]),
        ("100% (davvero)", ["t3"]),
        ("c++", ["t3"]),
        ("\\", ["t3"]),
        ("[x]", ["t3"]),
        (".*", []),
        ('"', ["unread", "t3", "t2", "t1", "t0"]),
        ("  ", ["unread", "t3", "t2", "t1", "t0"]),
        ("'; DROP TABLE x; --", []),
    ],
)
def test_texts_are_found_by_words(log: Log, words: str, expected: list[str]) -> None:
    assert found(log, words=words) == expected


def test_pages_follow_one_another(log: Log) -> None:
    everything = found(log)
    pages = [found(log, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [each for page in pages for each in page] == everything
    first = voice.find(log, limit=2)
    assert (first.total, first.customers) == (5, 5)


def test_texts_are_masked_unless_asked_for_as_they_are(log: Log) -> None:
    [shown] = voice.find(log, ids=["t1"]).rows
    assert shown["text"] == "Chiamatemi al [phone], la consegna è in ritardo"
    [place] = shown["factors"]
    assert shown["text"][place["start"] : place["end"]] == PHONE[27:]
    [whole] = voice.find(log, ids=["t1"], unmasked=True).rows
    assert whole["text"] == PHONE
    # Who may not see a number does not find out by searching whether it is there.
    assert found(log, words='"333 1234567"') == []
    assert found(log, words='"333 1234567"', unmasked=True) == ["t1"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"sentiment": "positiv"}, "Did you mean 'positive'?"),
        ({"factor": "prezzo"}, "Known are: quality"),
        ({"urgency": 5}, "urgency: 5 is not known"),
    ],
)
def test_what_is_not_known_is_said(log: Log, asked: dict[str, Any], words: str) -> None:
    with pytest.raises(LogError) as told:
        voice.find(log, **asked)
    assert words in str(told.value)


class Speed:
    """An embedder that knows one thing: whether a text speaks of speed."""

    name = "speed"

    def embed(self, texts: list[str]) -> np.ndarray:
        fast = [any(word in each.lower() for word in ("fast", "ritardo", "slow")) for each in texts]
        return np.array([[1.0, 0.0] if each else [0.0, 1.0] for each in fast], np.float32)


def test_texts_are_found_by_meaning(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("percorso.text.embedding.choose", Speed)
    with pytest.raises(voice.MeaningUnavailableError):
        voice.find(log, meaning="slow couriers")
    vectors.vectors(log, ["t0", "t1", "t2"])
    result = voice.find(log, meaning="slow couriers")
    assert [each["id"] for each in result.rows] == ["t1", "t2", "t0"]
    assert [each["closeness"] for each in result.rows] == [1, 1, 0]
    assert (result.total, result.not_compared, result.customers) == (3, 2, 3)
    assert found(log, meaning="slow couriers", language="en") == ["t2"]
    assert found(log, meaning="slow couriers", limit=1, offset=1) == ["t2"]
    assert "333" not in result.rows[0]["text"]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log of texts with personal data, which tests only read."""
    log = open_log(Workspace.create(tmp_path_factory.mktemp("people") / "workspace"))
    put(
        log,
        [
            ("Sono Mario Rossi, 347 1234567, i rossi erano esauriti", {}),
            ("Scrivete a mario.rossi@example.org", {}),
            ("mi chiamo giulia bianchi, il libro 1234567 è bello", {}),
            ("IBAN IT60X0542811101000000123456 e una Rosa", {}),
            ("Libro bello, la prossima volta compro i vini rossi", {}),
        ],
    )
    return log


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("1234567", ["t2"]),
        ("123", ["t2"]),
        ("347", []),
        ("it60", []),
        ("rossi", ["t4", "t0"]),
        ('"mario rossi"', []),
        ("mario.ross", []),
        ("mario", []),
        ("mar", []),
        ("examp", []),
        ("bianch", []),
        ("giulia", []),
        ("rosa", ["t3"]),
        ("libro", ["t4", "t2"]),
        ("bello libro", ["t4", "t2"]),
    ],
)
def test_what_is_masked_cannot_be_searched_for(
    people: Log, words: str, expected: list[str]
) -> None:
    assert found(people, words=words) == expected
    asked = voice.find(people, words=words, limit=1)
    assert (asked.total, asked.customers) == (len(expected), len(expected))
    assert voice.find(people, words=words, unmasked=True).total > 0


def test_of_a_very_long_text_the_beginning_is_masked_and_shown(people: Log) -> None:
    text = "bello " * 30 + "mario.rossi@example.org " + "brutto " * 30_000
    shown, place = mask_beginning(text, 200)
    assert shown == ("bello " * 30 + "[e-mail] brutto brut")[:200]
    assert (place(3), place(100_000)) == (3, 200)
    # Half an address at the end of what is looked at is not shown.
    accounts = "IT60X0542811101000000123456 " * 42
    for before in range(26):
        text = accounts + "x" * before + " rossi@example.org " * 9
        assert "ross" not in mask_beginning(text, 500)[0]


def test_viewers_are_told_why_a_server_fails_and_not_what_it_said(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_log: Log, _meaning: str) -> None:
        raise EmbeddingError("https://u:secret@example.org answered 401: key sk-1", "it refused")

    monkeypatch.setattr("percorso.text.vectors.nearest", fails)
    with pytest.raises(voice.MeaningUnavailableError) as told:
        voice.find(log, meaning="slow couriers")
    assert "it refused" in str(told.value)
    assert "secret" not in str(told.value)
    assert "sk-1" not in str(told.value)
