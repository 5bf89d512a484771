"""Sentence vectors from a server that speaks the OpenAI embeddings protocol.

Texts leave this machine, so what is personal in them is masked first.
"""

import urllib.error
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.i18n import gettext as _
from percorso.text import server
from percorso.text.personal_data import mask_beginning

#: Texts in one request, and characters of each that are sent.
_AT_ONCE = 128
_LONGEST = 8_000
#: Bytes of an answer: vectors of some 4,000 dimensions, in many digits.
_LONGEST_ANSWER = 32 * 2**20
_SECONDS = 60


class EmbeddingError(Exception):
    """The server of vectors did not answer as it should. Says what it said.

    ``reason`` is why, for those who are not to know the server and its words.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or _("the model of meanings cannot be used now")


@dataclass(frozen=True)
class Endpoint:
    """``address`` is the base, such as ``https://example.org/v1``; ``key`` is sent as bearer."""

    address: str
    model: str
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.address.startswith(("https://", "http://")):
            raise EmbeddingError(
                _(
                    "The address of the embeddings must begin with https:// or http://,"
                    " not {address}"
                ).format(address=self._where)
            )

    @property
    def name(self) -> str:
        return f"{self.model}@{self._where}"

    @property
    def _where(self) -> str:
        """The address without what may be secret in it: it is written to files and logs."""
        scheme, _colon, rest = self.address.partition("://")
        if not rest:
            return self.address.partition("?")[0]
        host, slash, path = rest.partition("#")[0].partition("?")[0].partition("/")
        return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of ``texts``: shape (texts, dimensions), each of length 1.

        Raises EmbeddingError where the server cannot be reached or answers otherwise.
        """
        parts = [
            self._ask([_sent(text) for text in texts[start : start + _AT_ONCE]])
            for start in range(0, len(texts), _AT_ONCE)
        ]
        vectors = np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
        return unit

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        # An empty text is refused by many servers.
        body = {"model": self.model, "input": [text or " " for text in texts]}
        address = f"{self.address.rstrip('/')}/embeddings"
        try:
            answer = server.ask(
                address, body, key=self.key, seconds=_SECONDS, longest=_LONGEST_ANSWER
            )
            return _vectors(answer, len(texts))
        except urllib.error.HTTPError as error:
            said = error.read(300).decode("utf-8", "replace")
            raise EmbeddingError(
                _("{address} answered {status}: {said}").format(
                    address=self._where, status=error.code, said=said
                ),
                _("the server of meanings answered {status}").format(status=error.code),
            ) from error
        except OSError as error:
            raise EmbeddingError(
                _("{address} cannot be reached: {error}").format(address=self._where, error=error),
                _("the server of meanings cannot be reached"),
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddingError(
                _("{address} answered with something else than vectors").format(
                    address=self._where
                ),
                _("the server of meanings answered with something else than vectors"),
            ) from error


def _sent(text: str) -> str:
    """Return what is sent of a text: cut only after it is masked, or half an address is left."""
    return mask_beginning(text, _LONGEST)[0]


def _vectors(answer: Any, count: int) -> NDArray[np.float32]:
    rows = sorted(answer["data"], key=lambda row: row["index"])
    vectors = np.array([row["embedding"] for row in rows], np.float32)
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise ValueError(vectors.shape)
    return vectors
