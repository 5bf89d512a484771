"""``percorso text``, ``enrich`` and ``corrections``."""

import csv
import io
import json
import sys

import pytest
from tests.log.rows import add, row

from percorso.log import open_log
from percorso.text import corrections
from percorso.workspace import Workspace

LINES = "Personale gentilissimo, grazie!\nok\n\nThe worst shop ever, never again\n"


@pytest.fixture
def file(tmp_path):
    def write(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def labelled(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_each_line_is_labelled(run, file):
    done = run("text", file("reviews.txt", LINES), "--path", "fast")
    assert done.code == 0
    rows = labelled(done.out)
    assert [each["text"] for each in rows] == LINES.splitlines()
    assert [each["row"] for each in rows] == [1, 2, 3, 4]
    assert rows[0]["sentiment"] == "positive"
    assert rows[3]["sentiment"] == "negative"
    assert (rows[0]["language"], rows[3]["language"]) == ("it", "en")


def test_standard_input_is_read(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINES.encode())))
    done = run("text", "-", "--path", "fast")
    assert len(labelled(done.out)) == 4


def test_a_column_is_labelled_as_csv_that_is_safe_to_open(run, file):
    given = 'id;commento\n1;"bello, davvero\ne veloce"\n2;=HYPERLINK("x")\n'.encode("cp1252")
    done = run("text", file("a.csv", given), "--column", "commento", "--csv", "--path", "fast")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [each["row"] for each in rows] == ["2", "4"]
    assert rows[0]["text"] == "bello, davvero\ne veloce"
    assert rows[1]["text"].startswith("'=")


def test_bad_rows_are_told_and_the_others_labelled(run, file):
    given = '{"text": "bad service"}\n[1]\n{"text": 3}\nno json\n\n{"text": "ottimo"}\n'
    path = file("a.jsonl", given)
    done = run("text", path, "--path", "fast")
    assert done.code == 1
    assert [each["row"] for each in labelled(done.out)] == [1, 6]
    for number in (2, 3, 4):
        assert f"{path}, row {number}: " in done.err


def test_a_row_with_other_cells_is_told(run, file):
    path = file("a.csv", "text,stars\nottimo,5\nbuono\n,\npessimo,1\n")
    done = run("text", path, "--path", "fast")
    assert done.code == 1
    assert [each["row"] for each in labelled(done.out)] == [2, 4, 5]
    assert f"{path}, row 3: 1 cells where the header has 2" in done.err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "testo,stelle\nx,1\n", "has no column 'text'. Did you mean 'testo'?"),
        ("a.csv", "a,b\nx,1\n", "It has: a, b."),
        ("a.csv", "", "has no column 'text'"),
    ],
)
def test_a_file_without_the_column_is_refused(run, file, name, content, words):
    done = run("text", file(name, content))
    assert done.code == 1
    assert words in done.err


def test_a_file_that_is_not_there_is_named(run):
    done = run("text", "nowhere.txt")
    assert done.code == 1
    assert "nowhere.txt" in done.err


@pytest.mark.parametrize("start", ["", "\ufeff", " \n"])
def test_an_array_of_objects_is_read_item_by_item(run, file, start):
    given = [{"text": "ottimo\nservizio"}, {"stars": 5}, "pessimo", {"text": "pessimo"}]
    path = file("a.json", start + json.dumps(given, indent=1))
    done = run("text", path, "--path", "fast")
    assert done.code == 1
    assert [(each["row"], each["text"]) for each in labelled(done.out)] == [
        (1, "ottimo\nservizio"),
        (4, "pessimo"),
    ]
    assert f"{path}, row 2: text must be text, not None" in done.err
    assert f"{path}, row 3: must be an object with a field 'text'" in done.err


def test_an_array_that_breaks_off_is_told(run, file):
    done = run("text", file("a.json", '[{"text": "ottimo"}, {"text"'), "--path", "fast")
    assert done.code == 1
    assert "item 2" in done.err


def test_no_text_steers_a_terminal(run, file):
    path = file("a.txt", "bello\x1b]0;owned\x07\x1b[2J \x9b31m\ttab\x7ffine\n")
    printed = run("text", path, "--csv", "--path", "fast").out
    [row_] = csv.DictReader(io.StringIO(printed))
    assert row_["text"] == "bello\\x1b]0;owned\\x07\\x1b[2J \\x9b31m\ttab\\x7ffine"
    as_json = run("text", path, "--path", "fast").out
    assert not [each for each in as_json[:-1] if not each.isprintable()]
    assert labelled(as_json)[0]["text"] == "bello\x1b]0;owned\x07\x1b[2J \x9b31m\ttab\x7ffine"


TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_no_text_turns_the_direction_of_what_follows_it(run, file):
    path = file("a.txt", f"bello{TURNING} oizivres 👩\u200d🔧\n")
    for form in ([], ["--csv"]):
        printed = run("text", path, *form, "--path", "fast").out
        assert not set(TURNING) & set(printed)
        assert all(f"\\u{ord(each):04x}" in printed for each in TURNING)
        assert "👩\u200d🔧" in printed
    assert labelled(run("text", path, "--path", "fast").out)[0]["text"].startswith(
        "bello" + TURNING
    )


def test_personal_data_is_masked_where_it_is_wished(run, file):
    path = file("a.txt", "Scrivete a ada@example.org: consegna lenta\n")
    [shown] = labelled(run("text", path, "--mask", "--path", "fast").out)
    assert "ada@" not in shown["text"]
    assert "[e-mail]" in shown["text"]
    for found in shown["factors"]:
        assert 0 <= found["start"] <= found["end"] <= len(shown["text"])
    [whole] = labelled(run("text", path, "--path", "fast").out)
    assert "ada@example.org" in whole["text"]


def test_hostile_lines_change_nothing_but_their_own_label(run, file):
    hostile = ["\u202e\u200b\u200f", "x" * 1_000_000, "<script>", "'; DROP TABLE", "\0", "💥" * 50]
    given = "\n".join(["ottimo servizio", *hostile, "pessimo servizio"])
    rows = labelled(run("text", file("a.txt", given), "--path", "fast").out)
    alone = labelled(
        run("text", file("b.txt", "ottimo servizio\npessimo servizio"), "--path", "fast").out
    )
    assert len(rows) == 8
    for found, expected in ((rows[0], alone[0]), (rows[-1], alone[1])):
        assert {**found, "row": 0} == {**expected, "row": 0}


def test_the_texts_of_the_log_are_read_and_said(run, workspace: Workspace):
    add(open_log(workspace), [row(f"t{n}", kind="review", text=f"ottimo {n}") for n in range(5)])
    here = ("--dir", workspace.path)
    assert run("enrich", "--pending", *here).out == "5 texts are still to read.\n"
    some = run("enrich", "--limit", "2", "--path", "fast", *here)
    assert "2 texts were read" in some.out
    assert "3 texts are still to read." in some.out
    rest = run("enrich", "--path", "fast", *here)
    assert "3 texts were read" in rest.out
    assert "2 had been before" in rest.out
    assert "still" not in rest.out


def test_corrections_are_counted_and_exported(run, workspace: Workspace, tmp_path):
    here = ("--dir", workspace.path)
    assert "Nobody confirmed or corrected" in run("corrections", *here).out
    log = open_log(workspace)
    add(log, [row("t1", kind="review", text="Scrivete a ada@example.org")])
    run("enrich", "--path", "fast", *here)
    corrections.correct(log, "t1", field="sentiment", value="negative", who="ada")
    corrections.correct(log, "t1", field="urgency", value=2, who="ada")
    export = tmp_path / "corrections.jsonl"
    done = run("corrections", "--export", export, *here)
    assert "2 labels were looked at" in done.out
    [example] = labelled(export.read_text("utf-8"))
    assert example["text"] == "Scrivete a [e-mail]"
    assert example["checked"] == ["sentiment", "urgency"]
