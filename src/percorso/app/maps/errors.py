"""What is wrong, in words for whoever asked."""


class MapsError(Exception):
    """Something about maps cannot be done. Says why."""
