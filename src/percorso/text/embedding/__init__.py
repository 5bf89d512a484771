"""Sentence vectors: texts as points, near to each other where they mean alike.

The heads that read sentiment, factors and emotions were trained on :func:`local`'s vectors and
always use them. Topics and the search by meaning use whichever was chosen.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from percorso.text.embedding.e5 import local
from percorso.text.embedding.endpoint import EmbeddingError, Endpoint
from percorso.text.embedding.transformers import SentenceTransformer

__all__ = ["Embedder", "EmbeddingError", "choose", "local"]


class Embedder(Protocol):
    """Gives texts their vectors. ``name`` says which model of which make gave them."""

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of ``texts``: shape (texts, dimensions), each of length 1."""


def choose(environment: Mapping[str, str] = os.environ) -> Embedder:
    """Return the embedder that the environment asks for; without a word of it, :func:`local`.

    ``PERCORSO_EMBEDDINGS_URL`` names a server that speaks the OpenAI embeddings protocol, with
    ``PERCORSO_EMBEDDINGS_MODEL`` and ``PERCORSO_EMBEDDINGS_KEY``. A model without an address is
    one of sentence-transformers. Raises EmbeddingError where that is not installed.
    """
    address = environment.get("PERCORSO_EMBEDDINGS_URL", "")
    model = environment.get("PERCORSO_EMBEDDINGS_MODEL", "")
    if address:
        return Endpoint(address, model, environment.get("PERCORSO_EMBEDDINGS_KEY", ""))
    if model:
        return SentenceTransformer(model)
    return local()
