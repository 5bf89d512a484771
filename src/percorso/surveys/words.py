"""Words that people sent, without what nobody can see."""

import unicodedata


def clean(text: str, *, lines: bool = False) -> str:
    """Return a text without what cannot be seen or kept: controls, halves of characters.

    In one line, or, where ``lines``, with its line ends as they are in Unix. Marks that join emoji
    and letters stay; those that turn the reading direction of what follows go.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in text if each in "\n\t" or _visible(each))
    kept = unicodedata.normalize("NFC", kept)
    return kept.strip() if lines else " ".join(kept.split())


def _visible(character: str) -> bool:
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return not turns and unicodedata.category(character) not in ("Cc", "Cs")
