"""Addresses of e-mail: which can be written to, in the form that mail servers take."""

import re
from dataclasses import dataclass
from typing import Final

import idna

from percorso.app import company
from percorso.log import keys
from percorso.vocabulary import N_, Phrase

_LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64
#: RFC 5321, 4.1.2 (dot-string), and letters beyond ASCII (RFC 6531). Quoted forms are refused.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_BAD: Final = Phrase(N_("no address that can be written to"))


class AddressError(ValueError):
    """Nobody can be written to there; ``phrase`` says why."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(str(phrase))
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Address:
    """An address whose domain is as the DNS has it (``xn--…``). ``ascii`` says it is all ASCII."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def ascii(self) -> bool:
        return self.local.isascii()


def read(given: str) -> Address:
    """Read an address. Raises AddressError."""
    local, at, domain = given.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not local.isprintable():
        raise AddressError(_BAD)
    try:
        encoded = idna.encode(domain, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressError(_BAD) from error
    labels = encoded.split(".")
    # A domain whose last part is a number is an address of a machine, not of people.
    if len(labels) < 2 or labels[-1].isdigit():
        raise AddressError(_BAD)
    if len(local.encode()) > _LONGEST_LOCAL or len(local.encode()) + len(encoded) + 1 > _LONGEST:
        raise AddressError(_BAD)
    return Address(local, encoded)


def digest(address: Address) -> str:
    """Return what is kept of an address that is not written to: no list of addresses gives it away.

    Capitals make no difference: hardly any server tells them apart, and it is safer to keep silent.
    """
    key = keys.secret(company.workspace().path / keys.FILE)
    return keys.hashed(key, f"address:{str(address).casefold()}")
