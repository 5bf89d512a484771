"""What can be wrong with a connector that somebody sets up."""


class ConnectorSetupError(ValueError):
    """Says what is wrong, in the reader's language; ``field`` names the setting, if it is one."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.field = field
