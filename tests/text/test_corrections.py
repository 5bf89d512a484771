"""What people say of a reading is kept, overrides it, and is counted."""

import dataclasses
from typing import Any

import pytest
from tests.text.readings_kept import factor, put

from percorso.estimation import proportion
from percorso.log import Log, open_log
from percorso.text import corrections, kept, voice
from percorso.text.corrections import CorrectionError
from percorso.workspace import Workspace

PRAISED = [factor("speed", "positive", 0, 5), factor("value", "negative", 6, 9)]


@pytest.fixture
def log(workspace: Workspace) -> Log:
    log = open_log(workspace)
    put(
        log,
        [
            ("Scrivete a ada@example.org, veloci", {"factors": PRAISED, "emotions": ["joy"]}),
            *((f"Testo {n}", {"sentiment": "positive", "score": 0.7}) for n in range(9)),
        ],
    )
    return log


def now(log: Log, id_: str) -> dict[str, Any]:
    table = voice.texts(log)
    [found] = table.filter(table.id == id_).to_pyarrow().to_pylist()
    return found


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("sentiment", "negative", "negative"),
        ("language", "fr", "fr"),
        ("emotions", ["anger", "betrayal"], ["anger", "betrayal"]),
        ("emotions", [], []),
        ("urgency", 2, 2),
        ("need", True, True),
        ("factors", {"speed": "positive"}, [PRAISED[0]]),
        (
            "factors",
            [("value", "negative"), ("ease", "positive")],
            [PRAISED[1], factor("ease", "positive")],
        ),
        ("factors", [factor("speed", "negative", 0, 5)], [factor("speed", "negative")]),
        ("factors", {}, []),
    ],
)
def test_a_correction_takes_the_place_of_what_was_read(
    log: Log, field: str, value: Any, expected: Any
) -> None:
    before = voice.state(log)
    said = corrections.correct(log, "t0", field=field, value=value, who="ada")
    assert not said.right
    for reader in (log, open_log(log.workspace)):
        found = now(reader, "t0")
        assert found[field] == expected
        assert found["corrected"]
    assert voice.state(log) != before
    others = set(voice.FIELDS) - {field}
    corrections.undo(log, "t0", field=field, who="ada")
    assert {name: found[name] for name in others} == {name: now(log, "t0")[name] for name in others}


def test_the_score_follows_a_corrected_sentiment(log: Log) -> None:
    corrections.correct(log, "t1", field="sentiment", value="negative", who="ada")
    assert now(log, "t1")["sentiment_score"] == -1
    corrections.correct(log, "t1", field="sentiment", value="positive", who="ada")
    assert now(log, "t1")["sentiment_score"] == pytest.approx(0.7)


def test_the_last_word_counts_and_can_be_taken_back(log: Log) -> None:
    corrections.correct(log, "t1", field="sentiment", value="negative", who="ada")
    corrections.correct(log, "t1", field="sentiment", value="neutral", who="bea")
    assert now(log, "t1")["sentiment"] == "neutral"
    [last] = corrections.corrections(log)
    assert (last.value, last.was, last.who) == ("neutral", "positive", "bea")
    assert corrections.undo(log, "t1", field="sentiment", who="bea")
    assert now(log, "t1")["sentiment"] == "negative"
    corrections.correct(log, "t1", field="sentiment", value="positive", who="bea")
    assert now(log, "t1")["sentiment"] == "positive"
    assert not now(log, "t1")["corrected"]
    for _ in range(2):
        assert corrections.undo(log, "t1", field="sentiment", who="bea")
    assert not corrections.undo(log, "t1", field="sentiment", who="bea")
    assert corrections.corrections(log) == ()


def test_accuracy_counts_right_and_wrong_among_those_looked_at(log: Log) -> None:
    for number in range(1, 8):
        corrections.correct(log, f"t{number}", field="sentiment", value="positive", who="ada")
    corrections.correct(log, "t8", field="sentiment", value="negative", who="ada")
    corrections.correct(log, "t9", field="sentiment", value="neutral", who="ada")
    corrections.correct(log, "t1", field="need", value=False, who="ada")
    found = corrections.accuracy(log)
    assert found["sentiment"] == proportion(7, 9)
    assert set(found) == {"sentiment", "need"}
    assert not found["need"].shown


def test_accuracy_is_of_the_present_model_and_corrections_outlive_it(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from percorso.text.model import ModelInfo

    corrections.correct(log, "t1", field="sentiment", value="negative", who="ada")
    monkeypatch.setattr("percorso.text.model.MODEL", ModelInfo("next", "", ""))
    assert corrections.accuracy(log) == {}
    assert now(log, "t1")["sentiment"] == "negative"


@pytest.mark.parametrize(
    ("id_", "field", "value", "words"),
    [
        ("nobody", "sentiment", "negative", "no text 'nobody'"),
        ("t1", "sentimento", "negative", "Did you mean 'sentiment'?"),
        ("t1", "sentiment", "negativ", "Did you mean 'negative'?"),
        ("t1", "sentiment", 3, "Known are: negative, neutral, positive."),
        ("t1", "language", "italiano", "a code such as it"),
        ("t1", "emotions", "anger", "as a list"),
        ("t1", "emotions", ["angry"], "Did you mean 'anger'?"),
        ("t1", "factors", {"sped": "negative"}, "Did you mean 'speed'?"),
        ("t1", "factors", {"speed": "bad"}, "Known are"),
        ("t1", "factors", "speed", "with their polarity"),
        ("t1", "factors", [3], "with their polarity"),
        ("t1", "urgency", True, "0, 1 or 2"),
        ("t1", "urgency", 3, "0, 1 or 2"),
        ("t1", "need", "yes", "true or false"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_do(
    log: Log, id_: str, field: str, value: Any, words: str
) -> None:
    with pytest.raises(CorrectionError) as told:
        corrections.correct(log, id_, field=field, value=value, who="ada")
    assert words in str(told.value)
    assert corrections.corrections(log) == ()


def test_of_several_words_all_are_kept_or_none(log: Log) -> None:
    with pytest.raises(CorrectionError):
        corrections.correct_many(log, "t0", {"emotions": [], "language": "italiano"}, who="ada")
    assert corrections.corrections(log) == ()
    before = voice.state(log)
    said = corrections.correct_many(log, "t0", {"emotions": [], "language": "it-IT"}, who="ada")
    assert [(each.field, each.value, each.right) for each in said] == [
        ("emotions", [], False),
        ("language", "it", True),
    ]
    assert {each.number for each in said} == {e.number for e in corrections.corrections(log)}
    assert voice.state(log) != before


def test_words_that_cannot_all_be_written_are_not_written(
    log: Log,
) -> None:
    [one] = corrections.correct_many(log, "t1", {"need": True}, who="ada")
    broken = dataclasses.replace(one, field="urgency", value=object())
    with pytest.raises(TypeError):
        kept.corrected(log).add([dataclasses.replace(one, field="language"), broken])
    assert [each.field for each in corrections.corrections(log)] == ["need"]


def test_a_certain_word_is_taken_back_and_later_ones_stay(log: Log) -> None:
    first = corrections.correct(log, "t1", field="sentiment", value="neutral", who="ada")
    corrections.correct(log, "t1", field="sentiment", value="negative", who="bea")
    for there in (True, False):
        done = corrections.undo(log, "t1", field="sentiment", who="ada", number=first.number)
        assert done is there
        assert now(log, "t1")["sentiment"] == "negative"


def test_nobody_corrects_without_a_name(log: Log) -> None:
    with pytest.raises(CorrectionError):
        corrections.correct(log, "t1", field="need", value=True, who=" ")


def test_examples_are_masked_and_say_what_was_looked_at(log: Log) -> None:
    corrections.correct(log, "t0", field="sentiment", value="positive", who="ada")
    corrections.correct(log, "t0", field="emotions", value=["joy"], who="ada")
    [example] = corrections.examples(log)
    assert example == {
        "text": "Scrivete a [e-mail], veloci",
        "language": "it",
        "sentiment": "positive",
        "emotions": ["joy"],
        "factors": {"speed": "positive", "value": "negative"},
        "urgency": 0,
        "need": False,
        "kind": "review",
        "checked": ["emotions", "sentiment"],
    }


def test_an_erasure_takes_the_corrections_and_their_bytes(log: Log) -> None:
    corrections.correct(log, "t1", field="sentiment", value="negative", who="ada-the-corrector")
    corrections.correct(log, "t2", field="sentiment", value="negative", who="bea")
    log.erase("user:1")
    [left] = corrections.corrections(log)
    assert left.id == "t2"
    files = list(log.workspace.path.glob("corrections.sqlite*"))
    assert files
    assert not any(b"ada-the-corrector" in each.read_bytes() for each in files)
    assert voice.find(log).total == 9
