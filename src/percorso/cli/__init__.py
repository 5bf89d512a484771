"""The command line: ``percorso`` and its commands, one module each.

Exit codes: 0 done; 1 it could not be done (the message says why); 2 the command was not understood,
or needs an answer it has no terminal to ask for; 3 done, but something waits for you (only where
you asked for it with ``--strict``).
"""

import sys
from collections.abc import Sequence

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
        say_error(str(error))
        sys.exit(1)


def _expected(error: Exception) -> bool:
    """Say whether the error is one whose message tells the user what to do."""
    from percorso.workspace import WorkspaceError

    if isinstance(error, WorkspaceError):
        return True
    # Only what is loaded already can have been raised: loading more would only cost time.
    homes = {"percorso.log.errors": "LogError", "percorso.intake": "IntakeError"}
    known = [
        getattr(sys.modules[home], name) for home, name in homes.items() if home in sys.modules
    ]
    return isinstance(error, tuple(known))
