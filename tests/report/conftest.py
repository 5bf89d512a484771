"""One report, built once: building is what takes the time."""

import pytest

from percorso import report
from percorso.log import open_log


@pytest.fixture(scope="session")
def demo_report(small_demo):
    return report.build(open_log(small_demo), by="channel")


@pytest.fixture
def empty_report(workspace):
    return report.build(open_log(workspace))
