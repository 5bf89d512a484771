"""A JSON document that is one array, item by item: memory does not grow with the array."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from percorso.i18n import gettext as _
from percorso.intake.model import IntakeError

#: An item longer than this, in characters, is no row of a table.
MAX_ITEM: Final = 2 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_NEXT: Final = re.compile(r"[^ \t\r\n]")


def items(file: BinaryIO, name: str) -> Iterator[str]:
    """Yield the text of each item. Raises IntakeError, with the item's number, for what is wrong.

    An item is found to end where Python's decoder says so; whether it is good JSON in all else is
    for the reader to say.
    """
    window = _Window(file, name)
    window.take("[")
    if window.peek() == "]":
        window.take("]")
    else:
        yield window.item()
        while window.peek() == ",":
            window.take(",")
            yield window.item()
        window.take("]")
    if window.peek():
        raise window.wrong(_("there is more after the end of the array"))


class _Window:
    """The part of the file that is looked at; it moves on as items are taken."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False
        self._number = 0

    def peek(self) -> str:
        """Return the next character that is no space; nothing at the end of the file."""
        while True:
            found = _NEXT.search(self._text, self._at)
            if found:
                self._at = found.start()
                return found[0]
            self._at = len(self._text)
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        found = self.peek()
        if found != sign:
            if not found:
                raise self.wrong(_("the file ends before the array does"))
            words = _("{sign} was expected where there is {found}")
            raise self.wrong(words.format(sign=sign, found=found))
        self._at += 1

    def item(self) -> str:
        self._number += 1
        self.peek()
        while True:
            try:
                _value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self.wrong(_("it is nested too deeply")) from error
            except ValueError as error:
                # It may be cut off at the window's end only.
                if len(self._text) - self._at > MAX_ITEM:
                    raise self.wrong(
                        _("it is longer than {most} characters, or broken ({error})").format(
                            most=MAX_ITEM, error=error
                        )
                    ) from error
                if not self._more():
                    raise self.wrong(str(error)) from error
                continue
            # What ends with the window may go on after it: 12 may be 123.
            if end < len(self._text) or not self._more():
                text, self._at = self._text[self._at : end], end
                return text

    def wrong(self, what: str) -> IntakeError:
        return IntakeError(
            _("{name} is not a JSON array that can be read: item {number}: {what}.").format(
                name=self._name, number=self._number, what=what
            )
        )

    def _more(self) -> bool:
        if self._ended:
            return False
        chunk = self._file.read(_CHUNK)
        self._ended = not chunk
        try:
            text = self._decode(chunk, self._ended)
        except UnicodeDecodeError as error:
            raise self.wrong(str(error)) from error
        self._text, self._at = self._text[self._at :] + text, 0
        return not self._ended
