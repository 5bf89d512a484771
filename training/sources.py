"""The texts that train and evaluate, each read from where it lies into one form.

Our own examples are in ``training/data``. Public sets are read from ``../shared/datasets`` beside
the repository and never copied into it; a set that is not there is left out.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

OWN = Path(__file__).parent / "data"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "datasets"

_STAFF = re.compile(r"\b(staff|service|crew|attendants?)\b", re.IGNORECASE)
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


def _own(line: dict[str, object], name: str) -> Example:
    given: dict = line
    return Example(
        text=given["text"],
        language=given["language"],
        source=name,
        sentiment=given["sentiment"],
        factors=given.get("factors", {}),
        emotions=tuple(given.get("emotions", ())),
        urgency=given.get("urgency", 0),
        need=given.get("need", False),
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
                    factors=_skytrax_factors(row),
                    score=rating,
                )


def _skytrax_factors(row: dict[str, str]) -> dict[str, str]:
    rated = {"staff_service_rating": "assistance"}
    found = {}
    for column, factor in rated.items():
        value = float(row.get(column) or 0)
        if value and re.search(
            r"\b(staff|service|crew|attendants?)\b", row["content"], re.IGNORECASE
        ):
            if value <= 2:
                found[factor] = "negative"
            elif value >= 4:
                found[factor] = "positive"
    return found


#: Topics of the NHS framework that are factors here, where they say nothing but them.
_NHS_FACTORS = {
    "Staff manner & personal attributes": "assistance",
    "Staff responsiveness": "assistance",
    "Competence & training": "assistance",
    "Timeliness of care": "speed",
    "Contacting services": "ease",
    "Being kept informed, clarity & consistency of information": "transparency",
    "Information directly from staff during care": "transparency",
    "Information provision & guidance": "transparency",
    "Staff listening, understanding & involving patients": "personalisation",
    "Staff continuity": "continuity",
    "Referals & continuity of care": "continuity",
    "Feeling safe": "security",
    "Cleanliness, tidiness & infection control": "quality",
    "Food & drink provision & facilities": "quality",
    "Environment & Facilities": "quality",
}


def nhs(*, held_out: bool) -> Iterator[Example]:
    """Comments of patients with sentiment from 1 to 5 and topics (MIT).

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
            topics = {factor for topic, factor in _NHS_FACTORS.items() if row[topic] == "1"}
            factors = {} if sentiment == "neutral" else dict.fromkeys(sorted(topics), sentiment)
            yield Example(text, "en", "nhs", sentiment, factors=factors, score=-float(grade))


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
