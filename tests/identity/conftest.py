import pytest

from percorso.log import Log, open_log
from percorso.workspace import Workspace


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)
