"""The themes that are known: what they are called, where they lie, and what people did to them.

One small file in the workspace (``topics.json``), written whole. What people did is kept as it
happened and applied each time, so that it outlives every new search for themes. Themes cannot be
found again exactly as they were, so this file is not among what is derived.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal
from unicodedata import category

import numpy as np

from percorso import durable_file
from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.log.lock import exclusive
from percorso.text.results import LONGEST_NAME
from percorso.text.topics.clustering import Floats, Space, Themes
from percorso.workspace import Workspace

FILE: Final = "topics.json"
_LOCK: Final = "topics.lock"
_WAIT: Final = 60.0

#: ``t`` topics, ``n`` needs: what the ids of each begin with.
Collection = Literal["t", "n"]
Action = Literal["rename", "merge", "unmerge", "pin", "unpin", "hide", "unhide"]


class TopicError(LogError):
    """What was asked of a topic cannot be done. Says why."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody did to a topic, and when; ``detail`` is the new name, or what it went into."""

    at: datetime
    who: str
    action: Action
    id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A theme: ``place`` in the themes of its collection, None where it is found no more."""

    id: str
    name: str
    words: tuple[str, ...]
    language: str
    since: datetime
    place: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What people made of themes: their names, and which are pinned, hidden or part of another."""

    names: Mapping[str, str]
    pinned: frozenset[str]
    hidden: frozenset[str]
    into: Mapping[str, str]

    def line(self, id_: str) -> list[str]:
        """Return a theme, the one it is part of, the one that is part of, and so on."""
        line = [id_]
        while line[-1] in self.into:
            line.append(self.into[line[-1]])
        return line

    def whole(self, id_: str) -> str:
        """Return the theme that this one is part of, by and by."""
        return self.line(id_)[-1]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that is known of themes.

    ``model`` is the embedder the themes were found with, ``readings`` the state of what was read
    in texts when they were looked for.
    """

    entries: tuple[Entry, ...] = ()
    themes: Mapping[str, Themes] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    made_at: datetime | None = None
    model: str = ""
    readings: str = ""
    next: int = 1

    def of(self, collection: Collection) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if each.id.startswith(collection))

    def standing(self) -> Standing:
        """Apply what people did, in order."""
        names: dict[str, str] = {}
        marks: dict[str, set[str]] = {"pin": set(), "hide": set()}
        into: dict[str, str] = {}
        for each in self.edits:
            if each.action == "rename":
                names[each.id] = each.detail
            elif each.action == "merge":
                into[each.id] = each.detail
            elif each.action == "unmerge":
                into.pop(each.id, None)
            elif each.action in marks:
                marks[each.action].add(each.id)
            else:
                marks[each.action.removeprefix("un")].discard(each.id)
        return Standing(names, frozenset(marks["pin"]), frozenset(marks["hide"]), into)


def read(workspace: Workspace) -> Catalogue:
    """Return what is known. Raises TopicError where the file is not one of ours."""
    file = workspace.path / FILE
    if not file.exists():
        return Catalogue()
    try:
        return _parsed(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise TopicError(
            _("%(file)s cannot be read: %(error)s. Take it from a backup, or move it away.")
            % {"file": file, "error": error}
        ) from error


@contextmanager
def changing(workspace: Workspace) -> Iterator[list[Catalogue]]:
    """Hold the catalogue for a block: a list of it alone, whose change is written at the end."""
    with exclusive(workspace.path / _LOCK, _WAIT):
        held = [read(workspace)]
        before = held[0]
        yield held
        if held[0] is not before:
            text = json.dumps(_written(held[0]), ensure_ascii=False)
            durable_file.write(workspace.path / FILE, text)


def edit(workspace: Workspace, action: Action, id_: str, who: str, detail: str = "") -> Edit:
    """Note what somebody did. On the disk when this returns. Raises TopicError."""
    with changing(workspace) as held:
        known = held[0]
        _check(known, action, id_, detail)
        detail = _name(detail) if action == "rename" else detail
        new = Edit(datetime.now(UTC), who, action, id_, detail)
        held[0] = replace(known, edits=(*known.edits, new))
    return new


def _check(known: Catalogue, action: Action, id_: str, detail: str) -> None:
    ids = {each.id for each in known.entries}
    for each in (id_, detail) if action == "merge" else (id_,):
        if each not in ids:
            raise TopicError(_("There is no topic %(id)r.") % {"id": each})
    if action == "rename" and not 0 < len(_name(detail)) <= LONGEST_NAME:
        raise TopicError(
            _("The name of a topic has 1 to %(most)d characters.") % {"most": LONGEST_NAME}
        )
    if action == "merge" and detail[:1] != id_[:1]:
        raise TopicError(_("A topic and a need cannot be merged."))
    if action == "merge" and id_ in known.standing().line(detail):
        raise TopicError(_("A topic cannot be merged into itself or into a part of it."))


def _name(given: str) -> str:
    """Return a name on one line, without signs that steer a terminal or turn the direction."""
    return " ".join("".join(c for c in given if c.isspace() or not _unseen(c)).split())


def _unseen(sign: str) -> bool:
    # Joiners hold the parts of an emoji, and of words in some scripts, together.
    return category(sign) in {"Cc", "Cf"} and sign not in "\u200c\u200d"


def _written(known: Catalogue) -> dict[str, Any]:
    return {
        "entries": [
            {
                "id": each.id,
                "name": each.name,
                "words": each.words,
                "language": each.language,
                "since": each.since.isoformat(),
                "place": each.place,
            }
            for each in known.entries
        ],
        "themes": {
            name: {
                "middles": {key: _packed(each) for key, each in themes.space.middles.items()},
                "directions": _packed(themes.space.directions),
                "groups": _packed(themes.groups),
                "themes": themes.themes,
                "least": themes.least,
            }
            for name, themes in known.themes.items()
        },
        "edits": [
            {
                "at": each.at.isoformat(),
                "who": each.who,
                "action": each.action,
                "id": each.id,
                "detail": each.detail,
            }
            for each in known.edits
        ],
        "made_at": known.made_at.isoformat() if known.made_at else None,
        "model": known.model,
        "readings": known.readings,
        "next": known.next,
    }


def _parsed(given: dict[str, Any]) -> Catalogue:
    return Catalogue(
        entries=tuple(
            Entry(
                each["id"],
                each["name"],
                tuple(each["words"]),
                each["language"],
                datetime.fromisoformat(each["since"]),
                each["place"],
            )
            for each in given["entries"]
        ),
        themes={
            name: Themes(
                Space(
                    {key: _unpacked(value) for key, value in each["middles"].items()},
                    _unpacked(each["directions"]),
                ),
                _unpacked(each["groups"]),
                tuple(each["themes"]),
                float(each["least"]),
            )
            for name, each in given["themes"].items()
        },
        edits=tuple(
            Edit(
                datetime.fromisoformat(each["at"]),
                each["who"],
                each["action"],
                each["id"],
                each["detail"],
            )
            for each in given["edits"]
        ),
        made_at=datetime.fromisoformat(given["made_at"]) if given["made_at"] else None,
        model=given["model"],
        # Files of before do not say it: topics are looked for once more.
        readings=given.get("readings", ""),
        next=int(given["next"]),
    )


def _packed(values: Floats) -> dict[str, Any]:
    data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return {"shape": values.shape, "data": base64.b64encode(data).decode("ascii")}


def _unpacked(given: dict[str, Any]) -> Floats:
    data = np.frombuffer(base64.b64decode(given["data"]), dtype="<f4")
    return data.reshape(given["shape"]).astype(np.float32)
