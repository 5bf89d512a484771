"""The environment: what is read, and what is said of values that make no sense."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings as DjangoSettings

from percorso.app.config import environment
from percorso.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_set_is_a_machine_of_ones_own() -> None:
    found = environment.read({})
    assert found.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert not found.https
    assert found.database is None
    assert found.problems == ()


def test_an_address_opens_its_host() -> None:
    found = environment.read({"PERCORSO_URL": "https://cx.example.org/", "PERCORSO_HOSTS": "a, b"})
    assert found.url == "https://cx.example.org"
    assert found.https
    assert found.hosts[:3] == ("cx.example.org", "a", "b")
    six = environment.read({"PERCORSO_URL": "http://[2001:db8::1]:8000"})
    assert six.hosts[0] == "[2001:db8::1]"


def test_a_database_address_is_taken_apart() -> None:
    url = "postgresql://per%40corso:p%2Fw@db.example.org:5433/shop?sslmode=require"
    database = environment.read({"PERCORSO_DATABASE_URL": url}).database
    assert database is not None
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("per@corso", "p/w")
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.org",
        5433,
        "shop",
    )
    assert database["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "port", "ssl", "starttls"),
    [
        ("smtp://u:p@mail.example.org", 587, False, True),
        ("smtps://u:p@mail.example.org", 465, True, False),
        ("smtp://localhost:25?tls=no", 25, False, False),
    ],
)
def test_a_mail_address_is_taken_apart(url: str, port: int, ssl: bool, starttls: bool) -> None:
    email = environment.read({"PERCORSO_EMAIL_URL": url}).email
    assert email is not None
    assert (email["port"], email["ssl"], email["starttls"]) == (port, ssl, starttls)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PERCORSO_URL", "cx.example.org"),
        ("PERCORSO_URL", "ftp://cx.example.org"),
        ("PERCORSO_URL", "https://example.org/percorso"),
        ("PERCORSO_DATABASE_URL", "mysql://u:hunter2@h/n"),
        ("PERCORSO_DATABASE_URL", "postgresql://u:hunter2@h"),
        ("PERCORSO_DATABASE_URL", "postgresql://u:hunter2@h:port/n"),
        ("PERCORSO_EMAIL_URL", "mail.example.org"),
        ("PERCORSO_EMAIL_URL", "smtp://u:hunter2@h:port"),
        ("PERCORSO_TRUSTED_PROXIES", "-1"),
        ("PERCORSO_TRUSTED_PROXIES", "many"),
        ("PERCORSO_UPLOAD_LIMIT_MB", "0"),
        ("PERCORSO_LOG_LEVEL", "LOUD"),
    ],
)
def test_what_makes_no_sense_is_said_with_a_hint_and_without_the_password(
    variable: str, value: str
) -> None:
    found = environment.read({variable: value})
    (problem,) = found.problems
    assert problem.variable == variable
    assert problem.hint
    assert "hunter2" not in problem.message + problem.hint


def test_the_checks_report_it(company: Workspace, settings: DjangoSettings) -> None:
    assert [each.id for each in run_checks() if each.is_serious()] == []
    settings.ENVIRONMENT = environment.read({"PERCORSO_URL": "nonsense"})
    assert [each.id for each in run_checks()] == ["percorso.E002"]
    settings.ENVIRONMENT = environment.read({"PERCORSO_URL": "https://cx.example.org"})
    assert [each.id for each in run_checks()] == ["percorso.W002"]
    settings.ENVIRONMENT = environment.read({})
    settings.WORKSPACE, settings.WORKSPACE_PROBLEM = None, "there is none"
    assert [each.msg for each in run_checks()] == ["there is none"]


def test_every_variable_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    missing = [name for name in environment.VARIABLES if f"`{name}`" not in page]
    assert not missing
