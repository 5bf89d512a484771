"""What could not be accepted waits, with the reason, and nothing of it is lost."""

import sqlite3
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from percorso.log import LogError
from percorso.log.quarantine import Quarantine, Quarantined
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace


def quarantined(row: int = 7, **more: Any) -> Quarantined:
    given: dict[str, Any] = {
        "import_id": "import-1",
        "file": "orders.csv",
        "row": row,
        "field": "at",
        "rule": Phrase("must be a time with a zone"),
        "value": "31/02/2026",
        "raw": {"Order": "1001", "Date": "31/02/2026", "città": "Forlì"},
        "recipe": "orders",
    }
    return Quarantined(**{**given, **more})


def test_a_row_comes_back_as_it_was(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    given = quarantined(at=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC))
    assert quarantine.add([given]) == 1
    [found] = quarantine.list()
    assert found == replace(given, id=found.id)
    assert Quarantine(workspace).get(found.id) == found


def test_an_empty_quarantine_can_be_asked(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    assert quarantine.count() == 0
    assert quarantine.list("waiting") == ()
    with pytest.raises(LogError, match="no row 3"):
        quarantine.get(3)


def test_the_same_thing_is_kept_once(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    assert quarantine.add([quarantined(), quarantined()]) == 1
    assert quarantine.add([quarantined(), quarantined(8), quarantined(import_id="2")]) == 2


def test_a_row_that_breaks_two_rules_counts_once_and_is_mended_once(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    quarantine.add(
        [quarantined(), quarantined(field="score", rule=Phrase("must be a number")), quarantined(8)]
    )
    assert quarantine.count("waiting") == 2
    first, second, other = quarantine.list()
    assert [each.id for each in quarantine.siblings(second.id)] == [first.id, second.id]
    mended = quarantine.mend(second.id, {"Date": "28/02/2026"})
    assert mended.raw == {"Order": "1001", "Date": "28/02/2026", "città": "Forlì"}
    assert quarantine.get(first.id).raw == mended.raw
    assert quarantine.get(other.id).raw == other.raw
    quarantine.replayed(first.id)
    assert [each.status for each in quarantine.list()] == ["replayed", "replayed", "waiting"]
    assert quarantine.count("waiting") == 1


def test_what_was_dealt_with_is_not_dealt_with_again(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    quarantine.add([quarantined()])
    [row] = quarantine.list()
    quarantine.discard(row.id)
    assert quarantine.count("discarded") == 1
    for act in (quarantine.discard, quarantine.replayed, lambda n: quarantine.mend(n, {})):
        with pytest.raises(LogError, match="not waiting any more: it was discarded"):
            act(row.id)


def test_lists_are_paged_and_filtered(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    quarantine.add(quarantined(n, import_id=f"import-{n % 2}") for n in range(20))
    assert [each.row for each in quarantine.list("waiting", limit=3, offset=5)] == [5, 6, 7]
    assert quarantine.count(import_id="import-1") == 10
    assert {each.import_id for each in quarantine.list(import_id="import-1")} == {"import-1"}
    with pytest.raises(LogError, match="Status must be one of"):
        quarantine.list("gone")  # type: ignore[arg-type]


def test_hostile_text_is_only_text(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    nasty = "'; DROP TABLE quarantined; -- \x00 \ud800 =cmd|' /C calc'!A0"
    quarantine.add([quarantined(value=nasty, raw={nasty: nasty})])
    [found] = quarantine.list()
    assert found.value.startswith("'; DROP TABLE")
    assert "=cmd|" in found.value


def test_all_or_none_are_kept(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)

    def broken() -> Any:
        yield quarantined(1)
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        quarantine.add(broken())
    assert quarantine.count() == 0


def test_it_is_durable_and_lets_others_read(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    quarantine.add([quarantined()])
    database = sqlite3.connect(workspace.quarantine)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.execute("BEGIN IMMEDIATE")
    assert quarantine.count() == 1
    database.rollback()
    database.close()


def test_two_threads_write_side_by_side(workspace: Workspace) -> None:
    def write(number: int) -> None:
        for portion in range(10):
            Quarantine(workspace).add(
                quarantined(portion * 10 + n, import_id=f"i{number}") for n in range(10)
            )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Quarantine(workspace).count() == 300


def test_a_hundred_thousand_rows_take_seconds(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    begin = time.monotonic()
    assert quarantine.add(quarantined(n) for n in range(100_000)) == 100_000
    assert time.monotonic() - begin < 30  # 2.8 s measured on a busy machine
    assert quarantine.count("waiting") == 100_000


def test_a_rule_comes_back_with_its_values(workspace: Workspace) -> None:
    rule = Phrase(
        "on {scale} must be {rule} {{}}",
        {"scale": "nps", "rule": Phrase("from {low:g} to {high:g}", {"low": 0, "high": 10.5})},
    )
    odd = Phrase("is not JSON: {error}", {"error": "broken \ud800 {here}"})
    quarantine = Quarantine(workspace)
    assert quarantine.add([quarantined(rule=rule), quarantined(rule=odd)]) == 2
    assert quarantine.add([quarantined(rule=rule)]) == 0
    assert [each.rule for each in quarantine.list()] == [rule, odd]
    assert str(quarantine.list()[0].rule) == "on nps must be from 0 to 10.5 {}"


def test_rules_that_were_kept_as_plain_words_can_still_be_read(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    quarantine.add([quarantined(rule=Phrase("must be given"))])
    with sqlite3.connect(workspace.quarantine) as database:
        [stored] = database.execute("SELECT rule FROM quarantined").fetchone()
        assert stored == "must be given"
        database.execute("UPDATE quarantined SET rule = 'must match [A-Z]{3}'")
    database.close()
    assert str(quarantine.list()[0].rule) == "must match [A-Z]{3}"


def test_rows_with_the_same_thing_wrong_form_a_group(workspace: Workspace) -> None:
    quarantine = Quarantine(workspace)
    score = {"field": "score", "rule": Phrase("must be a number up to {most}", {"most": "10"})}
    quarantine.add([quarantined(1), quarantined(2, **score), quarantined(3, **score, value="x")])
    quarantine.add([quarantined(4, **score, import_id="2"), quarantined(1, **score, file="b.csv")])
    many, *others = quarantine.groups("waiting", 10)
    assert (many.number, many.rows, many.file, many.field) == (2, 3, "orders.csv", "score")
    assert many.rule == score["rule"]
    assert {each.rows for each in others} == {1}
    assert quarantine.groups("waiting", 1, 1) == (others[0],)
    assert [each.row for each in quarantine.alike(many.number, "waiting", 10)] == [2, 3, 4]
    assert [each.row for each in quarantine.alike(3, "waiting", 1, 1)] == [3]
    quarantine.discard(2)
    assert quarantine.group(2, "waiting").rows == 2, "named by a row that waits no more"
    with pytest.raises(LogError):
        quarantine.group(99, "waiting")


def test_a_group_is_discarded_whole_with_all_that_is_wrong_with_its_rows(
    workspace: Workspace,
) -> None:
    quarantine = Quarantine(workspace)
    also = quarantined(1, field="score", rule=Phrase("must be a number"))
    quarantine.add([quarantined(1), also, quarantined(2), quarantined(3, file="b.csv")])
    assert quarantine.discard_alike(1) == 2
    assert quarantine.count("discarded") == 2
    assert [each.file for each in quarantine.list("waiting")] == ["b.csv"]
    assert quarantine.discard_alike(1) == 0
