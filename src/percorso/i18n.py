"""Words in the reader's language, for the library half (the app sets the language per request)."""

import gettext as gettext_module
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

LOCALE_FOLDER: Final = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("language", default="en")


def current_language() -> str:
    """Return the language that words come in now: ``it`` or ``en``."""
    return _language.get()


def activate(language: str) -> None:
    """Choose the language for what follows in this thread or task."""
    _language.set(language)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Choose the language for a block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str) -> str:
    """Return ``message``, which is English, in the current language."""
    return _catalog(current_language()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of the message that goes with ``number``."""
    return _catalog(current_language()).ngettext(singular, plural, number)


@cache
def _catalog(language: str) -> gettext_module.NullTranslations:
    # One catalog serves the library and the app; Django wants it to be called django.
    return gettext_module.translation("django", LOCALE_FOLDER, [language], fallback=True)
