"""Vectors of texts, kept in a file, so that training again costs seconds."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from percorso.text.embedding import local
from percorso.text.embedding.adapters import FILE

CACHE = Path(__file__).parent / ".cache"
_AT_ONCE = 2_000


class Vectors:
    """Embeds what it has not yet seen, and keeps what it has in a file of this name."""

    def __init__(self, name: str, embed: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        CACHE.mkdir(exist_ok=True)
        self._embed = embed
        self._path = CACHE / f"{name}.npz"
        self._places: dict[bytes, int] = {}
        self._rows: list[NDArray[np.float16]] = []
        if self._path.exists():
            with np.load(self._path) as kept:
                keys, rows = kept["keys"], kept["rows"]
            self._places = {key.tobytes(): place for place, key in enumerate(keys)}
            self._rows = list(rows)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of ``texts``: shape (texts, 384)."""
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._places}
        waiting = list(new.items())
        for start in range(0, len(waiting), _AT_ONCE):
            self._add(waiting[start : start + _AT_ONCE])
        if waiting:
            self._keep()
        if not keys:
            return np.zeros((0, 384), np.float32)
        return np.stack([self._rows[self._places[key]] for key in keys]).astype(np.float32)

    def _add(self, waiting: list[tuple[bytes, str]]) -> None:
        vectors = self._embed([text for _, text in waiting])
        for (key, _), vector in zip(waiting, vectors, strict=True):
            self._places[key] = len(self._rows)
            self._rows.append(vector.astype(np.float16))

    def _keep(self) -> None:
        keys = np.array([np.frombuffer(key, np.uint8) for key in self._places])
        new = self._path.with_suffix(".new.npz")
        np.savez(new, keys=keys, rows=np.stack(self._rows))
        new.rename(self._path)


def plain() -> Vectors:
    """Return the vectors of e5 as it is."""
    return Vectors("vectors", local().embed)


def adapted() -> Vectors:
    """Return the vectors of the adapted network, kept apart for each state of the adapters."""
    digest = blake2b(files("percorso.text.model").joinpath(FILE).read_bytes())
    return Vectors(f"adapted-{digest.hexdigest()[:12]}", lambda some: local().embed_twice(some)[1])


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
