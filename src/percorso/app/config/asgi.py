"""The server's entry: live events go in by a door of their own, all else to Django.

Django runs as it does under WSGI, in threads, so that its views and the analyses they ask for stay
as they are and one that takes long holds up no other.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest, parse_cookie

from percorso.app import company, inbox, results
from percorso.app.asgi_types import Receive, Scope, Send
from percorso.app.config.bodies import WholeBodies
from percorso.app.config.in_threads import InThreads
from percorso.app.config.wsgi import application as django_application
from percorso.app.lean import leave_pandas_out
from percorso.app.sources import actions, queries
from percorso.app.sources.door import ALIVE, API, SCRIPT, Door
from percorso.app.sources.front import Front
from percorso.app.sources.known_keys import KnownKeys
from percorso.app.sources.queries import Allowed
from percorso.app.surveys.answering import counting
from percorso.app.ui.access import may_import

leave_pandas_out()
company.stand_still(results.FRESH_S)

#: Threads that answer requests. Analyses run one at a time inside DuckDB and NumPy anyway.
THREADS: Final = 4

_TURN_S: Final = 0.0002
_logger: Final = logging.getLogger("percorso.sources")
_django: Any = django_application  # answers with more than WSGI asks for
_pages: Final = InThreads(_django, THREADS, "pages")
_door: Door | None = None


def application(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Answer a request."""
    if scope["type"] != "http":
        return _live_and_die(receive, send)
    path: str = scope["path"]
    if _door is not None and (path.startswith(API) or path in (ALIVE, SCRIPT)):
        return _door(scope, receive, send)
    return _whole(_for_django(scope), receive, send)


async def _live_and_die(receive: Receive, send: Send) -> None:
    """Open the door when the server starts, and write what is still on its way when it ends."""
    global _door
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # The thread that writes to the inbox waits for its turn after each flush of the disk.
            sys.setswitchinterval(_TURN_S)
            keys, environment = KnownKeys(_working_keys), settings.ENVIRONMENT
            await asyncio.get_running_loop().run_in_executor(None, keys.refresh)
            keys.keep_fresh()
            front = Front(environment.url, environment.hosts, environment.trusted_proxies)
            await asyncio.to_thread(_tell_drainer)
            _door = Door(inbox.inbox(), keys, front, _seen_in_browser)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            keys.close()
            await asyncio.to_thread(_write_counts)
            inbox.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _working_keys() -> dict[str, Allowed]:
    close_old_connections()
    return queries.working_keys()


def _tell_drainer() -> None:
    close_old_connections()
    actions.tell_drainer()


def _write_counts() -> None:
    close_old_connections()
    try:
        counting.write()
    except DatabaseError:
        _logger.exception("the last counts of questions could not be written")
    finally:
        close_old_connections()


def _seen_in_browser(source: str) -> None:
    close_old_connections()
    try:
        actions.seen_in_browser(source)
    except (DatabaseError, OSError):
        # It is kept all the same: told again once the server starts anew.
        _logger.exception("it could not be noted that the key of %s stands in web pages", source)


def _for_django(scope: Scope) -> Scope:
    """Leave out headers that could pass for others: WSGI knows no hyphen from an underscore."""
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    return {**scope, "headers": headers, "query_string": _ascii(scope["query_string"])}


def _ascii(query: bytes) -> bytes:
    return query.decode("latin-1").encode("ascii", "xmlcharrefreplace") if query else query


def _may_send_large(scope: Scope) -> bool:
    """Say whether a request comes from somebody who may import files."""
    close_old_connections()
    try:
        request = HttpRequest()
        said = (value for name, value in scope["headers"] if name == b"cookie")
        request.COOKIES = parse_cookie("; ".join(each.decode("latin-1") for each in said))
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return may_import(get_user(request))
    finally:
        close_old_connections()


_whole: Final = WholeBodies(
    _pages, str(settings.WORKSPACE.temporary) if settings.WORKSPACE else None, _may_send_large
)
