"""What cannot be done with surveys, in words for the page."""


class AskingError(Exception):
    """A survey cannot be asked so; says why, and of what was given in which ``field``."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


class SpentError(Exception):
    """A link does not work: forged, cut, too old, used, of another survey; it is not said which."""
