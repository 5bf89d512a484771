"""Themes that emerge from what customers write: topics, and needs among their wishes."""

from percorso.text.topics.asking import members, names, phases, state
from percorso.text.topics.catalogue import Edit, TopicError
from percorso.text.topics.editing import (
    hide,
    history,
    merge,
    pin,
    rename,
    unhide,
    unmerge,
    unpin,
)
from percorso.text.topics.measuring import assigned, topic, topics
from percorso.text.topics.refreshing import Refreshed, due, refresh

__all__ = [
    "Edit",
    "Refreshed",
    "TopicError",
    "assigned",
    "due",
    "hide",
    "history",
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
