"""``percorso report``: what it prints where, and what it refuses."""

import json
from pathlib import Path

import pytest


def test_json_alone_goes_to_standard_output(run, small_demo):
    done = run("report", "--dir", small_demo.path, "--json")
    assert done.code == 0
    assert json.loads(done.out)["log"]["customers"] == 400


def test_html_is_written_and_said_on_standard_error(run, small_demo, tmp_path):
    file = tmp_path / "report.html"
    done = run("report", "--dir", small_demo.path, "--html", file, "--lang", "it")
    assert done.code == 0
    assert done.out == ""
    assert str(file) in done.err
    assert '<html lang="it">' in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_fails(run, small_demo, tmp_path):
    done = run("report", "--dir", small_demo.path, "--html", tmp_path / "no" / "report.html")
    assert done.code == 1
    assert "cannot be written" in done.err


def test_by_and_selection(run, small_demo):
    done = run(
        "report", "--dir", small_demo.path, "--json", "--by", "channel",
        "--since", "2025-01-01", "--until", "2025-12-31", "--segment", "repeat",
    )  # fmt: skip
    found = json.loads(done.out)
    assert found["by"]["dimension"] == "channel"
    assert found["selection"]["segment"] == ["repeat"]
    # Midnight in Rome, and the end of the last day.
    assert found["selection"]["since"] == "2024-12-31T23:00:00Z"
    assert found["selection"]["until"] == "2025-12-31T23:00:00Z"
    assert found["log"]["customers"] == 400


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "weather"], "weather"),
        (["--by", "property:"], "property:"),
        (["--since", "31/12/2025"], "2025-01-31"),
        (["--since", "2025-02-01", "--until", "2025-01-01"], "before"),
        (["--channel", "shop"], "store"),
        (["--segment", "best"], "top_fifth"),
        (["--property", "region"], "NAME=VALUE"),
        (["--json", "--html", "x.html"], "--json"),
        (["--ideal", "rich"], "promoters"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(run, small_demo, arguments, said):
    done = run("report", "--dir", small_demo.path, *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


#: What a terminal, or Rich, would obey if it stood in a text by itself.
HOSTILE = "[/red]\x1b[2J\x1b]0;mine\x07[bold]"


@pytest.mark.parametrize("by", ["touchpoint", f"property:{HOSTILE}"])
def test_words_of_the_data_are_shown_and_never_obeyed(run, tmp_path: Path, by: str):
    rows = [f"2024-01-0{1 + n % 9},user{n}@example.org,{HOSTILE},9,{HOSTILE}" for n in range(12)]
    file = tmp_path / "answers.csv"
    file.write_text(f"date,email,touchpoint,nps,{HOSTILE}\n" + "\n".join(rows), encoding="utf-8")
    assert run("import", file, "--dir", tmp_path / "shop", "--yes").code == 0
    done = run("report", "--dir", tmp_path / "shop", "--by", by)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "\x07" not in done.out
    assert "[/red]" in done.out
