"""The application's half without its server, for commands that write what it keeps."""

import os
from typing import TYPE_CHECKING

from percorso.i18n import current_language

if TYPE_CHECKING:
    from percorso.workspace import Workspace


def has_app(workspace: "Workspace") -> bool:
    """Say whether the application was ever served here: only then it has tables, and a trail."""
    return workspace.app_database.exists() or bool(os.environ.get("PERCORSO_DATABASE_URL"))


def start(workspace: "Workspace") -> None:
    """Bring the application up, its tables as this version has them."""
    os.environ["PERCORSO_DIR"] = str(workspace.path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
    import django
    from django.core.management import call_command
    from django.utils import translation

    django.setup()
    # What cannot be done is said by the application's half.
    translation.activate(current_language())
    call_command("migrate", verbosity=0, interactive=False)


def start_if_there(workspace: "Workspace") -> bool:
    """Bring the application up where it was ever served; say whether it was."""
    if not has_app(workspace):
        return False
    start(workspace)
    return True
