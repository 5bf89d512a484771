"""The texts that train and evaluate, each read from where it lies into one form.

Our own examples are in ``training/data``. Public sets are read from ``../shared/datasets`` beside
the repository and never copied into it; a set that is not there is left out.
"""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zlib import crc32

OWN = Path(__file__).parent / "data"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "datasets"

#: Answers to "what could we do better?" whose sense is the question's.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what is known of it; ``None`` where the source does not say."""

    text: str
    language: str
    source: str
    sentiment: str | None = None
    factors: dict[str, str] | None = None
    emotions: tuple[str, ...] | None = None
    urgency: int | None = None
    need: bool | None = None
    clauses: tuple[tuple[str, dict[str, str]], ...] = field(default=())
    kind: str = ""
    score: float | None = None


#: How the names of the files begin that measure and teach nothing.
MEASURING = ("dev_", "test_", "held_")
#: Files in which urgency and needs were not labelled.
_WITHOUT_WISHES = ("train_open", "train_reviews", "dev_")


def weight_of(example: Example, weights: Mapping[str, float]) -> float:
    """Return the weight of the longest name that the example's source begins with; 1 for others."""
    fitting = [name for name in weights if example.source.startswith(name)]
    return weights[max(fitting, key=len)] if fitting else 1.0


def is_post(example: Example) -> bool:
    return example.source == "train_posts" or example.kind == "post"


def clauses_of(examples: Sequence[Example]) -> list[Example]:
    """Return the texts and their labelled clauses, each with its own factors."""
    found = list(examples)
    for each in examples:
        for text, factors in each.clauses:
            found.append(Example(text, each.language, "clause", factors=factors))
    return found


def own(*names: str) -> list[Example]:
    """Read files of ``training/data`` by their names without ``.jsonl``."""
    return [
        _own(json.loads(line), name)
        for name in names
        for line in (OWN / f"{name}.jsonl").read_text("utf-8").splitlines()
        if line.strip()
    ]


def training_files() -> list[str]:
    return sorted(path.stem for path in OWN.glob("train_*.jsonl"))


def to_learn() -> list[Example]:
    """Return our own examples to learn from, without texts that a measuring part holds too."""
    measuring = sorted(path.stem for path in OWN.glob("*.jsonl") if path.stem.startswith(MEASURING))
    held = {_bare(each.text) for each in own(*measuring)}
    return [each for each in own(*training_files()) if _bare(each.text) not in held]


def corrected(path: Path) -> list[Example]:
    """Read texts that people corrected, as ``percorso corrections --export`` writes them.

    What nobody looked at is not known.
    """
    found = []
    for line in path.read_text("utf-8").splitlines():
        given = json.loads(line)
        known = set(given["checked"])
        each = _own(given, "corrected")
        unknown = {"sentiment", "factors", "emotions", "urgency", "need"} - known
        found.append(replace(each, clauses=(), **dict.fromkeys(unknown)))
    return found


def _bare(text: str) -> str:
    return text.lower().strip(" .!?")


def _own(line: dict[str, object], name: str) -> Example:
    given: dict = line
    partly = name.startswith(_WITHOUT_WISHES)
    return Example(
        text=given["text"],
        language=given["language"],
        source=name,
        sentiment=given.get("sentiment"),
        factors=given.get("factors", {}),
        emotions=tuple(given.get("emotions", ())),
        urgency=None if partly else given.get("urgency", 0),
        need=None if partly else given.get("need", False),
        clauses=tuple((text, factors) for text, factors in given.get("clauses", ())),
        kind=given.get("kind", ""),
    )


def uci() -> Iterator[Example]:
    """UCI sentences from reviews of products, restaurants and films (CC BY 4.0)."""
    for path in sorted((SHARED / "uci_sentiment_sentences").glob("*_labelled.txt")):
        for line in path.read_text("utf-8").split("\n"):
            text, _, label = line.rpartition("\t")
            if text.strip():
                sentiment = "positive" if label.strip() == "1" else "negative"
                yield Example(text.strip(), "en", f"uci_{path.stem.split('_')[0]}", sentiment)


def skytrax() -> Iterator[Example]:
    """Reviews of airport lounges (rated 1 to 5) and aircraft seats (1 to 10) (CC0).

    Names of authors are not read.
    """
    for kind, low, high in (("lounge", 2, 4), ("seat", 3, 8)):
        path = SHARED / "skytrax_reviews" / f"{kind}.csv"
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if not row["overall_rating"]:
                    continue
                rating = float(row["overall_rating"])
                yield Example(
                    row["content"].strip(),
                    "en",
                    f"skytrax_{kind}",
                    _sentiment(rating, low, high),
                    score=rating,
                )


def nhs(*, held_out: bool) -> Iterator[Example]:
    """Comments of patients with sentiment from 1 to 5 (MIT).

    A fifth of the respondents is held out. Answers of under four words say what they say only
    beside their question, which is not shown to the model: they are left out.
    """
    path = SHARED / "nhs_patient_feedback" / "v6framework_230831.csv"
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            text, grade = row["FFT answer"].strip(), row["Comment sentiment"]
            if not grade or len(text.split()) < _LEAST_WORDS:
                continue
            if (crc32(row["Respondent ID"].encode()) % 5 == 0) != held_out:
                continue
            sentiment = _sentiment(-float(grade), -4, -2)
            yield Example(text, "en", "nhs", sentiment, score=-float(grade))


def french() -> Iterator[Example]:
    """Answers to the open question of a retail chain's NPS survey, with the score (CC0).

    Promoters say what is good and detractors what is bad; passives say either, and are neutral
    for nobody: they have no sentiment here.
    """
    path = SHARED / "nps_retail_fr" / "nps.csv"
    if not path.exists():
        return
    with path.open(encoding="latin-1", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["explication"] == "NA" or row["nps"] == "NA":
                continue
            score = float(row["nps"])
            sentiment = "positive" if score >= 9 else "negative" if score <= 5 else None
            yield Example(row["explication"].strip(), "fr", "french", sentiment, score=score)


def intents() -> Iterator[Example]:
    """Questions to a bank and to an assistant, without a label (CC BY 4.0; CC BY 3.0)."""
    path = SHARED / "banking77" / "train.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield Example(row["text"].strip(), "en", "banking77")
    for path in sorted((SHARED / "clinc150").glob("*full*.json")):
        for part in json.loads(path.read_text("utf-8")).values():
            for text, _ in part:
                yield Example(text, "en", "clinc150")


# Evaluated on, never trained on.


def tweets(language: str, part: str) -> Iterator[Example]:
    """Tweets in three classes, in balance; ``part`` is train or val."""
    folder = SHARED / "xlmt_sentiment" / {"it": "italian", "en": "english"}[language]
    if not folder.is_dir():
        return
    texts = (folder / f"{part}_text.txt").read_text("utf-8").splitlines()
    labels = (folder / f"{part}_labels.txt").read_text("utf-8").splitlines()
    for text, label in zip(texts, labels, strict=True):
        yield Example(text, language, "tweets", ("negative", "neutral", "positive")[int(label)])


def airline() -> Iterator[Example]:
    """Tweets to airlines of the United States."""
    path = SHARED / "twitter_us_airline" / "Tweets.csv.gz"
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Example(row["text"], "en", "airline", row["airline_sentiment"])


def olist() -> Iterator[Example]:
    """Portuguese reviews of a market place, with their stars."""
    path = SHARED / "olist" / "olist_order_reviews_dataset.csv"
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            parts = (row["review_comment_title"], row["review_comment_message"])
            text = ". ".join(part.strip() for part in parts if part.strip())
            if text:
                yield Example(text, "pt", "olist", score=float(row["review_score"]))


def _sentiment(value: float, low: float, high: float) -> str:
    return "negative" if value <= low else "positive" if value >= high else "neutral"


def texts(examples: Iterable[Example]) -> list[str]:
    return [example.text for example in examples]
