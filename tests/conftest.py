"""What all tests share."""

from pathlib import Path

import pytest

from percorso.workspace import Workspace

DATASETS = Path(__file__).resolve().parents[1] / ".." / "shared" / "datasets"


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Return the folder of real data that serves to evaluate, or skip where it is absent."""
    if not DATASETS.is_dir():
        pytest.skip("the real data sets are not beside the repository (../shared/datasets)")
    return DATASETS.resolve()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the demo company with 400 customers. Shared by tests: only read from it."""
    from percorso import demo

    return demo.make(tmp_path_factory.mktemp("demo") / "aurora", customers=400)
