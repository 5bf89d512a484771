"""An answer that is of use, or the reason why there is none, said in one way for all connectors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from percorso import net
from percorso.connectors.model import ConnectorError
from percorso.vocabulary import N_, Phrase

_NOT_MODIFIED: Final = 304
_LEAST_WAIT_S: Final = 60.0
_MAX_BYTES: Final = 5 * 1024 * 1024


def asked(
    url: str, *, headers: Mapping[str, str], guard: net.Guard, max_bytes: int = _MAX_BYTES
) -> net.Response:
    """Return a good answer, or one that nothing has changed. Raises ConnectorError."""
    try:
        answer = net.fetch(url, headers=headers, guard=guard, max_bytes=max_bytes)
    except net.NetError as error:
        raise ConnectorError.of(error) from error
    if answer.ok or answer.status == _NOT_MODIFIED:
        return answer
    raise _refused(answer)


def asked_json(
    url: str, *, headers: Mapping[str, str], guard: net.Guard
) -> tuple[Any, net.Response]:
    """Return what the JSON of a good answer says, and the answer. Raises ConnectorError."""
    answer = asked(url, headers={"accept": "application/json", **headers}, guard=guard)
    try:
        return msgspec.json.decode(answer.body), answer
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConnectorError(
            Phrase(N_("{host} does not answer with JSON."), {"host": _host(answer)})
        ) from error


def _refused(answer: net.Response) -> ConnectorError:
    host, status = _host(answer), answer.status
    said: dict[str, str | int | float | Phrase] = {"host": host, "status": status}
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            words = N_("{host} does not let us in (code {status}). Check the key or the password.")
            return ConnectorError(Phrase(words, said))
        case HTTPStatus.GONE:
            words = N_("{host} says that this address is gone for good (code {status}).")
            return ConnectorError(Phrase(words, said), final=True)
        case HTTPStatus.NOT_FOUND:
            return ConnectorError(
                Phrase(N_("{host} has nothing at this address (code {status})."), said)
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            wait = net.retrying.retry_after(answer.headers) or _reset(answer) or _LEAST_WAIT_S
            words = N_("{host} asks us to come less often (code {status}).")
            return ConnectorError(Phrase(words, said), wait=wait)
    wait_asked = net.retrying.retry_after(answer.headers)
    return ConnectorError(Phrase(N_("{host} answers with code {status}."), said), wait=wait_asked)


def _reset(answer: net.Response) -> float | None:
    """Return the seconds until Mastodon's ``X-RateLimit-Reset``, an ISO time."""
    try:
        at = datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    seconds = (at - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 1.0), net.retrying.LONGEST_WAIT_S)


def _host(answer: net.Response) -> str:
    return urlsplit(answer.url).hostname or answer.url[:100]
