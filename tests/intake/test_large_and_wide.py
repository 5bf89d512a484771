"""Files that are very wide or very large: read with little memory, or refused with the limit."""

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from percorso import intake
from percorso.log import Log
from percorso.workspace import Workspace

Importing = Callable[..., intake.ImportResult]
Rows = Callable[[], list[dict[str, Any]]]
Writing = Callable[..., Path]

_WIDE = ["date", "customer_id", *(f"q{n}" for n in range(2_997)), "nps"]


def _write(path: Path, names: list[str], rows: list[list[str]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([names, *rows])
    elif path.suffix == ".jsonl":
        lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
        path.write_text("\n".join(lines))
    elif path.suffix == ".parquet":
        columns = zip(*rows, strict=True)
        pq.write_table(pa.table([list(each) for each in columns], names=names), path)
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in [names, *rows]:
            sheet.append(row)
        book.save(path)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_of_3000_columns_is_read_by_those_that_matter(
    tmp_path: Path, bring: Importing, rows: Rows, log: Log, ending: str
) -> None:
    given = [["2024-01-02", str(n), *["x"] * 2_996, str(n % 2), "9"] for n in range(30)]
    path = _write(tmp_path / f"wide.{ending}", _WIDE, given)
    plan = intake.inspect(log.workspace, [path])
    assert any("3000 columns" in note and "2899" in note for note in plan.notes)
    result = bring(path)
    assert (result.added, result.quarantined) == (30, 0)
    assert {row["score"] for row in rows()} == {9.0}
    assert '"q50":"x"' in rows()[0]["properties"]
    # Known again, also when another column is asked for and so read beside.
    assert bring(path, mapping={"touchpoint": "q2990"}).duplicates == 30


def test_rows_that_differ_only_in_a_column_left_out_are_not_one(
    tmp_path: Path, bring: Importing
) -> None:
    first = _write(tmp_path / "a.csv", _WIDE, [["2024-01-02", "7", *["0"] * 2_997, "9"]])
    other = _write(tmp_path / "b.csv", _WIDE, [["2024-01-02", "7", *["0"] * 2_996, "1", "9"]])
    assert bring(first).added == 1
    assert bring(other).added == 1


def test_too_many_columns_are_refused_with_the_limit(file: Writing, workspace: Workspace) -> None:
    path = file("a.csv", ",".join(f"c{n}" for n in range(20_000)) + "\n" + "1," * 19_999 + "1\n")
    with pytest.raises(intake.IntakeError, match=r"a\.csv has 20000 columns; at most 16384"):
        intake.inspect(workspace, [path])


def test_a_first_line_without_end_is_refused(file: Writing, workspace: Workspace) -> None:
    with pytest.raises(intake.IntakeError, match="first line"):
        intake.inspect(workspace, [file("a.csv", "x" * 2_000_000)])


_NAMES = ["_row", "_ROW", "_key", "_hash", "_members", "_content", "rowid", "h", "*", "*note", "v"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_no_name_of_a_column_is_mistaken_for_one_of_our_own(
    tmp_path: Path, bring: Importing, rows: Rows, ending: str
) -> None:
    names = ["date", "customer_id", "nps", *_NAMES]
    given = [["2024-01-02", "7", "9", *(f"mine {n}" for n in range(len(_NAMES)))]] * 2
    # Two rows of one content: they are counted, which takes names of our own.
    given.append(["2024-01-03", "8", "8", *(["yours"] * len(_NAMES))])
    assert bring(_write(tmp_path / f"a.{ending}", names, given)).added == 3
    kept = json.loads(rows()[0]["properties"])
    assert sorted(kept.values()) == sorted(f"mine {n}" for n in range(len(_NAMES)))
    assert {"*", "*note", "h", "v"} <= set(kept)


def test_names_without_letters_are_given_one(file: Writing, bring: Importing, rows: Rows) -> None:
    line = json.dumps({"date": "2024-01-02", "nps": 9, "": "mine", "a\0b": "too"})
    assert bring(file("a.jsonl", line)).added == 1
    assert set(json.loads(rows()[0]["properties"])) == {"column_3", "ab"}


def test_a_header_with_nul_costs_no_row(file: Writing, bring: Importing) -> None:
    text = "date,customer_id,nps,a\0b\n2024-01-02,7,9,x\n2024-01-02,8,9,x\n"
    result = bring(file("a.csv", text))
    assert (result.added, result.quarantined) == (2, 0)


def _load_apart(path: Path, folder: Path) -> tuple[str, int, int]:
    """Load in a process of its own; return rows or the error, its peak and its children's in MB."""
    script = (
        "import re, resource, sys; from pathlib import Path; from percorso.intake import *;"
        "from percorso.intake.tables import Tables; from percorso.intake.sources import find\n"
        "with Tables(Path(sys.argv[2])) as tables:\n"
        "    try:\n"
        "        tables.load(find([sys.argv[1]]).sources); said = tables.loaded[0].rows\n"
        "    except IntakeError as error: said = error\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(said, int(peak) // 1024, child // 1024, sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    said, peak, child = done.stdout.strip().split("|")
    return said, int(peak), int(child)


def test_a_json_array_of_200_mb_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    item = json.dumps({"date": "2024-01-02", "nps": 9, "text": "x" * 1_900})
    with path.open("w") as out:
        out.write("[" + item)
        for _n in range(100):
            out.write(("," + item) * 1_000)
        out.write("]")
    assert path.stat().st_size > 190e6
    said, peak, _child = _load_apart(path, tmp_path / "tables")
    assert said == "100001"
    assert peak < 600


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"a": 1}, {"a": 2}', "item 2: the file ends before the array does"),
        ('[{"a": 1} {"a": 2}]', "item 1: ] was expected where there is {"),
        ('[{"a": 1}] x', "more after the end"),
        ('[{"a": 1}, {"a": ' + "[" * 100_000, "item 2: it is nested too deeply"),
        ('[{"a": 1}, {"a": "' + "x" * 3_000_000, "item 2: it is longer than 2097152"),
    ],
)
def test_a_broken_json_array_is_told_by_its_item(
    file: Writing, workspace: Workspace, text: str, words: str
) -> None:
    with pytest.raises(intake.IntakeError) as told:
        intake.inspect(workspace, [file("a.json", text)])
    assert words in str(told.value)


def test_items_of_an_array_that_are_no_rows_wait(file: Writing, bring: Importing) -> None:
    text = '\ufeff [ {"date": "2024-01-02", "nps": 9},\n 12, {"date": NaN, "nps": 1}, "x" ] \n'
    result = bring(file("a.json", text))
    assert (result.added, result.quarantined) == (1, 3)


_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>date</t></is></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


def test_a_workbook_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    """One cell in the last corner: 17 billion cells to hold, in a file of a few kB."""
    plain = tmp_path / "plain.xlsx"
    openpyxl.Workbook().save(plain)
    path = tmp_path / "corner.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            is_sheet = info.filename == "xl/worksheets/sheet1.xml"
            new.writestr(info.filename, _SHEET if is_sheet else old.read(info))
    said, peak, child = _load_apart(path, tmp_path / "tables")
    assert "corner.xlsx" in said
    assert "too large to be read as a workbook" in said
    assert "1024 MB" in said
    assert peak < 400
    assert child < 1100


def test_a_workbook_of_many_rows_takes_little_memory(tmp_path: Path) -> None:
    rows = [["2024-01-02", f"user {n}", "9", f"comment {n}"] for n in range(60_000)]
    path = _write(tmp_path / "a.xlsx", ["date", "customer_id", "nps", "text"], rows)
    said, peak, child = _load_apart(path, tmp_path / "tables")
    assert said == "60000"
    assert peak < 450
    assert child < 300


def test_the_bar_moves_within_a_clean_file(file: Writing, tmp_path: Path) -> None:
    from percorso.intake.sources import find
    from percorso.intake.tables import Tables

    line = "2024-01-02 10:00:00,user,9,hello there\n"
    path = file("a.csv", "date,customer_id,nps,text\n" + line * 1_500_000)
    told: list[intake.Progress] = []
    with Tables(tmp_path / "tables") as tables:
        tables.load(find([path]).sources, on_progress=told.append)
        assert tables.loaded[0].rows == 1_500_000
    done = [each.done for each in told]
    assert done == sorted(done)
    assert done[-1] == path.stat().st_size
    assert any(0 < each < done[-1] for each in done)
