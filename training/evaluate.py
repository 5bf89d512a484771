"""Score what reads texts beside a floor and a peer, and write docs/reference/text-quality.md.

Usage: python training/evaluate.py [--most TEXTS]

Needs the sets of ``../shared/datasets`` and takes some minutes: of each public set at most
``--most`` texts are read, drawn with a fixed seed.
"""

import argparse
import importlib
import random
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from measure_parts import clause_rows, language_rows, name_rows
from percorso.text import MODEL, Readings, read
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS
from sources import Example, airline, french, nhs, olist, own, texts, to_learn, tweets, uci
from vectors import plain

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "text-quality.md"
BEGIN, END = "<!-- reading: begin -->", "<!-- reading: end -->"
RESAMPLES = 300
PATHS = ("accurate", "fast")
#: Urgency and need, which some files were not labelled with.
_WISHES = ("1", "2", "need")


@dataclass(frozen=True, slots=True)
class Score:
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def bootstrap(measure: Callable[[NDArray[np.int64]], float], count: int) -> Score:
    """Return a measure of rows with its 95% percentile interval over resampled rows."""
    rng = np.random.default_rng(7)
    every = np.arange(count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = [measure(rng.choice(every, count)) for _ in range(RESAMPLES)]
        return Score(measure(every), *np.nanpercentile(values, [2.5, 97.5]))


def choice_score(right: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> Score:
    """Macro F1 over ``labels``."""
    a, b = np.array(right), np.array(said)
    return bootstrap(
        lambda rows: f1_score(
            a[rows], b[rows], labels=list(labels), average="macro", zero_division=0
        ),
        len(a),
    )


def sets_score(right: Sequence[set[str]], said: Sequence[set[str]], labels: Iterable[str]) -> Score:
    """Macro F1 over what is said or not of each text."""
    names = list(labels)
    a, b = (np.array([[name in each for name in names] for each in some]) for some in (right, said))

    def macro(rows: NDArray[np.int64]) -> float:
        both = (a[rows] & b[rows]).sum(axis=0)
        either = a[rows].sum(axis=0) + b[rows].sum(axis=0)
        return float(np.mean(2 * both / np.maximum(either, 1)))

    return bootstrap(macro, len(a))


def sample(examples: Iterable[Example], most: int) -> list[Example]:
    every = list(examples)
    return every if len(every) <= most else random.Random(7).sample(every, most)


# Peers and the floor


@cache
def floor() -> Any:
    """TF-IDF of words and letters with logistic regression, on the same labelled texts."""
    examples = [*to_learn(), *uci(), *nhs(held_out=False)]
    model = make_pipeline(_tfidf(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    return model.fit(texts(examples), [each.sentiment for each in examples])


@cache
def lead() -> Any:
    """Frozen e5 with logistic regression on the 3,000 English sentences of UCI alone."""
    examples = list(uci())
    positive = [each.sentiment == "positive" for each in examples]
    return LogisticRegression(max_iter=2000).fit(plain().of(texts(examples)), positive)


def floor_sets(name: str, wanted: Callable[[Example, str], bool]) -> Callable[[list[str]], Any]:
    """The floor for something that is said or not."""
    vectorizer, features, examples = _floor_features(wishes=name in _WISHES)
    right = [wanted(each, name) for each in examples]
    model = LogisticRegression(max_iter=1000, class_weight="balanced", solver="liblinear")
    fitted = model.fit(features, right)
    return lambda said: fitted.predict(vectorizer.transform(said))


@cache
def _floor_features(*, wishes: bool) -> tuple[TfidfVectorizer, Any, list[Example]]:
    examples = [each for each in to_learn() if not wishes or each.need is not None]
    vectorizer = _tfidf()
    return vectorizer, vectorizer.fit_transform(texts(examples)), examples


def _tfidf() -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, max_features=60_000
    )


def lexicon(language: str) -> Callable[[str], float]:
    """VADER for English, the lexicon of Pattern (CLiPS) for Italian: polarity from -1 to 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if language == "en":
            module = importlib.import_module("vaderSentiment.vaderSentiment")
            analyzer = module.SentimentIntensityAnalyzer()
            return lambda text: float(analyzer.polarity_scores(text)["compound"])
        if language == "it":
            pattern = importlib.import_module("pattern.text.it")
            return lambda text: float(pattern.sentiment(text)[0])
    raise LookupError(language)


def lexicon_says(examples: Sequence[Example], *, neutral: bool) -> list[str]:
    """What the lexicon of the language says. VADER's own bounds of neutral, 0.05, are used."""
    polarity = lexicon(examples[0].language)
    values = [polarity(each.text) for each in examples]
    if not neutral:
        return ["positive" if value > 0 else "negative" for value in values]
    return [
        "positive" if value >= 0.05 else "negative" if value <= -0.05 else "neutral"
        for value in values
    ]


# What is measured


def readings(examples: Sequence[Example], path: Any) -> Readings:
    return _read(tuple(texts(examples)), path)


@cache
def _read(said: tuple[str, ...], path: Any) -> Readings:
    return read(said, path=path)


def sentiment_row(name: str, examples: Sequence[Example], known: str = "") -> list[str]:
    right = [each.sentiment or "" for each in examples]
    found = [choice_score(right, readings(examples, path).sentiment, SENTIMENTS) for path in PATHS]
    base = choice_score(right, list(floor().predict(texts(examples))), SENTIMENTS)
    peer = choice_score(right, lexicon_says(examples, neutral=True), SENTIMENTS)
    return [name, str(len(examples)), *map(str, found), str(base), str(peer), known]


def polarity_row(name: str, examples: Sequence[Example]) -> list[str]:
    """Positive or negative of texts that are one of them; the score's sign decides."""
    right = [each.sentiment or "" for each in examples]
    labels = ("negative", "positive")
    found = []
    for path in PATHS:
        scores = readings(examples, path).score
        said = ["positive" if score > 0 else "negative" for score in scores]
        found.append(choice_score(right, said, labels))
    model = floor()
    order = list(model.classes_)
    odds = model.decision_function(texts(examples))
    ahead = odds[:, order.index("positive")] > odds[:, order.index("negative")]
    base = choice_score(right, np.where(ahead, "positive", "negative").tolist(), labels)
    peer = choice_score(right, lexicon_says(examples, neutral=False), labels)
    guessed = lead().predict(plain().of(texts(examples)))
    english = choice_score(right, np.where(guessed, "positive", "negative").tolist(), labels)
    return [name, str(len(examples)), *map(str, found), str(english), str(base), str(peer)]


def sets_rows(language: str, examples: Sequence[Example]) -> list[list[str]]:
    read_by = {path: readings(examples, path) for path in PATHS}
    rows = []
    kinds: list[tuple[str, list[str], Callable[[Example, str], bool], Callable[[Any], set[str]]]]
    kinds = [
        (
            "factor and its polarity",
            [f"{factor} {polarity}" for factor in FACTORS for polarity in SENTIMENTS[::2]],
            lambda each, name: (each.factors or {}).get(name.split()[0]) == name.split()[1],
            lambda one: {f"{found.factor} {found.polarity}" for found in one.factors},
        ),
        (
            "factor, whichever polarity",
            list(FACTORS),
            lambda each, name: name in (each.factors or {}),
            lambda one: {found.factor for found in one.factors},
        ),
        (
            "emotion",
            list(EMOTIONS),
            lambda each, name: name in (each.emotions or ()),
            lambda one: set(one.emotions),
        ),
        (
            "urgency (1 or more; 2)",
            ["1", "2"],
            lambda each, name: (each.urgency or 0) >= int(name),
            lambda one: {str(level) for level in range(1, one.urgency + 1)},
        ),
        (
            "need",
            ["need"],
            lambda each, _: bool(each.need),
            lambda one: {"need"} if one.need else set(),
        ),
    ]
    for title, names, labelled, said in kinds:
        right = [{name for name in names if labelled(each, name)} for each in examples]
        found = [sets_score(right, [said(one) for one in read_by[path]], names) for path in PATHS]
        guesses: list[set[str]] = [set() for _ in examples]
        for name in names:
            for row in np.flatnonzero(floor_sets(name, labelled)(texts(examples))):
                guesses[row].add(name)
        base = sets_score(right, guesses, names)
        rows.append([f"{title}, {language}", str(len(examples)), *map(str, found), str(base)])
    return rows


def per_label(examples: Sequence[Example]) -> list[list[str]]:
    """F1 of each factor and emotion on both languages together, accurate path."""
    found = list(readings(examples, "accurate"))
    rows = []
    for name in FACTORS:
        right = [{name} & set(each.factors or {}) for each in examples]
        said = [{name} & {one.factor for one in each.factors} for each in found]
        rows.append([name, str(sum(map(bool, right))), str(sets_score(right, said, [name]))])
    for name in EMOTIONS:
        right = [{name} & set(each.emotions or ()) for each in examples]
        said = [{name} & set(each.emotions) for each in found]
        rows.append([name, str(sum(map(bool, right))), str(sets_score(right, said, [name]))])
    return rows


def ranks_row(name: str, examples: Sequence[Example]) -> list[str]:
    scores = np.array([each.score for each in examples])
    found = []
    for path in PATHS:
        said = readings(examples, path).score
        found.append(bootstrap(lambda r, said=said: spearmanr(scores[r], said[r])[0], len(scores)))
    return [name, str(len(examples)), *map(str, found)]


def certainty_rows(examples: Sequence[Example]) -> list[list[str]]:
    """How often sentiment is right among texts of like certainty."""
    rows = []
    for path in PATHS:
        found = readings(examples, path)
        right = np.array(
            [a == each.sentiment for a, each in zip(found.sentiment, examples, strict=True)]
        )
        for low, high in ((0.0, 0.5), (0.5, 0.65), (0.65, 0.8), (0.8, 0.9), (0.9, 1.01)):
            here = (found.certainty >= low) & (found.certainty < high)
            if here.sum() >= 20:
                mean = found.certainty[here].mean()
                rows.append(
                    [
                        path,
                        f"{low:.2f}–{min(high, 1):.2f}",
                        str(here.sum()),
                        f"{mean:.2f}",
                        f"{right[here].mean():.2f}",
                    ]
                )
    return rows


# The page


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def page(most: int) -> str:
    test = {code: own(f"test_{code}") for code in ("it", "en")}
    held = {code: own(f"held_{code}") for code in ("it", "en")}
    clear = {
        code: [each for each in every if each.sentiment != "neutral"]
        for code, every in test.items()
    }
    both = [each for every in held.values() for each in every]
    sentiment = [
        sentiment_row("tweets, it (val)", list(tweets("it", "val")), "0.61; 0.64; 0.715"),
        sentiment_row("tweets, en (val)", list(tweets("en", "val")), "0.66; 0.66; 0.682"),
        sentiment_row("tweets to airlines, en", sample(airline(), most)),
        sentiment_row("NHS comments, en (held out)", sample(nhs(held_out=True), most)),
        sentiment_row("our test part, it", test["it"]),
        sentiment_row("our test part, en", test["en"]),
        sentiment_row("our held part, it", held["it"]),
        sentiment_row("our held part, en", held["en"]),
    ]
    polarity = (
        [
            polarity_row("ordinary sentences of reviews, it (development)", own("dev_open_it")),
            polarity_row("sentences that imply it, it (development)", own("dev_reviews_it")),
        ]
        + [
            polarity_row(f"our test part, {code}, all kinds", every)
            for code, every in clear.items()
        ]
        + [
            polarity_row(
                f"our test part, {code}, reviews and answers without both praise and blame",
                [each for each in every if each.kind in {"review", "answer"} and not _mixed(each)],
            )
            for code, every in clear.items()
        ]
        + [
            polarity_row(
                f"our held part, {code}", [each for each in every if each.sentiment != "neutral"]
            )
            for code, every in held.items()
        ]
    )
    said = [
        row
        for name, part in (("test", test), ("held", held))
        for code, every in part.items()
        for row in sets_rows(f"{code} ({name})", every)
    ]
    ranks = [
        ranks_row("Olist reviews, pt, with stars", sample(olist(), most)),
        ranks_row("retail verbatims, fr, with NPS", sample(french(), most)),
    ]
    labelled = [
        (f"our {name} part, {code}", every)
        for name, part in (("test", test), ("held", held))
        for code, every in part.items()
    ]
    spoken = [*labelled, ("Olist reviews, pt", sample(olist(), most))]
    scored = ["set", "texts", "accurate", "fast"]
    parts = [
        f"Model {MODEL.version}, vectors by {MODEL.embedder}. In brackets 95% intervals "
        f"(bootstrap over texts, {RESAMPLES} resamples).",
        "Written by `python training/evaluate.py`. Of each public set at most "
        f"{most:,} texts are read, drawn with a fixed seed. None of the tweets, and nothing of "
        "Olist, was trained on; of the NHS comments a fifth of the respondents was held out. Our "
        "parts were written by other hands than what was learnt from. The test and development "
        "parts and the tweets chose how the two halves of the model are joined; the held part, "
        "deliberately hard, chose nothing. The floor is TF-IDF of letters and logistic regression "
        "on the same labelled texts. The lexicon is VADER for English and Pattern's for Italian.",
        "### Sentiment in three classes: macro F1",
        "Known marks on the tweets' test parts: frozen e5 trained on the tweets' own training "
        "part; trained on the other language's tweets; XLM-R fine-tuned.",
        table([*scored, "floor", "lexicon", "known marks"], sentiment),
        "### Polarity of texts that praise or blame: macro F1",
        "The column e5 is what frozen vectors with a logistic regression on 3,000 English "
        "sentences alone say; on Italian sentences about hotels of a public set that marks 0.903.",
        table([*scored, "e5", "floor", "lexicon"], polarity),
        "### Factors, emotions, urgency, need: macro F1 on our test and held parts",
        table([*scored, "floor"], said),
        "Each factor (whichever polarity) and emotion on the held part, both languages, accurate "
        "path:",
        table(["", "texts with it", "F1"], per_label(both)),
        "### Certainty",
        "Texts of our held part by the certainty of their sentiment, and how often it is right:",
        table(["path", "certainty", "texts", "mean", "right"], certainty_rows(both)),
        "### Other languages",
        "Nobody taught the models Portuguese; the vectors know it. The French verbatims taught the "
        "fast path, without their scores. Rank correlation (Spearman) of the sentiment score:",
        table(scored, ranks),
        "### Languages, clauses, names",
        "The share of texts whose language is told rightly:",
        table(["texts", "", "all", "of at most 8 words", ""], language_rows(spoken, bootstrap)),
        "Where texts are cut into clauses, beside those who wrote them (F1):",
        table(["texts", "", "F1"], clause_rows(labelled, bootstrap)),
        "Names that are masked, and how many of the masked words are names:",
        table(
            ["texts", "names", "masks", "found", "right"],
            name_rows(["test_it", "test_en", "held_it", "held_en"], bootstrap),
        ),
    ]
    return "\n\n".join(parts)


def _mixed(example: Example) -> bool:
    return len(set((example.factors or {}).values())) > 1


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most", type=int, default=3_000)
    written = page(arguments.parse_args().most)
    old = PAGE.read_text("utf-8") if PAGE.exists() else f"# Text quality\n\n{BEGIN}\n{END}\n"
    if BEGIN not in old:
        old = f"{old.rstrip()}\n\n## Reading\n\n{BEGIN}\n{END}\n"
    before, rest = old.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{written}\n{END}{rest.split(END)[1]}", "utf-8")
    print(written)


if __name__ == "__main__":
    main()
