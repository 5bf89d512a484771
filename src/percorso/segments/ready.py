"""The segments that are there without anybody saving them.

By purchases and value, each customer in exactly one; and by RFM (recency, frequency, monetary
value), each customer who purchased in exactly one. See docs/concepts/segments.md.
"""

from typing import Final

#: By purchases and value: ``percorso.log.customers``.
BY_PURCHASES: Final = ("no_purchase", "one_purchase", "repeat", "top_fifth")

#: Recency score R and the mean FM of the frequency and value scores, each from 1 to 5, rounded
#: half up: name -> the least and the most of R, and of FM. Together they cover all there are, once.
RFM_GRID: Final[tuple[tuple[str, tuple[int, int], tuple[int, int]], ...]] = (
    ("champions", (4, 5), (4, 5)),
    ("loyal", (4, 5), (3, 3)),
    ("loyal", (3, 3), (4, 5)),
    ("promising", (4, 5), (1, 2)),
    ("needs_attention", (3, 3), (1, 3)),
    ("at_risk", (2, 2), (3, 5)),
    ("sleeping", (2, 2), (1, 2)),
    ("cannot_lose", (1, 1), (4, 5)),
    ("lost", (1, 1), (1, 3)),
)
RFM: Final = tuple(dict.fromkeys(name for name, *_ in RFM_GRID))

#: Every ready-made segment.
READY: Final = (*BY_PURCHASES, *RFM)
