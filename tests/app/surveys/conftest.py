"""A company that asks, and pages that nobody waits for."""

from collections.abc import Iterator

import pytest

from percorso.app.surveys.answering import counting, views
from percorso.workspace import Workspace


@pytest.fixture(autouse=True)
def _nobody_waits() -> Iterator[None]:
    """Let no test wait for what another one sent, nor count what it saw."""
    for each in (views.LOOKS, views.ANSWERS):
        each.forget()
    counting.forget()
    yield
    counting.forget()


@pytest.fixture
def asks(company: Workspace, db: None) -> Workspace:
    """Return a company that asks one survey of two pages: NPS, and why."""
    from tests.app.surveys.asking import publish

    publish(company)
    return company
