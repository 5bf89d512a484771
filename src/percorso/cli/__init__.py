"""The command line: ``percorso`` and its commands, one module each.

Exit codes: 0 done; 1 it could not be done (the message says why); 2 the command was not understood,
or needs an answer it has no terminal to ask for; 3 done, but something waits for you (only where
you asked for it with ``--strict``).
"""

import sys
from collections.abc import Sequence
from typing import Final

from percorso.cli.console import choose_language, say_error


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Ends with SystemExit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    choose_language(given)
    # After the language is chosen, because help texts are written when the commands are made.
    from percorso.cli.commands import make_app

    try:
        make_app()(args=given, prog_name="percorso")
    except Exception as error:
        if not _expected(error):
            raise
        say_error(_said(error))
        sys.exit(1)


#: Where the errors live whose message tells the user what to do.
_ERRORS: Final = {
    "percorso.workspace": "WorkspaceError",
    "percorso.log.errors": "LogError",
    "percorso.intake.model": "IntakeError",
    "percorso.metrics.dimensions": "DimensionError",
    "percorso.text.embedding.endpoint": "EmbeddingError",
    "percorso.app.serving.errors": "ServingError",
    "percorso.app.sources.errors": "SourceError",
    "percorso.live.errors": "LiveError",
    "percorso.surveys.errors": "SurveyError",
    # Such as a full disk.
    "sqlite3": "OperationalError",
}


def _expected(error: Exception) -> bool:
    # Only what is loaded can have been raised: loading more would cost time.
    known = (
        getattr(sys.modules[home], name) for home, name in _ERRORS.items() if home in sys.modules
    )
    return isinstance(error, (OSError, *known))


def _said(error: Exception) -> str:
    """Return an error in words; what the system refuses, with the file it was about."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)
