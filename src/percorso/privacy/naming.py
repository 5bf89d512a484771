"""Telling whether something that was written is a person's or names them; taking the name out.

What is a person's goes as a whole. What is somebody else's and only names the person stays, without
the name: a telephone that two share, a note that mentions them.
"""

import json
import re
from typing import Any, Final

from percorso.live.references import of_device, of_user
from percorso.privacy.person import Person

#: What stands where a name was.
ERASED: Final = "[erased]"
_USERS: Final = ("userId", "user_id", "previousId", "customer", "reference")
_DEVICES: Final = ("anonymousId", "anonymous_id", "previousId")


class Naming:
    """The names of a person, looked for in texts and in what JSON holds."""

    def __init__(self, person: Person) -> None:
        self._references = frozenset(person.references)
        words = sorted({*person.names, *map(_escaped, person.names)}, key=len, reverse=True)
        self._names = (
            re.compile(
                rf"(?<![\w@.+-])(?:{'|'.join(map(re.escape, words))})(?![\w@-]|\.\w)", re.IGNORECASE
            )
            if words
            else None
        )
        self._bare = (
            frozenset(each.partition(":")[2] or each for each in person.references)
            | self._references
        )

    def in_text(self, text: str) -> bool:
        """Say whether a text holds one of the names."""
        return self._names is not None and self._names.search(text) is not None

    def maybe_in(self, data: bytes) -> bool:
        """Say quickly, and rather yes than no, whether JSON may name the person.

        What JSON escapes may be anybody: only reading it tells.
        """
        return b"\\" in data or self.seems_in(data)

    def seems_in(self, data: bytes) -> bool:
        """Say whether the person is named in bytes, as they lie."""
        text = data.decode("utf-8", "replace")
        return self.in_text(text) or any(each in text for each in self._bare)

    def is_called(self, reference: str) -> bool:
        """Say whether a reference is the person's."""
        return reference in self._references

    def owns(self, event: Any) -> bool:
        """Say whether an event, as it was sent, is the person's.

        It is theirs by its references; one that says no user is theirs also where it names them.
        """
        if not isinstance(event, dict):
            return self.in_json(event)
        devices = [of_device(str(event[k])) for k in _DEVICES if event.get(k)]
        if not self._references.isdisjoint((*users(event), *devices)):
            return True
        return not users(event) and self.in_json(event)

    def in_json(self, value: Any) -> bool:
        """Say whether a name is in any text of a JSON value, or a whole text is a reference."""
        if isinstance(value, str):
            return value in self._references or self.in_text(value)
        if isinstance(value, dict):
            return any(self.in_json(key) or self.in_json(each) for key, each in value.items())
        if isinstance(value, list | tuple):
            return any(map(self.in_json, value))
        return False

    def without(self, value: Any) -> Any:
        """Return a JSON value without the person.

        Of a list, what names them goes as a whole, so that nothing else of a row stays; elsewhere
        the name alone is taken out.
        """
        if isinstance(value, str):
            return ERASED if value in self._references else self.out_of(value)
        if isinstance(value, dict):
            return {self.out_of(str(key)): self.without(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [
                self.without(each)
                for each in value
                if not (isinstance(each, dict | list | tuple) and self._is_row(each))
            ]
        return value

    def masked(self, value: Any) -> Any:
        """Return a JSON value of somebody else with the names taken out, wherever they stand."""
        if isinstance(value, str):
            return ERASED if value in self._references else self.out_of(value)
        if isinstance(value, dict):
            return {self.out_of(str(key)): self.masked(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return list(map(self.masked, value))
        return value

    def out_of(self, text: str) -> str:
        """Return a text with the names taken out."""
        return self._names.sub(ERASED, text) if self._names is not None else text

    def _is_row(self, value: Any) -> bool:
        """Say whether a value in a list is a row that names the person: nothing deeper is."""
        inner = value.values() if isinstance(value, dict) else value
        return any(
            self.in_json(each) for each in inner if not isinstance(each, dict | list | tuple)
        ) or (
            isinstance(value, dict)
            and any(isinstance(e, dict) and self.in_json(e) for e in value.values())
        )


def users(event: Any) -> list[str]:
    """Return the references of the users whom an event, as it was sent, says it is of."""
    if not isinstance(event, dict):
        return []
    return [of_user(str(event[k])) for k in _USERS if event.get(k)]


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]
