"""What can go wrong with a person's rights."""

from percorso.log.errors import PrivacyError

__all__ = ["ErasureWaitsError", "PrivacyError"]


class ErasureWaitsError(PrivacyError):
    """Somebody still reads what was erased: its bytes are there until they end.

    The erasure stays noted, and is taken up again.
    """
