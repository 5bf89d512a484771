"""Signs of a text that nobody sees, or that are no signs at all."""

from typing import Final

#: Controls, halves of characters, and signs that set the direction of all that follows or show
#: nothing, as the inside of a set of a regular expression. Blanks are none of them; nor is what
#: joins the parts of an emoji (ZWJ), and of words in some scripts (ZWNJ).
UNSEEN: Final = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e0fff"
)
#: Zero-width joiner and non-joiner.
JOINERS: Final = "\u200c\u200d"
#: Marks that stand on, under or through the letter before them.
MARKS: Final = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
