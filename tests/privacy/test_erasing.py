"""A person is erased from every byte of the workspace, and the certificate says so truly."""

import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from percorso import durable_database, identity, privacy
from percorso.live.draining import Drainer
from percorso.live.inbox import open_inbox
from percorso.live.received import Received
from percorso.log import Log, open_log
from percorso.log.quarantine import Quarantine, Quarantined
from percorso.log.schema import as_table
from percorso.privacy import erasing, restoring
from percorso.privacy.certificates import RestoreList
from percorso.privacy.errors import ErasureWaitsError, PrivacyError
from percorso.privacy.person import Person
from percorso.privacy.places import Cleared, Place
from percorso.privacy.scanning import scan
from percorso.vocabulary import Interaction, Phrase
from percorso.workspace import Workspace

ADA = "email:ada.rossi@example.org"
STRINGS = (
    "ada.rossi@example.org",
    "+393331234567",
    "7f7f7f7f-1111-2222-3333-444444444444",
    "Ada Rossi",
    "la copertina era strappata e nessuno rispondeva",
)


def row(id_: str, customer: str, day: int = 1, **more: object) -> Interaction:
    values = {
        "kind": "order",
        "touchpoint": "shop",
        "source": "till",
        "at": datetime(2026, 3, day, 10, tzinfo=UTC),
        "received_at": datetime(2026, 3, day, 11, tzinfo=UTC),
        **more,
    }
    return Interaction(id=id_, customer=customer, **values)  # type: ignore[arg-type]


@pytest.fixture
def log(workspace: Workspace) -> Log:
    """Return a log where Ada is in every place there is."""
    log = open_log(workspace)
    traits = {"email": "ada.rossi@example.org", "phone": "+39 333 1234567", "name": "Ada Rossi"}
    log.append(
        as_table(
            [
                row(
                    "a1",
                    ADA,
                    text="Peccato: la copertina era strappata e nessuno rispondeva al telefono",
                    kind="review",
                ),
                row(
                    "a2",
                    "anon:7f7f7f7f-1111-2222-3333-444444444444",
                    kind="view",
                    name="/conto/ada-rossi",
                ),
                row("a3", ADA, kind="profile", properties={"traits": traits}),
                row("a4", ADA, 2, amount=20.0, currency="EUR", about="order:991"),
                *(row(f"b{n}", f"user:{n}", amount=5.0, currency="EUR") for n in range(40)),
            ]
        )
    )
    log.merge("anon:7f7f7f7f-1111-2222-3333-444444444444", ADA)
    Quarantine(workspace).add(
        [
            Quarantined(
                import_id="i",
                file="a.csv",
                row=number,
                field="at",
                rule=Phrase("is wrong"),
                value="31/02",
                raw={"customer": who, "at": "31/02"},
            )
            for number, who in enumerate((ADA, "user:2"), 2)
        ]
    )
    _receive(workspace)
    (workspace.path / "topics.json").write_text('{"names": ["lamenti di ada.rossi@example.org"]}')
    upload = workspace.uploads / "one"
    upload.mkdir(parents=True)
    with zipfile.ZipFile(upload / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sheet.xml", "<c>Ada.Rossi@example.org</c>")
    workspace.temporary.mkdir(exist_ok=True)
    np.savez_compressed(workspace.temporary / "left.npz", names=np.array(["ada.rossi@example.org"]))
    with sqlite3.connect(workspace.path / "imports.sqlite") as database:
        database.execute("CREATE TABLE imports (id, who, recipe, files, outcome, plan)")
        sample = {
            "sample": [{"mail": "ada.rossi@example.org", "text": "x"}, {"mail": "b@example.org"}]
        }
        database.execute(
            "INSERT INTO imports VALUES ('i', 'me', 'r', '[]', '{}', ?)", (json.dumps(sample),)
        )
        database.execute("CREATE TABLE gone (x)")
        database.executemany("INSERT INTO gone VALUES (?)", [("ada.rossi@example.org",)] * 50)
        database.execute("DELETE FROM gone")
    database.close()
    return log


def _receive(workspace: Workspace) -> None:
    events = [
        {
            "type": "track",
            "event": "Seen",
            "messageId": "m1",
            "userId": "email:ada.rossi@example.org",
        },
        {
            "type": "track",
            "event": "Seen",
            "messageId": "m2",
            "anonymousId": "7f7f7f7f-1111-2222-3333-444444444444",
        },
        {
            "type": "identify",
            "messageId": "m3",
            "userId": "77",
            "traits": {"phone": "+393331234567"},
        },
        {"type": "track", "event": "Seen", "messageId": "m4", "userId": "5"},
    ]
    inbox = open_inbox(workspace)
    now = int(datetime.now(UTC).timestamp() * 1e6)
    inbox.put([Received("web", "batch", now, msgspec.json.encode({"batch": events}), len(events))])
    inbox.close()


def found(workspace: Workspace) -> set[str]:
    """Return which strings are anywhere below the workspace, searched without our own search."""
    whole = b"".join(
        each.read_bytes() for each in workspace.path.rglob("*") if each.is_file()
    ).lower()
    unpacked = [whole]
    for file in workspace.path.rglob("*"):
        if file.suffix in (".npz", ".xlsx"):
            with zipfile.ZipFile(file) as opened:
                unpacked += [opened.read(name).lower() for name in opened.namelist()]
        elif file.suffix == ".parquet" and file.is_file():
            unpacked.append(repr(pq.ParquetFile(file).read().to_pydict()).lower().encode())
    spread = b"".join(unpacked)
    wide = spread.replace(b"\0\0\0", b"")
    return {
        each for each in STRINGS if each.lower().encode() in spread or each.lower().encode() in wide
    }


def test_not_a_byte_of_the_person_is_left_and_the_others_stay(log: Log) -> None:
    assert found(log.workspace) == set(STRINGS)
    done = privacy.erase(log, "ada.rossi@example.org" and ADA, who="me@example.org")
    assert found(log.workspace) == set()
    assert done.clean
    assert {each.name: each.removed for each in done.places if each.removed} == {
        "inbox": 3,
        "log": 4,
        "quarantine": 1,
        "imports": 1,
        "uploads": 1,
        "written": 1,
        "temporary": 1,
    }
    assert log.summary().interactions == 40
    assert [each.raw["customer"] for each in Quarantine(log.workspace).list()] == ["user:2"]
    inbox = open_inbox(log.workspace)
    assert Drainer(log, inbox).drain().events == 1
    inbox.close()
    with sqlite3.connect(log.workspace.path / "imports.sqlite") as database:
        plan = json.loads(database.execute("SELECT plan FROM imports").fetchone()[0])
    database.close()
    assert plan == {"sample": [{"mail": "b@example.org"}]}


def test_what_came_under_their_telephone_lately_goes_too(log: Log) -> None:
    said = "ancora nessuno che risponda alla mia domanda di ieri"
    number = "+393336120485"
    traits = {"traits": {"phone": number}}
    log.append(
        as_table(
            [
                row("p1", ADA, 5, kind="profile", properties=traits),
                row("p2", f"phone:{number}", 6, kind="call", text=said),
            ]
        )
    )
    done = privacy.erase(log, ADA)
    assert done.clean
    assert not done.left
    assert not scan(log.workspace.path, [said, number]).hits
    assert log.summary().interactions == 40


def test_the_certificate_names_nobody_and_cannot_be_changed(log: Log) -> None:
    done = privacy.erase(log, ADA, who="me@example.org")
    register = privacy.Register(log.workspace)
    written = json.dumps(done.as_dict()).lower()
    assert not any(each.lower() in written for each in (*STRINGS, ADA))
    assert register.certificate(done.id) == done
    assert done.digest == done.computed()
    assert register.broken() is None
    second = privacy.erase(log, "user:3")
    assert second.previous == done.digest
    with sqlite3.connect(log.workspace.path / "privacy.sqlite") as database:
        for statement in ("DELETE FROM certificates", "UPDATE certificates SET body = '{}'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                database.execute(statement)
        database.execute("DROP TRIGGER certificates_hold")
        database.execute(
            "UPDATE certificates SET body = json_set(body, '$.references', 9) WHERE id = ?",
            (done.id,),
        )
    database.close()
    assert register.broken() == done.id


def test_a_string_that_is_left_is_said(log: Log) -> None:
    (log.workspace.path / "notes-of-somebody.txt").write_text("ask ADA.ROSSI@example.org")
    done = privacy.erase(log, ADA)
    assert not done.clean
    assert [(each.where, each.why) for each in done.left if each.why == "found"] == [
        ("notes-of-somebody.txt", "found")
    ]


def test_what_is_written_while_they_go_goes_too(log: Log) -> None:
    """Another thread may have had their data in hand, and keep it after its place was cleared."""
    late = log.workspace.path / "told.db"
    times = []

    def clear(_log: Log, _person: Person, _until: datetime | None) -> Cleared:
        times.append(1)
        late.unlink(missing_ok=True)
        if len(times) == 1:
            late.write_text("ada.rossi@example.org")
        return Cleared(1, 1)

    done = privacy.erase(log, ADA, also=[Place("told", "what was told", clear)])
    assert done.clean
    assert [each.removed for each in done.places if each.name == "told"] == [2]


def test_what_others_wrote_too_stays_and_is_said(log: Log) -> None:
    text = "Peccato: la copertina era strappata e nessuno rispondeva al telefono"
    log.append(as_table([row("c1", "user:8", kind="review", text=text)]))
    done = privacy.erase(log, ADA)
    assert done.clean
    assert [(each.strings, each.why) for each in done.left] == [(1, "others")]
    assert log.summary().interactions == 41


def test_a_file_that_names_the_person_is_not_excused_by_what_others_wrote(log: Log) -> None:
    log.append(as_table([row("c1", "user:8", kind="message", text="Ask ada.rossi@example.org")]))
    (log.workspace.path / "left.bin").write_bytes(b"\0ada.rossi@example.org\0")
    done = privacy.erase(log, ADA)
    assert not done.clean
    assert {(each.where, each.why) for each in done.left} == {
        ("log", "others"),
        ("left.bin", "found"),
    }


def test_what_is_others_stays_without_the_name(log: Log) -> None:
    shared = {"traits": {"phone": "+393331234567"}}
    log.append(
        as_table([row("w1", "user:bob2"), row("w2", ADA, kind="profile", properties=shared)])
    )
    identity.answer(log, ("user:bob2", ADA), same=False, who="me")
    events = [
        {
            "type": "identify",
            "userId": "bob2",
            "traits": {"phone": "+393331234567", "city": "Bari"},
        },
        {"type": "track", "event": "Seen", "userId": "ada.rossi@example.org"},
        {"type": "track", "event": "Asked", "userId": "bob2", "properties": {"of": "Ada"}},
    ]
    inbox = open_inbox(log.workspace)
    now = int(datetime.now(UTC).timestamp() * 1e6)
    inbox.put([Received("web", "batch", now, msgspec.json.encode({"batch": events}), len(events))])
    assert privacy.erase(log, ADA).clean
    kept = [
        each
        for batch in inbox.kept(0)
        for received in batch.received
        for each in msgspec.json.decode(received.body)["batch"]
    ]
    inbox.close()
    assert [each for each in kept if each["userId"] == "bob2"] == [
        {**events[0], "traits": {"phone": "[erased]", "city": "Bari"}},
        events[2],
    ]
    assert "ada.rossi@example.org" not in str(kept)


@pytest.mark.parametrize(
    "written",
    [rb'{"userId": "shop\/42"}', rb'{"userId": "shop\u002f42"}', b'{"userId": "shop/42"}'],
)
def test_an_id_is_found_however_json_writes_it(log: Log, written: bytes) -> None:
    log.append(as_table([row("s1", "user:shop/42")]))
    inbox = open_inbox(log.workspace)
    now = int(datetime.now(UTC).timestamp() * 1e6)
    inbox.put([Received("web", "track", now, written, 1)])
    privacy.erase(log, "user:shop/42")
    assert not any(b"shop" in each.body for batch in inbox.kept(0) for each in batch.received)
    inbox.close()


def test_what_a_sender_called_somebody_changes_no_rule(log: Log) -> None:
    """Whoever has a key that stands in a page chooses what a user is called."""
    rules = '[[rules]]\nevent = "subscription"\nby = "ada.rossi@example.org"\n'
    (log.workspace.path / "mapping.toml").write_text(rules)
    log.append(as_table([row("s1", "user:subscription")]))
    log.merge("user:subscription", ADA)
    privacy.erase(log, ADA)
    assert (log.workspace.path / "mapping.toml").read_text() == (
        '[[rules]]\nevent = "subscription"\nby = "[erased]"\n'
    )


def test_figures_that_stay_keep_no_subject(log: Log) -> None:
    about = "Complaint of Ada Rossi, tel. 333 123 4567"
    letter = row("m1", ADA, kind="message", name=about, text="x")
    log.append(as_table([letter, row("m2", ADA, name=about, touchpoint="333 123 4567")]))
    assert privacy.erase(log, ADA, keep_figures=True).clean
    rows = log.read(["customer", "name", "touchpoint"]).read_all().to_pylist()
    theirs = [each for each in rows if each["customer"].startswith("gone:")]
    assert len(theirs) >= 2
    assert not [each for each in theirs if "Rossi" in str(each) or "333" in str(each["touchpoint"])]


def test_the_same_person_coming_back_is_new(log: Log) -> None:
    privacy.erase(log, ADA)
    assert privacy.find(log, "ada.rossi@example.org") == ()
    log.append(as_table([row("n1", ADA, 20, received_at=datetime.now(UTC))]))
    assert privacy.find(log, "ada.rossi@example.org") == (ADA,)
    assert log.identity.references_of(ADA) == (ADA,)
    assert privacy.gather(log, ADA).interactions == 1
    # The list of whom to erase again leaves who came back since.
    assert restoring.apply(log) == ()
    assert privacy.gather(log, ADA).interactions == 1


def test_who_a_backup_brought_back_is_erased_again(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    backup = tmp_path / "backup"
    register = privacy.Register(log.workspace)
    register.key_mark()  # the key is there before the backup
    shutil.copytree(log.workspace.path, backup)
    privacy.erase(log, ADA)
    kept = RestoreList.of_text(register.restore_list().as_text())
    assert not any(each.casefold() in kept.as_text() for each in STRINGS)

    restored = open_log(Workspace.open(backup))
    assert found(restored.workspace) == set(STRINGS)
    (done,) = restoring.apply(restored, kept)
    assert done.clean
    assert found(restored.workspace) == set()
    assert restoring.apply(restored, kept) == ()
    with pytest.raises(PrivacyError, match="another key"):
        restoring.apply(restored, RestoreList("0" * 16, kept.entries))


def test_an_erasure_that_was_cut_off_is_taken_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as broken:
        broken.setattr(erasing, "_search", fail)
        with pytest.raises(OSError, match="no space"):
            privacy.erase(log, ADA)
    assert privacy.Register(log.workspace).count() == 0
    (task,) = privacy.waiting(log)
    # Whoever is killed while they note how far they are leaves a draft that names the person.
    draft = log.workspace.path / erasing.FOLDER / f".{task.id}.json.0123.draft"
    draft.write_text(json.dumps(task.person.names))
    (done,) = privacy.resume(open_log(log.workspace))
    assert done.clean
    assert {each.name: each.removed for each in done.places}["log"] == 4
    assert privacy.waiting(log) == ()
    assert found(log.workspace) == set()


def test_what_kills_left_half_written_goes_too(log: Log) -> None:
    """Of files that people write, and of a note that never got its name and is in no task."""
    path = log.workspace.path
    (path / "recipes").mkdir(exist_ok=True)
    (path / erasing.FOLDER).mkdir()
    for left in (
        path / ".segments.toml.00ff.draft",
        path / "recipes" / ".till.toml.0123456789abcdef.draft",
        path / erasing.FOLDER / ".20260301-0a0b0c0d.json.0123456789abcdef.draft",
    ):
        left.write_text(json.dumps(STRINGS))
    done = privacy.erase(log, ADA)
    assert done.clean
    assert found(log.workspace) == set()
    assert not list(path.rglob("*.draft"))


def test_figures_may_stay_without_the_person(log: Log) -> None:
    before = log.interactions().amount.sum().to_pyarrow().as_py()
    done = privacy.erase(log, ADA, keep_figures=True)
    assert done.clean
    assert found(log.workspace) == set()
    assert log.summary().interactions == 44
    assert log.interactions().amount.sum().to_pyarrow().as_py() == before
    rows = log.read().read_all().to_pylist()
    gone = [each for each in rows if each["customer"].startswith("gone:")]
    assert len({each["customer"] for each in gone}) == 2  # one for each reference
    assert all(each["text"] is None and each["properties"] is None for each in gone)


def test_a_word_that_stands_in_no_row_any_more_is_found_in_a_dictionary(tmp_path: Path) -> None:
    names = (
        pa.array(["ada.rossi@example.org", "b"] * 3)
        .dictionary_encode()
        .filter(pa.array([False, True] * 3))
    )
    pq.write_table(pa.table({"name": names}), tmp_path / "a.parquet")
    (hit,) = scan(tmp_path, ["nobody", "ada.rossi@example.org"]).hits
    assert hit.strings == frozenset({1})


@pytest.mark.parametrize("written", ["Ada.Rossi@Example.org", "ada.rossi%40example.org"])
def test_other_ways_to_write_a_string_are_found(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.txt").write_text(f"...{written}...")
    assert scan(tmp_path, ["ada.rossi@example.org"]).hits


def test_a_long_value_that_is_split_over_pages_is_found(tmp_path: Path) -> None:
    needle = "x" * 20 + "ada.rossi@example.org"
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        database.execute("CREATE TABLE t (v)")
        for shift in range(0, 4096, 16):
            database.execute("INSERT INTO t VALUES (?)", ("-" * (3000 + shift) + needle,))
    database.close()
    assert scan(tmp_path, [needle]).hits


def test_nobody_is_erased_without_a_name(log: Log) -> None:
    with pytest.raises(PrivacyError):
        privacy.erase(log, "  ")


def test_who_never_was_here_leaves_all_as_it_is(log: Log) -> None:
    version, rows = log.version, log.summary().interactions
    done = privacy.erase(log, "email:nobody@example.org")
    assert done.removed == 0
    assert done.clean
    assert (log.version, log.summary().interactions) == (version, rows)


def test_time_of_a_second_erasure_is_kept(log: Log) -> None:
    first = privacy.erase(log, ADA)
    at = privacy.Register(log.workspace).erased_at("ADA.rossi@example.org")
    assert at is not None
    assert abs(at - first.at) < timedelta(seconds=1)


@pytest.mark.parametrize("name", ["quarantine.sqlite", "identity.sqlite", "inbox.sqlite"])
def test_what_somebody_still_reads_is_not_certified_and_taken_up_again(
    log: Log, workspace: Workspace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a reader is open, SQLite cannot overwrite what was there when they began."""
    monkeypatch.setattr(erasing, "READERS_S", 0.2)
    monkeypatch.setattr(durable_database, "_READERS_S", 0.2)
    file = workspace.path / name
    with closing(sqlite3.connect(file, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchall()
        with pytest.raises(ErasureWaitsError, match=name):
            privacy.erase(log, ADA)
        # Others are tried, and it waits on.
        assert privacy.resume(log) == ()
        assert b"ada.rossi@example.org" in file.read_bytes()
        assert len(privacy.waiting(log)) == 1
        assert privacy.Register(workspace).certificates() == ()
    [done] = privacy.resume(log)
    assert done.clean
    assert done.removed > 0
    assert privacy.waiting(log) == ()
    assert found(workspace) == set()


def test_a_file_that_is_no_database_holds_nothing_up(log: Log, workspace: Workspace) -> None:
    (workspace.path / "odd.sqlite").write_bytes(b"no database at all" * 100)
    assert privacy.erase(log, ADA).clean
