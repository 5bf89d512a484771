"""What is wrong with a touchpoint or a belief, in words for whoever wrote it."""


class TouchpointError(Exception):
    """A touchpoint or belief cannot be read, found or saved. Says which, where, and what to do.

    ``place`` is the field that is wrong, as the model names it (``name``, ``strategy.0.tone``);
    empty where it is not one field.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class TouchpointChangedError(TouchpointError):
    """Somebody else changed it since it was loaded; theirs was kept."""
