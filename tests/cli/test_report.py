"""``percorso report``: what it prints where, and what it refuses."""

import json
import re
from pathlib import Path

import pytest
from tests.metrics.given import Story


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


def test_one_customer_is_said_in_the_singular_and_the_hint_names_the_workspace(run, tmp_path: Path):
    file = tmp_path / "answers.csv"
    good = "2024-01-01,ann@example.org,shop,9\n"
    bad = "2024-01-02,ann@example.org,shop,11\n"
    file.write_text(f"date,email,touchpoint,nps\n{good}{bad}", encoding="utf-8")
    shop = tmp_path / "my shop"
    assert run("import", file, "--dir", shop, "--yes").code == 0
    done = run("report", "--dir", shop)
    assert f"1 row waits in quarantine: percorso quarantine list --dir '{shop}'" in " ".join(
        done.out.split()
    )
    assert "Journeys  1 customer\n" in "\n".join(map(str.rstrip, done.out.splitlines()))
    assert "1 customers" not in done.out


def test_without_a_folder_given_the_hint_has_none(run, tmp_path: Path, monkeypatch):
    file = tmp_path / "answers.csv"
    rows = "".join(f"2024-01-0{n},user{n}@example.org,shop,{n + 8}\n" for n in (1, 2, 3))
    file.write_text(f"date,email,touchpoint,nps\n{rows}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run("import", file, "--yes").code == 0
    done = run("report")
    assert "quarantine list\n" in "\n".join(map(str.rstrip, done.out.splitlines()))
    assert "2 customers, all the same way" in done.out


def test_a_property_that_no_answer_has_is_told_with_those_there_are(run, tmp_path: Path):
    rows = [f"2024-01-0{1 + n % 9},user{n}@example.org,9,Nord" for n in range(12)]
    file = tmp_path / "answers.csv"
    file.write_text("date,email,nps,Region\n" + "\n".join(rows), encoding="utf-8")
    assert run("import", file, "--dir", tmp_path / "shop", "--yes").code == 0
    done = run("report", "--dir", tmp_path / "shop", "--by", "property:regoin", "--json")
    assert (done.code, done.out) == (2, "")
    assert "'regoin'" in done.err
    assert "did you mean 'Region'?" in done.err
    assert "The answers have: Region." in done.err
    assert run("report", "--dir", tmp_path / "shop", "--by", "property:Region").code == 0


#: Month -> hours from the start, promises kept, promises broken, each of a customer of their own.
MONTHS = {"Jan": (24, 31, 10), "Feb": (900, 32, 2), "Mar": (1600, 33, 7), "Apr": (2300, 34, 8)}


@pytest.mark.parametrize(
    ("months", "rows"),
    [
        # Feb is of two customers; March, the next smallest, would give it away with the total.
        (
            ("Jan", "Feb", "Mar", "Apr"),
            {"Jan": ("31", "10"), "Feb": None, "Mar": None, "Apr": ("34", "8")},
        ),
        (("Jan", "Mar", "Apr"), {"Jan": ("31", "10"), "Mar": ("33", "7"), "Apr": ("34", "8")}),
    ],
)
def test_a_month_in_which_few_had_a_promise_broken_is_not_told(run, tmp_path: Path, months, rows):
    story = Story()
    for month in months:
        due, kept, broken = MONTHS[month]
        for number in range(kept + broken):
            about, who = f"order:{month}{number}", f"user:{month}{number}"
            story.promise(about, due=due, customer=who, at=due - 20)
            story.add("delivery", who, at=due + (-5 if number < kept else 5), about=about)
    log = story.log(tmp_path / "shop")
    page = tmp_path / "report.html"
    assert run("report", "--dir", log.workspace.path, "--html", page, "--lang", "en").code == 0
    (figure,) = re.findall(
        r"<figure.{0,20}<figcaption><h3>Promises by month.*?</figure>",
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in figure.split("<tr>")[2:]]
    told = {row[0][:3]: None if row[3] == "too few to show" else tuple(row[1:3]) for row in cells}
    assert told == rows
    assert all(row[1:3] == ["–", "–"] and not row[4] for row in cells if told[row[0][:3]] is None)
    assert ("Months with too few customers to show" in figure) is (None in rows.values())
    sums = [sum(int(each[place]) for each in rows.values() if each) for place in (0, 1)]
    assert f"{sums[0]} kept and {sums[1]} broken" in figure
