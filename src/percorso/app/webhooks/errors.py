"""What can be wrong with a webhook that somebody sets up."""


class WebhookError(ValueError):
    """What is wrong with a webhook, in the reader's language; ``field`` names what, if it can."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.field = field
