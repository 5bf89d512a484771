"""A saved segment filters every page, file, report and answer of the API alike.

A segment with the very customers of a ready-made one must give what that one gives.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings as DjangoSettings

from percorso.app import results
from percorso.app.accounts import tokens
from percorso.app.accounts.models import User
from percorso.cli import main as cli
from percorso.log import open_log
from percorso.segments import Catalogue
from percorso.text import enrichment
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
READY, SAVED = "repeat", "Tornano & comprano"
PAGES = (
    "/", "/journeys/", "/journeys/variants/", "/journeys/table/", "/problems/",
    "/voice/", "/voice/texts/", "/voice/factors/", "/touchpoints/", "/touchpoints/consistency/",
    "/maps/", "/maps/next-steps/",
    "/surveys/senza-di-noi/results/", "/surveys/senza-di-noi/results/by/",
)  # fmt: skip
FILES = (
    "/journeys/table.csv", "/journeys/variants.csv", "/problems/problems.csv",
    "/voice/texts.csv", "/voice/factors.csv", "/customers/customers.csv",
    "/touchpoints/touchpoints.csv", "/touchpoints/consistency.csv", "/maps/map.csv",
    "/surveys/senza-di-noi/results.csv", "/surveys/senza-di-noi/responses.csv",
)  # fmt: skip


@pytest.fixture
def aurora(
    small_demo: Workspace, company: Workspace, settings: DjangoSettings, tmp_path: Path
) -> Workspace:
    """Return a copy of the demo company with its texts read, and a segment saved."""
    place = Workspace.open(shutil.copytree(small_demo.path, tmp_path / "aurora"))
    enrichment.enrich(open_log(place), path="fast")
    Catalogue(place).save(SAVED, f"segment {READY}", who="ada@example.org")
    settings.WORKSPACE = place
    results.forget()
    return place


def test_pages_and_files_are_filtered(
    aurora: Workspace, client_of: Callable[[str], Client]
) -> None:
    analyst = client_of("analyst")

    def get(path: str, segment: str) -> bytes:
        asked = {"period": "all", "segment": segment} if segment else {}
        answer = analyst.get(path, asked, follow=True)
        assert answer.status_code == 200, path
        return b"".join(answer) if answer.streaming else answer.content

    for path in FILES:
        saved, ready, everybody = (get(path, each) for each in (SAVED, READY, ""))
        assert saved == ready, path
        assert saved != everybody, path
    for path in PAGES:
        said = get(path, SAVED).decode()
        assert re.search(r"<option[^>]*selected[^>]*>\s*Tornano &amp; comprano", said), path


def test_programs_and_commands_are_filtered(
    aurora: Workspace, db: None, capfd: pytest.CaptureFixture[str]
) -> None:
    ada = User.objects.create_user("ada@example.org", "x", name="Ada", role="administrator")
    key = tokens.make(ada, "a program", ("read:figures",), 30)
    program = Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})

    def ask(name: str, segment: str) -> str:
        return plain(program.get(f"/api/v1/{name}", {"segment": segment} if segment else {}).json())

    assert ask("figures", SAVED) == ask("figures", READY) != ask("figures", "")
    assert ask("problems", SAVED) == ask("problems", READY)
    with pytest.raises(SystemExit):
        cli(["report", "--json", "--segment", SAVED, "--lang", "en", "--dir", str(aurora.path)])
    assert plain(json.loads(capfd.readouterr().out)) == ask("report", READY)


def plain(answer: dict[str, object]) -> str:
    """Return an answer as text, but for when it was made and the name of the segment."""
    answer.pop("made_at", None)
    return json.dumps(answer, sort_keys=True, ensure_ascii=False).replace(SAVED, READY)
