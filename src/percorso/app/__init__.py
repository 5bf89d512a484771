"""The web application: pages, people, imports and background work, on top of the library."""

from percorso.workspace import Workspace


def serve(workspace: Workspace, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the workspace's pages and do its background work until stopped.

    Raises ``percorso.app.serving.ServingError``, which says what to do, where it cannot start or
    keep going.
    """
    from percorso.app.serving.supervisor import Supervisor

    Supervisor(workspace, host, port).run()
