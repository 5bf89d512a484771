"""Words without their markup."""

import re
from html.parser import HTMLParser
from typing import Final

from percorso.vocabulary.interaction import MAX_TEXT

#: Characters of markup that are read: more is no message to anybody, and takes long.
_LONGEST_MARKUP: Final = 400_000
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt"),
        *("figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"),
        *("main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_APART: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"})
_UNSEEN: Final = frozenset({"head", "noscript", "script", "style", "template", "title"})
_EMPTY: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    }
)
#: Controls, marks that turn the reading direction round, halves of characters.
_INVISIBLE: Final = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff]"
)
#: How mail programs mark what is quoted from the message before.
_QUOTES: Final = re.compile(
    r"gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|zmail_extra"
    r"|divRplyFwdMsg|appendonsend|OutlookMessageHeader|mail-editor-reference-message"
)
_SIGNATURES: Final = re.compile(r"gmail_signature|moz-signature|protonmail_signature|\bSignature\b")
#: Beyond these, all that follows is the message before.
_TO_THE_END: Final = re.compile(r"divRplyFwdMsg|appendonsend|OutlookMessageHeader")


def text_of(markup: str, *, without_quotes: bool = False) -> str:
    """Return the words of HTML, a line for each block; at most ``MAX_TEXT`` characters.

    ``without_quotes`` leaves out what a mail program marked as quoted, and signatures.
    """
    reader = _Reader(without_quotes=without_quotes)
    reader.feed(markup[:_LONGEST_MARKUP])
    reader.close()
    return tidied("".join(reader.parts))


def tidied(text: str) -> str:
    """Return text without trailing spaces, unseen characters and repeated empty lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = _INVISIBLE.sub("", text)
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()[:MAX_TEXT]


class _Reader(HTMLParser):
    """Gathers words. Within something that is left out it only waits for its end."""

    def __init__(self, *, without_quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._without_quotes = without_quotes
        self._left_out = ""
        self._depth = 0
        self._ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._left_out:
            self._depth += tag == self._left_out
            return
        if self._ended:
            return
        if tag not in _EMPTY and self._is_left_out(tag, attrs):
            self._left_out, self._depth = tag, 1
            return
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            self._depth -= tag == self._left_out
            if self._depth == 0:
                self._left_out = ""
            return
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._left_out and not self._ended:
            self.parts.append(re.sub(r"\s+", " ", data))

    def _is_left_out(self, tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        if tag in _UNSEEN:
            return True
        if not self._without_quotes:
            return False
        named = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        if _TO_THE_END.search(named):
            self._ended = True
        quoted = tag == "blockquote" and ("type", "cite") in attrs
        return bool(quoted or _QUOTES.search(named) or _SIGNATURES.search(named))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _APART else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
