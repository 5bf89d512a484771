"""Sentence vectors by the sentence-transformers package, where it is installed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from percorso.i18n import gettext as _
from percorso.text.embedding.endpoint import EmbeddingError


class SentenceTransformer:
    """``model`` is a name or a folder that sentence-transformers knows."""

    def __init__(self, model: str) -> None:
        try:
            import sentence_transformers
        except ImportError as error:
            raise EmbeddingError(
                _("sentence-transformers is not installed. Try: pip install sentence-transformers")
            ) from error
        self.name = f"{model}/sentence-transformers-{sentence_transformers.__version__}"
        self._model: Any = sentence_transformers.SentenceTransformer(model, device="cpu")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of ``texts``: shape (texts, dimensions), each of length 1."""
        vectors = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)
