"""What the models give for a text or a clause: one number for each thing they look for.

Both paths give log-odds in the same order, one row a text or clause: the three sentiments
(log-probabilities but for a constant), the emotions, the factors that are blamed or praised, that
it is praise, urgency of at least 1 and of 2, need, and that the text is a post.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

Floats = NDArray[np.float32]

_EMOTIONS_AT: Final = len(SENTIMENTS)
_FACTORS_AT: Final = _EMOTIONS_AT + len(EMOTIONS)
_POLARITY_AT: Final = _FACTORS_AT + len(FACTORS)

SENTIMENT_COLUMNS: Final = slice(0, _EMOTIONS_AT)
EMOTION_COLUMNS: Final = slice(_EMOTIONS_AT, _FACTORS_AT)
FACTOR_COLUMNS: Final = slice(_FACTORS_AT, _POLARITY_AT)
POLARITY_COLUMN: Final = _POLARITY_AT
URGENCY_COLUMNS: Final = slice(_POLARITY_AT + 1, _POLARITY_AT + 3)
NEED_COLUMN: Final = _POLARITY_AT + 3
POST_COLUMN: Final = NEED_COLUMN + 1
COLUMNS: Final = POST_COLUMN + 1


def softmax(values: Floats) -> Floats:
    """Return the probabilities of each row of log-odds."""
    powers: Floats = np.exp(values - values.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
