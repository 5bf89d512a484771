"""What all tests share."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.utils import translation
from tests.chromium import browser  # noqa: F401 - a fixture

from percorso import i18n, intake
from percorso.log import Log, open_log
from percorso.workspace import Workspace

# Keep what Python compiles: each server and command started would take seconds to do it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# As the server has it: the tests of two workers, and their servers, share the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# How long an example takes is a matter of what else the machine does.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

#: Folders whose tests start servers, and modules that take long without one.
LONG = {"browser", "clients", "faults", "privacy"}
LONG_MODULES = {
    "test_api_fuzz",
    "test_few",
    "test_maps",
    "test_olist",
    "test_problems",
    "test_voice",
}
HERE = Path(__file__).resolve().parent
DATASETS = HERE.parent / ".." / "shared" / "datasets"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Keep the tests of a module on one worker: what it makes for all of them is made once.

    Groups that take minutes begin first, so that no worker is left with one while others are done.
    """
    for item in items:
        if item.path.parent.name == "browser":  # see its conftest
            continue
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when to begin: first the one group that is longest of all, the short ones last."""
    group = item.get_closest_marker("xdist_group")
    if group is not None and group.args == ("browser",):
        return 0
    if item.path.parent.name in LONG:
        return 1
    return 2 if item.path.stem in LONG_MODULES else 3


def pytest_collection_finish() -> None:
    """Let the collector of circles pass over what was loaded: it stays until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin each test in English: a command or a request before it may have chosen another."""
    i18n.activate("en")
    translation.deactivate()


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


@pytest.fixture(scope="session")
def olist(
    datasets: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Log, intake.Plan, intake.ImportResult]:
    """Return the marketplace's log, and how it was imported. Shared: add nothing new to it.

    Tests that ask for it are marked ``xdist_group("olist")``, so that one process imports it.
    """
    workspace = Workspace.create(tmp_path_factory.mktemp("olist") / "workspace")
    log = open_log(workspace)
    plan = intake.inspect(workspace, [datasets / "olist"])
    return log, plan, intake.run(log, plan)
