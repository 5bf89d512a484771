"""What holds anonymous answers, on a real PostgreSQL: the same tests, in a process of their own."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker
from tests import postgresql
from tests.app.surveys.asking import EVERY_TYPE, invite, publish, received, send, shown

from percorso.app.surveys.answering import holding
from percorso.app.surveys.models import HeldResponse, Invitation
from percorso.workspace import Workspace

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="is what runs the tests")
@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param("neither_the_order or cut_off or waited_for_long", id="some"),
        pytest.param(
            "not held_and_released",
            id="all",
            marks=pytest.mark.slow(reason="the same tests run on SQLite; these take a minute"),
        ),
    ],
)
def test_they_are_held_and_released_on_postgresql(chosen: str, tmp_path: Path) -> None:
    files = [HERE / __file__, HERE / "test_anonymous.py", HERE / "test_anonymous_counts.py"]
    options = ["-q", "-p", "no:cacheprovider", "-n", "0", "--basetemp", tmp_path / "own"]
    with postgresql.running() as database:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *map(str, [*files, *options]), "-k", chosen],
            cwd=ROOT,
            env={**os.environ, "PERCORSO_DATABASE_URL": database.url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


@pytest.mark.skipif(connection.vendor != "postgresql", reason="run by the test above")
@pytest.mark.usefixtures("django_db_setup")
def test_postgresql_tells_neither_the_order_nor_which_writes_came_together(
    company: Workspace, django_db_blocker: DjangoDbBlocker
) -> None:
    """Where its rows are, and which transaction wrote them: PostgreSQL keeps both in the open."""
    with django_db_blocker.unblock():
        # No transaction around: what is written anew is written for good.
        publish(company, anonymous=True, questions=[EVERY_TYPE[0]])
        try:
            for number in range(30):
                _answer(number)
            # Nothing is due, and what waits is written anew all the same.
            assert holding.release_due() == 0
            stored = [_score(rows) for (rows,) in _ask("SELECT rows FROM {} ORDER BY ctid")]
            assert sorted(stored) == sorted(number // 3 for number in range(30))
            assert abs(_correlation(stored)) < 0.6
            assert _ask("SELECT count(DISTINCT xmin::text) FROM {}") == [(1,)]
            found = _ask("SELECT count(DISTINCT xmin::text) FROM {}", "surveys_invitation")
            assert found == [(1,)]
            assert holding.release_due(datetime.now(UTC) + timedelta(days=1)) == 30
            assert len(received()) == 30
        finally:
            HeldResponse.objects.all().delete()
            Invitation.objects.all().delete()


def _answer(number: int) -> None:
    path = invite(f"email:person{number}@example.org").path
    client = Client()
    send(client, path, shown(client.get(path)), {"nps": str(number // 3)})


def _ask(sql: str, table: str = "surveys_heldresponse") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table))
        return list(cursor.fetchall())


def _score(rows: object) -> int:
    return int(re.findall(r'"score":\s*(\d+)', str(rows))[0])


def _correlation(stored: list[int]) -> float:
    """Return Pearson's correlation of what was answered, which rose, with where it is kept."""
    n = len(stored)
    places, mean, middle = range(n), sum(stored) / n, (n - 1) / 2
    both = sum(
        (place - middle) * (value - mean) for place, value in zip(places, stored, strict=True)
    )
    spread = sum((value - mean) ** 2 for value in stored) * sum((p - middle) ** 2 for p in places)
    return both / float(spread) ** 0.5
