"""Train the adapters that feelings are read with, and write ``adapters.npz`` beside the heads.

Usage: python training/adapt.py [--epochs 3]

e5 stays as it is: beside each matrix of its upper layers two thin ones are learnt, whose product
is added to it (Hu and others 2021, *LoRA*), with linear heads over the mean of the states. Needs
``tensorflow-cpu`` besides what the lock pins (``uv pip install tensorflow-cpu==2.21.0``): nothing
else here multiplies 16-bit matrices as quickly on a processor. Half an hour on two quiet cores.
Run ``train.py`` afterwards: it sets the scale of what is learnt here, and teaches the fast path.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from percorso.text.embedding.adapters import FILE, FIRST, MATRICES, SCALE
from percorso.text.embedding.e5 import PREFIX
from percorso.text.embedding.pieces import Tokenizer
from percorso.text.embedding.weights import Weights, load, unpack
from percorso.text.outputs import (
    COLUMNS,
    EMOTION_COLUMNS,
    FACTOR_COLUMNS,
    NEED_COLUMN,
    POLARITY_COLUMN,
    SENTIMENT_COLUMNS,
    URGENCY_COLUMNS,
)
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS
from sources import Example, clauses_of, nhs, to_learn, uci, weight_of

RANK = 16
BATCH = 32
#: Pieces of a text that are looked at, and words of a comment that is not our own.
MOST_PIECES = 80
MOST_WORDS = 45
LEARNING_RATE = 2.5e-4
HEAD_RATE = 5e-4
DROPPED = 0.1
SEED = 0
#: Full passes over the vectors as they are, and their penalty, before the adapters move.
HEAD_STEPS = 300
HEAD_PENALTY = 2e-3
#: How much a text of a source counts for sentiment.
WEIGHTS = {"train_posts": 2.0, "uci": 0.8, "nhs": 0.25, "clause": 0.4}
#: How much a yes or no counts beside the sentiment.
FACTOR_COUNTS, EMOTION_COUNTS, WISH_COUNTS = 0.2, 0.2, 0.3
#: Neutral texts are fewer than in life.
NEUTRAL = 1.6

MODEL = Path(__file__).parents[1] / "src" / "percorso" / "text" / "model"
HALF = tf.bfloat16


@dataclass(frozen=True, slots=True)
class Taught:
    """What a text teaches: ``sentiment`` and ``polar`` are -1 where it says nothing of them."""

    sentiment: int
    polar: int
    counts: float
    says: NDArray[np.float32]
    heeded: NDArray[np.float32]


def taught_by(each: Example) -> Taught:
    """Turn an example's labels into numbers, each with how much it counts."""
    says, heeded = np.zeros(COLUMNS, np.float32), np.zeros(COLUMNS, np.float32)
    sentiment = polar = -1
    counts = weight_of(each, WEIGHTS)
    if each.emotions is not None or each.source == "clause":
        factors = each.factors or {}
        says[FACTOR_COLUMNS] = [factor in factors for factor in FACTORS]
        heeded[FACTOR_COLUMNS] = FACTOR_COUNTS
        if len(set(factors.values())) == 1:
            says[POLARITY_COLUMN] = "positive" in factors.values()
            heeded[POLARITY_COLUMN] = FACTOR_COUNTS
    if each.source == "clause":
        return Taught(sentiment, polar, counts, says, heeded)
    if each.source.startswith("uci"):
        polar = int(each.sentiment == "positive")
    else:
        sentiment = SENTIMENTS.index(each.sentiment or "neutral")
        counts *= NEUTRAL if each.sentiment == "neutral" else 1.0
    if each.emotions is not None:
        says[EMOTION_COLUMNS] = [emotion in each.emotions for emotion in EMOTIONS]
        heeded[EMOTION_COLUMNS] = EMOTION_COUNTS
    if each.urgency is not None:
        says[URGENCY_COLUMNS] = [each.urgency >= 1, each.urgency >= 2]
        says[NEED_COLUMN] = bool(each.need)
        heeded[URGENCY_COLUMNS] = heeded[NEED_COLUMN] = WISH_COUNTS
    return Taught(sentiment, polar, counts, says, heeded)


def columns_of(taught: Sequence[Taught]) -> tuple[NDArray, ...]:
    """Return the fields of :class:`Taught`, one array each."""
    return (
        np.array([each.sentiment for each in taught], np.int32),
        np.array([each.polar for each in taught], np.int32),
        np.array([each.counts for each in taught], np.float32),
        np.stack([each.says for each in taught]),
        np.stack([each.heeded for each in taught]),
    )


class Network:
    """e5 with thin matrices beside those of its layers from ``FIRST`` on."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.width = weights.width
        self._tokenizer = Tokenizer(weights.pieces)
        self._places = weights.vector("emb.pos").reshape(-1, self.width)
        self._places = self._places + weights.vector("emb.type").reshape(-1, self.width)[0]
        self._layers = [self._layer(number) for number in range(weights.layers)]
        self._first = [tf.constant(weights.vector(f"emb.ln.{part}")) for part in "wb"]

    def _layer(self, number: int) -> dict[str, Any]:
        read = self._weights
        found: dict[str, Any] = {}
        for name in MATRICES:
            inputs = self.width * (4 if name == "fo" else 1)
            found[name] = tf.constant(read.matrix(f"l{number}.{name}.w", inputs).T, HALF)
            found[f"{name}.b"] = tf.constant(read.vector(f"l{number}.{name}.b"))
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            found[name] = tf.constant(read.vector(f"l{number}.{name}"))
        return found

    def thin_shapes(self) -> list[tuple[str, tuple[int, int]]]:
        """Return the names and shapes of the matrices to learn."""
        shapes = []
        for number in range(FIRST, self._weights.layers):
            for name in MATRICES:
                inputs = self.width * (4 if name == "fo" else 1)
                outputs = self.width * (4 if name == "fi" else 1)
                shapes.append((f"l{number}.{name}.in", (inputs, RANK)))
                shapes.append((f"l{number}.{name}.out", (RANK, outputs)))
        return shapes

    def embedded(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return each text's pieces as they enter the first layer."""
        marks = self._weights.pieces
        found = []
        for pieces in self._tokenizer.pieces([PREFIX + text for text in texts]):
            ids = np.array([marks.begin, *pieces[: MOST_PIECES - 2], marks.end])
            found.append(unpack(self._weights.words[ids]) + self._places[: len(ids)])
        return found

    def lower(self, states: Any, mask: Any) -> Any:
        """Run the layers that stay as they are."""
        state = self._normalised(states, *self._first)
        for layer in self._layers[:FIRST]:
            state = self._run(layer, {}, state, mask, 0.0)
        return state

    def upper(self, states: Any, mask: Any, thin: dict[str, Any], dropped: float) -> Any:
        """Run the layers that are adapted, and return the mean of the states."""
        for number, layer in list(enumerate(self._layers))[FIRST:]:
            states = self._run(
                layer, {n: thin.get(f"l{number}.{n}") for n in MATRICES}, states, mask, dropped
            )
        total = tf.reduce_sum(states * mask[:, :, None], axis=1)
        return tf.math.l2_normalize(total, axis=1)

    def _run(self, layer: Any, thin: Any, state: Any, mask: Any, dropped: float) -> Any:
        heads = self._weights.heads
        texts, pieces = tf.shape(state)[0], tf.shape(state)[1]

        def linear(inputs: Any, name: str) -> Any:
            narrow = tf.cast(inputs, HALF)
            out = tf.cast(tf.matmul(narrow, layer[name]), tf.float32) + layer[f"{name}.b"]
            if thin.get(name) is not None:
                into, back = thin[name]
                low = tf.matmul(narrow, tf.cast(into, HALF))
                out += tf.cast(tf.matmul(low, tf.cast(back * SCALE, HALF)), tf.float32)
            return out

        def drop(values: Any) -> Any:
            return tf.nn.dropout(values, dropped) if dropped else values

        def split(values: Any) -> Any:
            parted = tf.reshape(values, (texts, pieces, heads, self.width // heads))
            return tf.cast(tf.transpose(parted, (0, 2, 1, 3)), HALF)

        flat = tf.reshape(state, (-1, self.width))
        queries, keys, values = (split(linear(flat, name)) for name in "qkv")
        closeness = tf.cast(tf.matmul(queries, keys, transpose_b=True), tf.float32)
        closeness = closeness / (self.width // heads) ** 0.5 + ((1 - mask) * -1e9)[:, None, None, :]
        seen = tf.matmul(tf.cast(tf.nn.softmax(closeness), HALF), values)
        seen = tf.reshape(tf.transpose(seen, (0, 2, 1, 3)), (-1, self.width))
        flat = self._normalised(flat + drop(linear(seen, "ao")), layer["aln.w"], layer["aln.b"])
        inner = tf.nn.gelu(linear(flat, "fi"))
        flat = self._normalised(flat + drop(linear(inner, "fo")), layer["oln.w"], layer["oln.b"])
        return tf.reshape(flat, (texts, pieces, self.width))

    def _normalised(self, values: Any, scale: Any, shift: Any) -> Any:
        centred = values - tf.reduce_mean(values, -1, keepdims=True)
        spread = tf.reduce_mean(centred * centred, -1, keepdims=True)
        return centred * tf.math.rsqrt(spread + self._weights.epsilon) * scale + shift


def padded(rows: Sequence[NDArray]) -> tuple[Any, Any]:
    longest = max(map(len, rows))
    states = np.zeros((len(rows), longest, rows[0].shape[1]), np.float32)
    mask = np.zeros((len(rows), longest), np.float32)
    for place, row in enumerate(rows):
        states[place, : len(row)], mask[place, : len(row)] = row, 1
    return tf.constant(states), tf.constant(mask)


def lower_states(network: Network, texts: Sequence[str]) -> list[NDArray[np.float16]]:
    """Return the states below the adapted layers, which are worked out once."""
    run = tf.function(network.lower, input_signature=_given(network.width))
    rows = network.embedded(texts)
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    found: list[Any] = [None] * len(rows)
    for start in range(0, len(order), 48):
        places = order[start : start + 48]
        states = run(*padded([rows[place] for place in places])).numpy()
        for place, state in zip(places, states, strict=True):
            found[place] = state[: len(rows[place])].astype(np.float16)
    return found


def batches(rows: Sequence[NDArray], rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield the places of texts of like length, in an order of chance."""
    order, found = rng.permutation(len(rows)), []
    for start in range(0, len(order), BATCH * 40):
        part = sorted(order[start : start + BATCH * 40], key=lambda place: len(rows[place]))
        found += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
    rng.shuffle(found)
    yield from found


class Learner:
    """The numbers that are learnt, and Adam's memory of them."""

    def __init__(self, network: Network, centre: NDArray, spread: float, steps: int) -> None:
        self._network, self._steps = network, steps
        rng = np.random.default_rng(SEED)
        self.thin = {
            name: tf.Variable(
                rng.normal(0, shape[0] ** -0.5, shape).astype(np.float32)
                if name.endswith(".in")
                else np.zeros(shape, np.float32)
            )
            for name, shape in network.thin_shapes()
        }
        self._centre, self._spread = tf.constant(centre), spread
        self.weights = tf.Variable(tf.zeros((network.width, COLUMNS)))
        self.intercept = tf.Variable(tf.zeros(COLUMNS))
        self._all = [*self.thin.values(), self.weights, self.intercept]
        self._rates = [*[LEARNING_RATE] * len(self.thin), HEAD_RATE, HEAD_RATE]
        self._means = [tf.Variable(tf.zeros_like(each)) for each in self._all]
        self._squares = [tf.Variable(tf.zeros_like(each)) for each in self._all]
        self._step = tf.function(self._take_step, reduce_retracing=True)

    def start(self, vectors: NDArray, taught: Sequence[Taught]) -> None:
        """Fit the heads to the vectors as they are, so that learning begins from there."""
        features = tf.constant((vectors - self._centre) / self._spread)
        wanted = [tf.constant(each) for each in columns_of(taught)]
        heads = [self.weights, self.intercept]
        rule = tf.keras.optimizers.Adam(0.01)

        @tf.function
        def step() -> None:
            with tf.GradientTape() as tape:
                loss = self._loss(features @ self.weights + self.intercept, *wanted)
                loss += HEAD_PENALTY * tf.reduce_sum(self.weights**2)
            rule.apply_gradients(zip(tape.gradient(loss, heads), heads, strict=True))

        for _ in range(HEAD_STEPS):
            step()

    def step(self, number: int, rows: Sequence[NDArray], taught: Sequence[Taught]) -> float:
        """Learn from a batch; ``number`` counts from 1."""
        warm = max(20, self._steps // 15)
        left = (self._steps - number) / (self._steps - warm)
        pace = min(1.0, number / warm, max(0.02, left))
        given = (*columns_of(taught), np.float32(number), np.float32(pace))
        return float(self._step(*padded(rows), *map(tf.constant, given)))

    def _take_step(
        self, states: Any, mask: Any, sentiment: Any, polar: Any, counts: Any, says: Any,
        heeded: Any, number: Any, pace: Any
    ) -> Any:  # fmt: skip
        with tf.GradientTape() as tape:
            pairs = {
                name.removesuffix(".in"): (thin, self.thin[name.removesuffix(".in") + ".out"])
                for name, thin in self.thin.items()
                if name.endswith(".in")
            }
            vectors = self._network.upper(states, mask, pairs, DROPPED)
            features = tf.nn.dropout((vectors - self._centre) / self._spread, DROPPED)
            said = features @ self.weights + self.intercept
            loss = self._loss(said, sentiment, polar, counts, says, heeded)
        slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, self._all), 1.0)
        for each, slope, mean, square, rate in zip(
            self._all, slopes, self._means, self._squares, self._rates, strict=True
        ):
            mean.assign(0.9 * mean + 0.1 * slope)
            square.assign(0.98 * square + 0.02 * slope * slope)
            moved = mean / (1 - 0.9**number) / (tf.sqrt(square / (1 - 0.98**number)) + 1e-8)
            each.assign_sub(rate * pace * (moved + 0.01 * each))
        return loss

    @staticmethod
    def _loss(said: Any, sentiment: Any, polar: Any, counts: Any, says: Any, heeded: Any) -> Any:
        three = tf.nn.log_softmax(said[:, :3])
        two = tf.nn.log_softmax(tf.gather(said, [0, 2], axis=1))
        # A place of -1 chooses nothing.
        chosen = tf.reduce_sum(tf.one_hot(sentiment, 3) * three, axis=1)
        chosen += tf.reduce_sum(tf.one_hot(polar, 2) * two, axis=1)
        each = tf.nn.sigmoid_cross_entropy_with_logits(labels=says, logits=said)
        return tf.reduce_mean(tf.reduce_sum(heeded * each, axis=1) - counts * chosen)

    def arrays(self) -> dict[str, NDArray]:
        """Return what the file holds: of the heads, that of the sentiment.

        The others taught the network what else to see; ``train.py`` fits better ones.
        """
        found = {name: each.numpy().astype(np.float16) for name, each in self.thin.items()}
        found |= {"centre": self._centre.numpy(), "spread": np.float32(self._spread)}
        weights, intercept = self.weights.numpy(), self.intercept.numpy()
        return found | {
            "weights": weights[:, SENTIMENT_COLUMNS],
            "intercept": intercept[SENTIMENT_COLUMNS],
        }


def before(network: Network, rows: Sequence[NDArray]) -> NDArray:
    """Return the vectors as they are before anything is learnt."""
    run = tf.function(
        lambda states, mask: network.upper(states, mask, {}, 0.0),
        input_signature=_given(network.width),
    )
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    vectors = np.zeros((len(rows), network.width), np.float32)
    for start in range(0, len(order), 48):
        places = order[start : start + 48]
        vectors[places] = run(*padded([rows[place] for place in places])).numpy()
    return vectors


def examples() -> list[Example]:
    """Return what is learnt from: our own texts and their clauses, and others' short ones."""
    ours = clauses_of(to_learn())
    others = [each for each in nhs(held_out=False) if len(each.text.split()) <= MOST_WORDS]
    return [*ours, *uci(), *others]


def _given(width: int) -> list[Any]:
    return [
        tf.TensorSpec((None, None, width), tf.float32),
        tf.TensorSpec((None, None), tf.float32),
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--epochs", type=int, default=3)
    epochs = arguments.parse_args().epochs
    tf.random.set_seed(SEED)
    rng = np.random.default_rng(SEED)
    every = examples()
    taught = [taught_by(each) for each in every]
    network = Network(load())
    rows = lower_states(network, [each.text for each in every])
    vectors = before(network, rows)
    centre = vectors.mean(axis=0)
    spread = float(np.sqrt(((vectors - centre) ** 2).mean()))
    steps = epochs * -(-len(every) // BATCH)
    learner = Learner(network, centre, spread, steps)
    learner.start(vectors, taught)
    print(f"{len(every)} texts, {steps} steps", file=sys.stderr, flush=True)
    number, started, losses = 0, time.monotonic(), []
    for _ in range(epochs):
        for places in batches(rows, rng):
            number += 1
            some = [taught[place] for place in places]
            losses.append(learner.step(number, [rows[place] for place in places], some))
            if number % 100 == 0:
                pace = (time.monotonic() - started) / number
                print(number, f"{np.mean(losses[-100:]):.4f}", f"{pace:.2f} s", file=sys.stderr)
        np.savez_compressed(MODEL / FILE, **learner.arrays())


if __name__ == "__main__":
    main()
