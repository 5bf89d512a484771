"""Names of persons in a text, where it is sure that they are persons.

A word is taken for a name by what it is (a first name and nothing else), or by what stands before
it (a title, an introduction, thanks, a closing formula). It must begin with a capital letter, or
follow such words and be a first name. A surname is taken with the first name before it.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import combining, normalize

_LISTS: Final = Path(__file__).parent / "names.toml"
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*+")
_LONGEST_NAME: Final = 30
#: The ends of "sig.ra", "dott.ssa" and "prof.ssa".
_ABBREVIATED: Final = frozenset({"ra", "ssa"})
_ENDS_A_SENTENCE: Final = re.compile(r"[!?;:()\n]")
#: After a whole name, where nothing but words follows it.
_AFTER_A_NAME: Final = frozenset(
    ("e", "ed", "and", "ho", "sono", "abito", "vivo", "i", "i'm", "from", "di")
)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The word lists of ``names.toml``, which says what each is for, in small letters."""

    names: frozenset[str]
    also_words: frozenset[str]
    also_proper: frozenset[str]
    listed: frozenset[str]
    titles: frozenset[str]
    short_titles: frozenset[str]
    introductions: frozenset[tuple[str, ...]]
    roles: frozenset[str]
    closings: frozenset[str]
    thanks: frozenset[str]
    between: frozenset[str]
    beside: frozenset[str]
    places: frozenset[str]
    places_after: frozenset[str]
    not_surnames: frozenset[str]
    particles: frozenset[str]


class _Word(NamedTuple):
    text: str
    low: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand in the text, in order, without overlaps."""
    sentence = _Words(text, _lists())
    at = 0
    while at < len(sentence.words):
        taken = sentence.taken(at)
        if taken:
            yield sentence.words[at].start, sentence.name_end(at + taken - 1)
        at += max(taken, 1)


class _Words:
    """The words of a text, and what may be asked of the one at a place among them."""

    def __init__(self, text: str, lists: _Lists) -> None:
        self.text = text
        self.lists = lists
        self.words = [
            _Word(found[0], found[0].lower().replace("’", "'"), *found.span())
            for found in _WORD.finditer(text)
        ]

    def taken(self, at: int) -> int:
        """Return how many words from ``at`` on are a person's name: 0 where it is none."""
        word, lists = self.words[at], self.lists
        low = word.low if word.low in lists.listed else _plain(word.low.removesuffix("'s"))
        listed = low in lists.listed
        if not (word.capital or listed) or len(word.text) > _LONGEST_NAME:
            return 0
        if low in lists.not_surnames or self._is_title(low) or self._is_place(at):
            return 0
        before = self._before(at)
        introduced = bool(before) and self._is_introduced(before)
        if introduced or (before and listed and self._is_thanked(before)):
            # In capitals all words have one: only a first name and nothing else is sure.
            shouted = word.text.isupper() and len(word.text) > 1
            person = low in lists.names or (word.capital and not (listed and shouted))
        else:
            person = word.capital and self._is_person(at, low, before, listed=listed)
        if not person:
            return 0
        surnames = self._surnames(at, introduced=introduced)
        if not surnames and self._presents(before):
            surnames = self._surname_in_one_case(at)
        return 1 + surnames

    def name_end(self, at: int) -> int:
        """Return where the name ends whose last word is at ``at``."""
        word = self.words[at]
        return word.end - 2 if word.low.endswith("'s") else word.end

    def _is_person(self, at: int, low: str, before: tuple[str, ...], *, listed: bool) -> bool:
        lists = self.lists
        if low in lists.names or (listed and before and before[-1] in lists.roles):
            return True
        if low in lists.also_words and before and before[-1] in lists.beside:
            # "Marina di Ravenna" is a place.
            return not (at + 1 < len(self.words) and self.words[at + 1].low in ("di", "of"))
        return self._is_between_commas(at) or self._is_signature(at)

    def _is_title(self, low: str) -> bool:
        return low in self.lists.titles or low in self.lists.short_titles

    def _is_introduced(self, before: tuple[str, ...]) -> bool:
        # "l'avvocato" is one word here.
        return self._is_title(before[-1].rpartition("'")[2]) or self._presents(before)

    def _presents(self, before: tuple[str, ...]) -> bool:
        return any(before[-length:] in self.lists.introductions for length in (2, 3))

    def _is_thanked(self, before: tuple[str, ...]) -> bool:
        """Say whether thanks, or "I am", stand before, with at most two words between."""
        place = len(before)
        while place and before[place - 1] in self.lists.between and len(before) - place < 2:
            place -= 1
        return place > 0 and (
            before[place - 1] in self.lists.thanks or before[:place][-2:] == ("this", "is")
        )

    def _is_between_commas(self, at: int) -> bool:
        """Say whether the word tells who somebody is: "the nurse, Maeve, held my hand"."""
        if not at or self.words[at - 1].low not in self.lists.roles:
            return False
        word = self.words[at]
        after = self.text[word.end : word.end + 1]
        return self._gap(at) == ", " and after in (",", ".", ";", "!", "")

    def _is_signature(self, at: int) -> bool:
        """Say whether the word signs: a closing formula, a comma or line, a name, the end."""
        if not at or self.words[at - 1].low not in self.lists.closings:
            return False
        return (
            len(self.words) - at <= 3 and re.fullmatch(r"[\s,.;!-]{1,6}", self._gap(at)) is not None
        )

    def _is_place(self, at: int) -> bool:
        words, places = self.words, self.lists.places
        if at + 1 < len(words):
            after = words[at + 1]
            if after.capital and after.low in self.lists.places_after:
                return True
        if words[at].low.startswith("sant'"):
            return True
        if not at or "\n" in self._gap(at):
            return False
        if words[at - 1].low in places:
            return True
        # "trattoria da Gino", "via Giuseppe Verdi"
        linked = words[at - 1].capital or words[at - 1].low in ("da", "di", "del", "dei")
        return linked and at > 1 and words[at - 2].low in places

    def _surnames(self, at: int, *, introduced: bool) -> int:
        """Return how many words after a first name, or a title's name, belong to it."""
        words = self.words
        if words[at].text.isupper() or words[at].low.endswith("'s"):
            return 0  # where all is in capitals, a capital letter tells nothing
        taken = 0
        for place in range(at + 1, min(at + 4, len(words))):
            word, gap = words[place], self._gap(place)
            initial = len(words[place - 1].text) == 1
            whole = introduced and self._ends_a_name(place)
            alone = gap == "\n" and whole and self._is_last_of_line(place)
            if gap != " " and not alone and not (initial and gap == ". "):
                break
            if word.low in self.lists.particles and word.capital:
                continue
            shouted = word.text.isupper() and len(word.text) > 1 and not whole
            if not word.capital or shouted or word.low in self.lists.not_surnames:
                break
            taken = place - at
        return taken

    def _surname_in_one_case(self, at: int) -> int:
        """Return how many words after "mi chiamo giulia", or the same in capitals, belong to it.

        One word and the parts before it, if the name ends there.
        """
        words, lists = self.words, self.lists
        place = at + 1
        while place < len(words) and place <= at + 2 and words[place].low in lists.particles:
            place += 1
        if place == len(words) or any(
            self._gap(each) not in (" ", "\n") for each in range(at + 1, place + 1)
        ):
            return 0
        word = words[place]
        cased = word.text.isupper() if words[at].text.isupper() else not word.capital
        fits = cased and 1 < len(word.text) <= _LONGEST_NAME and word.low not in lists.not_surnames
        return place - at if fits and self._ends_a_name(place) else 0

    def _ends_a_name(self, at: int) -> bool:
        """Say whether a mark, the end, or a word that goes on after a name follows."""
        if at + 1 == len(self.words):
            return True
        return self._gap(at + 1) != " " or self.words[at + 1].low in _AFTER_A_NAME

    def _is_last_of_line(self, at: int) -> bool:
        return at + 1 == len(self.words) or "\n" in self._gap(at + 1)

    def _before(self, at: int) -> tuple[str, ...]:
        """Return up to five words before, in small letters, back to the sentence's beginning."""
        found: list[str] = []
        for place in range(at - 1, max(at - 6, -1), -1):
            low, gap = self.words[place].low, self._gap(place + 1)
            if len(gap) > 12 or _ENDS_A_SENTENCE.search(gap):
                break
            cut_short = low in self.lists.short_titles or low in _ABBREVIATED or len(low) == 1
            if "." in gap and not cut_short:
                break
            if low not in _ABBREVIATED:
                found.append(low)
        return tuple(reversed(found))

    def _gap(self, at: int) -> str:
        """Return what stands between the word and the one before it."""
        return self.text[self.words[at - 1].end : self.words[at].start]


def _plain(word: str) -> str:
    """Return a word without accents, which people leave out.

    One at the end stays: "sarà" is no "Sara".
    """
    if word.isascii() or not word[-1].isascii():
        return word
    return without_accents(word)


def without_accents(text: str) -> str:
    """Return a text without accents, in its own case."""
    return "".join(each for each in normalize("NFD", text) if not combining(each))


def may_be_named(beginning: str) -> bool:
    """Say whether a first name that is looked for begins like this (small, without accents)."""
    return any(name.startswith(beginning) for name in _lists().listed)


def introducing() -> frozenset[str]:
    """Return words of which one at least is in each introduction of a name."""
    return frozenset(max(row, key=len) for row in _lists().introductions)


@cache
def _lists() -> _Lists:
    given = tomllib.loads(_LISTS.read_text(encoding="utf-8"))
    rows = frozenset(tuple(row.split()) for row in given.pop("introductions"))
    words = {key: frozenset(words.lower().split()) for key, words in given.items()}
    for key in ("names", "also_words", "also_proper"):
        words[key] |= frozenset(map(_plain, words[key]))
    words["listed"] = words["names"] | words["also_words"] | words["also_proper"]
    return _Lists(introductions=rows, **words)
