"""Words without their markup."""

import re
from html import unescape
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
#: What holds no markup until its own end.
_RAW: Final = frozenset({"script", "style", "textarea", "title"})
_LONGEST_TAG: Final = 4000
#: Tags without an end; who writes more of them writes to be slow to read.
_MOST_BROKEN: Final = 50
_MARKUP: Final = re.compile(r"<(?=[a-zA-Z/!?])")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/<>]{0,60}+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE: Final = re.compile(
    r"([^\s=\"'/<>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?"
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
    reader.read(markup[:_LONGEST_MARKUP])
    return tidied("".join(reader.parts))


def tidied(text: str) -> str:
    """Return text without trailing spaces, unseen characters and repeated empty lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = _INVISIBLE.sub("", text)
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()[:MAX_TEXT]


class _Reader:
    """Gathers words. Within something that is left out it only waits for its end.

    It goes over the markup once, whatever it holds: the parser of the standard library begins anew
    at each tag that has no end, and takes minutes over a page of them.
    """

    def __init__(self, *, without_quotes: bool) -> None:
        self.parts: list[str] = []
        self._without_quotes = without_quotes
        self._left_out = ""
        self._depth = 0
        self._ended = False

    def read(self, markup: str) -> None:
        """Take the words of the markup, until its end or where it cannot be read any more."""
        at, broken = 0, 0
        while not self._ended and broken <= _MOST_BROKEN:
            found = _MARKUP.search(markup, at)
            if found is None:
                self._words(markup[at:])
                return
            begin = found.start()
            self._words(markup[at:begin])
            if markup.startswith(("<!", "<?"), begin):
                end = "-->" if markup.startswith("<!--", begin) else ">"
                at = _behind(markup, end, begin + 2)
                continue
            tag = _TAG.match(markup, begin, begin + _LONGEST_TAG)
            if tag is None:
                broken += 1
                self._words("<")
                at = begin + 1
                continue
            name = tag[2].lower()
            at = tag.end()
            if tag[1]:
                self._end(name)
            elif name in _RAW:
                # Its own end is read as that of any other; without one, all that follows is in it.
                self._start(name, tag[3])
                end_of = re.compile(f"</{name}", re.IGNORECASE).search(markup, at)
                inside = markup[at : end_of.start() if end_of else len(markup)]
                self._words(inside)
                at += len(inside)
            else:
                self._start(name, tag[3])

    def _start(self, tag: str, attributes: str) -> None:
        if self._left_out:
            self._depth += tag == self._left_out
            return
        if tag not in _EMPTY and self._is_left_out(tag, attributes):
            self._left_out, self._depth = tag, 1
            return
        self._break(tag)

    def _end(self, tag: str) -> None:
        if self._left_out:
            self._depth -= tag == self._left_out
            if self._depth == 0:
                self._left_out = ""
            return
        self._break(tag)

    def _words(self, words: str) -> None:
        if words and not self._left_out:
            self.parts.append(re.sub(r"\s+", " ", unescape(words)))

    def _is_left_out(self, tag: str, attributes: str) -> bool:
        if tag in _UNSEEN:
            return True
        if not self._without_quotes:
            return False
        found = {
            name.lower(): unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(attributes)
        }
        named = f"{found.get('class', '')} {found.get('id', '')}"
        if _TO_THE_END.search(named):
            self._ended = True
        quoted = tag == "blockquote" and found.get("type", "").lower() == "cite"
        return bool(quoted or _QUOTES.search(named) or _SIGNATURES.search(named))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag in _APART else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")


def _behind(markup: str, mark: str, at: int) -> int:
    found = markup.find(mark, at)
    return len(markup) if found < 0 else found + len(mark)
