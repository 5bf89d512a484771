"""One request over HTTP, with limits on where it leads, how long it takes and what it brings."""

import functools
import os
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from percorso.net.connecting import timed_out, unreachable
from percorso.net.errors import BlockedError, NetError, TooLargeError, UnreachableError
from percorso.net.guard import Guard
from percorso.vocabulary import N_, Phrase

if TYPE_CHECKING:
    import httpx

USER_AGENT: Final = "Percorso (customer experience; self-hosted)"
MAX_BYTES: Final = 5 * 1024 * 1024
TIMEOUT_S: Final = 20.0
REDIRECTS: Final = 5
LONGEST_URL: Final = 4096
_MOVED: Final = (301, 302, 303, 307, 308)
_PORTS: Final = {"http": 80, "https": 443}
#: Headers that go along when another host is led to; what was meant for the first stays behind.
_HARMLESS: Final = ("accept", "accept-language", "user-agent")
_PUBLIC_ONLY: Final = Guard()


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: names of ``headers`` in small letters, ``body`` unpacked, final ``url``."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str

    @property
    def ok(self) -> bool:
        return HTTPStatus(200) <= self.status < HTTPStatus(300)


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
    guard: Guard = _PUBLIC_ONLY,
    redirects: int = REDIRECTS,
) -> Response:
    """Ask, and return the answer whatever its status.

    ``timeout`` is for all of it, in seconds, redirects and a slow body included; ``max_bytes`` for
    the body, packed and unpacked. Redirects of GET and HEAD are followed, each judged anew; from
    https never to http, and without the caller's headers where another host is led to. Raises
    NetError: BlockedError, UnreachableError, TimedOutError, TooLargeError.
    """
    until = time.monotonic() + timeout
    sent = {"user-agent": USER_AGENT, "accept-encoding": "gzip"}
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    for _hop in range(redirects + 1):
        check_url(url, guard)
        response = _ask(method, url, sent, body, until, max_bytes, guard)
        target = response.headers.get("location")
        if response.status not in _MOVED or method not in ("GET", "HEAD") or not target:
            return response
        if redirects == 0:
            return response
        led_to = urljoin(url, target)
        if _origin(led_to) != _origin(url):
            _check_downgrade(url, led_to)
            sent = {
                name: value
                for name, value in sent.items()
                if name in (*_HARMLESS, "accept-encoding")
            }
        url = led_to
    raise UnreachableError(
        Phrase(N_("{host} leads from address to address without end."), {"host": _host(url)})
    )


def check_url(url: str, guard: Guard = _PUBLIC_ONLY) -> None:
    """Raise BlockedError where an address is not one of the web, before anything is asked."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in _PORTS or not parts.hostname or len(url) > LONGEST_URL:
        raise BlockedError(
            Phrase(N_("This is not a web address. One looks like https://example.org/path."))
        )
    if parts.username is not None or parts.password is not None:
        raise BlockedError(
            Phrase(N_("An address may not hold a user or a password: they end up in logs."))
        )
    guard.check_port(port)


def _check_downgrade(before: str, after: str) -> None:
    if urlsplit(before).scheme == "https" and urlsplit(after).scheme == "http":
        raise BlockedError(
            Phrase(
                N_("{host} leads to an address without encryption (http)."), {"host": _host(before)}
            )
        )


def _ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    until: float,
    max_bytes: int,
    guard: Guard,
) -> Response:
    import httpx

    from percorso.net.transport import GuardedTransport

    host = _host(url)
    left = until - time.monotonic()
    if left <= 0:
        raise timed_out(host)
    transport = GuardedTransport(tls(), guard, until)
    # No proxy of the environment: it would connect to whatever it is told.
    client = httpx.Client(transport=transport, timeout=left, trust_env=False)
    try:
        with (
            client,
            client.stream(method, url, headers=dict(headers), content=body) as answer,
        ):
            return Response(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                _body(answer, host, max_bytes),
                url,
            )
    except NetError:
        raise
    except httpx.TimeoutException as error:
        raise timed_out(host) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        raise _explained(host, error) from error


def _body(answer: "httpx.Response", host: str, max_bytes: int) -> bytes:
    too_large = TooLargeError(
        Phrase(
            N_("{host} sends more than {most} MB."),
            {"host": host, "most": max(1, round(max_bytes / 2**20))},
        )
    )
    raw = _gathered(answer.iter_raw(), max_bytes, too_large)
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity") or not raw:
        return raw
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnreachableError(
            Phrase(N_("{host} packs its answer in a way nobody asked for."), {"host": host})
        )
    return _unpacked(raw, host, max_bytes, too_large)


def _gathered(parts: Iterable[bytes], max_bytes: int, too_large: NetError) -> bytes:
    gathered = bytearray()
    for part in parts:
        gathered += part
        if len(gathered) > max_bytes:
            raise too_large
    return bytes(gathered)


def _unpacked(raw: bytes, host: str, max_bytes: int, too_large: NetError) -> bytes:
    """Unpack no more than is taken, however little it was on the way."""
    unpacking = zlib.decompressobj(wbits=47)  # gzip or zlib, by its first bytes
    try:
        body = unpacking.decompress(raw, max_bytes + 1)
    except zlib.error as error:
        raise UnreachableError(
            Phrase(N_("{host} sends a damaged answer."), {"host": host})
        ) from error
    if len(body) > max_bytes:
        raise too_large
    return body


def tls() -> ssl.SSLContext:
    """Return the context that checks certificates: certifi's, or those SSL_CERT_FILE names."""
    return _tls(os.environ.get("SSL_CERT_FILE", ""))


@functools.lru_cache(maxsize=2)
def _tls(_certificates: str) -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _explained(host: str, error: Exception) -> NetError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnreachableError(
                Phrase(
                    N_("The certificate of {host} cannot be trusted: {reason}."),
                    {"host": host, "reason": cause.verify_message},
                )
            )
        cause = cause.__cause__ or cause.__context__
    return unreachable(host, error)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]


def _origin(url: str) -> tuple[Any, ...]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return (url,)
