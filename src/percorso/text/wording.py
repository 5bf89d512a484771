"""The summary in a language model's words, where one was chosen; off otherwise.

``PERCORSO_WORDS_URL`` names a server that speaks the OpenAI chat protocol, with
``PERCORSO_WORDS_MODEL`` and ``PERCORSO_WORDS_KEY``. It gets Percorso's own sentences, which hold
figures and names of factors and topics; nothing else leaves the machine. What comes back is taken
for text of an unknown hand: each sentence is kept only where it has the words of ours, and besides
them none but articles, prepositions, forms of "to be" and such; where its numbers are ours, each
with the same noun and those of a noun in the same order; and where it praises, blames, betters,
worsens, asks and denies what ours does. If any sentence does not, or nothing comes, Percorso's own
words stay.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from percorso import labels
from percorso.i18n import current_language
from percorso.text import server
from percorso.text.results import Clause, Summary, Voice
from percorso.vocabulary import Phrase

_SECONDS: Final = 20.0
_LONGEST_ANSWER: Final = 100_000
_LONGEST_SENTENCE: Final = 400
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
#: Links, code, addresses and what steers a terminal have no place there.
_FOREIGN: Final = re.compile(
    r"https?:|www\.|[<>{}\[\]`@#*_|\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_NUMBER_OR_WORD: Final = re.compile(rf"({_NUMBER.pattern})\s?(%)?|({_WORD.pattern})")
#: What a sentence may add to the words of ours: nothing that says more than they do.
_JOINING: Final = {
    "en": """
    a an and are as at be been by for from in is it its of on or sound sounds than that the
    their them these they this those to was were which who with
    """,
    "it": """
    a ad agli ai al alla alle allo che chi con da dagli dai dal dalla dalle dallo degli dei
    del dell della delle dello di e ed era erano gli i il in l la le li lo nei negli nel nell
    nella nelle nello o per questa queste questi questo rispetto si sono su sugli sui sul
    sulla sulle un una uno è
    """,
}
_SHARE: Final = re.compile(r"(\d+(?:[.,]\d+)*)\s?%")
_WAYS: Final = {
    "praise": re.compile(
        r"\b(?:prais|positiv|strength|like[sd]?\b|lov(?:e|ed|es)\b|lod(?:a|e|i)|elogi|apprezz)",
        re.IGNORECASE,
    ),
    "blame": re.compile(
        r"\b(?:blam|negativ|critic|complain|weak|dislike|biasim|lament|debol)", re.IGNORECASE
    ),
    "better": re.compile(r"\b(?:better|improv|r[oi]se|migli|sal(?:e|it))", re.IGNORECASE),
    "worse": re.compile(
        r"\b(?:worse|declin|f[ae]ll|drop|peggi|scend|sces|cal(?:a|at))", re.IGNORECASE
    ),
    "ask": re.compile(r"\b(?:ask|request|wish|want|chied|chies|richie|desider)", re.IGNORECASE),
    "not": re.compile(r"\b(?:not|no|never|without|non|nessun\w*|mai|senza)\b|n't\b", re.IGNORECASE),
}
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_ORDERS: Final = (
    "You reword a summary of customer feedback for a manager. Reply in {language} with JSON: "
    '{{"sentences": ["..."]}}, one for each statement, in the same order, short and calm. Use only '
    "the numbers of the statement, in digits and in their order, and only its words; you may add "
    "articles, prepositions and forms of to be. Add no fact, advice, name or link."
)


@dataclass(frozen=True, slots=True)
class Writer:
    """A language model behind an address."""

    url: str
    model: str
    key: str = field(default="", repr=False)

    def ask(self, orders: str, given: str) -> str:
        """Return what the model answers. Raises OSError or ValueError where it does not."""
        body = {
            "model": self.model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": orders},
                {"role": "user", "content": given},
            ],
        }
        address = self.url.rstrip("/") + "/chat/completions"
        found = server.ask(address, body, key=self.key, seconds=_SECONDS, longest=_LONGEST_ANSWER)
        try:
            return str(found["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError("the answer has no message") from error


def choose(environment: Mapping[str, str] = os.environ) -> Writer | None:
    """Return the language model that the environment asks for; None where it asks for none."""
    url = environment.get("PERCORSO_WORDS_URL", "")
    model = environment.get("PERCORSO_WORDS_MODEL", "")
    if not url.startswith(("https://", "http://")) or not model:
        return None
    return Writer(url, model, environment.get("PERCORSO_WORDS_KEY", ""))


def worded(voice: Voice) -> Summary:
    """Return the summary in the chosen model's words, in the current language, or in ours."""
    writer = choose()
    if writer is None:
        return voice.summary
    return reworded(voice.summary, writer)


def reworded(summary: Summary, writer: Writer) -> Summary:
    """Return the summary in the model's words, in the current language, or as it is.

    Each sentence keeps the evidence of the one it rewords.
    """
    if not summary.written:
        return summary
    ours = [labels.phrase(each.words) for each in summary.written]
    language = {"it": "Italian", "en": "English"}.get(current_language(), "English")
    given = {"statements": ours}
    try:
        answer = writer.ask(
            _ORDERS.format(language=language), json.dumps(given, ensure_ascii=False)
        )
        sentences = json.loads(answer)["sentences"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return summary
    if not isinstance(sentences, list) or len(sentences) != len(ours):
        return summary
    if not all(_holds(said, own) for said, own in zip(sentences, ours, strict=True)):
        return summary
    written = tuple(
        Clause(Phrase(said), own.evidence)
        for said, own in zip(sentences, summary.written, strict=True)
    )
    return replace(summary, written=written, written_by=writer.model)


def _holds(said: object, own: str) -> bool:
    """Say whether a sentence says what ours does, in its words and with its figures."""
    if not isinstance(said, str) or not 0 < len(said.strip()) <= _LONGEST_SENTENCE:
        return False
    if _FOREIGN.search(said) or len(_SENTENCE.split(said.strip())) > 1:
        return False
    if _figures(said) != _figures(own) or _told(said) != _told(own):
        return False
    known = {each.lower() for each in _WORD.findall(own)} | _joining()
    return all(
        each.lower() in known or any(stems.match(each) for stems in _WAYS.values())
        for each in _WORD.findall(said)
    )


def _figures(sentence: str) -> dict[str, list[str]]:
    """Return the numbers of a sentence in their order, by what each is a number of.

    That is "%", or the first word after it that is no joining one; nothing where another number
    comes before such a word, as in "60 to 79%".
    """
    found: dict[str, list[str]] = {}
    waiting: str | None = None
    for number, percent, word in _NUMBER_OR_WORD.findall(sentence):
        if number:
            if waiting is not None:
                found.setdefault("", []).append(waiting)
            waiting = None if percent else number
            if percent:
                found.setdefault("%", []).append(number)
        elif waiting is not None and word.lower() not in _joining():
            found.setdefault(word.lower(), []).append(waiting)
            waiting = None
    if waiting is not None:
        found.setdefault("", []).append(waiting)
    return found


def _joining() -> frozenset[str]:
    return frozenset(_JOINING.get(current_language(), _JOINING["en"]).split())


def _told(sentence: str) -> tuple[frozenset[str], Mapping[str, str]]:
    """Return which ways a sentence tells of, and which of them stands nearest to each percentage.

    So that no praise is told as blame, nor the share of the one as that of the other.
    """
    ways = [
        (way, found.start()) for way, stems in _WAYS.items() for found in stems.finditer(sentence)
    ]
    shares = {
        share.group(1): min(ways, key=lambda way: abs(way[1] - share.end()))[0]
        for share in _SHARE.finditer(sentence)
        if ways
    }
    return frozenset(way for way, _at in ways), shares
