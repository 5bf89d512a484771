"""The voice of the customer: what was written, with what was read in it; asked for and searched."""

from typing import TYPE_CHECKING

from percorso.log.state import digest
from percorso.text import joined
from percorso.text.finding import FilterError, Found, MeaningUnavailableError, find
from percorso.text.joined import FIELDS, texts

if TYPE_CHECKING:
    from percorso.log import Log

__all__ = [
    "FIELDS",
    "FilterError",
    "Found",
    "MeaningUnavailableError",
    "find",
    "state",
    "texts",
]


def state(log: "Log") -> str:
    """Name what answers stand on besides the log: another name whenever any of it changes.

    That is what was read, what people corrected of it, and the topics.
    """
    from percorso.text import topics

    return digest(joined.standing_on(log), topics.state(log))
