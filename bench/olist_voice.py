"""What real customers write, against what they scored and whether promises to them were kept.

Usage: python bench/olist_voice.py [--datasets FOLDER] [--folder FOLDER]

Reads two real sets beside the repository (``../shared/datasets``): the reviews of a Brazilian
marketplace (Olist, Portuguese, with stars and delivery dates) and the open answers of a French
retailer (with NPS). Both are imported and read as a company's own texts are, by the accurate path.
Prints JSON: how many texts there are and in which languages, Spearman's rank correlation of the
sentiment with the score, how certain the reading says it is and how often it agrees with the score
then, and each factor's share of blame among texts about late and about punctual deliveries (risk
difference, its 95% interval, p-value corrected for ten factors). No score of either set is learnt
from.
What is read is kept in ``--folder``, where one is given: a second run only counts.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np

from percorso import intake
from percorso.explain.blamed import tied_to_promises
from percorso.log import Log, open_log
from percorso.text import enrichment, voice
from percorso.workspace import Workspace

DATASETS: Final = Path(__file__).resolve().parents[2] / "shared" / "datasets"
#: Scores that surely mean contempt or delight: the rest may be either.
_ENDS: Final = {"stars": (2, 4), "nps": (6, 9)}
_EDGES: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def read(source: Path, folder: Path, mapping: dict[str, str] | None = None) -> Log:
    """Import a set, where it was not yet, and read its texts."""
    if folder.exists():
        log = open_log(Workspace.open(folder))
    else:
        workspace = Workspace.create(folder)
        log = open_log(workspace)
        intake.run(log, intake.inspect(workspace, [source], mapping=mapping), confirmed=True)

    def tell(done: int, there: int) -> None:
        sys.stderr.write(f"\r{source.name}: {done} of {there} texts")
        sys.stderr.flush()

    enrichment.enrich(log, path="accurate", on_progress=tell)
    sys.stderr.write("\n")
    return log


def against_scores(log: Log) -> dict[str, Any]:
    """Return how the readings of texts agree with the scores given beside them."""
    from scipy.stats import spearmanr

    table = voice.texts(log).filter(lambda t: t.sentiment.notnull())
    columns = ("language", "sentiment", "sentiment_score", "certainty", "scale", "score")
    rows = table.select(*columns).to_pyarrow().to_pylist()
    scored = [row for row in rows if row["score"] is not None and row["scale"] in _ENDS]
    rank = spearmanr(
        [row["sentiment_score"] for row in scored], [row["score"] for row in scored]
    ).statistic
    return {
        "texts": len(rows),
        "languages": dict(Counter(row["language"] for row in rows).most_common()),
        "scored": len(scored),
        "scale": scored[0]["scale"],
        "rank_correlation": round(float(rank), 3),
        "certainty": certainty(scored),
    }


def certainty(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return, by how certain readings are, how many agree with a score that is plainly good or bad.

    Only texts read as positive or negative, with such a score, are counted.
    """
    said, right = [], []
    for row in rows:
        low, high = _ENDS[row["scale"]]
        if row["sentiment"] == "neutral" or low < row["score"] < high:
            continue
        said.append(row["certainty"])
        right.append((row["score"] >= high) == (row["sentiment"] == "positive"))
    certain, agrees = np.array(said), np.array(right)
    bins = np.digitize(certain, _EDGES[1:-1])
    return {
        "texts": len(certain),
        "mean": round(float(certain.mean()), 3),
        "agrees": round(float(agrees.mean()), 3),
        "by_certainty": [
            {
                "from": _EDGES[place],
                "texts": int((bins == place).sum()),
                "mean": round(float(certain[bins == place].mean()), 3),
                "agrees": round(float(agrees[bins == place].mean()), 3),
            }
            for place in range(len(_EDGES) - 1)
            if (bins == place).any()
        ],
    }


def late(log: Log) -> dict[str, Any]:
    """Return which factors are blamed more often where the delivery was late."""
    found = tied_to_promises(log)
    return {
        "texts_late": found.broken,
        "texts_on_time": found.kept,
        "factors": [
            {
                "factor": each.factor,
                "late": round(each.broken.value or 0.0, 1),
                "on_time": round(each.kept.value or 0.0, 1),
                "difference": [
                    round(number or 0.0, 1)
                    for number in (
                        each.difference.estimate.value,
                        each.difference.estimate.low,
                        each.difference.estimate.high,
                    )
                ],
                "p_adjusted": float(f"{each.difference.p_adjusted:.2g}"),
            }
            for each in found.factors
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--datasets", type=Path, default=DATASETS)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        olist = read(given.datasets / "olist", folder / "olist")
        # Its months are counted from a first one that the set does not name.
        months = {"at": "2017-01 + {t} months"}
        french = read(given.datasets / "nps_retail_fr", folder / "french", months)
        found = {
            "olist": {**against_scores(olist), "deliveries": late(olist)},
            "nps_retail_fr": against_scores(french),
        }
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
