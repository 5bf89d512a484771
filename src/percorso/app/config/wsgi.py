"""The server's entry."""

import logging
import os
import threading
from collections.abc import Iterable
from typing import Any, Final

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
_django: Final = get_wsgi_application()
#: Asked by machines, which want no answers of the log.
_HEALTH: Final = "/-/"
_first = threading.Lock()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request; at the first page, load what answers need as well."""
    # A server that only takes events in does without: it is a third of its memory.
    if not environ["PATH_INFO"].startswith(_HEALTH) and _first.acquire(blocking=False):
        threading.Thread(target=_get_ready, name="getting ready", daemon=True).start()
    answer: Iterable[bytes] = _django(environ, start_response)
    return answer


def _get_ready() -> None:
    """Load what answers need and open the log, while whoever came first signs in."""
    from percorso import metrics
    from percorso.app import company
    from percorso.log import LogError
    from percorso.workspace import WorkspaceError

    metrics.get_ready()
    try:
        company.log().summary()
    except (LogError, WorkspaceError) as error:
        # Whoever opens a page is told.
        logging.getLogger("percorso").debug("the log cannot be opened: %s", error)
