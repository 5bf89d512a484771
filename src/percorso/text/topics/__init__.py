"""Themes that emerge from what customers write: topics, and needs among their wishes."""

from percorso.text.topics.asking import members, names, phases, state
from percorso.text.topics.catalogue import TopicError
from percorso.text.topics.editing import (
    hide,
    merge,
    pin,
    rename,
    unhide,
    unmerge,
    unpin,
)
from percorso.text.topics.measuring import topic, topics
from percorso.text.topics.refreshing import Refreshed, due, refresh

__all__ = [
    "Refreshed",
    "TopicError",
    "due",
    "hide",
    "members",
    "merge",
    "names",
    "phases",
    "pin",
    "refresh",
    "rename",
    "state",
    "topic",
    "topics",
    "unhide",
    "unmerge",
    "unpin",
]
