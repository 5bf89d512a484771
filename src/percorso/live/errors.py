"""What can go wrong while listening, said so that a person knows what to do."""

from percorso.vocabulary import Phrase


class LiveError(Exception):
    """What was asked of the inbox, or of the mapping rules, cannot be done.

    ``phrase`` says why to a person; ``str()`` in English, to a program.
    """

    def __init__(self, why: Phrase | str) -> None:
        super().__init__(str(why))
        self.phrase = why if isinstance(why, Phrase) else Phrase(why)


class InboxFullError(LiveError):
    """Nothing more can be taken in now; whoever sends should try again in ``retry_after`` s."""

    def __init__(self, why: Phrase | str, retry_after: int) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class InboxError(LiveError):
    """The inbox cannot be written to."""
