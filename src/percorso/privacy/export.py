"""Everything that is held about a person, to give to them (GDPR 15 and 20).

A zip with ``data.json``, which programs read, and ``data.html``, which people read: one page in
Italian or English that opens anywhere, loads nothing and runs nothing.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import in_language
from percorso.identity.words import field_name
from percorso.log.purposes import policy
from percorso.privacy.consents import WAY_WORDS, consents
from percorso.privacy.errors import PrivacyError
from percorso.privacy.naming import Naming
from percorso.privacy.person import Person, gather, rows_of
from percorso.vocabulary import BASIS_WORDS, PURPOSE_WORDS

if TYPE_CHECKING:
    from percorso.log import Log

_TEMPLATES: Final = Path(__file__).parent / "templates"
#: Rows of the inbox or the quarantine in one export: they repeat what the interactions say.
_MOST: Final = 10_000


def export(
    log: "Log",
    customer: str,
    *,
    language: str | None = None,
    more: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> bytes:
    """Return the zip with all that is held about the customer of a reference.

    ``more`` is what tables outside the workspace's own files hold: a name -> its rows. Raises
    PrivacyError where nothing is held at all.
    """
    person, held = _held(log, customer, more)
    language = language or log.workspace.settings.language
    with in_language(language):
        page = _page(log, person, held, language)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", _as_json(held))
        file.writestr("data.html", page.encode("utf-8", "replace"))
    return packed.getvalue()


def as_json(
    log: "Log",
    customer: str,
    *,
    more: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> bytes:
    """Return what ``data.json`` of ``export`` holds. Raises PrivacyError as that does."""
    return _as_json(_held(log, customer, more)[1])


def _held(
    log: "Log", customer: str, more: Mapping[str, Sequence[Mapping[str, Any]]] | None
) -> tuple[Person, dict[str, Any]]:
    person = gather(log, customer)
    held = everything(log, person, more or {})
    said = any(each["history"] for each in held["consents"])
    others = ("person", "consents")
    if not said and not any(held[name] for name in held if name not in others):
        raise PrivacyError(_("Nothing is held about {customer}.").format(customer=customer))
    return person, held


def _as_json(held: Mapping[str, Any]) -> bytes:
    # JSON can write half of a character, and a file cannot.
    text = json.dumps(held, ensure_ascii=False, indent=1, default=_plain)
    return text.encode("utf-8", "replace")


def everything(
    log: "Log", person: Person, more: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """Return all that is held about a person as names and values, ready for JSON."""
    stated = policy(log.workspace)
    rows = sorted(rows_of(log, person.references), key=lambda row: (row["at"], row["received_at"]))
    return {
        "person": {
            "references": list(person.references),
            "controller": stated.controller,
            "contact": stated.contact,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
        "profile": _profile(log, person),
        "consents": [
            {
                "purpose": each.purpose,
                "basis": each.basis,
                "may": each.may,
                "history": [msgspec.to_builtins(said) for said in each.history],
            }
            for each in consents(log, person.customer)
        ],
        "interactions": [_interaction(row) for row in rows],
        "readings": _readings(log, [row["id"] for row in rows if row["text"]]),
        "joins": [
            {
                "reference": each.reference,
                "customer": each.customer,
                "kind": each.kind,
                "strength": each.strength,
                "at": each.at.isoformat() if each.at else None,
                "undone_at": each.undone_at.isoformat() if each.undone_at else None,
            }
            for each in log.identity.history(person.references)
        ],
        "received": list(_received(log, person)),
        "quarantine": _quarantine(log, person),
        "more": {name: list(found) for name, found in more.items()},
    }


def _profile(log: "Log", person: Person) -> list[dict[str, Any]]:
    from percorso.identity import facts

    return [
        {
            "field": each.field,
            "value": each.shown,
            "source": each.source,
            "at": each.at.isoformat() if each.at else None,
        }
        for each in facts(log, person.customer)
    ]


def _interaction(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in row.items() if value not in (None, "")}
    if "properties" in found:
        found["properties"] = json.loads(found["properties"])
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.items()
    }


def _readings(log: "Log", ids: list[str]) -> list[dict[str, Any]]:
    from percorso.text.kept import readings

    if not ids:
        return []
    table = readings(log).of(ids)
    return [
        {name: value for name, value in row.items() if value not in (None, "", [])}
        for row in table.drop_columns(["customer"]).to_pylist()
    ]


def _received(log: "Log", person: Person) -> Iterator[dict[str, Any]]:
    """Yield the events that were received lately, as they came."""
    from percorso.live.inbox import is_there, open_inbox
    from percorso.live.ready_rows import is_rows
    from percorso.live.ready_rows import parts as rows_of_body
    from percorso.live.segment import UNREADABLE, parts

    if not is_there(log.workspace):
        return
    naming = Naming(person)
    left = _MOST
    with closing(open_inbox(log.workspace)) as inbox:
        for batch in inbox.kept(0, requests=10_000_000):
            for received in batch.received:
                if not naming.maybe_in(received.body):
                    continue
                are_rows = is_rows(received.call)
                body = received.body
                for event in rows_of_body(body) if are_rows else parts(received.call, body):
                    try:
                        given = msgspec.json.decode(event)
                    except UNREADABLE:
                        given = event.decode("utf-8", "replace")
                    if are_rows:
                        given = given["rows"][0] if isinstance(given, dict) else {}
                        theirs = naming.is_called(str(given.get("customer")))
                    else:
                        theirs = naming.owns(given)
                    if theirs and left > 0:
                        left -= 1
                        yield {"source": received.source, "event": given}


def _quarantine(log: "Log", person: Person) -> list[dict[str, Any]]:
    from percorso.log.quarantine import Quarantine

    if not log.workspace.quarantine.exists():
        return []
    return [
        {"file": each.file, "row": each.row, "read": dict(each.raw), "why": str(each.rule)}
        for each in Quarantine(log.workspace).naming(person.references)[:_MOST]
    ]


def _page(log: "Log", person: Person, held: Mapping[str, Any], language: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    zone = log.workspace.settings.zone_info
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = lambda given: labels.moment(
        datetime.fromisoformat(given) if isinstance(given, str) else given, zone
    )
    environment.filters["kind"] = labels.kind
    environment.filters["channel"] = labels.channel
    environment.filters["scale"] = labels.scale
    environment.filters["amount"] = lambda given: labels.number(given, 2)
    environment.filters["shown"] = lambda given: labels.number(
        given, 0 if given == int(given) else 2
    )
    environment.filters["purpose"] = lambda given: _(PURPOSE_WORDS.get(given, given))
    environment.filters["basis"] = lambda given: _(BASIS_WORDS.get(given, given))
    environment.filters["how"] = lambda given: _(WAY_WORDS.get(given, given))
    environment.filters["field"] = _field
    environment.filters["pretty"] = lambda given: json.dumps(
        given, ensure_ascii=False, indent=1, default=_plain
    )
    return environment.get_template("export.html").render(
        held=held,
        person=person,
        language=language,
        company=log.workspace.settings.company,
        _=_,
    )


def _field(name: str) -> str:
    return _("also known as") if name == "link" else field_name(name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
