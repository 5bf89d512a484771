"""Which addresses may be asked: those of the public internet, and what the company names."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from percorso.net.errors import BlockedError, GuardError
from percorso.vocabulary import N_, Phrase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Where clouds keep the credentials of the machine. Of no use to anybody, so never by "yes" alone.
_METADATA: Final = frozenset(
    ipaddress.ip_address(each)
    for each in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
#: IPv6 networks whose last 32 bits are an IPv4 address that a gateway goes on to.
_TRANSLATED: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
    ipaddress.IPv6Network("::/96"),
)
#: Nobody's on the internet, though ``is_global`` says so: the former site-local networks (RFC 3879)
#: and those of examples (RFC 9637).
_NOT_GLOBAL: Final = (ipaddress.IPv6Network("fec0::/10"), ipaddress.IPv6Network("3fff::/20"))
_TUNNELS: Final = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))
_LAST_32_BITS: Final = 0xFFFFFFFF
#: Ports from 1024 on of databases, caches and the like, which take a request for a command.
_PORTS_OF_OTHERS: Final = frozenset(
    {
        *(1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045),
        *(4190, 5060, 5061, 5432, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679),
        *(6697, 9042, 9092, 10080, 10250, 11211, 27017, 27018, 27019),
    }
)
_WEB_PORTS: Final = (80, 443)
_MAIL_PORTS: Final = (143, 993)
_FIRST_FREE_PORT: Final = 1024


@dataclass(frozen=True, slots=True)
class Guard:
    """Says of an address whether it may be connected to.

    The public internet may. ``private`` opens the company's own networks and this machine too, but
    for link-local, multicast and metadata addresses; ``networks`` opens just those, whatever lies
    in them. Without ``public`` only those may be asked: for what goes in the clear.
    """

    private: bool = False
    networks: tuple[Network, ...] = ()
    public: bool = True

    @classmethod
    def parse(cls, text: str) -> "Guard":
        """Read a setting: empty or ``no``, ``yes``, or networks (``10.1.0.0/16, 192.168.1.5``).

        Raises GuardError that names the part which makes no sense.
        """
        said = text.strip().lower()
        if said in ("", "no", "false", "0"):
            return cls()
        if said in ("yes", "true", "1"):
            return cls(private=True)
        networks = []
        for part in filter(None, (each.strip() for each in said.split(","))):
            try:
                networks.append(ipaddress.ip_network(part, strict=False))
            except ValueError as error:
                raise GuardError(f"{part!r} is neither yes, no nor a network") from error
        return cls(networks=tuple(networks))

    def allows(self, address: Address) -> bool:
        """Say whether the address may be connected to."""
        for each in _meant(address):
            if _in(each, self.networks):
                continue
            if not self._allows(each):
                return False
        return True

    def _allows(self, address: Address) -> bool:
        if address in _METADATA or address.is_multicast or address.is_unspecified:
            return False
        if address.is_link_local or _in(address, _TUNNELS):
            return False
        if address.is_global and not _in(address, _NOT_GLOBAL):
            return self.public and not address.is_reserved
        # Reserved counts as private in IPv4, and nobody lives there.
        return self.private and (not address.is_reserved or address.is_loopback)

    def check_port(self, port: int) -> None:
        """Raise BlockedError where no web server is to be expected."""
        fine = port in _WEB_PORTS or _FIRST_FREE_PORT <= port <= 65535
        if not fine or port in _PORTS_OF_OTHERS:
            raise BlockedError(
                Phrase(N_("Port {port} is not one for web addresses."), {"port": port})
            )

    def check_mail_port(self, port: int) -> None:
        """Raise BlockedError where no mailbox is to be expected.

        Another port than IMAP's own may be asked where private networks are allowed, as far as
        web addresses may: a mail server there may stand wherever it was put.
        """
        if port in _MAIL_PORTS:
            return
        fine = _FIRST_FREE_PORT <= port <= 65535 and port not in _PORTS_OF_OTHERS
        if not fine or not (self.private or self.networks):
            raise BlockedError(
                Phrase(
                    N_("Port {port} is not one for mailboxes, which are at 993 or 143."),
                    {"port": port},
                )
            )


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in each for each in networks if each.version == address.version)


def _meant(address: Address) -> tuple[Address, ...]:
    """Return the addresses that one may lead to: itself, or the IPv4 address it carries."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if any(address in network for network in _TRANSLATED):
        return (ipaddress.IPv4Address(int(address) & _LAST_32_BITS),)
    return (address,)
