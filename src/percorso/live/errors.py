"""What can go wrong while listening, said so that a person knows what to do."""


class LiveError(Exception):
    """What was asked of the inbox, or of the mapping rules, cannot be done."""


class InboxFullError(LiveError):
    """Nothing more can be taken in now; whoever sends should try again in ``retry_after`` s."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InboxError(LiveError):
    """The inbox cannot be written to."""
