"""What the worker does to ask customers, in a process of its own that is killed on its way."""

import importlib
import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn


def set_up(folder: str, relay: str) -> None:
    """Say who writes, and have everybody asked after a delivery."""
    _django(folder, relay)
    from django.core.management import call_command

    from percorso.app.outbox import actions as outbox
    from percorso.app.surveys.sending import actions as sending

    call_command("createcachetable")
    outbox.save_sender(None, {"name": "Bottega", "address": "ciao@example.org"})
    rule = {
        "name": "After", "survey": "nps", "segment": "", "share": 1.0, "priority": 0,
        "wanted_days": 7, "open_days": 30, "subject": {}, "opening": {}, "touchpoint": "",
        "kind": "delivery", "only_at": "", "delay_hours": 0,
    }  # fmt: skip
    sending.add_rule(None, rule)


def work(folder: str, relay: str, step: str, rounds: int) -> None:
    """Ask and send ``rounds`` times; die at ``step`` where one is given.

    A step is a module of the application and its function: ``<`` before it is called, ``>`` right
    after.
    """
    _django(folder, relay)
    from percorso.app.outbox import posting
    from percorso.app.surveys.sending import rounds as asking

    if step:
        _die_at(step[0], *step[1:].rsplit(".", 1))
    for _round in range(rounds):
        asking.ask_due()
        posting.post_due()


def _django(folder: str, relay: str) -> None:
    for name in [each for each in os.environ if each.startswith("PERCORSO_")]:
        del os.environ[name]
    os.environ |= {
        "PERCORSO_DIR": folder,
        "PERCORSO_URL": "https://cx.example.org",
        "PERCORSO_EMAIL_URL": relay,
        "DJANGO_SETTINGS_MODULE": "percorso.app.config.settings",
    }
    import django

    django.setup()


def _die_at(when: str, name: str, function: str) -> None:
    module = importlib.import_module(f"percorso.app.{name}")
    done: Callable[..., Any] = getattr(module, function)

    def after(*given: Any, **named: Any) -> NoReturn:
        done(*given, **named)
        _die()

    setattr(module, function, _die if when == "<" else after)


def _die(*_given: Any, **_named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody comes here")
