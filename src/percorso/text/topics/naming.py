"""Names for themes: the words that set a theme's texts apart, as people wrote them.

Class-based TF-IDF (Grootendorst 2022): a word counts by how many of the theme's texts have it, and
the less the more often it comes in other texts. Phrases of two or three words count like words and
take their place where they are nearly as frequent. Inflected forms are counted as one and written
in their most frequent form. A word that fewer than 5 customers wrote is never in a name.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log
from typing import Final

from percorso.estimation import MIN_SHOWN
from percorso.text.names import without_accents

_WORD: Final = re.compile(r"[^\W\d_]+")
_GAP: Final = re.compile(r"[\s'’-]*")
#: Words kept of a theme; a name is made of the first ones.
_WORDS: Final = 8
_IN_NAME: Final = 3
#: A word of a theme is in one of so many of its texts at least.
_LEAST_SHARE: Final = 0.04
#: A phrase takes the place of a word it holds from this share of the word's texts on.
_AS_FREQUENT: Final = 0.4
#: Characters of a text that are looked at.
_READ: Final = 2_000

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a theme is called: its most distinctive words and the language they are in."""

    words: tuple[str, ...]
    language: str

    @property
    def name(self) -> str:
        said = ", ".join(self.words[:_IN_NAME])
        return said[:1].upper() + said[1:]


def name_themes(
    texts: Sequence[str],
    languages: Sequence[str],
    customers: Sequence[Collection[int]],
    themes: Sequence[int],
    number: int,
) -> list[Named]:
    """Return the names of ``number`` themes; ``themes`` is each text's, -1 for none.

    ``customers`` are those who wrote each text, in these words.
    Texts must be masked. A theme is named in the language most of its texts are in, a wording
    counted for each customer who chose it; one in which no word is shared by enough customers has
    no words.
    """
    spoken = [Counter[str]() for _theme in range(number)]
    for language, who, theme in zip(languages, customers, themes, strict=True):
        if theme >= 0:
            spoken[theme][language] += len(who)
    chosen = [max(sorted(each), key=each.__getitem__) if each else "" for each in spoken]
    found: dict[int, Named] = {}
    for language in sorted(set(chosen)):
        rows = [row for row, each in enumerate(languages) if each == language]
        counts = _Counts.of(((texts[row], customers[row], themes[row]) for row in rows), language)
        for theme in range(number):
            if chosen[theme] == language:
                found[theme] = Named(counts.words_of(theme), language)
    return _told_apart([found[theme] for theme in range(number)])


@dataclass(frozen=True, slots=True)
class _Counts:
    """In how many texts each word and phrase is, by theme and in all, and how it is written."""

    texts: Counter[int]
    inside: dict[int, Counter[Key]]
    everywhere: Counter[Key]
    writers: dict[Key, set[int]]
    written: dict[Key, Counter[str]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, Collection[int], int]], language: str) -> "_Counts":
        counts = cls(Counter(), defaultdict(Counter), Counter(), defaultdict(set), {})
        forms: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        for text, customers, theme in rows:
            terms = dict(_terms(text[:_READ], language))
            # A wording counts once for each customer who chose it.
            weight = len(customers)
            counts.texts[theme] += weight
            for key, form in terms.items():
                counts.inside[theme][key] += weight
                counts.everywhere[key] += weight
                forms[key][form] += weight
                if len(counts.writers[key]) < MIN_SHOWN:
                    counts.writers[key].update(customers)
        counts.written.update(forms)
        return counts

    def words_of(self, theme: int) -> tuple[str, ...]:
        mine, size = self.inside[theme], self.texts[theme]
        least = max(2.0, _LEAST_SHARE * size)
        total, all_texts = sum(self.everywhere.values()), sum(self.texts.values())
        average = total / max(len(self.texts), 1)
        scores = {
            key: n / size * log(1 + average / self.everywhere[key]) * self._apart(key, n, size)
            for key, n in mine.items()
            if n >= least and len(self.writers[key]) >= MIN_SHOWN and all_texts
        }
        # Letters decide between equals, so that the same texts give the same name.
        best = sorted(scores, key=lambda key: (-scores[key], key))
        kept: list[Key] = []
        for key in best:
            longer = [
                each
                for each in best
                if len(each) > len(key)
                and set(key) <= set(each)
                and mine[each] >= _AS_FREQUENT * mine[key]
            ]
            term = max(longer, key=lambda each: (mine[each], each)) if longer else key
            if not any(set(term) & set(each) for each in kept):
                kept.append(term)
            if len(kept) == _WORDS:
                break
        return tuple(self._form(key) for key in kept)

    def _apart(self, key: Key, n: int, size: int) -> float:
        """Return how much more frequent a word is here than everywhere, 0 to 1."""
        share = n / size
        usual = self.everywhere[key] / max(sum(self.texts.values()), 1)
        return max(share - usual, 0.0) / share

    def _form(self, key: Key) -> str:
        forms = self.written[key]
        return max(sorted(forms), key=forms.__getitem__)


def _terms(text: str, language: str) -> Iterator[tuple[Key, str]]:
    """Yield words and phrases of a text: what each counts as, and how it is written."""
    stop, negations = _stop_words(language)
    found = [(each.group().lower(), each.start(), each.end()) for each in _WORD.finditer(text)]
    plain = [without_accents(word) for word, _start, _end in found]
    says = [len(each) > 1 and each not in stop and each not in negations for each in plain]
    stems = [_stem(each, language) for each in plain]
    for first in range(len(found)):
        if says[first]:
            yield (stems[first],), found[first][0]
        if not (says[first] or plain[first] in negations):
            continue
        for last in range(first + 1, min(first + 3, len(found))):
            between = text[found[last - 1][2] : found[last][1]]
            if not _GAP.fullmatch(between):
                break
            if says[last]:
                inside = [
                    stems[each]
                    for each in range(first, last + 1)
                    if says[each] or plain[each] in negations
                ]
                said = text[found[first][1] : found[last][2]].lower()
                yield tuple(inside), " ".join(said.split())


def _stem(word: str, language: str) -> str:
    """Return what singular and plural have in common."""
    if len(word) < 4:
        return word
    if language == "it":
        return re.sub(r"(?:hi|he|[aeiou]i?)$", "", word) if len(word) > 4 else word[:-1]
    if language in ("pt", "es"):
        return re.sub(r"(?:[aeo]s?|s)$", "", word)
    if language == "fr":
        return re.sub(r"(?:e?s|e|x)$", "", word)
    return re.sub(r"(?<!s)s$", "", word)


@cache
def _stop_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stop words and the negations of a language; of an unknown one, of all."""
    source = files("percorso.text.topics").joinpath("stopwords.toml").read_text(encoding="utf-8")
    known = tomllib.loads(source)

    def words(table: str) -> frozenset[str]:
        lists = known[table]
        text = lists[language] if language in lists else " ".join(lists.values())
        return frozenset(text.split())

    return words("words"), words("negations")


def _told_apart(names: Sequence[Named]) -> list[Named]:
    """Return the names, moving words up where two would be called the same."""
    taken: set[str] = set()
    found = []
    for each in names:
        named = each
        while named.words and named.name in taken and len(named.words) > _IN_NAME:
            words = named.words
            named = Named((*words[: _IN_NAME - 1], *words[_IN_NAME:]), each.language)
        taken.add(named.name)
        found.append(named)
    return found
