"""What can go wrong with a person's rights."""

from percorso.log.errors import PrivacyError

__all__ = ["PrivacyError"]
