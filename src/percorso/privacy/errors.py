"""What can go wrong with a person's rights."""

from percorso.log.errors import LogError


class PrivacyError(LogError):
    """What was asked cannot be done. The message says why, and what to do."""
