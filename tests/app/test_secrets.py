"""The signing key, and logs that give nothing away."""

import io
import logging
import multiprocessing
import stat
import sys
from collections.abc import Callable

import pytest
from django.core.checks import run_checks
from django.test import Client

from percorso.app.config import secret
from percorso.app.config.logs import WithoutSecrets, without_secrets
from percorso.workspace import Workspace


def test_the_key_is_made_once_and_is_its_owners_alone(workspace: Workspace) -> None:
    made = secret.key(workspace)
    assert len(made) >= 50
    assert secret.key(workspace) == made
    assert stat.S_IMODE(secret.path(workspace).stat().st_mode) == 0o600
    assert [each.name for each in workspace.path.iterdir() if "secret" in each.name] == [
        "secret.key"
    ]


def test_processes_that_start_together_agree_on_the_key(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        keys = set(pool.map(secret.key, [workspace] * 8))
        pool.close()
        pool.join()
    assert len(keys) == 1


def test_a_key_others_can_read_is_reported(company: Workspace) -> None:
    secret.key(company)
    assert run_checks() == []
    secret.path(company).chmod(0o644)
    assert [each.id for each in run_checks()] == ["percorso.W001"]


@pytest.mark.parametrize(
    "line",
    [
        "Forbidden: /welcome/SECRET",
        "Not Found: /choices/SECRET-a:b",
        "Not Found: /here/SECRET/thanks",
        "Not Found: /api/v1/customers/email:SECRET@example.org/interactions",
        "GET /customers/?segment=a&q=SECRET&order=value",
        "authorization: Bearer prc_SECRET",
        "the key prk_SECRET is not known",
        "signed by whsec_SECRET/+=",
        "GET /invitation/SECRET?next=/",
        "Not Found: /reset/1-SECRET/",
        "password=SECRET&login=x",
        '{"token": "SECRET"}',
        "connecting to postgresql://percorso:SECRET@db/x",
        "smtp://u:SECRET@mail.example.org refused",
    ],
)
def test_secrets_are_blotted_out(line: str) -> None:
    blotted = without_secrets(line)
    assert "SECRET" not in blotted
    assert "***" in blotted


def test_other_lines_stay_as_they_are() -> None:
    line = "import 7 failed: column 'Key figures' of orders.csv has no date"
    assert without_secrets(line) == line


def test_a_refused_page_is_one_line_in_the_log(
    client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    [handler] = [each for each in logging.getLogger().handlers if each.name == "stderr"]
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    assert client_of("viewer").get("/settings/people/").status_code == 403
    [line] = written.getvalue().splitlines()
    assert "Forbidden" in line
    assert "/settings/people/" in line
    try:
        raise ValueError("our own mistake")
    except ValueError:
        logging.getLogger("django.request").exception("at %s", "/", extra={"status_code": 500})
    assert "Traceback" in written.getvalue()


def test_tracebacks_are_blotted_out_too() -> None:
    try:
        raise ValueError("postgresql://percorso:SECRET@db/x")
    except ValueError:
        record = logging.LogRecord("x", 40, __file__, 1, "%s", ("token=SECRET",), sys.exc_info())
    assert WithoutSecrets().filter(record)
    assert "SECRET" not in logging.Formatter().format(record)
