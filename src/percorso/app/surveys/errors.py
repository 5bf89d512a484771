"""What cannot be done with surveys, in words for the page."""


class AskingError(Exception):
    """A survey cannot be asked so; says why."""


class SpentError(Exception):
    """A link does not work: forged, cut, too old, used, of another survey; it is not said which."""
