"""Who waits to be contacted, and who was: what the log says, and what people just noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from percorso.app import company
from percorso.app import results as kept
from percorso.app.surveys.contacting import promised
from percorso.app.surveys.models import ContactMade
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import PROMISES
from percorso.vocabulary.references import GONE, PASSING

if TYPE_CHECKING:
    from percorso.log import Log

_KEEPS: Final = PROMISES[promised.PROMISE]


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asked to be contacted. ``name``, ``email`` and ``phone`` are what they left.

    ``kept_at`` is when the log says that they were.
    """

    response: str
    survey: str
    reference: str
    customer: str
    touchpoint: str
    at: datetime
    due_at: datetime
    name: str = ""
    email: str = ""
    phone: str = ""
    kept_at: datetime | None = None

    @property
    def is_passing(self) -> bool:
        """Say whether they are nobody in particular but for what they left."""
        return self.reference.startswith(PASSING)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered before: scores by scale, and words."""

    scores: tuple[tuple[str, float], ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """That somebody was contacted: by whom, when, and what was noted."""

    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Who waits, the longest first, and who was contacted, the last first."""

    waiting: tuple[Asking, ...] = ()
    done: tuple[tuple[Asking, Made], ...] = ()


@dataclass(frozen=True, slots=True)
class _All:
    rows: tuple[Asking, ...]


def standing(survey: str = "") -> Standing:
    """Return who asked to be contacted, of one survey or of all."""
    asked = [each for each in _asked(company.log()) if survey in ("", each.survey)]
    made = {
        each.response: Made(each.at, each.by_name, each.note) for each in ContactMade.objects.all()
    }
    waiting = [each for each in asked if each.response not in made and each.kept_at is None]
    done = [
        (each, made.get(each.response) or Made(each.kept_at or each.at, "", ""))
        for each in asked
        if each.response in made or each.kept_at is not None
    ]
    return Standing(
        tuple(sorted(waiting, key=lambda each: (each.at, each.response))),
        tuple(sorted(done, key=lambda each: each[1].at, reverse=True)),
    )


def one(response: str) -> Asking | None:
    """Return who asked to be contacted with a response; None where nobody did."""
    return next((each for each in _asked(company.log()) if each.response == response), None)


def said(asked: Sequence[Asking]) -> dict[str, Said]:
    """Return what these answered, by their responses."""
    import pyarrow as pa

    from percorso.log.history import stored

    if not asked:
        return {}
    columns = ("id", "kind", "scale", "score", "text")
    wanted = {each.response for each in asked}
    batches = list(stored(company.log(), {each.reference for each in asked}, columns))
    found: dict[str, Said] = {}
    for row in pa.Table.from_batches(batches).to_pylist() if batches else ():
        response = row["id"].split(":")[1] if row["id"].startswith("survey:") else ""
        if response not in wanted or row["kind"] != "answer":
            continue
        so_far = found.get(response, Said())
        scores = ((row["scale"], row["score"]),) if row["score"] is not None else ()
        words = (row["text"],) if row["text"] else ()
        found[response] = Said((*so_far.scores, *scores), (*so_far.words, *words))
    return found


def _asked(log: "Log") -> tuple[Asking, ...]:
    if log.summary().interactions == 0:
        return ()
    return kept.result(log, "surveys-contact", (), _All, lambda: _All(_found(log))).rows


def _found(log: "Log") -> tuple[Asking, ...]:
    """Read who asked, what was promised to them, and what kept it."""
    table = log.interactions()
    asks = (table.kind == "message") & (table.name == promised.NAME) & (table.source == SOURCE)
    rows = (
        table.filter(asks | table.about.startswith(promised.about("")))
        .select(
            "kind",
            "name",
            "customer",
            "reference",
            "touchpoint",
            "at",
            "due_at",
            "direction",
            "about",
            "properties",
        )
        .to_pyarrow()
        .to_pylist()
    )
    due: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    for row in rows:
        response = promised.response_of(row["about"] or "")
        if row["kind"] == "promise":
            due[response] = row["due_at"]
        elif row["kind"] in _KEEPS.fulfilled_by and row["direction"] == _KEEPS.direction:
            ended[response] = min(row["at"], ended.get(response, row["at"]))
    zone = log.workspace.settings.zone_info
    found = []
    for row in rows:
        properties = _read(row["properties"])
        response = str(properties.get("response") or "")
        # Of rows without their person nobody can be contacted.
        if row["name"] != promised.NAME or not response or row["reference"].startswith(GONE):
            continue
        contact = properties.get("contact")
        contact = contact if isinstance(contact, dict) else {}
        found.append(
            Asking(
                response,
                str(properties.get("survey") or ""),
                row["reference"],
                row["customer"],
                row["touchpoint"],
                row["at"],
                # What came before promises were kept was promised all the same.
                due.get(response) or promised.due(row["at"], zone),
                **{name: str(contact.get(name, "")) for name in ("name", "email", "phone")},
                kept_at=ended.get(response),
            )
        )
    return tuple(found)


def _read(properties: str | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(properties or "{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
