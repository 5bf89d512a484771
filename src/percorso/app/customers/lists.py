"""What the list of customers can be narrowed by, and what the timeline shows only."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from percorso import labels
from percorso.app.customers.asked import SEEN, Asked
from percorso.app.customers.person import ONLY
from percorso.app.filters import Option
from percorso.app.filters.bar import Select
from percorso.app.filters.filter import segment_options
from percorso.app.filters.scope import anybodys_segments, choices, saved_segments
from percorso.i18n import gettext as _
from percorso.vocabulary import Phase

if TYPE_CHECKING:
    from percorso.log import Log


def selects(log: "Log", asked: Asked, *, known: bool) -> tuple[Select, ...]:
    """Return the lists to choose from."""
    phases = [(str(each), labels.phase(each)) for each in Phase]
    channels = [(each, labels.channel(each)) for each in choices(log).channels]
    seen = {
        "30": _("Seen in the last 30 days"),
        "90": _("Seen in the last 90 days"),
        "365": _("Seen in the last year"),
        "-90": _("Not seen for 90 days"),
        "-365": _("Not seen for a year"),
    }
    orders = [
        ("", _("Last seen first")),
        ("value", _("Highest value first")),
        ("orders", _("Most orders first")),
        ("broken", _("Most broken promises first")),
        ("nps", _("Lowest NPS answer first")),
        ("first", _("Newest first")),
        ("interactions", _("Most interactions first")),
    ]
    return (
        Select(
            "segment", _("Customers"), _segments(log, asked.segment, known=known), asked.segment
        ),
        _select("phase", _("Phase"), _("All phases"), phases, asked.phase),
        _select("channel", _("Channel"), _("All channels"), channels, asked.channel),
        _select(
            "seen", _("Last contact"), _("Whenever seen"), [(e, seen[e]) for e in SEEN], asked.seen
        ),
        Select(
            "order", _("Order"), tuple(Option(value, words) for value, words in orders), asked.order
        ),
    )


def _segments(log: "Log", chosen: str, *, known: bool) -> tuple[Option, ...]:
    options = segment_options(saved_segments(log) if known else anybodys_segments(log))
    if chosen and all(each.value != chosen for each in options):
        options = (*options, Option(chosen, chosen[:80]))
    return options


def _select(
    name: str, words: str, everything: str, options: Sequence[tuple[str, str]], chosen: str
) -> Select:
    offered = (Option("", everything), *(Option(value, said) for value, said in options))
    return Select(name, words, offered, chosen)


def tabs(only: str) -> list[tuple[str, str, bool]]:
    """Return what the timeline can be narrowed to: value, words, whether it is chosen."""
    words = {
        "": _("Everything"),
        "said": _("What they said"),
        "bought": _("Purchases"),
        "promised": _("Promises"),
        "company": _("What we did"),
    }
    chosen = only if only in ONLY else ""
    return [(value, said, value == chosen) for value, said in words.items()]


def waiting(log: "Log") -> int:
    """Return how many pairs wait for a person's answer."""
    return int(log.identity.count()["questions"])


def as_rule(asked: Asked) -> str:
    """Return the address of the builder with the list's filters as a rule; empty for everybody."""
    parts = [f"({asked.rule})" if asked.rule else ""]
    if asked.segment:
        parts.append(f"segment {json.dumps(asked.segment, ensure_ascii=False)}")
    if asked.phase:
        parts.append(f"phase {asked.phase}")
    if asked.channel:
        parts.append(f"channel {asked.channel}")
    if asked.seen:
        days = asked.seen.removeprefix("-")
        late = asked.seen.startswith("-")
        parts.append(
            f"last_seen more than {days} days ago" if late else f"last_seen within {days} days"
        )
    rule = " and ".join(each for each in parts if each)
    return "?" + urlencode({"rule": rule}) if rule else ""
