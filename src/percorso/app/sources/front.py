"""What stands before the server: the address people use, and whose requests come through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Front:
    """The address of the server (``PERCORSO_URL``), its names, how many proxies are trusted."""

    url: str = ""
    hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0

    def address(self, scope: dict[str, Any]) -> tuple[str, str] | None:
        """Return scheme and host by which a request's server is reached from outside.

        What a request says itself is believed where the host is one of ours; else None.
        """
        if self.url:
            parts = urlsplit(self.url)
            return parts.scheme, parts.netloc
        host = _header(scope["headers"], b"host")
        name, _port = split_domain_port(host)
        if not name or not validate_host(name, self.hosts):
            return None
        scheme = str(scope.get("scheme", "http"))
        if self.trusted_proxies:
            said = _header(scope["headers"], b"x-forwarded-proto")
            scheme = "https" if said.strip().lower() == "https" else scheme
        return scheme, host

    def client(self, scope: dict[str, Any]) -> str:
        """Return the address that a request comes from, before the proxies that are trusted."""
        said = _header(scope["headers"], b"x-forwarded-for")
        if self.trusted_proxies and said:
            through = [each.strip() for each in said.split(",")]
            return through[-min(self.trusted_proxies, len(through))]
        client = scope.get("client")
        return str(client[0]) if client else ""


def _header(headers: Iterable[Header], name: bytes) -> str:
    found = [value for each, value in headers if each == name]
    # Each of several is said by one more proxy.
    return ",".join(each.decode("latin-1") for each in found)
