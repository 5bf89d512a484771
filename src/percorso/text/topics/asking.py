"""What others ask of topics and needs: their names, their texts, where they are spoken of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from percorso.log.state import digest
from percorso.text import sentiment
from percorso.text.frame import load
from percorso.text.results import Sentiment
from percorso.text.topics.catalogue import FILE, read
from percorso.text.topics.membership import of_themes
from percorso.text.topics.refreshing import beside

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection


def names(log: "Log") -> dict[str, str]:
    """Return what each topic and need is called, those merged into others too."""
    known = read(log.workspace)
    given = known.standing().names
    return {each.id: given.get(each.id, each.name) for each in known.entries}


def members(log: "Log", id_: str) -> Sequence[str]:
    """Return the ids of the texts of a topic or a need, those of its parts too."""
    column = {"t": "topic", "n": "need"}.get(id_[:1])
    if column is None:
        return []
    standing = read(log.workspace).standing()
    whole = standing.whole(id_)
    rows = beside(log).read(["id", column])
    theirs = zip(rows["id"].to_pylist(), rows[column].to_pylist(), strict=True)
    return [str(text) for text, theme in theirs if theme and standing.whole(theme) == whole]


def phases(log: "Log", id_: str, selection: "Selection | None" = None) -> tuple[Sentiment, ...]:
    """Return how the texts of a topic, or of a need, sound in each phase of the journey."""
    texts = load(log, selection)
    found = of_themes(log, texts, "need" if id_.startswith("n") else "topic")
    return sentiment.of(texts.take(found.theme == found.number(id_)), None, "phase")


def state(log: "Log") -> str:
    """Name what answers about topics stand on: another name whenever any of it changes."""
    try:
        found = (log.workspace.path / FILE).stat()
    except FileNotFoundError:
        return digest(beside(log).state)
    return digest(beside(log).state, str(found.st_mtime_ns), str(found.st_ino))
