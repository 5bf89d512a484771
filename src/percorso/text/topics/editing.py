"""What people do to topics and needs: it outlives every new search for themes."""

from typing import TYPE_CHECKING

from percorso.text.topics.catalogue import edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from percorso.log import Log


def rename(log: "Log", id_: str, name: str, *, who: str) -> str:
    """Call a topic by another name, 1 to 120 characters; return it as it is kept.

    Raises TopicError.
    """
    return edit(log.workspace, "rename", id_, who, name).detail


def merge(log: "Log", ids: "Sequence[str]", *, into: str, who: str) -> None:
    """Make topics part of another. Raises TopicError."""
    for each in ids:
        if each != into:
            edit(log.workspace, "merge", each, who, into)


def unmerge(log: "Log", id_: str, *, who: str) -> None:
    """Let a topic stand by itself again. Raises TopicError."""
    edit(log.workspace, "unmerge", id_, who)


def pin(log: "Log", id_: str, *, who: str) -> None:
    """Put a topic before the others. Raises TopicError."""
    edit(log.workspace, "pin", id_, who)


def unpin(log: "Log", id_: str, *, who: str) -> None:
    """Put a topic among the others again. Raises TopicError."""
    edit(log.workspace, "unpin", id_, who)


def hide(log: "Log", id_: str, *, who: str) -> None:
    """Leave a topic out of pages. Raises TopicError."""
    edit(log.workspace, "hide", id_, who)


def unhide(log: "Log", id_: str, *, who: str) -> None:
    """Show a topic on pages again. Raises TopicError."""
    edit(log.workspace, "unhide", id_, who)
