"""Why a source cannot be added or changed."""


class SourceError(Exception):
    """The change makes no sense as things are; the message says why and what would."""
