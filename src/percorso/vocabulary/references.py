"""References of those who are nobody in particular."""

from typing import Final

#: How the reference begins of somebody who was there once, and cannot be known again: a page seen
#: before the visitor agreed to be remembered, an answer at a counter. What they did is in the log;
#: nobody of them is counted or listed as a customer.
PASSING: Final = "anon:once-"
#: How the references begin of rows that were made anonymous: they are nobody's any more.
GONE: Final = "gone:"
#: The name of facts about a customer that say one thing only: which device is theirs.
LINK: Final = "link"
