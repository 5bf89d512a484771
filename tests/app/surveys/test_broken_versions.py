"""A file of a version that cannot be read shuts no survey, and the company is told which it is."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, invite, shown

from percorso.survey_results.definitions import versions_of
from percorso.surveys import SurveyError, Surveys, state
from percorso.surveys.reading import from_plain, to_plain
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def change(company: Workspace, **changes: object) -> None:
    surveys = Surveys(company)
    latest = surveys.get("visit")
    given = to_plain(latest) | changes | {"published": False}
    surveys.save(from_plain(given), instead_of=state(latest))
    surveys.publish("visit")


@pytest.fixture
def broken(asks: Workspace) -> Workspace:
    """Return a company whose second version has a field of the wrong kind."""
    change(asks, questions=[EVERY_TYPE[1]])
    file = asks.surveys / "visit" / "2.json"
    file.write_text(file.read_text("utf-8").replace('"csat"', "7", 1), "utf-8")
    return asks


def test_the_version_before_is_asked(broken: Workspace) -> None:
    page = Client(headers={"accept-language": "en"}).get(invite().path)
    assert page.status_code == 200
    assert "Recommend?" in shown(page)


def test_the_company_is_told_which_file_and_field_are_wrong(
    broken: Workspace, client_of: As
) -> None:
    looking = client_of("administrator")
    for name in ("", "ask/", "results/", "versions/"):
        page = shown(looking.get(f"/surveys/visit/{name}"))
        assert "Version 1 is asked meanwhile" in page, name
        assert "2.json" in page
        assert "questions" in page
    assert looking.get("/surveys/").status_code == 200


def test_a_file_mended_in_its_place_is_asked_at_once(broken: Workspace) -> None:
    path = invite().path
    client = Client(headers={"accept-language": "en"})
    assert "Recommend?" in shown(client.get(path))
    file = broken.surveys / "visit" / "2.json"
    file.write_text(file.read_text("utf-8").replace("7", '"csat"', 1), "utf-8")
    assert "Satisfied?" in shown(client.get(path))


def test_nothing_is_written_over_what_cannot_be_read(broken: Workspace) -> None:
    before = (broken.surveys / "visit" / "2.json").read_bytes()
    with pytest.raises(SurveyError, match=r"2\.json"):
        change(broken)
    assert (broken.surveys / "visit" / "2.json").read_bytes() == before
    assert [each.version for each in versions_of(broken, "visit")] == [1]


def test_nobody_who_was_promised_to_be_anonymous_is_asked_by_name(asks: Workspace) -> None:
    change(asks, anonymous=True)
    path = invite().path
    file = asks.surveys / "visit" / "2.json"
    file.write_text(file.read_text("utf-8").replace('"nps"', "7", 1), "utf-8")
    assert Client().get(path).status_code == 410
    with pytest.raises(SurveyError, match=r"2\.json"):
        Surveys(asks).published("visit")
