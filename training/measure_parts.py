"""How well languages are told, texts cut into clauses, and names found: rows for the page."""

import json
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from percorso.text.clauses import clauses
from percorso.text.languages import detect
from percorso.text.personal_data import find
from sources import OWN, Example, texts

#: Gives a measure of chosen rows with its interval, as it is printed.
Interval = Callable[[Callable[[NDArray[np.int64]], float], int], object]


def language_rows(
    parts: Sequence[tuple[str, Sequence[Example]]], interval: Interval
) -> list[list[str]]:
    """Return the share of texts whose language is told rightly, of all and of short ones."""
    rows = []
    for name, examples in parts:
        told = np.array(detect(texts(examples)).codes)
        right = told == np.array([each.language for each in examples])
        short = np.array([len(each.text.split()) <= 8 for each in examples])
        found = [_share(some, interval) for some in (right, right[short])]
        rows.append([name, str(len(examples)), found[0], str(short.sum()), found[1]])
    return rows


def clause_rows(
    parts: Sequence[tuple[str, Sequence[Example]]], interval: Interval
) -> list[list[str]]:
    """Return F1 of where texts are cut, beside where those who wrote them cut them."""
    rows = []
    for name, examples in parts:
        cut = [each for each in examples if len(each.clauses) > 1]
        counts = np.array([_cuts(each) for each in cut])
        rows.append([name, str(len(cut)), str(interval(_f1(counts), len(cut)))])
    return rows


def name_rows(files: Sequence[str], interval: Interval) -> list[list[str]]:
    """Return which share of the names in texts is masked, and how many masked words are names."""
    rows = []
    for file in files:
        lines = (OWN / f"{file}.jsonl").read_text("utf-8").splitlines()
        there, found, masked, right = np.array([_names(json.loads(line)) for line in lines]).T
        measured = [
            str(interval(_ratio(found, there), len(lines))),
            str(interval(_ratio(right, masked), len(lines))),
        ]
        rows.append([file, str(there.sum()), str(masked.sum()), *measured])
    return rows


def _share(right: NDArray[np.bool_], interval: Interval) -> str:
    return str(interval(lambda rows: float(right[rows].mean()), len(right)))


def _cuts(each: Example) -> tuple[int, int, int]:
    """Return how many cuts there should be, are made, and are both."""
    wanted, at = set(), 0
    for text, _ in each.clauses:
        at = max(each.text.find(text, at), at)
        wanted.add(_first_letter(each.text, at))
        at += len(text)
    made = {_first_letter(each.text, start) for start, _ in clauses(each.text, each.language)}
    beginning = {_first_letter(each.text, 0)}
    wanted, made = wanted - beginning, made - beginning
    return len(wanted), len(made), len(wanted & made)


def _first_letter(text: str, at: int) -> int:
    while at < len(text) and not text[at].isalnum():
        at += 1
    return at


def _f1(counts: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    def measure(rows: NDArray[np.int64]) -> float:
        wanted, made, both = counts[rows].sum(axis=0)
        return float(2 * both / max(wanted + made, 1))

    return measure


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Callable[[NDArray], float]:
    return lambda rows: float(part[rows].sum() / max(whole[rows].sum(), 1))


def _names(line: dict) -> tuple[int, int, int, int]:
    """Return how many names there are and how many of them are masked; the same of the masks."""
    text, names = line["text"], line.get("names", [])
    masks = [text[each.start : each.end] for each in find(text) if each.kind == "name"]
    found = sum(any(name in mask or mask in name for mask in masks) for name in names)
    right = sum(any(name in mask or mask in name for name in names) for mask in masks)
    return len(names), found, len(masks), right
