"""The writer's own words: without what is quoted, the signature and the small print."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from percorso.connectors.plain import tidied

#: Lines that are looked at; nobody writes more to a shop.
_MOST_LINES: Final = 5000
_LONGEST_LINE: Final = 1000
#: Expressions see lines with their white space drawn together (``_seen``), so that none begins by
#: trying how much of it there is: whoever writes a letter must not decide how long it is read.
#: "On 3 March 2026, Ada wrote:" in the languages that shops here get mail in; on up to 3 lines.
_SAID: Final = re.compile(r"(on|il|in data|am|le|el|em)\b", re.IGNORECASE)
_WROTE: Final = re.compile(
    r"\b(wrote|ha scritto|scrive|schrieb|a écrit|escribió|escreveu)( .{0,120})? ?:$", re.IGNORECASE
)
_LONGEST_SAID: Final = 440
_LONGEST_WROTE: Final = 135
_SAID_BY: Final = re.compile(r".{2,200}\b(ha scritto|wrote|schrieb) ?:$", re.IGNORECASE)
_RULED: Final = re.compile(
    r"[-_=*]{3,}+ ?(original message|messaggio originale|messaggio inoltrato|forwarded message"
    r"|ursprüngliche nachricht|message d'origine|mensaje original|original appointment)?"
    r" ?[-_=*]*+$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\*?(from|da|von|de|mittente)\s?\*?\s?:\*? ?\S", re.IGNORECASE)
_BELOW_FROM: Final = re.compile(
    r"\*?(sent|date|inviato|data|gesendet|datum|envoyé|enviado|to|a|an|à|para|subject|oggetto|betreff"
    r"|objet|asunto|cc)\s?\*?\s?:",
    re.IGNORECASE,
)
_SENT_FROM: Final = re.compile(
    r"(sent (from|via|with)|inviato (da|dal|dalla|con)|get outlook for|scarica outlook per"
    r"|ottieni outlook per|gesendet (von|mit)|envoyé (de|depuis)|enviado (desde|do)"
    r"|da yahoo mail|yahoo mail)\b.{0,80}$",
    re.IGNORECASE,
)
_SMALL_PRINT: Final = re.compile(
    r"\W*+(avviso di riservatezza|nota di riservatezza|confidentiality notice|disclaimer\b"
    r"|(le informazioni|il contenuto) (contenut[eo]|di)\b.{0,60}(messaggio|e-?mail)"
    r"|(questo messaggio|questa e-?mail|la presente (e-?mail|comunicazione)|il presente messaggio)"
    r"\b.{0,80}(riservat|confidenzial|destinatari)"
    r"|this (e-?mail|message|communication)\b.{0,80}(confidential|intended|privileged)"
    r"|ai sensi del (d\.?\s?lgs|regolamento|gdpr)"
    r"|(please consider the environment|rispetta l'ambiente|prima di stampare|pensa all'ambiente))",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"((molti |tanti )?(cordiali|distinti|cari|migliori|un cordiale) salut[io]|cordialmente"
    r"|(grazie e |in attesa.{0,60}, )?(cordiali |distinti )?saluti|un saluto"
    r"|buona (giornata|serata)|(kind|best|warm|many thanks and)( \w+)? regards|regards"
    r"|best wishes|yours (sincerely|faithfully|truly)"
    r"|sincerely|cheers|best) ?[,.!]*$",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 80
_LONGEST_SIGNATURE: Final = 12


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it was written, and as it is judged."""

    text: str
    seen: str

    @property
    def quoted(self) -> bool:
        return self.seen.startswith(">")


def own_words(text: str) -> str:
    """Return what the writer of a message wrote in it; the empty text where that is nothing."""
    lines = [_line(line[:_LONGEST_LINE]) for line in text.split("\n")[:_MOST_LINES]]
    kept = _without_ending(_without_quotes(lines))
    return tidied("\n".join(line.text for line in kept))


def _line(text: str) -> _Line:
    return _Line(text, " ".join(text.split()))


def _without_quotes(lines: Sequence[_Line]) -> list[_Line]:
    """Leave out quoted lines; what stands below them stays, for some answer below each question."""
    kept: list[_Line] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        said = _attribution(lines, number)
        if said:
            following = number + said
            while following < len(lines) and not lines[following].seen:
                following += 1
            if following >= len(lines) or not lines[following].quoted:
                break  # without marks, all that follows is the message before
            number = following
            continue
        if _begins_message(lines, number):
            break
        if not line.quoted:
            kept.append(line)
        number += 1
    return kept


def _attribution(lines: Sequence[_Line], number: int) -> int:
    """Return on how many lines somebody is said to have written what follows; 0 where nobody is."""
    first = lines[number].seen
    if not first:
        return 0
    for length in (1, 2, 3):
        parts = (line.seen.strip(" >") for line in lines[number : number + length])
        joined = " ".join(parts).strip()
        # The verb and the colon are looked for at the end, where they must be.
        begins = len(joined) <= _LONGEST_SAID and joined.endswith(":") and _SAID.match(joined)
        if begins and _WROTE.search(joined, max(0, len(joined) - _LONGEST_WROTE)):
            return length
    at_address = "@" in first or re.search(r"\d{1,2}[:.]\d{2}", first) is not None
    return 1 if at_address and _SAID_BY.match(first) else 0


def _begins_message(lines: Sequence[_Line], number: int) -> bool:
    """Say whether the message before begins here, as a copy with its headers."""
    line = lines[number].seen
    following = [each.seen for each in lines[number + 1 : number + 8] if each.seen][:5]
    ruled = _RULED.match(line)
    if ruled and ruled[1]:
        return True
    if ruled and following and _FROM.match(following[0]):
        return True
    return bool(_FROM.match(line)) and sum(bool(_BELOW_FROM.match(each)) for each in following) >= 2


def _without_ending(lines: Sequence[_Line]) -> Sequence[_Line]:
    for number, line in enumerate(lines):
        # RFC 3676, 4.3: two hyphens and a space; many programs drop the space.
        if line.text.rstrip() == "--" or _SMALL_PRINT.match(line.seen):
            return lines[:number]
        ends = _CLOSING.match(line.seen) or _SENT_FROM.match(line.seen)
        if ends and _is_signature(islice(lines, number + 1, None)):
            return lines[:number]
    return lines


def _is_signature(following: Iterable[_Line]) -> bool:
    """Say whether there are but a few short lines, until the small print or the end."""
    signature: list[str] = []
    for line in following:
        if _SMALL_PRINT.match(line.seen):
            break
        if line.seen:
            signature.append(line.seen)
        if len(signature) > _LONGEST_SIGNATURE:
            return False
    return all(len(each) <= _LONGEST_NAME and not each.endswith("?") for each in signature)
