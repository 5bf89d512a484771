"""Every change people make on the voice's pages, each with its entry in the trail."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser

from percorso.app import company
from percorso.app.audit.actions import record
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.corrected import Said


class NotPossible(Exception):  # noqa: N818 - reads as what it says
    """The change makes no sense as things are; the message says why, for the page."""


def say(by: AbstractBaseUser, text_id: str, said: Mapping[str, Any]) -> "tuple[Said, ...]":
    """Keep what a person says a text's labels are, and return it.

    What is as it was read counts as confirmed: it tells how often the reading is right. Raises
    NotPossible, and keeps nothing then.
    """
    from percorso.text import corrections

    if not said:
        return ()
    log, who = company.log(), by.get_username()
    try:
        kept = corrections.correct_many(log, text_id, said, who=who)
    except corrections.CorrectionError as error:
        raise NotPossible(str(error)) from error
    # The trail tells what was done and by whom; whose text it was is no business of the trail.
    for action, fields in (
        ("voice.confirmed", [each.field for each in kept if each.right]),
        ("voice.corrected", [each.field for each in kept if not each.right]),
    ):
        if fields:
            record(by, action, ", ".join(fields))
    return kept


def take_back(by: AbstractBaseUser, text_id: str, words: Sequence[tuple[str, int]]) -> bool:
    """Take back words about a text, each a label and its number; say whether any still counted.

    What others said of the same label since stays.
    """
    from percorso.text import corrections

    log, who = company.log(), by.get_username()
    gone = [
        field
        for field, number in words
        if corrections.undo(log, text_id, field=field, who=who, number=number)
    ]
    if gone:
        record(by, "voice.undone", ", ".join(gone))
    return bool(gone)


def change_topic(by: AbstractBaseUser, topic_id: str, do: str, given: Mapping[str, str]) -> str:
    """Change a topic or a need; return the id of the one to look at then.

    ``do`` is rename (``name``), merge (``into``), unmerge (``which``), pin, unpin, hide or
    unhide. Raises NotPossible.
    """
    from percorso.text import topics

    log, who = company.log(), by.get_username()
    look_at, detail = topic_id, topic_id
    try:
        if do == "rename":
            name = given.get("name", "")
            if not name.strip():
                raise NotPossible(_("Give it a name."))
            detail = f"{topic_id}: {topics.rename(log, topic_id, name, who=who)}"
        elif do == "merge":
            look_at = given.get("into", "")
            if not look_at or look_at == topic_id:
                raise NotPossible(_("Choose what to merge it into."))
            topics.merge(log, [topic_id], into=look_at, who=who)
            detail = f"{topic_id} → {look_at}"
        elif do == "unmerge":
            look_at = detail = given.get("which", "")
            topics.unmerge(log, look_at, who=who)
        else:
            _plainly(log, topic_id, do, who)
    except topics.TopicError as error:
        raise NotPossible(str(error)) from error
    record(by, f"topic.{do}", detail)
    return look_at


def _plainly(log: "Log", topic_id: str, do: str, who: str) -> None:
    from percorso.text import topics

    plain = {
        "pin": topics.pin,
        "unpin": topics.unpin,
        "hide": topics.hide,
        "unhide": topics.unhide,
    }
    if do not in plain:
        raise NotPossible(_("This cannot be done to a topic."))
    plain[do](log, topic_id, who=who)


def note_export(by: AbstractBaseUser) -> None:
    """Note that somebody took the texts out."""
    record(by, "voice.exported")
