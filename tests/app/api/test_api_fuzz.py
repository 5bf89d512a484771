"""The API described, and then asked whatever the description allows and forbids (schemathesis).

The short test asks each operation a few times, for half a second at most; the long one asks all of
them for ten minutes.
"""

import shutil
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from pytest_django import Settings as DjangoSettings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection
from tests.app.permissions import API

from percorso.app import company as the_company
from percorso.app.api import auth
from percorso.app.api.limits import Limit
from percorso.workspace import Workspace

pytestmark = [
    pytest.mark.django_db,
    # Schemathesis and what it stands on use names that are about to change.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SHORT_S = 0.5
#: Made at once: what comes too late is made all the same, and not asked.
CASES = 12
LONG_S = 600.0
#: One of the demo company's, which nobody would guess: half of what is asked of a survey is of it.
SURVEY = "la-libreria"
#: Some rules are no JSON Schema: a score goes with its scale, a period ends after it begins, a
#: customer who is named is known.
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}}}
)
#: Words of the inside that no error may hold.
LEAKS = ("Traceback", "site-packages", "/percorso/", "sqlite", "duckdb", "SELECT ", "django.")


@cache
def _description() -> Any:
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", get_wsgi_application(), config=CONFIG
    )


@pytest.fixture(scope="module")
def read_only(small_demo: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a copy of the small demo company that is asked and told nothing."""
    place = tmp_path_factory.mktemp("asked") / "aurora"
    return Workspace.open(shutil.copytree(small_demo.path, place))


@pytest.fixture
def serve(
    read_only: Workspace,
    small_demo: Workspace,
    company: Workspace,
    tmp_path: Path,
    settings: DjangoSettings,
) -> Callable[[str], None]:
    """Return what serves the small demo company to a method; its own copy where it is changed."""

    def serve_to(method: str) -> None:
        place = tmp_path / "aurora"
        if method == "GET":
            settings.WORKSPACE = read_only
        elif place.exists():
            settings.WORKSPACE = Workspace.open(place)
        else:
            settings.WORKSPACE = Workspace.open(shutil.copytree(small_demo.path, place))
        assert the_company.log().summary().interactions > 0

    return serve_to


@pytest.fixture
def fuzz(
    serve: Callable[[str], None], token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Return what asks an operation for a while, and returns how often it asked."""
    monkeypatch.setattr(auth, "REQUESTS", Limit(10**9, 1))
    monkeypatch.setattr(auth, "WRONG", Limit(10**9, 1))
    headers = {"Authorization": f"Bearer {token(*set(API.values()))}"}

    def run(method: str, path: str, mode: GenerationMode, seconds: float, start: int = 0) -> int:
        serve(method)
        operation = _description()[path][method]
        until, asked = 0.0, 0

        @settings(
            max_examples=CASES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal asked, until
            # The first one comes late: what makes them has to be loaded.
            until = until or time.monotonic() + seconds
            if time.monotonic() > until:
                return
            asked += 1
            if mode is GenerationMode.POSITIVE and "survey" in case.path_parameters and asked % 2:
                case.path_parameters["survey"] = SURVEY
            # All values of an address are texts: what was made to be of another type is none there.
            passed_over = [negative_data_rejection] if case.method == "GET" else []
            answer = case.call_and_validate(headers=headers, excluded_checks=passed_over)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"]
                assert not [each for each in LEAKS if each in answer.text]

        while not until or (seconds > SHORT_S and time.monotonic() < until):
            seed(start)(ask)()
            start += 1
        return asked

    return run


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), sorted(API))
def test_an_operation_keeps_to_its_description(
    fuzz: Callable[..., int], method: str, path: str, mode: GenerationMode
) -> None:
    assert fuzz(method, path, mode, SHORT_S) > 0


@pytest.mark.slow  # ten minutes: finds what some seconds do not
def test_ten_minutes_of_whatever_can_be_asked(fuzz: Callable[..., int]) -> None:
    until, round_, asked = time.monotonic() + LONG_S, 0, 0
    while time.monotonic() < until:
        round_ += 1
        for method, path in sorted(API):
            for mode in GenerationMode:
                asked += fuzz(method, path, mode, 5.0, start=1_000_000 * round_)
    assert asked > 1000
