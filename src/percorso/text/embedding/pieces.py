"""Texts to word pieces, as multilingual-e5-small was trained to read them."""

import re
from collections.abc import Sequence
from typing import Any

from percorso.text.embedding.weights import Pieces

_SPACES = re.compile(" {2,}")


class Tokenizer:
    """Cuts texts into word pieces with SentencePiece's unigram model."""

    def __init__(self, pieces: Pieces) -> None:
        from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

        # The module makes its classes while it is loaded.
        model: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
        piece = model.SentencePiece
        model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
        model.trainer_spec.unk_id = pieces.unknown
        model.trainer_spec.bos_id = pieces.begin
        model.trainer_spec.eos_id = pieces.end
        model.trainer_spec.pad_id = pieces.padding
        model.normalizer_spec.add_dummy_prefix = True
        model.normalizer_spec.remove_extra_whitespaces = False
        special = {pieces.begin: piece.CONTROL, pieces.end: piece.CONTROL}
        special |= {pieces.padding: piece.CONTROL, pieces.unknown: piece.UNKNOWN}
        for place, (text, score) in enumerate(zip(pieces.texts, pieces.scores, strict=True)):
            kind = special.get(place, piece.NORMAL)
            model.pieces.add(piece=text, score=float(score), type=kind)
        self._processor = SentencePieceProcessor()
        self._processor.LoadFromSerializedProto(model.SerializeToString())
        self._replacements = pieces.replacements

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of the pieces of each text, without marks of begin and end."""
        alike = [_SPACES.sub(" ", text.translate(self._replacements)) for text in texts]
        found: list[list[int]] = self._processor.encode(alike)
        return found
