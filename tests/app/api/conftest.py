"""A program that asks the API."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from percorso.app.api import auth
from percorso.workspace import Workspace

PASSWORD = "una frase lunga di prova"


@pytest.fixture(autouse=True)
def _full_buckets() -> Iterator[None]:
    """Let no test wait for what another one asked."""
    auth.REQUESTS.forget()
    auth.WRONG.forget()
    yield
    auth.REQUESTS.forget()
    auth.WRONG.forget()


@pytest.fixture
def administrator(company: Workspace, db: None) -> Any:
    """Return the person who makes the tokens."""
    from percorso.app.accounts.models import User

    return User.objects.create_user("ada@example.org", PASSWORD, name="Ada", role="administrator")


@pytest.fixture
def token(administrator: Any) -> Callable[..., str]:
    """Return what makes a token with scopes."""
    from percorso.app.accounts import tokens

    def make(*scopes: str) -> str:
        return tokens.make(administrator, "a program", scopes, 30)

    return make


@pytest.fixture
def program(token: Callable[..., str]) -> Callable[..., Client]:
    """Return what makes a program with a token of some scopes (all of them, if none is named)."""
    from percorso.app.accounts.tokens import SCOPES

    def make(*scopes: str) -> Client:
        key = token(*(scopes or SCOPES))
        return Client(headers={"authorization": f"Bearer {key}", "accept-language": "en"})

    return make
