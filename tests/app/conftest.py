"""People and a company for the application's tests."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings as DjangoSettings

from percorso.app import company as the_company
from percorso.log import Log
from percorso.workspace import Settings, Workspace

PASSWORD = "una frase lunga di prova"


@pytest.fixture
def company(tmp_path: Path, settings: DjangoSettings) -> Workspace:
    """Return an empty workspace that the application serves."""
    made = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova", language="en"))
    settings.WORKSPACE = made
    made.temporary.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = made.temporary
    settings.LANGUAGE_CODE = "en"
    # The real hasher is slow on purpose; what it guards is not at stake here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return made


@pytest.fixture
def client_of(company: Workspace, db: None) -> Callable[[str], Client]:
    """Return what gives a browser of a new person with a role, who confirmed that it is them."""
    from percorso.app.accounts.models import User

    def make(role: str) -> Client:
        email = f"{role}@example.org"
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, PASSWORD, name=role.title(), role=role
        )
        client = Client(raise_request_exception=True, headers={"accept-language": "en"})
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session.save()
        return client

    return make


@pytest.fixture
def log(made: Path, company: Workspace) -> Log:
    """Return the log that the module has ``made``, in a place of its own."""
    shutil.copytree(made, company.path, dirs_exist_ok=True)
    return the_company.log()


@pytest.fixture(scope="module")
def lasting(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a copy of the log that stays, with the answers that were worked out from it."""
    return Workspace.open(shutil.copytree(made, tmp_path_factory.mktemp("lasting") / "company"))


@pytest.fixture
def shared(lasting: Workspace, company: Workspace, settings: DjangoSettings) -> Log:
    """Return the log that all tests share which change nothing."""
    settings.WORKSPACE = lasting
    return the_company.log()
