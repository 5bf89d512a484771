"""The server's entry."""

import logging
import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
application = get_wsgi_application()


def _get_ready() -> None:
    """Load what answers need and open the log, so that the first to ask need not wait for it."""
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


threading.Thread(target=_get_ready, name="getting ready", daemon=True).start()
