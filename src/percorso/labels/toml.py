"""What is wrong with a TOML file, in the reader's language."""

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from percorso.i18n import gettext as _
from percorso.vocabulary.phrases import N_

#: What the standard library says in English, by how it begins.
_WRONG: Final[Mapping[str, str]] = {
    "Expected '=' after a key": N_("there is no = after the name"),
    "Expected ']' at the end": N_("the ] that closes the heading is missing"),
    "Expected ']]' at the end": N_("the ]] that closes the heading is missing"),
    "Expected newline or end": N_("after the value stands something that does not belong there"),
    "Invalid value": N_("this is no value: write texts in double quotes"),
    "Invalid statement": N_("this is neither a heading nor a name with a value"),
    "Invalid initial character": N_("a name cannot begin like this"),
    "Unclosed array": N_("the ] that closes the list is missing"),
    "Unclosed inline table": N_("the } that closes the table is missing"),
    "Unterminated string": N_("the quotes that close the text are missing"),
    "Illegal character": N_("a character stands here that may not"),
    "Cannot overwrite a value": N_("this name has a value already"),
    "Cannot declare": N_("this heading is there already"),
}
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")


def wrong(error: tomllib.TOMLDecodeError) -> str:
    """Return what is wrong and where; what has no words of ours as tomllib says it."""
    said = str(error)
    known = next((words for begin, words in _WRONG.items() if said.startswith(begin)), None)
    if known is None:
        return said
    place = _PLACE.search(said)
    if place is None:
        return _("{what} (at the end)").format(what=_(known))
    return _("{what} (line {line}, column {column})").format(
        what=_(known), line=place[1], column=place[2]
    )
