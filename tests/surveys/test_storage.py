"""Surveys on the disk: drafts change, what was published does not."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.surveys.making import changed, question, survey, words

from percorso.surveys import (
    READY,
    SurveyChangedError,
    SurveyError,
    Surveys,
    from_json,
    ready,
    state,
)
from percorso.workspace import Workspace


@pytest.fixture
def surveys(workspace: Workspace) -> Surveys:
    return Surveys(workspace)


def file_of(workspace: Workspace, version: int) -> Path:
    return workspace.surveys / "nps" / f"{version}.json"


def test_from_a_ready_one_to_the_second_version(surveys: Surveys, workspace: Workspace) -> None:
    assert surveys.ids() == ()
    draft = surveys.add(ready("nps"))
    assert (draft.version, draft.published) == (1, False)
    assert surveys.published("nps") is None
    draft = surveys.save(changed(draft, title=words("Ours")), instead_of=state(draft))
    assert (draft.version, surveys.versions("nps")) == (1, (1,))
    first = surveys.publish("nps")
    assert first.published
    assert surveys.publish("nps") == first
    kept = file_of(workspace, 1).read_bytes()
    second = surveys.save(changed(first, title=words("Newer")), instead_of=state(first))
    assert (second.version, second.published) == (2, False)
    assert file_of(workspace, 1).read_bytes() == kept
    assert surveys.get("nps") == second
    assert surveys.published("nps") == first == surveys.get("nps", 1)
    surveys.delete_draft("nps")
    assert surveys.get("nps") == first
    with pytest.raises(SurveyError, match="is published, and stays"):
        surveys.delete_draft("nps")
    assert surveys.ids() == ("nps",)


def test_a_survey_that_was_never_published_can_go(surveys: Surveys) -> None:
    surveys.add(ready("nps"))
    surveys.delete_draft("nps")
    assert surveys.ids() == ()


def test_a_survey_with_problems_stays_a_draft(surveys: Surveys) -> None:
    surveys.add(survey(question("nps", "nps", show_if="nsp > 3")))
    with pytest.raises(SurveyError, match=r"cannot be published yet: questions\.nps\.show_if"):
        surveys.publish("tried")
    assert not surveys.get("tried").published


def test_of_two_changes_at_once_the_second_is_told(surveys: Surveys) -> None:
    draft = surveys.add(ready("nps"))
    other = surveys.save(changed(draft, title=words("First")), instead_of=state(draft))
    with pytest.raises(SurveyChangedError, match="was changed by somebody else meanwhile"):
        surveys.save(changed(draft, title=words("Late")), instead_of=state(draft))
    surveys.publish("nps")
    with pytest.raises(SurveyChangedError):
        surveys.save(changed(other, title=words("Late")), instead_of=state(other))
    assert surveys.get("nps").title == words("First")
    with pytest.raises(SurveyError, match="is a survey “nps” already"):
        surveys.add(ready("nps"))


COUNTING = """
import sys
from msgspec.structs import replace
from percorso.surveys import SurveyChangedError, Surveys, state
from percorso.workspace import Workspace

surveys = Surveys(Workspace.open(sys.argv[1]))
counted = 0
while counted < 10:
    latest = surveys.get("nps")
    title = {"it": "x", "en": str(int(latest.title["en"]) + 1)}
    try:
        surveys.save(replace(latest, title=title), instead_of=state(latest))
    except SurveyChangedError:
        continue
    counted += 1
"""


def test_two_processes_lose_none_of_their_changes(surveys: Surveys, workspace: Workspace) -> None:
    surveys.add(changed(ready("nps"), title=words("0")))
    command = [sys.executable, "-c", COUNTING, str(workspace.path)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert surveys.versions("nps") == (1,)
    assert surveys.get("nps").title["en"] == "20"
    assert [each.name for each in (workspace.surveys / "nps").iterdir()] == ["1.json"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "UP", "x" * 41, ".lock", "a\x00b"])
def test_no_id_leads_out_of_the_folder(surveys: Surveys, name: str) -> None:
    with pytest.raises(SurveyError, match="is no id of a survey"):
        surveys.add(changed(READY["nps"], id=name))
    with pytest.raises(SurveyError, match="is no id of a survey"):
        surveys.find(name)


def test_what_is_not_there_is_told_with_what_may_be_meant(surveys: Surveys) -> None:
    surveys.add(ready("nps", "after-delivery"))
    with pytest.raises(SurveyError, match="Did you mean “after-delivery”"):
        surveys.get("after-delivry")
    with pytest.raises(SurveyError, match="has no version 3"):
        surveys.get("after-delivery", 3)
    assert surveys.find("nps") is None


def test_files_that_somebody_spoilt_are_told_by_name(
    surveys: Surveys, workspace: Workspace
) -> None:
    surveys.add(ready("nps"))
    file = file_of(workspace, 1)
    plain = json.loads(file.read_bytes())
    file.write_text(json.dumps(plain | {"version": 2}))
    with pytest.raises(SurveyError, match=r"1\.json says that it is version 2 of “nps”"):
        surveys.get("nps")
    file.write_text('{"id": 3}')
    with pytest.raises(SurveyError, match=r"1\.json, id: expected str, found int"):
        surveys.get("nps")
    file.unlink()
    file.mkdir()
    with pytest.raises(SurveyError, match=r"1\.json cannot be read"):
        surveys.get("nps")
    # What is no version is left alone.
    file.rmdir()
    (file.parent / "notes.txt").write_text("x")
    assert surveys.ids() == ()


def test_files_are_made_to_be_read(surveys: Surveys, workspace: Workspace) -> None:
    saved = surveys.add(ready("nps"))
    text = file_of(workspace, 1).read_text()
    assert '\n  "title": {\n    "it": "Ci consiglieresti?",' in text
    assert from_json(text) == saved


def test_a_list_made_while_surveys_come_and_go_breaks_nothing(surveys: Surveys) -> None:
    def come_and_go() -> None:
        for _time in range(60):
            surveys.add(ready("nps"))
            surveys.delete_draft("nps")

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(come_and_go)
        while not done.done():
            assert surveys.ids() in ((), ("nps",))
        done.result()
