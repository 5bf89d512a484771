"""Erasing a customer reaches the rows that wait."""

from pathlib import Path

import pytest

from percorso.log import Log, open_log
from percorso.log.quarantine import Quarantine, Quarantined
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


def _wait(log: Log, *rows: tuple[str, dict[str, str]]) -> Quarantine:
    quarantine = Quarantine(log.workspace)
    quarantine.add(
        Quarantined(
            import_id="one",
            file="a.csv",
            row=number,
            field=field,
            rule=Phrase("is wrong"),
            value=next(iter(raw.values())),
            raw=raw,
        )
        for number, (field, raw) in enumerate(rows, 2)
    )
    return quarantine


def _bytes(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def test_rows_that_name_the_customer_are_gone_from_every_file(log: Log) -> None:
    quarantine = _wait(
        log,
        ("at", {"at": "31/02/2024", "customer": "email:ada@example.org"}),
        ("", {"line": '2024-01-02,"Ada@Example.org,9,ok'}),
        ("", {"date": "x", "mail": " ADA@example.org "}),
        ("at", {"at": "31/02/2024", "customer": "user:7", "text": "write to ada@example.org."}),
        ("at", {"at": "31/02/2024", "customer": "email:ada@example.org.uk"}),
        ("", {"line": "lada@example.org,9"}),
    )
    erased = log.erase("email:ada@example.org")
    assert (erased.rows, erased.quarantined) == (0, 4)
    assert [each.row for each in quarantine.list()] == [6, 7]
    written = _bytes(log.workspace.path).replace(b"ada@example.org.uk", b"")
    assert written.replace(b"lada@example.org", b"").lower().count(b"ada@example.org") == 0


def test_a_customers_number_is_not_taken_for_a_score(log: Log) -> None:
    quarantine = _wait(
        log,
        ("at", {"at": "31/02/2024", "customer": "user:9", "score": "3"}),
        ("at", {"at": "31/02/2024", "customer": "user:8", "score": "9", "text": "9"}),
        ("", {"line": "2024-01-02;9;ok"}),
        ("", {"line": "2024-01-02;99;ok"}),
    )
    assert log.erase("user:9").quarantined == 2
    assert [each.row for each in quarantine.list()] == [3, 5]


def test_every_reference_and_every_rule_of_a_row_goes(log: Log) -> None:
    log.merge("anon:7f7f", "email:ada@example.org")
    quarantine = _wait(log, ("at", {"at": "x", "customer": "anon:7f7f"}))
    (row,) = quarantine.list()
    more = Quarantined(
        import_id="one",
        file="a.csv",
        row=row.row,
        field="score",
        rule=Phrase("too"),
        value="11",
        raw=row.raw,
    )
    quarantine.add([more])
    quarantine.discard(row.id)
    assert log.erase("email:ada@example.org").quarantined == 1
    assert quarantine.list() == ()
