"""Logos that no survey names go; those that a version or a draft names, or that are new, stay."""

import io
import os
import time

import pytest
from PIL import Image
from tests.app.surveys.asking import publish

from percorso.app.serving import errands
from percorso.app.surveys.building import logos
from percorso.surveys import Surveys, state
from percorso.surveys.reading import from_plain, to_plain
from percorso.workspace import Workspace

OLD_S = 2 * 24 * 3600


def logo(company: Workspace, colour: str, *, old: bool = True) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(picture, "PNG")
    picture.seek(0)
    name = logos.keep(picture)
    if old:
        then = time.time() - OLD_S
        os.utime(company.surveys / ".logos" / name, (then, then))
    return name


@pytest.fixture
def asks(company: Workspace) -> Workspace:
    publish(company, theme={"logo": logo(company, "red"), "logo_text": {"it": "A", "en": "A"}})
    return company


def test_what_no_survey_names_goes(asks: Workspace) -> None:
    surveys = Surveys(asks)
    latest = surveys.get("visit")
    drafted = logo(asks, "green")
    given = to_plain(latest) | {"published": False}
    given["theme"] = {**given["theme"], "logo": drafted}
    surveys.save(from_plain(given), instead_of=state(latest))
    unused, new = logo(asks, "blue"), logo(asks, "white", old=False)
    assert logos.tidy() == 1
    assert logos.find(unused) is None
    for name in (latest.theme.logo, drafted, new):
        assert logos.find(name) is not None
    assert logos.tidy() == 0
    assert logos.tidy(time.time() + OLD_S) == 1
    assert logos.find(new) is None


def test_a_version_that_cannot_be_read_keeps_its_logo(asks: Workspace) -> None:
    name = Surveys(asks).get("visit").theme.logo
    file = asks.surveys / "visit" / "1.json"
    file.write_bytes(file.read_bytes() + b"}")
    assert logos.tidy() == 0
    assert logos.find(name) is not None


def test_an_old_logo_that_is_uploaded_again_is_new(asks: Workspace) -> None:
    logo(asks, "blue")
    name = logo(asks, "blue", old=False)
    assert logos.tidy() == 0
    assert logos.find(name) is not None


def test_the_worker_does_it() -> None:
    assert any(each.do is logos.tidy for each in errands._posting())
