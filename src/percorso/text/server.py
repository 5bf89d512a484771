"""Asking a server that speaks the OpenAI protocols: one address, which may not lead elsewhere."""

import http.client
import json
import urllib.request
from typing import Any


def ask(address: str, body: dict[str, Any], *, key: str, seconds: float, longest: int) -> Any:
    """Send JSON to an address of http or https and return the JSON that it answers.

    ``key`` is sent as bearer, where there is one. At most ``longest`` bytes are read. Raises
    HTTPError where the server refuses, or sends us elsewhere: that could lead the key to others.
    Raises OSError where it cannot be reached, ValueError where the answer, or the key, is none.
    """
    headers = {"Content-Type": "application/json"}
    if key.strip():
        # The message of http.client would say it, and that ends in a log.
        if not (key.strip().isascii() and key.strip().isprintable()):
            raise ValueError("the key has characters that no key has")
        headers["Authorization"] = f"Bearer {key.strip()}"
    request = urllib.request.Request(  # noqa: S310 - who asks sees to the scheme
        address, json.dumps(body).encode(), headers
    )
    opener = urllib.request.build_opener(_Nowhere)
    try:
        with opener.open(request, timeout=seconds) as answer:
            read = answer.read(longest + 1)
    except http.client.HTTPException as error:
        raise OSError(f"broke off: {type(error).__name__}") from error
    if len(read) > longest:
        raise ValueError("the answer is too long")
    try:
        return json.loads(read)
    except RecursionError as error:
        raise ValueError("the answer is nested too deep") from error


class _Nowhere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: object) -> None:
        return None
