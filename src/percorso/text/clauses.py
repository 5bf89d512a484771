"""A text cut into clauses: parts that each say one thing, so that praise and blame come apart.

Rules over marks and words, in one pass. How well they cut beside people's cuts is in
``docs/reference/text-quality.md``.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

#: More clauses than these are not told apart: the last one holds the rest.
MOST_CLAUSES: Final = 64

#: Emoji, some of which count as letters or digits.
_EMOJI: Final = "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
#: What ends a sentence, an emoji before words too, and commas. Each begins with a character that
#: was found already: see :func:`_pattern`.
_MARKS: Final = (
    r"(?P<mark>(?<=\s)[/|–—-]++(?=\s)"
    r"|(?<=[.!?…])(?<![.!?…].)[.!?…]*+[\"'”»)\]]{0,4}(?=\s)"
    r"|(?<=[;\n\r\u2028])[;\n\r\u2028]*+"
    rf"|(?<=[{_EMOJI}])\s?(?=\w))"
    r"|(?P<comma>(?<=,)(?=\s|$))"
)
#: Words that turn a sentence round, wherever they stand.
_TURNS: Final = {
    "it": "ma|però|pero'|peccato|purtroppo|mentre|tuttavia|eppure|anche se|solo che|in compenso",
    "en": "but|however|although|though|tho|while|whilst|whereas|yet|unfortunately|sadly|shame|"
    "pity|even though|even if|on the other hand",
    "fr": "mais|cependant|pourtant|par contre|malheureusement|dommage|même si|tandis que",
    "pt": "mas|porém|porem|contudo|infelizmente|só que|apesar de|embora|enquanto",
    "es": "pero|aunque|sin embargo|lástima|mientras|en cambio|desgraciadamente",
    "de": "aber|jedoch|leider|obwohl|während|trotzdem|allerdings|schade",
}
#: Turns that may stand inside their clause ("il conto però è salato"): they cut only after a mark.
_INSIDE: Final = frozenset(
    {
        *("però", "pero'", "purtroppo", "tuttavia"),
        *("however", "though", "tho", "yet", "unfortunately", "sadly", "shame", "pity"),
        *("cependant", "pourtant", "malheureusement"),
        *("porém", "porem", "contudo", "infelizmente"),
        *("jedoch", "leider", "trotzdem", "allerdings", "aber"),
    }
)
_JOINS: Final = {"it": "e|ed|poi|e poi", "en": "and|then|and then"}
#: After a join, the beginning of something new and not of another item of a list.
_NEW_AFTER_JOIN: Final = {
    "it": "il|lo|la|l'|i|gli|le|mi|ti|si|ci|vi|me|non|è|era|ho|ha|hanno|sono|nessuno|niente|mai|"
    "quando|pure|anche|adesso|ora|per|in|a|alla|al|uno|una|un",
    "en": "the|i|i'm|i've|it|it's|he|she|they|we|you|my|your|his|her|their|our|nobody|no|never|"
    "still|now|that|only|this|there|was|were|is|had|not|then|when",
}
#: After a comma, the beginning of what goes on with the same thing.
_GOES_ON: Final = {
    "it": "che|con|di|da|dal|dalla|del|come|cui|dove|quando|se|perché|perche'|quindi|quello|quella|"
    "cioè|grazie|finalmente|davvero|pazienza|senza|a|anzi|tipo|almeno|eh|ovviamente|soprattutto|"
    "per favore|ovvero|compresi|compresa|compreso|oltre",
    "en": "which|who|with|for|from|like|as|because|when|if|where|to|so|at|in|on|by|until|please|"
    "thanks|thank|too|especially|of|or|that|not|including|without|after|before|mind|granted",
}
_LOOKED_AT: Final = 160
_TWO_WORDS: Final = re.compile(r"[\w'’]+[^\w'’]+[\w'’]")
_FOUR_WORDS: Final = re.compile(r"(?:[\w'’]+[^\w'’]+){3}[\w'’]")
#: Two words before the next mark.
_TWO_NEXT: Final = re.compile(r"[^\w'’,.;:!?\n]*+[\w'’]++[^\w'’,.;:!?\n]++[\w'’]")
_SHORTENED: Final = re.compile(
    r"(?:\b(?:sigg?|sig\.ra|dott|dr|mrs?|ms|avv|ing|prof|art|es|ecc|etc|nr?|no|st|vs|tel|cell|"
    r"pag|p|e\.g|i\.e|approx)|\b\w)\.$",
    re.IGNORECASE,
)


def clauses(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Return where the clauses of a text begin and end, in characters, in order.

    At most 64. They do not overlap, and every letter and digit is in one. A text without letters
    and digits has none. Of languages other than Italian and English only marks and the words that
    turn a sentence are known; of unknown ones only marks.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for cut in _cuts(text, language):
        if len(found) == MOST_CLAUSES - 1:
            break
        clause = _trimmed(text, start, cut)
        start = cut
        if clause is not None:
            found.append(clause)
    last = _trimmed(text, start, len(text))
    return tuple([*found, last] if last is not None else found)


def _cuts(text: str, language: str) -> Iterator[int]:
    """Yield the places at which the text is cut."""
    # Small letters, each in its place: that of İ would be two.
    small = text.lower() if "İ" not in text else text.replace("İ", "i").lower()
    piece = 0  # where the last cut or comma was
    for found in _pattern(language).finditer(small):
        kind = found.lastgroup
        if kind == "comma":
            at = found.end()
            cuts = _says_something_new(small, piece, at - 1, language)
        elif kind == "mark":
            at, first = found.end(), found.start()
            cuts = small[first] != "." or not _is_shortened(small, first + 1)
        elif kind == "turn":
            at = found.start("turn")
            cuts = found["turn"] not in _INSIDE or _stands_first(small, at, found.end())
        else:
            at = found.start("join")
            cuts = _FOUR_WORDS.search(small, max(piece, at - _LOOKED_AT), at) is not None
        if cuts or kind == "comma":
            piece = at
        if cuts:
            yield at


def _stands_first(text: str, start: int, end: int) -> bool:
    """Say whether a turn follows a comma, and is not an aside between two."""
    after_comma = text[max(start - 2, 0) : start].rstrip().endswith(",")
    return after_comma and text[end : end + 1] != ","


def _says_something_new(text: str, piece: int, comma: int, language: str) -> bool:
    """Say whether what stands before and after a comma are clauses, and not items of a list."""
    if (
        _TWO_NEXT.match(text, comma + 1, comma + 1 + _LOOKED_AT) is None
        or _TWO_WORDS.search(text, max(piece, comma - _LOOKED_AT), comma) is None
    ):
        return False
    goes_on = _goes_on(language)
    return goes_on is None or goes_on.match(text, comma + 1) is None


def _is_shortened(text: str, end: int) -> bool:
    return _SHORTENED.search(text, max(end - 8, 0), end) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the clause without blanks and commas around it; None without a letter or digit."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;/|–—-"):
        end -= 1
    return (start, end) if start < end else None


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Return what cuts a text may stand at.

    It begins with one class of characters, which the search goes through fast, and what they must
    be is asked afterwards: a word begins after what is no letter.
    """
    words = []
    if language in _TURNS:
        words.append(rf"(?P<turn>(?:{_TURNS[language]})(?![\w'’]))")
    if language in _JOINS:
        after = rf"(?=\s+(?:{_NEW_AFTER_JOIN[language]})(?:(?<=')|(?![\w'’])))"
        words.append(rf"(?P<join>(?:{_JOINS[language]}){after})")
    parts = [_MARKS]
    if words:
        parts.append(rf"(?<![\w'’])(?:{'|'.join(words)})")
    return re.compile(rf"[\W{_EMOJI}](?:{'|'.join(parts)})", re.DOTALL)


@cache
def _goes_on(language: str) -> re.Pattern[str] | None:
    if language not in _GOES_ON:
        return None
    return re.compile(rf"\s*(?:{_GOES_ON[language]})(?![\w'’])")
