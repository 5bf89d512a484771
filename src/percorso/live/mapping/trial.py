"""What other rules would make of events that came lately, before they hold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from percorso.live.channels import channels
from percorso.live.inbox import Inbox
from percorso.live.mapping.mapping import Mapper
from percorso.live.mapping.rules import Rules, load_rules
from percorso.live.public import public_sources
from percorso.live.received import Batch
from percorso.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

_EXAMPLES: Final = 20
_READ_AT_ONCE: Final = 5_000
_SHOWN: Final = (
    "kind", "touchpoint", "channel", "direction", "about", "amount", "currency", "scale", "score",
    "text", "language", "due_at",
)  # fmt: skip
#: What rules make of a consent's properties.
_CONSENT: Final = ("purpose", "given")


@dataclass(frozen=True, slots=True)
class Changed:
    """An event that would become something else: its id, and the fields before and after.

    ``before`` or ``after`` is None where there would be no such row.
    """

    id: str
    name: str
    before: dict[str, object] | None
    after: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules would make of events, beside what the rules that hold make of them.

    ``kinds_before`` and ``kinds_after`` count rows by kind; ``changed`` counts rows that would be
    different, ``examples`` are the first of them; ``rejected_before`` and ``rejected_after`` count
    events that break a rule of the log.
    """

    events: int
    kinds_before: dict[str, int]
    kinds_after: dict[str, int]
    rejected_before: int
    rejected_after: int
    changed: int
    examples: tuple[Changed, ...]


def try_rules(
    rules: Rules, workspace: Workspace, inbox: Inbox, since: int, requests: int = 20_000
) -> Trial:
    """Map what the inbox has kept since a time (microseconds) by these rules; nothing is written.

    At most so many ``requests`` are tried. Raises MappingRulesError where the rules that hold make
    no sense.
    """
    at = channels(workspace)
    public = public_sources(workspace)
    before = Mapper(load_rules(workspace), workspace.settings, (), at, public)
    after = Mapper(rules, workspace.settings, (), at, public)
    kinds: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    rejected = [0, 0]
    events = changed = 0
    examples: list[Changed] = []
    for batch in _parts(inbox, since, requests):
        events += batch.events
        rows = []
        for place, mapper in enumerate((before, after)):
            mapped = mapper.map(batch)
            rejected[place] += len(mapped.rejected)
            kinds[place].update(map(str, mapped.table["kind"].to_pylist()))
            rows.append(_by_id(mapped.table))
        for id_ in dict.fromkeys((*rows[0], *rows[1])):
            old, new = rows[0].get(id_), rows[1].get(id_)
            if old == new:
                continue
            changed += 1
            if len(examples) < _EXAMPLES:
                name = str((new or old or {}).get("name"))
                examples.append(Changed(id_, name, old, new))
    return Trial(
        events, dict(kinds[0]), dict(kinds[1]), rejected[0], rejected[1], changed, tuple(examples)
    )


def _parts(inbox: Inbox, since: int, requests: int) -> Iterator[Batch]:
    for batch in inbox.kept(since, requests):
        yield from batch.portions(_READ_AT_ONCE)


def _by_id(table: "pa.Table") -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for each in table.select(["id", "properties", "name", *_SHOWN]).to_pylist():
        id_, properties = each.pop("id"), each.pop("properties")
        if each["kind"] == "consent":
            said = msgspec.json.decode(properties)
            each.update({name: said[name] for name in _CONSENT})
        found[id_] = each
    return found
