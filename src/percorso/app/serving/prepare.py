"""What is done once, before the server starts: checks, tables, the first link.

Runs as a process of its own, so that the parent which stays alive never loads Django.
"""

import json
import logging
import sys
from dataclasses import asdict, dataclass

import django
from django.core.checks import WARNING, CheckMessage, run_checks
from django.core.management import call_command

from percorso.app.config.tags import SET_UP

FAILED = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the parent prints: notes on the set-up, and the first administrator's link."""

    notes: tuple[str, ...]
    welcome_path: str


def main() -> int:
    """Prepare, and print a ``Prepared`` as JSON; or print what is wrong to stderr."""
    django.setup()
    # Ours alone: Django's own look at the code, which the tests do, and load every page for it.
    found = [each for each in run_checks(tags=[SET_UP]) if each.level >= WARNING]
    wrong = [each for each in found if each.is_serious()]
    if wrong:
        sys.stderr.write("\n".join(map(_words, wrong)) + "\n")
        return FAILED
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        read_what_came_meanwhile()
    except Exception as error:
        logging.getLogger("percorso").debug("preparing failed", exc_info=True)
        sys.stderr.write(f"The application's database cannot be prepared: {error}\n")
        return FAILED
    sys.stdout.write(json.dumps(asdict(Prepared(tuple(map(_words, found)), _welcome()))) + "\n")
    return 0


def read_what_came_meanwhile() -> None:
    """Have texts read that were imported from a terminal, or read by an earlier model."""
    from percorso.app import company
    from percorso.app.intake import reading, tasks

    # Where nothing ever came there is no log: to look would cost the first start a worker.
    if company.workspace().log.exists() and not reading.has_stopped():
        tasks.once(tasks.read_texts)


def _welcome() -> str:
    from percorso.app.accounts import links, queries

    return "" if queries.anybody() else links.welcome_path()


def _words(message: CheckMessage) -> str:
    return f"{message.msg} {message.hint}" if message.hint else str(message.msg)


if __name__ == "__main__":
    sys.exit(main())
