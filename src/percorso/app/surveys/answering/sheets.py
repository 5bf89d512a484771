"""What an answering page carries along: signed, so that nobody can write it but we.

Between two pages nothing of an anonymous response is kept here: it is in the page itself.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from django.core import signing

from percorso.app.surveys.errors import SpentError

#: Seconds that a page can be sent after it was shown.
LASTS: Final = 24 * 60 * 60
_SALT: Final = "percorso.surveys.sheet"
_AFTER: Final = "percorso.surveys.after"
_T = TypeVar("_T")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A page somebody has before them.

    ``way`` is how they came (``Way.key``), ``response`` the id of what they answer, ``asked`` the
    questions of this page, ``answers`` what they answered so far, as plain values.
    """

    way: str
    survey: str
    version: int
    language: str
    response: str
    asked: tuple[str, ...] = ()
    answers: Mapping[str, Any] = {}


class After(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of thanks carries along: whose answers it thanks for."""

    way: str
    survey: str
    version: int
    language: str
    response: str


def seal(sheet: Sheet) -> str:
    """Return a page's state as it can be given away."""
    return signing.dumps(msgspec.to_builtins(sheet), salt=_SALT, compress=True)


def unseal(given: str) -> Sheet:
    """Return the state that was given away. Raises SpentError: not ours, or too old."""
    return _read(given, _SALT, Sheet)


def seal_after(after: After) -> str:
    """Return what the page of thanks carries along."""
    return signing.dumps(msgspec.to_builtins(after), salt=_AFTER)


def unseal_after(given: str) -> After:
    """Return what a page of thanks carried along. Raises SpentError."""
    return _read(given, _AFTER, After)


def _read(given: str, salt: str, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(signing.loads(given, salt=salt, max_age=LASTS), kind)
    except (signing.BadSignature, msgspec.ValidationError, ValueError, TypeError) as error:
        raise SpentError from error
