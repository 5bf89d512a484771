"""Kinds of fields that bodies of several slices have."""

from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator, Field

#: Numbers that databases give their rows.
_LARGEST: Final = 2**31 - 1


def _is_text(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("must be a time with a zone, as text")
    return given


def _is_whole(given: Any) -> Any:
    """Refuse halves of characters and NUL, which nothing can keep; leave blanks around aside."""
    if not isinstance(given, str):
        return given
    if "\0" in given or any("\ud800" <= c <= "\udfff" for c in given):
        raise ValueError("must hold whole characters")
    return given.strip()


def words(most: int, least: int = 0) -> Any:
    """Return the type of a text of so many characters."""
    return Annotated[str, BeforeValidator(_is_whole), Field(min_length=least, max_length=most)]


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_is_text)]
Number = Annotated[int, Field(ge=1, le=_LARGEST)]
