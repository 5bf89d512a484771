"""A list that lies on disk, for what may be as long as a hostile file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from percorso.intake.readers import Reject


class Spool:
    """(file number, Reject) pairs, in the order they were added."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._encoder = msgspec.json.Encoder()
        self.counts: dict[int, int] = {}

    def __len__(self) -> int:
        return sum(self.counts.values())

    def add(self, entry: tuple[int, Reject]) -> None:
        self._file.write(self._encoder.encode(entry) + b"\n")
        self.counts[entry[0]] = self.counts.get(entry[0], 0) + 1

    def __iter__(self) -> Iterator[tuple[int, Reject]]:
        self._file.seek(0)
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(tuple[int, Reject])
        for line in self._file:
            yield decoder.decode(line)
        self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()
