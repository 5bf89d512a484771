"""Asking other servers, without letting anybody make this machine ask what it should not.

    response = net.fetch("https://example.org/feed.xml", headers={"accept": "text/xml"})
    net.connect("imap.example.org", 993, timeout=20)          # a socket, for other protocols
    header = net.signatures.sign(secrets, "msg_1", 1614265330, body)

An address is looked up once, judged, and that very address is connected to: neither a redirect nor
a name that changes its mind leads to the company's own network.
"""

from percorso.net import retrying, signatures
from percorso.net.connecting import connect, resolve
from percorso.net.errors import (
    BlockedError,
    GuardError,
    NetError,
    TimedOutError,
    TooLargeError,
    UnreachableError,
)
from percorso.net.fetching import Response, check_url, fetch, tls
from percorso.net.guard import Guard

__all__ = [
    "BlockedError",
    "Guard",
    "GuardError",
    "NetError",
    "Response",
    "TimedOutError",
    "TooLargeError",
    "UnreachableError",
    "check_url",
    "connect",
    "fetch",
    "resolve",
    "retrying",
    "signatures",
    "tls",
]
