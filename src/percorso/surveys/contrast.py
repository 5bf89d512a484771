"""The contrast of two colours, as WCAG 2.2 defines it."""

import re
from typing import Final

#: WCAG 2.2, 1.4.3 (words) and 1.4.11 (what must be seen to use a page): the least ratio.
WORDS: Final = 4.5
CONTROLS: Final = 3.0
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours written ``#1a2b3c``, from 1 to 21.

    (L1 + 0.05) / (L2 + 0.05), L1 the relative luminance of the lighter one. Source: WCAG 2.2,
    "contrast ratio". Raises ValueError where one is no colour.
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white).

    0.2126 R + 0.7152 G + 0.0722 B of linear sRGB. Source: WCAG 2.2, "relative luminance".
    """
    if not COLOUR.fullmatch(colour):
        raise ValueError(colour)
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
