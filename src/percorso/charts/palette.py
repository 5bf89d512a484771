"""The colours of charts, by what they mean."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by meaning, as CSS colours."""

    ink: str
    ink_2: str
    line: str
    card: str
    accent: str
    band: str
    good: str
    bad: str
    warn: str


#: On pages the style sheet decides, so that the dark theme changes charts too.
PAGE: Final = Palette(
    ink="var(--ink)",
    ink_2="var(--ink-2)",
    line="var(--line)",
    card="var(--card)",
    accent="var(--accent)",
    band="var(--band)",
    good="var(--good)",
    bad="var(--bad)",
    warn="var(--warn)",
)

#: In a notebook, a picture or an e-mail there is no style sheet: the light theme's colours.
LITERAL: Final = Palette(
    ink="#1d2226",
    ink_2="#5b646b",
    line="#e6e2d9",
    card="#ffffff",
    accent="#1f5c57",
    band="#cfe3df",
    good="#2f7d4f",
    bad="#b3402f",
    warn="#9a6a00",
)
