"""Names of groups of system checks."""

from typing import Final

#: What depends on the machine and its settings, not on the code.
SET_UP: Final = "set_up"
