"""A person's rights and the company's duties: consents, export, erasure, retention."""

from percorso.privacy.certificates import Certificate, Register, RestoreList
from percorso.privacy.erasing import begin, erase, finish, resume, waiting
from percorso.privacy.errors import ErasureWaitsError, PrivacyError
from percorso.privacy.person import Person, find, gather
from percorso.privacy.places import Cleared, Place

__all__ = [
    "Certificate",
    "Cleared",
    "ErasureWaitsError",
    "Person",
    "Place",
    "PrivacyError",
    "Register",
    "RestoreList",
    "begin",
    "erase",
    "find",
    "finish",
    "gather",
    "resume",
    "waiting",
]
