"""From a name to a socket: looked up once, judged, and that very address connected to."""

import ipaddress
import socket
import threading
import time
from typing import Any, Final

from percorso.net.errors import BlockedError, NetError, TimedOutError, UnreachableError
from percorso.net.guard import Address, Guard
from percorso.vocabulary import N_, Phrase

_MOST_ADDRESSES: Final = 4
#: Seconds one of several addresses is tried before the next has its turn.
_PER_ADDRESS_S: Final = 6.0
_PUBLIC_ONLY: Final = Guard()


def connect(
    host: str, port: int, *, timeout: float = 20.0, guard: Guard = _PUBLIC_ONLY
) -> socket.socket:
    """Return a connected socket. Raises BlockedError, UnreachableError, TimedOutError."""
    until = time.monotonic() + timeout
    failure: NetError | None = None
    for address in resolve(host, port, timeout=timeout, guard=guard):
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            made = socket.create_connection((address, port), min(left, _PER_ADDRESS_S))
        except TimeoutError:
            failure = timed_out(host)
        except OSError as error:
            failure = unreachable(host, error)
        else:
            made.settimeout(max(until - time.monotonic(), 0.1))
            return made
    raise failure or timed_out(host)


def resolve(
    host: str, port: int, *, timeout: float = 20.0, guard: Guard = _PUBLIC_ONLY
) -> tuple[str, ...]:
    """Return the addresses of a host that may be connected to, at least one, as numbers.

    Raises BlockedError where there are only others, UnreachableError where there are none.
    """
    found = _looked_up(host, port, timeout)
    allowed = [each for each in found if guard.allows(each)]
    if not allowed and not guard.public:
        raise BlockedError(
            Phrase(
                N_("{host} is not inside a private network: it may be asked over https only."),
                {"host": host},
            )
        )
    if not allowed:
        raise BlockedError(
            Phrase(
                N_(
                    "{host} is an address inside a private network, which may not be asked. "
                    "Whoever runs the server can allow it: PERCORSO_ALLOW_PRIVATE_ADDRESSES."
                ),
                {"host": host},
            )
        )
    return tuple(str(each) for each in allowed[:_MOST_ADDRESSES])


def _looked_up(host: str, port: int, timeout: float) -> list[Address]:
    answers: list[Any] = []
    errors: list[OSError | UnicodeError] = []

    def look() -> None:
        try:
            answers.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that is too long
            errors.append(error)

    # The system's resolver knows no time-out; a thread can be left to itself.
    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(timeout)
    if looking.is_alive():
        raise timed_out(host)
    if errors or not answers:
        raise UnreachableError(Phrase(N_("There is no server called {host}."), {"host": host}))
    return list(dict.fromkeys(_address(each[4][0]) for each in answers))


def _address(text: str) -> Address:
    # A zone (%eth0) says by which wire; only link-local addresses have one.
    return ipaddress.ip_address(text.partition("%")[0])


def timed_out(host: str) -> TimedOutError:
    return TimedOutError(Phrase(N_("{host} did not answer in time."), {"host": host}))


def unreachable(host: str, error: Exception) -> UnreachableError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return UnreachableError(
        Phrase(N_("{host} cannot be reached: {reason}."), {"host": host, "reason": reason})
    )
