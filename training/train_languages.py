#!/usr/bin/env python
"""Train the model that tells languages, and print how well it does on texts it has not seen.

Usage: training/train_languages.py DATASETS [--only-figures]

DATASETS is the folder with ``nps_retail_fr`` (CC0), ``uci_sentiment_sentences`` (CC BY 4.0) and
``clinc150`` (CC BY 3.0), and ``olist``, which serves the figures alone. The rest is in the
repository (examples and lists written for it, its own translations) or in the installed Django
(its translations, BSD). The same input gives the same file.
"""

import csv
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import django
import numpy as np
from babel.messages.mofile import read_mo
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from percorso.labels import UNKNOWN_LANGUAGE
from percorso.text.languages import MODEL_FILE, Languages, detect, inside, use, words_of

ROOT: Final = Path(__file__).resolve().parents[1]
CODES: Final = ("it", "en", "fr", "pt", "es", "de", UNKNOWN_LANGUAGE)
#: Languages that are not told apart: they teach the model what it does not know.
OTHERS: Final = (
    *("nl", "pl", "ro", "tr", "sv", "da", "nb", "fi", "cs", "hu", "hr", "sl", "lt", "lv", "et"),
    *("id", "vi", "sq", "eo", "cy", "ga", "eu"),
)
PLACES: Final = 1 << 16
MOST: Final = 14_000
SEED: Final = 20_261_122
FOLDS: Final = 3
#: How often a language is met, against the balance that it is trained in.
EXPECTED: Final = {"it": 2.0, "en": 2.0, UNKNOWN_LANGUAGE: 0.3}
#: Below this probability a guess is not given.
LEAST_CERTAIN: Final = 0.4
_FILLED: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{[^{}]*\}|&")

Corpus = dict[str, list[str]]


def main(arguments: list[str]) -> int:
    datasets = Path(arguments[0])
    base, examples = _base(datasets), _examples()
    print({code: len(base[code]) + len(examples.get(code, [])) for code in CODES})
    for name, texts, found in _tried(datasets, base, examples):
        print(_figures(name, texts, found))
    if "--only-figures" not in arguments:
        _save(_fitted(_joined(base, examples)), MODEL_FILE)
        print(MODEL_FILE.relative_to(ROOT), MODEL_FILE.stat().st_size, "bytes")
    return 0


def _tried(
    datasets: Path, base: Corpus, examples: Corpus
) -> Iterator[tuple[str, list[str], Languages]]:
    """Yield texts with what was told of them by a model that has not seen them."""
    found: dict[str, list[tuple[str, str, float]]] = {code: [] for code in examples}
    for fold in range(FOLDS):
        kept = {code: _fold(texts, fold, inside=False) for code, texts in examples.items()}
        use(_fitted(_joined(base, kept)))
        for code, texts in examples.items():
            out = _fold(texts, fold, inside=True)
            told = detect(out)
            found[code] += zip(out, told.codes, told.certainty.tolist(), strict=True)
    for code, rows in found.items():
        texts, codes, certainty = (list(column) for column in zip(*rows, strict=True))
        yield code, texts, Languages(codes, np.asarray(certainty, dtype=np.float32))
    verbatims = _french(datasets)[1::2]
    yield "fr", verbatims, detect(verbatims)
    reviews = _portuguese(datasets)
    yield "pt", reviews, detect(reviews)


def _figures(code: str, texts: list[str], found: Languages) -> str:
    lengths = np.array([len(words_of(text)) for text in texts])
    right = np.array([each == code for each in found.codes])
    silent = np.array([each == UNKNOWN_LANGUAGE for each in found.codes])
    parts = []
    for name, chosen in (
        ("1 word", lengths == 1),
        ("2-8", (lengths > 1) & (lengths < 9)),
        ("9+", lengths > 8),
    ):
        if chosen.any():
            parts.append(
                f"{name}: n={chosen.sum()} right={right[chosen].mean():.4f}"
                f" und={silent[chosen].mean():.4f} said={found.certainty[chosen].mean():.3f}"
            )
    return f"{code}  " + "  |  ".join(parts)


def _base(datasets: Path) -> Corpus:
    """Return, for each language, all that is not an example of ours."""
    texts: Corpus = {code: [] for code in CODES}
    for code, locales in {
        **{code: (code,) for code in CODES[:-1]},
        UNKNOWN_LANGUAGE: OTHERS,
    }.items():
        for locale in [*locales, *(["pt_BR"] if code == "pt" else [])]:
            texts[code] += _translations(Path(django.__file__).parent, locale)
    texts["it"] += _translations(ROOT / "src" / "percorso", "it")
    for file in sorted((ROOT / "training" / "data" / "languages").glob("*.txt")):
        texts[file.stem] += file.read_text(encoding="utf-8").splitlines() * 3
    # The odd ones are kept to try the model on.
    texts["fr"] += _french(datasets)[::2]
    for file in sorted((datasets / "uci_sentiment_sentences").glob("*_labelled.txt")):
        lines = file.read_text(encoding="utf-8").split("\n")
        texts["en"] += [line.split("\t")[0] for line in lines]
    intents = json.loads((datasets / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    texts["en"] += [text for text, _ in intents["train"]][::8]
    return texts


def _examples() -> Corpus:
    texts: Corpus = {"it": [], "en": []}
    for file in sorted((ROOT / "training" / "data").glob("train_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            example = json.loads(line)
            texts[example["language"]].append(example["text"])
    return texts


def _french(datasets: Path) -> list[str]:
    with (datasets / "nps_retail_fr" / "nps.csv").open(encoding="latin-1", newline="") as file:
        given = [row["explication"] for row in csv.DictReader(file)]
    return [text for text in given if text not in ("", "NA", "N/A")]


def _portuguese(datasets: Path) -> list[str]:
    file = datasets / "olist" / "olist_order_reviews_dataset.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        given = [row["review_comment_message"] for row in csv.DictReader(rows)]
    return [text for text in given if words_of(text)]


def _translations(folder: Path, locale: str) -> list[str]:
    """Return the messages of every compiled catalogue of a locale below a folder."""
    texts: list[str] = []
    # English is what the catalogues of another language translate.
    holder = "it" if locale == "en" else locale
    for file in sorted(folder.glob(f"**/locale/{holder}/LC_MESSAGES/django.mo")):
        with file.open("rb") as source:
            for message in read_mo(source):
                given: Any = message.id if locale == "en" else message.string
                forms = given if isinstance(given, tuple | list) else [given]
                texts += [_FILLED.sub(" ", form) for form in forms if message.id and form]
    return texts


def _fold(texts: list[str], fold: int, *, inside: bool) -> list[str]:
    return [text for at, text in enumerate(texts) if (at % FOLDS == fold) == inside]


def _joined(base: Corpus, examples: Corpus) -> Corpus:
    return {code: texts + 2 * examples.get(code, []) for code, texts in base.items()}


def _fitted(corpus: Corpus) -> dict[str, Any]:
    """Return the arrays of the model, as they are saved."""
    chance = random.Random(SEED)
    documents: list[list[str]] = []
    labels: list[int] = []
    for number, code in enumerate(CODES):
        made = _pieces(corpus[code], chance, accents=code not in ("en", "de"))
        made = chance.sample(made, min(MOST, len(made)))
        documents += made
        labels += [number] * len(made)
    model = LogisticRegression(C=0.3, class_weight="balanced", max_iter=120, tol=1e-3)
    model.fit(_matrix(documents), labels)
    return {
        "codes": np.array(CODES),
        "table": model.coef_.T.astype(np.float16),
        "intercept": (
            model.intercept_ + np.log([EXPECTED.get(code, 1.0) for code in CODES])
        ).astype(np.float32),
        "least_certain": np.float32(LEAST_CERTAIN),
    }


def _pieces(texts: Iterable[str], chance: random.Random, *, accents: bool) -> list[list[str]]:
    """Return the texts' words, and some words in a row of each: people write short texts."""
    pieces = []
    for text in texts:
        words = words_of(text)
        if not words:
            continue
        pieces.append(words)
        if accents and chance.random() < 0.3:
            pieces.append(words_of(_without_accents(text)))
        for _ in range(2):
            length = chance.choice((1, 2, 2, 3, 3, 4, 5))
            if len(words) > length:
                start = chance.randrange(len(words) - length + 1)
                pieces.append(words[start : start + length])
    return pieces


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _matrix(documents: list[list[str]]) -> sparse.csr_matrix:
    every = [word for words in documents for word in words]
    distinct = {word: place for place, word in enumerate(dict.fromkeys(every))}
    ends = np.cumsum([0, *map(len, documents)])
    places = np.array([distinct[word] for word in every])
    ones = np.ones(len(places), dtype=np.float32)
    which = sparse.csr_matrix((ones, places, ends), shape=(len(documents), len(distinct)))
    matrix = which @ inside(list(distinct), PLACES)
    matrix.sum_duplicates()
    return matrix


def _save(arrays: dict[str, Any], file: Path) -> None:
    write: Callable[..., None] = np.savez_compressed
    file.parent.mkdir(exist_ok=True)
    write(file, **arrays)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
