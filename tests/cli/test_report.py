"""``percorso report``: what it prints where, and what it refuses."""

import json

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
