"""What can be wrong with what is to be sent."""


class OutboxError(ValueError):
    """A message, an address or a setting will not do. Says why; ``field`` names the setting."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
