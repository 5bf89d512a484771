"""What is wrong with a segment or its rule, in words for whoever wrote it."""


class SegmentError(Exception):
    """A segment cannot be saved, found or worked out. Says why, and what to do."""


class RuleError(SegmentError):
    """A rule cannot be read. ``at`` is the place of the first wrong character, from 0.

    ``length`` is how many characters are wrong; 0 where something is missing there.
    """

    def __init__(self, message: str, at: int = 0, length: int = 0) -> None:
        super().__init__(message)
        self.at = at
        self.length = length
