"""What can go wrong between two servers, in words for the person who set it up."""

from percorso.vocabulary import Phrase


class NetError(Exception):
    """A request that came to nothing. ``phrase`` says why, without what a header may hold."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase


class BlockedError(NetError):
    """The address is not one that may be asked."""


class UnreachableError(NetError):
    """Nobody answers there, or not in a way that can be understood."""


class TimedOutError(NetError):
    """The answer took longer than there was time."""


class TooLargeError(NetError):
    """The answer is larger than is taken."""


class GuardError(ValueError):
    """The list of private networks that may be reached makes no sense."""
