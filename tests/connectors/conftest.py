"""Servers of the connectors' tests."""

from collections.abc import Iterator

import pytest
from tests import imap as imaps
from tests import web as webs
from tests.imap import Imap
from tests.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


@pytest.fixture(scope="session")
def imap() -> Iterator[Imap]:
    with imaps.running() as started:
        yield started
