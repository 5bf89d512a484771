"""The writer's own words: without what is quoted, the signature and the small print."""

import re
from collections.abc import Sequence
from typing import Final

from percorso.connectors.plain import tidied

#: Lines that are looked at; nobody writes more to a shop.
_MOST_LINES: Final = 5000
_LONGEST_LINE: Final = 1000
#: "On 3 March 2026, Ada wrote:" in the languages that shops here get mail in; on up to 3 lines.
_SAID: Final = re.compile(
    r"\s*>?\s*(on|il|in data|am|le|el|em)\b.{4,300}"
    r"\b(wrote|ha scritto|scrive|schrieb|a écrit|escribió|escreveu)"
    r"(\s+.{0,120})?\s*:\s*$",
    re.IGNORECASE,
)
_SAID_BY: Final = re.compile(r".{2,200}\b(ha scritto|wrote|schrieb)\s*:\s*$", re.IGNORECASE)
_RULED: Final = re.compile(
    r"\s*[-_=*]{3,}\s*(original message|messaggio originale|messaggio inoltrato|forwarded message"
    r"|ursprüngliche nachricht|message d'origine|mensaje original|original appointment)?"
    r"\s*[-_=*]*\s*$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\s*\*?(from|da|von|de|mittente)\s?\*?\s?:\*?\s*\S", re.IGNORECASE)
_BELOW_FROM: Final = re.compile(
    r"\s*\*?(sent|date|inviato|data|gesendet|datum|envoyé|enviado|to|a|an|à|para|subject|oggetto|betreff"
    r"|objet|asunto|cc)\s?\*?\s?:",
    re.IGNORECASE,
)
_SENT_FROM: Final = re.compile(
    r"\s*(sent (from|via|with)|inviato (da|dal|dalla|con)|get outlook for|scarica outlook per"
    r"|ottieni outlook per|gesendet (von|mit)|envoyé (de|depuis)|enviado (desde|do)"
    r"|da yahoo mail|yahoo mail)\b.{0,80}$",
    re.IGNORECASE,
)
_SMALL_PRINT: Final = re.compile(
    r"\s*\W*(avviso di riservatezza|nota di riservatezza|confidentiality notice|disclaimer\b"
    r"|(le informazioni|il contenuto) (contenut[eo]|di)\b.{0,60}(messaggio|e-?mail)"
    r"|(questo messaggio|questa e-?mail|la presente (e-?mail|comunicazione)|il presente messaggio)"
    r"\b.{0,80}(riservat|confidenzial|destinatari)"
    r"|this (e-?mail|message|communication)\b.{0,80}(confidential|intended|privileged)"
    r"|ai sensi del (d\.?\s?lgs|regolamento|gdpr)"
    r"|(please consider the environment|rispetta l'ambiente|prima di stampare|pensa all'ambiente))",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"\s*((molti |tanti )?(cordiali|distinti|cari|migliori|un cordiale) salut[io]|cordialmente"
    r"|(grazie e |in attesa.{0,60}, )?(cordiali |distinti )?saluti|un saluto"
    r"|buona (giornata|serata)|(kind|best|warm|many thanks and)( \w+)? regards|regards"
    r"|best wishes|yours (sincerely|faithfully|truly)"
    r"|sincerely|cheers|best)\s*[,.!]*\s*$",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 80
_LONGEST_SIGNATURE: Final = 12


def own_words(text: str) -> str:
    """Return what the writer of a message wrote in it; the empty text where that is nothing."""
    lines = [line[:_LONGEST_LINE] for line in text.split("\n")[:_MOST_LINES]]
    lines = _without_quotes(lines)
    return tidied("\n".join(_without_ending(lines)))


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """Leave out quoted lines; what stands below them stays, for some answer below each question."""
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        said = _attribution(lines, number)
        if said:
            following = number + said
            while following < len(lines) and not lines[following].strip():
                following += 1
            if following >= len(lines) or not lines[following].lstrip().startswith(">"):
                break  # without marks, all that follows is the message before
            number = following
            continue
        if _begins_message(lines, number):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
        number += 1
    return kept


def _attribution(lines: Sequence[str], number: int) -> int:
    """Return on how many lines somebody is said to have written what follows; 0 where nobody is."""
    first = lines[number]
    if not first.strip():
        return 0
    for length in (1, 2, 3):
        joined = " ".join(part.strip(" >") for part in lines[number : number + length])
        if _SAID.match(joined):
            return length
    at_address = "@" in first or re.search(r"\d{1,2}[:.]\d{2}", first) is not None
    return 1 if at_address and _SAID_BY.match(first) else 0


def _begins_message(lines: Sequence[str], number: int) -> bool:
    """Say whether the message before begins here, as a copy with its headers."""
    line = lines[number]
    following = [each for each in lines[number + 1 : number + 8] if each.strip()][:5]
    ruled = _RULED.match(line)
    if ruled and ruled[1]:
        return True
    if ruled and following and _FROM.match(following[0]):
        return True
    return bool(_FROM.match(line)) and sum(bool(_BELOW_FROM.match(each)) for each in following) >= 2


def _without_ending(lines: Sequence[str]) -> list[str]:
    for number, line in enumerate(lines):
        # RFC 3676, 4.3: two hyphens and a space; many programs drop the space.
        if line.rstrip() == "--" or _SMALL_PRINT.match(line):
            return list(lines[:number])
        ends = _CLOSING.match(line) or _SENT_FROM.match(line)
        if ends and _is_signature(lines[number + 1 :]):
            return list(lines[:number])
    return list(lines)


def _is_signature(following: Sequence[str]) -> bool:
    """Say whether there are but a few short lines, until the small print or the end."""
    signature: list[str] = []
    for line in following:
        if _SMALL_PRINT.match(line):
            break
        if line.strip():
            signature.append(line)
        if len(signature) > _LONGEST_SIGNATURE:
            return False
    return all(len(each) <= _LONGEST_NAME and not each.rstrip().endswith("?") for each in signature)
