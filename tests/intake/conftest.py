"""What the tests of the intake share."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from percorso import intake
from percorso.log import Log, open_log
from percorso.workspace import Workspace

Importing = Callable[..., intake.ImportResult]


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


@pytest.fixture
def bring(log: Log) -> Importing:
    """Return a function that inspects and imports, having agreed with the guesses."""

    def importing(
        path: Path,
        recipe: str | None = None,
        mapping: Mapping[str, str] | None = None,
        **options: Any,
    ) -> intake.ImportResult:
        plan = intake.inspect(log.workspace, [path], recipe=recipe, mapping=mapping)
        assert plan.problems == ()
        return intake.run(log, plan, confirmed=True, **options)

    return importing


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file."""

    def writing(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return writing


@pytest.fixture
def rows(log: Log) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that reads the log in its order, without received_at."""

    def reading() -> list[dict[str, Any]]:
        table = (
            log.read()
            .read_all()
            .sort_by([("customer", "ascending"), ("at", "ascending"), ("received_at", "ascending")])
        )
        return table.drop_columns(["received_at"]).to_pylist()

    return reading
