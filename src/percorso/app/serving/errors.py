"""Why the server does not run."""


class ServingError(Exception):
    """The server cannot start or keep going. Says why and what to do."""
