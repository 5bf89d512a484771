"""The server's entry."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
application = get_wsgi_application()


def _get_ready() -> None:
    """Load the engine and write the long queries, so that the first to ask need not wait."""
    from percorso import metrics

    metrics.write_queries()


threading.Thread(target=_get_ready, name="getting ready", daemon=True).start()
