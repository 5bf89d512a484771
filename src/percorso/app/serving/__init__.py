"""``percorso serve``: the web server and the worker, kept alive by one parent."""

from percorso.app.serving.errors import ServingError

__all__ = ["ServingError"]
