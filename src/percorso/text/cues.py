"""What a sentence vector says little of: marks, capitals, emoji, and a few telling words."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from percorso.text.outputs import Floats

#: Beyond this a text's marks are not counted.
_LOOKED_AT: Final = 4_000

_PATTERNS: Final[dict[str, str]] = {
    "exclamation": r"!",
    "question": r"\?",
    "ellipsis": r"\.\.\.|…",
    "quotes": r"[\"“”«»]|(?<!\w)'[^']{1,30}'(?!\w)",
    "digits": r"\d",
    "stars": r"[★⭐]|\b[1-5] ?/ ?5\b",
    "address": r"https?://|www\.|#\w",
    "handle": r"@\w",
    "glad": (
        r"[😀😃😄😁😆😊🙂😍🥰😘😋😎🤩🥳☺♥❤💛💚💙💜🧡🖤🤍👍👏🙌💪🎉✨🔥👌💯🌟]|"
        r"[:;=][-']?[)D\]]|<3"
    ),
    "sad": r"[😞😔😟😕🙁☹😣😖😫😩😢😭😤😠😡🤬👎💔🤮🤢😒🙄😑😬🤦🤷]|[:=][-']?[(\[]",
    "laughing": r"[😂🤣😅😹]|\b(?:ah(?:ah)+|ha(?:ha)+|lol)\b",
    "negation": (
        r"\b(?:non|n[eé]|mai|nessun\w*|niente|nulla|senza|"
        r"no|not|\w+n['’]t|never|nothing|nobody|without)\b"
    ),
    "but": (
        r"\b(?:ma|però|pero'|peccato|purtroppo|"
        r"but|however|although|though|unfortunately|shame)\b"
    ),
    "thanks": r"\b(?:grazi\w*|ringrazi\w*|thank\w*|thx|cheers|grateful)\b",
    "wish": (
        r"\b(?:vorr\w+|volevo|sarebbe|sarebbero|magari|potreste|dovreste|servirebbe|manca\w*|"
        r"mettete|aggiung\w+|peccato|ho dovuto|abbiamo dovuto|possibile|suggeri\w+|"
        r"wish|would (?:like|love|be)|could you|can you|had to|if only|please add|should|hope|"
        r"need|missing|suggest\w*)\b"
    ),
    "soon": (
        r"\b(?:subito|urgent\w*|entro|oggi|stasera|domani|immediat\w+|avvocat\w+|legal\w*|"
        r"denunci\w*|quanto prima|al più presto|fatemi sapere|asap|today|tonight|tomorrow|now|"
        r"right away|immediately|lawyer|solicitor|ombudsman|deadline|chargeback|pericol\w*|"
        r"danger\w*|gas|smoke|fumo|scald\w*|burn\w*)\b"
    ),
    "again": (
        r"\b(?:ancora|di nuovo|sempre|ennesim\w+|terza|terzo|quarta|"
        r"again|still|third|fourth|twice|keeps?)\b"
    ),
    "very": r"\b(?:molto|tantissim\w*|davvero|\w+issim[oaie]|very|so|really|absolutely|super)\b",
}  # fmt: skip
_COMPILED: Final = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS.values())
_CAPITALS: Final = re.compile(r"\b[A-ZÀ-Ý]{3,}\b")
COUNT: Final = len(_PATTERNS) + 3


def cues(texts: Sequence[str]) -> Floats:
    """Return shape (texts, COUNT): logarithms of one and the times each cue is seen.

    The last three are words in capitals, words, and whether there is a letter at all.
    """
    rows = np.zeros((len(texts), COUNT), np.float32)
    for row, text in zip(rows, texts, strict=True):
        beginning = text[:_LOOKED_AT]
        row[:-3] = [len(pattern.findall(beginning)) for pattern in _COMPILED]
        row[-3] = len(_CAPITALS.findall(beginning))
        row[-2] = beginning.count(" ") + 1
        row[-1] = any(map(str.isalpha, beginning))
    logged: Floats = np.log1p(rows)
    return logged
