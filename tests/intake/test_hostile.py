"""Files that are wrong, broken or meant to harm (Must show 6): a clear word, and nothing lost."""

import gzip
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from percorso import intake
from percorso.i18n import in_language
from percorso.log import Log
from percorso.log.quarantine import Quarantine
from percorso.workspace import Workspace

Importing = Callable[..., intake.ImportResult]
Rows = Callable[[], list[dict[str, Any]]]
Writing = Callable[..., Path]

HEAD = "date,customer_id,nps,comment\n"


def _waiting(log: Log) -> list[tuple[str, int, str, str]]:
    found = Quarantine(log.workspace).list("waiting")
    return [(each.file, each.row, each.field, each.value) for each in found]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252 (Latin 1)"),
    ],
)
def test_every_encoding_is_found_out(
    file: Writing, workspace: Workspace, bring: Importing, rows: Rows, encoding: str, shown: str
) -> None:
    path = file("a.csv", HEAD + "2024-01-02,7,9,però così è più bello\n", encoding)
    plan = intake.inspect(workspace, [path])
    assert plan.files[0].findings[0].value == shown
    bring(path)
    assert [row["text"] for row in rows()] == ["però così è più bello"]


def test_stray_bytes_in_utf8_cost_no_row(file: Writing, bring: Importing, rows: Rows) -> None:
    lines = [HEAD.encode(), *(b"2024-01-02,%d,9,ok \xc3\xa8\n" % n for n in range(50_000))]
    lines[40_000] = b"2024-01-02,x,9,perch\xe9 \x81 no\n"
    assert bring(file("a.csv", b"".join(lines))).added == 50_000
    assert {row["text"] for row in rows() if row["customer"] == "user:x"} == {"perché \x81 no"}


def test_ragged_rows_bad_quotes_and_nul_wait_with_their_row(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    text = HEAD + (
        "2024-01-02,1,9,good\n"
        "2024-01-02,2,9\n"
        "2024-01-02,3,9,too,many\n"
        '2024-01-02,4,9,"closed"badly\n'
        "2024-01-02,5,9,n\0ul\n"
        "\n"
        '2024-01-02,6,9,"two\nlines"\n'
        '2024-01-02,7,9,"never closed\n'
        "2024-01-02,8,9,good\n"
    )
    result = bring(file("a.csv", text))
    assert sorted(row["customer"] for row in rows()) == ["user:1", "user:6", "user:8"]
    assert result.quarantined == 5
    assert [(row, value) for _file, row, _field, value in _waiting(log)] == [
        (3, "2024-01-02,2,9"),
        (4, "2024-01-02,3,9,too,many"),
        (5, '2024-01-02,4,9,"closed"badly'),
        (6, "2024-01-02,5,9,n␀ul"),
        (9, '2024-01-02,7,9,"never closed'),
    ]
    assert result.rows_read == 8


def test_mixed_dates_are_read_where_they_can_be(
    file: Writing, bring: Importing, log: Log, rows: Rows
) -> None:
    text = (
        HEAD
        + "25/04/2024,1,9,\n04/25/2024,2,9,\n03/04/2024,3,9,\n04/04/2024,4,9,\n31/02/2024,5,9,\n"
    )
    result = bring(file("a.csv", text))
    assert {row["customer"]: row["at"].date().isoformat() for row in rows()} == {
        "user:1": "2024-04-24",  # midnight in Rome is the day before in UTC
        "user:2": "2024-04-24",
        "user:4": "2024-04-03",
    }
    assert [(row, field, value) for _file, row, field, value in _waiting(log)] == [
        (4, "at", "03/04/2024"),
        (6, "at", "31/02/2024"),
    ]
    assert any("could be either" in note for note in result.notes)


def test_one_slip_does_not_make_a_column_of_dates_doubtful(
    file: Writing, bring: Importing, log: Log
) -> None:
    good = "".join(f"{day:02}/03/2024,{day},9,\n" for day in range(1, 29)) * 20
    assert bring(file("a.csv", HEAD + good + "03/28/2024,x,9,\n")).quarantined == 1
    assert [value for *_rest, value in _waiting(log)] == ["03/28/2024"]


def test_an_assumed_order_of_dates_is_said(file: Writing, workspace: Workspace) -> None:
    plan = intake.inspect(workspace, [file("a.csv", HEAD + "03/04/2024,1,9,\n")])
    assert any("day or month comes first" in note for note in plan.notes)


def test_missing_columns_are_named(file: Writing, workspace: Workspace) -> None:
    plan = intake.inspect(
        workspace, [file("a.csv", "date,comment\n2024-01-01,x\n")], recipe="survey"
    )
    assert "needs a column nps" in plan.problems[0]
    assert "date, comment" in plan.problems[0]


def test_an_unknown_recipe_is_told(file: Writing, workspace: Workspace) -> None:
    with pytest.raises(intake.IntakeError, match="Did you mean survey"):
        intake.inspect(workspace, [file("a.csv", HEAD + "1,2,3,4\n")], recipe="survy")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(file: Writing, workspace: Workspace, content: bytes) -> None:
    with pytest.raises(intake.IntakeError, match=r"empty|no rows"):
        intake.inspect(workspace, [file("a.csv", content)])


def test_a_header_alone_is_told(file: Writing, workspace: Workspace) -> None:
    plan = intake.inspect(workspace, [file("a.csv", HEAD)])
    assert "no rows" in plan.problems[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 ...", "not a table"),
        (b"<!doctype html><html></html>", "web page"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x1f\x8bbroken", "damaged"),
        (b"PAR1broken", "cannot be read as Parquet"),
        (b"\xd0\xcf\x11\xe0broken", "cannot be read as a workbook"),
    ],
)
def test_what_is_no_table_is_told(
    file: Writing, workspace: Workspace, content: bytes, words: str
) -> None:
    with pytest.raises(intake.IntakeError, match=words):
        intake.inspect(workspace, [file("a.csv", content)])


def _import_apart(workspace: Workspace, path: Path) -> tuple[int, int, int]:
    """Import in a process of its own; return rows added, quarantined, and its peak in MB."""
    # VmHWM, and not ru_maxrss, which begins at what this process has.
    script = (
        "import re, sys; from percorso import intake; from percorso.log import open_log;"
        "from percorso.workspace import Workspace;"
        "w = Workspace.open(sys.argv[1]); log = open_log(w);"
        "r = intake.run(log, intake.inspect(w, [sys.argv[2]]));"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1];"
        "print(r.added, r.quarantined, int(peak) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(workspace.path), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    added, quarantined, megabytes = map(int, done.stdout.split())
    return added, quarantined, megabytes


def test_a_line_of_300_mb_takes_no_memory(tmp_path: Path, log: Log) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as out:
        out.write(HEAD.encode() + b"2024-01-02,1,9,good\n2024-01-02,2,9,")
        for _mb in range(300):
            out.write(b"x" * 1024 * 1024)
        out.write(b"\n2024-01-02,3,9,good\n")
    added, quarantined, megabytes = _import_apart(log.workspace, path)
    path.unlink()
    assert (added, quarantined) == (2, 1)
    assert megabytes < 600
    (row,) = Quarantine(log.workspace).list("waiting")
    assert (row.row, row.value[:20]) == (3, "2024-01-02,2,9,xxxxx")
    assert "3145728" in str(row.rule)


@pytest.mark.slow  # half a gigabyte, two minutes
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_memory_stays_flat(tmp_path: Path, log: Log, encoding: str) -> None:
    path = tmp_path / "large.csv"
    block = "".join(
        f"2024-01-02 10:{n // 60 % 60:02}:{n % 60:02},%d-{n},9,\u00e8 bello\n"
        for n in range(50_000)
    )
    blocks = 200
    with path.open("w", encoding=encoding) as out:
        out.write(HEAD)
        for number in range(blocks):
            out.write(block.replace("%d", str(number)))
    added, quarantined, megabytes = _import_apart(log.workspace, path)
    path.unlink()
    assert (added, quarantined) == (blocks * 50_000, 0)
    assert megabytes < 1024


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"0" * 100_000_000}, "made to fill a disk"),
        ({"../a.csv": HEAD.encode()}, "outside the archive"),
        ({"/etc/a.csv": HEAD.encode()}, "outside the archive"),
        ({"..\\a.csv": HEAD.encode()}, "outside the archive"),
        ({"inner.zip": _zip({"a.csv": HEAD.encode()})}, "inside an archive"),
        ({"a.csv.gz": gzip.compress(HEAD.encode())}, "inside an archive"),
        ({".": HEAD.encode()}, "nothing to import"),
        ({"readme.md": b"hello"}, "nothing to import"),
    ],
)
def test_a_hostile_zip_is_refused(
    file: Writing, workspace: Workspace, members: dict[str, bytes], words: str
) -> None:
    with pytest.raises(intake.IntakeError, match=words):
        intake.inspect(workspace, [file("a.zip", _zip(members))])


def test_a_gzip_bomb_is_refused(file: Writing, workspace: Workspace) -> None:
    line = b"2024-01-02,1,9,good\n"
    bomb = gzip.compress(HEAD.encode() + line * 8_000_000)
    path = file("a.csv.gz", bomb)
    with pytest.raises(intake.IntakeError, match="made to fill a disk"):
        intake.inspect(workspace, [path])
    assert list(workspace.temporary.iterdir()) == []


def test_a_zip_and_a_folder_of_files_are_read(
    file: Writing, workspace: Workspace, bring: Importing
) -> None:
    january = HEAD + "2024-01-02,1,9,a\n"
    february = HEAD + "2024-02-02,1,9,a\n"
    path = file("export.zip", _zip({"jan.csv": january.encode(), "sub/feb.csv": february.encode()}))
    assert bring(path).added == 2
    file("folder/jan.csv", january)
    file("folder/feb.csv.gz", gzip.compress(february.encode()))
    file("folder/page.html", "<html></html>")
    file("folder/.hidden.csv", "secret")
    plan = intake.inspect(workspace, [path.parent / "folder"])
    assert {(each.name, each.used) for each in plan.files} == {
        ("jan.csv", True),
        ("feb.csv.gz", True),
        ("page.html", False),
    }
    assert bring(path.parent / "folder").duplicates == 2


def test_a_formula_is_kept_as_data_and_neutralised_in_exports(
    file: Writing, bring: Importing, rows: Rows
) -> None:
    bring(file("a.csv", HEAD + "2024-01-02,1,9,=cmd|' /C calc'!A0\n"))
    (row,) = rows()
    assert row["text"] == "=cmd|' /C calc'!A0"
    out = io.StringIO()
    intake.write_csv(out, ["text", "score"], [[row["text"], -3.5], ["+1", None], ["@x", "-3.5"]])
    assert out.getvalue() == ("text,score\r\n'=cmd|' /C calc'!A0,-3.5\r\n+1,\r\n'@x,-3.5\r\n")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("-12", "-12"),
        ("+39 02 1234", "'+39 02 1234"),
        ("plain", "plain"),
    ],
)
def test_cells_are_safe(given: str, safe: str) -> None:
    assert intake.safe_cell(given) == safe


def test_repeated_and_empty_column_names_are_told_apart(
    file: Writing, workspace: Workspace
) -> None:
    text = "date,nps,,Nota,nota,Nota\n2024-01-02,9,x,a,b,c\n"
    plan = intake.inspect(workspace, [file("a.csv", text)])
    names = [each.name for each in plan.files[0].columns]
    assert names == ["date", "nps", "column_3", "Nota", "nota_2", "Nota_3"]
    assert any("repeated" in note for note in plan.notes)


def test_titles_above_the_header_and_sep_lines_are_passed_over(
    file: Writing, bring: Importing
) -> None:
    assert bring(file("a.csv", "sep=;\ndate;nps\n2024-01-01;9\n")).added == 1
    assert bring(file("b.csv", "Report 2024\n\ndate,nps,csat\n2024-01-01,9,5\n")).added == 2


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ('date,customer_id,nps,"Why?\nTell us"\n', 2),
        ('date,customer_id,nps,"Why?\r\nTell us\r\nall"\r\n', 2),
        ('date,customer_id,nps,"a"b"\n', 2),
        ('date,customer_id,nps,say "why"\n', 2),
        ('"Answers\nof 2024"\ndate,customer_id,nps,why\n', 3),
        ("sep=,\ndate,customer_id,nps,why\n", 3),
    ],
)
def test_line_breaks_and_stray_quotes_in_a_header_cost_no_row(
    file: Writing, bring: Importing, log: Log, above: str, row: int
) -> None:
    lines = [f'2024-01-0{n},{n},9,"good"\n' for n in range(1, 6)]
    result = bring(file("a.csv", above + '2024-01-09,9,99,"bad"\n' + "".join(lines)))
    assert (result.rows_read, result.added, result.quarantined) == (6, 5, 1)
    assert [each.row for each in Quarantine(log.workspace).list()] == [row]


def test_old_mac_line_ends_are_read(file: Writing, bring: Importing) -> None:
    assert bring(file("a.csv", "date,nps\r2024-01-01,9\r2024-01-02,8\r")).added == 2


def test_the_fast_and_the_careful_reader_agree(file: Writing, tmp_path: Path) -> None:
    from percorso.intake.readers import delimited
    from percorso.intake.readers.dialect import detect
    from percorso.intake.sources import find
    from percorso.intake.tables import Tables

    text = 'a,b,c\n1,"x, ""y""",\n2,"two\nlines",z\r\n3,plain "quote",è\n'
    path = file("a.csv", text)
    with Tables(tmp_path / "tables") as tables:
        tables.load(find([path]).sources)
        fast = tables.connection.execute("SELECT * FROM file_0").fetchall()
        assert tables.loaded[0].rows == 3
    careful = [
        tuple(row.values())
        for batch in delimited.read(path, detect(path, "a.csv"), on_reject=pytest.fail)
        for row in batch.to_pylist()
    ]
    assert [tuple(cell or None for cell in row) for row in careful] == fast


def test_columns_set_apart_by_spaces_are_found_out(
    file: Writing, workspace: Workspace, bring: Importing, rows: Rows
) -> None:
    """As the public CDNOW file has them: numbers under each other, blanks at the front."""
    lines = " customer_id  date number_of_cds  dollar_value\n" + "".join(
        f" {n:05} 19970{1 + n // 25}{1 + n % 25:02}  {n}   {n * 11.77:6.2f} \n" for n in range(60)
    )
    path = file("cds.txt", lines + " 00099 19970112\n 00099 19970113  one two  3\n")
    plan = intake.inspect(workspace, [path])
    assert plan.files[0].findings[1].value == "spaces"
    done = bring(path, mapping={"kind": "'order'"})
    assert done.added == 60
    assert done.quarantined == 2
    first = rows()[0]
    assert first["customer"] == "user:00000"
    assert first["amount"] == 0
    assert first["at"].isoformat() == "1996-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["Great service\nGreat food\n", "it was slow\nnice\nI liked it all\n"]
)
def test_words_are_no_table(file: Writing, workspace: Workspace, text: str) -> None:
    plan = intake.inspect(workspace, [file("notes.txt", text)])
    assert plan.files[0].findings[1].value != "spaces"


def test_only_a_column_that_may_count_periods_is_taken_for_one(
    file: Writing, workspace: Workspace
) -> None:
    people = file("people.csv", "Age,Churn\n" + "".join(f"{20 + n},0\n" for n in range(20)))
    (asked,) = (q for q in intake.inspect(workspace, [people]).questions if q.field == "at")
    assert "Age" not in asked.text
    assert "at='2024-04-25'" in asked.text
    panel = file("panel.csv", "t,Churn\n" + "".join(f"{n},0\n" for n in range(20)))
    (asked,) = (q for q in intake.inspect(workspace, [panel]).questions if q.field == "at")
    assert "{t} months" in asked.text


@pytest.mark.parametrize("name", ["_row", "_key", "_rest", "_skip", "_n"])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_column_may_be_called_as_one_of_our_own(
    file: Writing, bring: Importing, rows: Rows, name: str, ending: str
) -> None:
    text = f"date,customer_id,nps,{name}\n2024-01-02,7,9,mine\n"
    if ending == "jsonl":
        text = f'{{"date": "2024-01-02", "customer_id": "7", "nps": 9, "{name}": "mine"}}\n'
    assert bring(file(f"a.{ending}", text)).added == 1
    assert "mine" in rows()[0]["properties"]


def test_what_was_guessed_is_told_in_the_readers_words(file: Writing, workspace: Workspace) -> None:
    path = file("voti.csv", "date,customer_id,stars\n2024-01-02,1,4\n2024-01-03,2,77\n")
    with in_language("it"):
        plan = intake.inspect(workspace, [path])
    assert [each.use for each in plan.files] == ["letto riga per riga"]
    assert any("quello di un voto (Stelle)" in each for each in plan.notes), plan.notes
