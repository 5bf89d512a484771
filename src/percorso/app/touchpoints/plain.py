"""Touchpoints as plain values, for files and for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from percorso.app.touchpoints import shown
from percorso.app.touchpoints.queries import Kept, Seen
from percorso.app.ui.components import is_few
from percorso.journey_map.consistency import Consistency
from percorso.journey_map.touchpoints import Coverage, Traffic
from percorso.touchpoints import Touchpoint


def touchpoints(kept: Kept, part: Seen, coverage: Coverage) -> Iterator[dict[str, Any]]:
    """Yield the touchpoints: those described in their order, then those only the log knows.

    What happens there is that of ``part`` of the log, and None where fewer than 5 customers were
    there, and where nobody was; what is left open is of all of it.
    """
    open_ = shown.open_of(coverage)
    for each in kept.touchpoints:
        yield {
            **_described(each),
            **_counted(part.of(each.id)),
            "open": open_.get(each.id, []),
            "wants": [msgspec.to_builtins(belief, str_keys=True) for belief in kept.of(each.id)],
        }
    for traffic in coverage.not_described:
        yield {
            **_described(Touchpoint(id="", name=traffic.name, channel=traffic.channel)),
            "online": None,
            "phases": [str(each) for each in traffic.main_phases],
            **_counted(part.of(traffic.key)),
            "open": open_.get(traffic.key, []),
            "wants": [],
        }


def _described(given: Touchpoint) -> dict[str, Any]:
    return {
        "id": given.id,
        "name": given.name,
        "channel": given.channel,
        "online": given.online,
        "owner": given.owner,
        "phases": [str(each) for each in given.phases],
        "promise": given.promise,
        "strategy": [msgspec.structs.asdict(each) for each in given.strategy],
    }


def _counted(traffic: Traffic | None) -> dict[str, Any]:
    shown_ = traffic is not None and not is_few(traffic.customers)
    names = ("interactions", "customers", "answers", "texts")
    return {name: getattr(traffic, name) if shown_ else None for name in names}


def consistency(found: Consistency) -> dict[str, Any]:
    """Return the figures of every touchpoint, and the gaps."""
    return {
        "tests": found.tests,
        "touchpoints": [
            {
                **asdict(each),
                "figures": {name: figure.as_dict() for name, figure in each.figures.items()},
            }
            for each in found.places
        ],
        "gaps": [
            {**asdict(each), "value": each.value.as_dict(), "rest": each.rest.as_dict()}
            for each in found.gaps
        ],
    }
