"""A survey's definition as a file: given out, taken in, and what is wrong said with its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.app.surveys.test_building import said

from percorso.app.audit.models import Entry
from percorso.app.surveys.building.definition_form import read
from percorso.surveys import READY, Surveys, problems, ready, to_json
from percorso.surveys.reading import LARGEST, to_plain
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
ADDRESS = "/surveys/new/file/"


@pytest.fixture
def manager(client_of: As) -> Client:
    return client_of("cx_manager")


@pytest.fixture
def kept(company: Workspace) -> Surveys:
    return Surveys(company)


def text(**changes: Any) -> str:
    return json.dumps({**to_plain(READY["nps"]), "id": "mine", **changes}, ensure_ascii=False)


def questions(*changes: dict[str, Any]) -> str:
    """Return a definition whose first questions are changed; None takes a field away."""
    every = to_plain(READY["nps"])["questions"]
    for question, change in zip(every, changes, strict=False):
        question |= change
        for name in [name for name, value in change.items() if value is None]:
            del question[name]
    return text(questions=every)


@pytest.mark.parametrize("name", sorted(READY))
def test_what_is_given_out_is_taken_in_again_as_it_was(
    manager: Client, client_of: As, kept: Surveys, name: str
) -> None:
    kept.add(ready(name, "first"))
    kept.publish("first")
    out = client_of("viewer").get(reverse("surveys:definition", args=["first", 1]))
    assert out["Content-Disposition"] == 'attachment; filename="percorso-survey-first-1.json"'
    assert out["Content-Type"] == "application/json"
    file = SimpleUploadedFile("first.json", b"\xef\xbb\xbf" + out.content)
    taken = manager.post(ADDRESS, {"file": file})
    assert taken["Location"] == reverse("surveys:one", args=["first-2"]), "the id is taken"
    made = kept.get("first-2")
    assert (made.published, made.version) == (False, 1), "nobody is asked yet"
    whole = kept.get("first")
    assert {**to_plain(made), "id": "first", "published": True} == to_plain(whole)
    assert "Its short name is “first-2”" in said(manager.get(taken["Location"]))
    assert Entry.objects.filter(action="survey.made", subject="first-2").count() == 1


def test_a_text_with_problems_becomes_a_draft_with_things_to_mend(
    manager: Client, kept: Surveys
) -> None:
    given = text(
        id="Not an id!", title={"it": "x"}, theme={"logo": "0123.png", "logo_text": {"en": "x"}}
    )
    taken = manager.post(ADDRESS, {"text": given})
    assert taken.status_code == 302, said(taken)
    made = kept.get("survey")
    assert made.theme.logo == ""
    page = said(manager.get(taken["Location"]))
    assert "The logo is not in the file" in page
    assert f"{len(problems(made))} thing is to be mended" in page


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (questions({"type": "npx"}), ["“npx” is no value here. Did you mean “nps”?", "Question 1"]),
        (questions({}, {"longest": "many"}), ["expected int, found str", "Question 2 why",
                                              "Field longest", "there &quot;many&quot;"]),
        (questions({"low": None}), ["the field “low” is missing", "Question 1 nps", "Field low"]),
        (questions({"hight": {}}), ["unknown field “hight”. Did you mean “high”?", "Field hight"]),
        (questions({"text": {"it": "a", "en": 3}}), ["expected str, found int", "Question 1 nps",
                                                     "Field text.en", "there 3"]),
        (questions({"jumps": [{"to": "end"}, {"to": 7}]}), ["Field jumps.2.to", "there 7"]),
        (text(layout="al"), ["“al” is no value here. Did you mean “all”?", "Field layout"]),
        ('{"id": "a",\n "title" {}}', ["This is no JSON", "Line 2, character 10", "&quot;title"]),
        ("[]", ["expected object, found array"]),
        ("Dear all", ["This is no JSON", "Line 1, character 1"]),
        ('{"id":', ["This is no JSON"]),
        ("", ["Choose a file, or paste the definition."]),
        (text(questions=[{"type": "open", "id": f"q{n}", "text": {}} for n in range(300)]),
         ["questions: at most 200 are possible; these are 300"]),
        (questions({"id": "HALF"}).replace("HALF", "\\ud800"), ["This is no JSON", "Line 1,"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_the_text_stays(
    manager: Client, kept: Surveys, given: str, says: list[str]
) -> None:
    for sent in ({"text": given}, {"file": SimpleUploadedFile("my.json", given.encode())}):
        if "file" in sent and not given:
            continue
        answer = manager.post(ADDRESS, sent)
        assert answer.status_code == 422
        words = said(answer)
        assert [each for each in says if each not in words] == [], words[-1500:]
        assert answer.context["given"].text == given, "nothing is lost"
    assert kept.ids() == ()


HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "given",
    [
        "[" * 300_000,
        '{"id":' * 100_000,
        '{"questions": [' + '{"jumps": [' * 50_000,
        questions({"id": HOSTILE, "low": HOSTILE}),
        text(id=HOSTILE, layout=HOSTILE),
        json.dumps({HOSTILE: 1}),
        "﻿\x00\x00",
    ],
)
def test_hostile_text_does_no_harm(manager: Client, kept: Surveys, given: str) -> None:
    answer = manager.post(ADDRESS, {"text": given})
    assert answer.status_code == 422
    assert HOSTILE not in answer.content.decode()
    assert kept.ids() == ()


def test_a_hostile_survey_is_a_draft_like_any_other(manager: Client, kept: Surveys) -> None:
    every = list(to_plain(READY["nps"])["questions"])
    every[0] |= {"id": f"../{HOSTILE}", "text": {"it": HOSTILE}, "show_if": "(" * 900_000}
    links = [{"kind": "review", "text": {"it": "x"}, "address": "javascript:alert(1)"}]
    given = text(id="../../etc", title={"it": HOSTILE}, questions=every, links=links)
    taken = manager.post(ADDRESS, {"text": given})
    assert taken["Location"] == reverse("surveys:one", args=["survey"]), said(taken)
    for name in ("one", "settings", "endings", "look", "try", "versions", "preview"):
        page = manager.get(reverse(f"surveys:{name}", args=["survey"]))
        assert page.status_code == (409 if name == "preview" else 200)
        assert HOSTILE not in page.content.decode()
        assert 'href="javascript:' not in page.content.decode()
    assert "cannot be published" in said(
        manager.post(reverse("surveys:act", args=["survey"]), {"do": "publish"}, follow=True)
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b" " * (LARGEST + 1), "more than 1000000 bytes"),
        (b"\xff\xfe{\x00}\x00", "no text in UTF-8: what stands at byte 1 is not"),
        (b"\x89PNG\r\n\x1a\n", "no text in UTF-8"),
    ],
)
def test_files_that_are_no_text_leave_what_was_pasted(
    manager: Client, data: bytes, says: str
) -> None:
    sent = {"file": SimpleUploadedFile("<i>picture.png", data), "text": "what I wrote"}
    answer = manager.post(ADDRESS, sent)
    assert answer.status_code == 422
    assert says in said(answer)
    assert answer.context["given"].text == "what I wrote"
    assert "<i>picture" not in answer.content.decode()


def test_a_version_that_is_not_there_is_not_given_out(client_of: As, kept: Surveys) -> None:
    kept.add(ready("nps", "first"))
    for name, version in (("first", 2), ("none", 1), ("new", 1)):
        address = f"/surveys/{name}/versions/{version}.json"
        assert client_of("viewer").get(address).status_code == 404
    assert read(to_json(kept.get("first")).decode()).survey is not None
