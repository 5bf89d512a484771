"""The blocks of docs/tutorial/notebook.md run, in order, as written."""

import re
import shutil
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "notebook.md"


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_tutorial_runs(small_demo, tmp_path, monkeypatch, capsys):
    shutil.copytree(small_demo.path, tmp_path / "percorso-demo")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for number, block in enumerate(blocks(), start=1):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
    printed = capsys.readouterr().out
    assert "<Analysis of Libreria Aurora" in printed
    assert "CSAT" in printed
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    # 40 answers of 10 and 20 of 4: +67 minus 33.
    assert round(names["survey"].scores()["nps"].value) == 33
