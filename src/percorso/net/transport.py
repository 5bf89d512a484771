"""Under httpx: connections to judged addresses alone, and no operation beyond the deadline.

Apart from ``fetching``, because httpx and httpcore take a while to import.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from percorso.net.connecting import resolve
from percorso.net.guard import Guard


class GuardedTransport(httpx.HTTPTransport):
    """A transport of guarded connections. ``until`` is a time of the monotonic clock."""

    def __init__(self, tls: ssl.SSLContext, guard: Guard, until: float) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool.close()
        # The one place where httpcore lets in how connections are made.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=_Backend(guard, until)
        )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, guard: Guard, until: float) -> None:
        self._guard = guard
        self._until = until
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._until, timeout)
        addresses = resolve(host, port, timeout=left, guard=self._guard)
        for number, address in enumerate(addresses, 1):
            left = _left(self._until, timeout)
            share = left / (len(addresses) - number + 1)
            try:
                stream = self._real.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return _Stream(stream, self._until)
        raise httpcore.ConnectError  # not reached: there is at least one address

    def connect_unix_socket(self, *_args: Any, **_named: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("not over the network")


class _Stream(httpcore.NetworkStream):
    """A stream that ends at the deadline, however little comes however often."""

    def __init__(self, real: httpcore.NetworkStream, until: float) -> None:
        self._real = real
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._until, timeout)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
