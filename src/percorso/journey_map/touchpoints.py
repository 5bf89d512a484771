"""What the log says of touchpoints: their traffic, and what the registry leaves open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.log.moments import moments
from percorso.log.written import ask
from percorso.touchpoints import Registry, Touchpoint, called
from percorso.vocabulary import NOT_STEPS, Phase

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

#: The customer tells of what happened, there or elsewhere: nothing else happens.
LISTENING: Final = ("answer", "review", "mention")
#: A touchpoint that nobody described serves the phases with at least this share of its traffic.
LEAST_SHARE: Final = 0.1
_NO_TRAFFIC: Final = (*LISTENING, *NOT_STEPS)

_COUNTS: Final = f"""
    WITH named AS (
        SELECT n.key, r.number, r."at", r.kind, r.channel, r.phase,
            r.scale IS NOT NULL AND r.score IS NOT NULL AS answered,
            r.kind NOT IN {_NO_TRAFFIC} AS traffic
        FROM rows r JOIN names n ON n.name = r.touchpoint
    )
    SELECT key, channel, kind, phase,
        CASE grouping(channel, kind, phase) WHEN 3 THEN 'channel' WHEN 5 THEN 'kind'
            WHEN 6 THEN 'phase' END AS split, count(*) AS n, count(*) FILTER (traffic) AS traffic,
        count(*) FILTER (answered) AS answers, count(DISTINCT number) AS customers,
        min("at") AS first, max("at") AS last
    FROM named GROUP BY GROUPING SETS ((key), (key, channel), (key, kind), (key, phase))
"""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What happened at a touchpoint of the log.

    ``id`` is the touchpoint of the registry, empty where nobody described it; ``name`` what that
    calls it, or the log; ``names`` are the log's. ``happened`` are the ``interactions`` that are
    steps of a journey and no listening (``LISTENING``). ``channels`` and ``phases`` are those of
    what happened, of all where nothing did; ``kinds`` of all; each by name, the most first.
    ``answers`` carry a score; ``texts`` are customers' words.
    """

    id: str
    name: str
    names: tuple[str, ...]
    interactions: int
    customers: int
    happened: int
    channels: dict[str, int]
    kinds: dict[str, int]
    phases: dict[str, int]
    first: datetime
    last: datetime
    answers: int = 0
    texts: int = 0

    @property
    def key(self) -> str:
        """The id of the registry, or ``=`` and the log's name where nobody described it."""
        return self.id or f"={self.name}"

    @property
    def channel(self) -> str:
        """The channel it is mostly on."""
        return next(iter(self.channels), "other")

    @property
    def listened(self) -> bool:
        """Say whether customers told anything there."""
        return bool(self.answers or self.texts)

    @property
    def main_phases(self) -> tuple[Phase, ...]:
        """The phases with a tenth or more of what happens there."""
        whole = sum(self.phases.values())
        return tuple(each for each in Phase if self.phases.get(each, 0) >= whole * LEAST_SHARE > 0)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is left open.

    ``phases_without`` a touchpoint of the registry (see ``phases_served``). Of the registry, by id:
    those without an owner, without a strategy for a phase they are meant for, and those the log
    does not know. Of the log: those with traffic where nobody listens, those where only listening
    happens, and those nobody described.
    """

    phases_without: tuple[Phase, ...]
    without_owner: tuple[str, ...]
    without_strategy: tuple[tuple[str, Phase], ...]
    unseen: tuple[str, ...]
    traffic_without_listening: tuple[Traffic, ...]
    listening_without_traffic: tuple[Traffic, ...]
    not_described: tuple[Traffic, ...]

    @property
    def complete(self) -> bool:
        """Say whether nothing is left open."""
        return not any(getattr(self, name) for name in self.__slots__)


def found(
    log: "Log",
    touchpoints: Sequence[Touchpoint] = (),
    selection: "Selection | None" = None,
) -> tuple[Traffic, ...]:
    """Return the touchpoints of the log, those with the most interactions first.

    What the log gives several names and the registry's ``touchpoints`` one is counted together.
    """
    keys = keys_of(log, touchpoints)
    rows = moments(log)
    rows = rows if selection is None else selection.apply(log, rows)
    chosen = rows.select("number", "at", "kind", "channel", "phase", "scale", "score", "touchpoint")
    counted = ask(log, _COUNTS, rows=chosen, names=_as_table(keys)).to_pylist()
    texts = _texts(log, keys, selection)
    names: dict[str, list[str]] = {}
    for name, key in keys.items():
        names.setdefault(key, []).append(name)
    described = {each.id: each.name for each in touchpoints}
    traffic = [
        _traffic(key, tuple(names[key]), rows, described, texts.get(key, 0))
        for key, rows in _by_key(counted).items()
    ]
    return tuple(sorted(traffic, key=lambda each: (-each.interactions, each.name)))


def coverage(log: "Log", registry: Registry, selection: "Selection | None" = None) -> Coverage:
    """Return what the registry leaves open of the log's touchpoints. Raises TouchpointError."""
    touchpoints = registry.all()
    return cover(found(log, touchpoints, selection), touchpoints)


def cover(traffic: Iterable[Traffic], touchpoints: Sequence[Touchpoint]) -> Coverage:
    """Return what ``touchpoints`` leave open of what ``found`` returned for them."""
    seen = tuple(traffic)
    by_id = {each.id: each for each in seen}
    served = {phase for each in touchpoints for phase in phases_served(by_id.get(each.id), each)}
    return Coverage(
        phases_without=tuple(each for each in Phase if each not in served),
        without_owner=tuple(each.id for each in touchpoints if not each.owner),
        without_strategy=tuple(
            (each.id, phase)
            for each in touchpoints
            for phase in each.phases
            if not each.strategy_for(phase)
        ),
        unseen=tuple(each.id for each in touchpoints if each.id not in by_id),
        traffic_without_listening=tuple(e for e in seen if e.happened and not e.listened),
        listening_without_traffic=tuple(e for e in seen if e.listened and not e.happened),
        not_described=tuple(each for each in seen if not each.id),
    )


def phases_served(traffic: Traffic | None, touchpoint: Touchpoint | None) -> tuple[Phase, ...]:
    """Return the phases a touchpoint is meant for, or mostly serves where nobody said."""
    if touchpoint and touchpoint.phases:
        return touchpoint.phases
    return traffic.main_phases if traffic else ()


def keys_of(log: "Log", touchpoints: Sequence[Touchpoint] = ()) -> dict[str, str]:
    """Return for each name of the log the id of its touchpoint, or ``=`` and the name."""
    rows = moments(log)
    names = rows.filter(rows.touchpoint.notnull()).select("touchpoint").distinct()
    known = sorted(filter(None, names.to_pyarrow()["touchpoint"].to_pylist()))
    return {name: _key(name, touchpoints) for name in known}


def _key(name: str, touchpoints: Sequence[Touchpoint]) -> str:
    described = called(touchpoints, name)
    return described.id if described else f"={name}"


def id_of(key: str) -> str:
    """Return the id of the registry that a key stands for; empty where it is the log's name."""
    return "" if key.startswith("=") else key


def _as_table(keys: Mapping[str, str]) -> "pa.Table":
    import pyarrow as pa

    return pa.table(
        {"name": pa.array(keys, pa.string()), "key": pa.array(keys.values(), pa.string())}
    )


def _texts(log: "Log", keys: Mapping[str, str], selection: "Selection | None") -> dict[str, int]:
    from percorso.text.voice import texts

    table = texts(log, selection)
    counted = table.group_by("touchpoint").agg(n=table.count()).to_pyarrow().to_pylist()
    found: dict[str, int] = {}
    for row in counted:
        key = keys.get(row["touchpoint"])
        if key is not None:
            found[key] = found.get(key, 0) + row["n"]
    return found


def _by_key(counted: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in counted:
        rows.setdefault(row["key"], []).append(row)
    return rows


def _traffic(
    key: str,
    names: tuple[str, ...],
    rows: Iterable[dict[str, Any]],
    described: Mapping[str, str],
    texts: int,
) -> Traffic:
    split: dict[str, dict[str, int]] = {"channel": {}, "kind": {}, "phase": {}}
    happened: dict[str, dict[str, int]] = {"channel": {}, "phase": {}}
    whole: dict[str, Any] = {}
    for row in sorted(rows, key=lambda each: -each["n"]):
        by = row["split"]
        if by is None:
            whole = row
            continue
        split[by][row[by]] = row["n"]
        if by in happened and row["traffic"]:
            happened[by][row[by]] = row["traffic"]
    id_ = id_of(key)
    return Traffic(
        id=id_,
        name=described.get(id_, names[0]),
        names=names,
        interactions=whole["n"],
        customers=whole["customers"],
        happened=whole["traffic"],
        channels=_most_first(happened["channel"]) or split["channel"],
        kinds=split["kind"],
        phases=_most_first(happened["phase"]) or split["phase"],
        first=whole["first"],
        last=whole["last"],
        answers=whole["answers"],
        texts=texts,
    )


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: -each[1]))


def suggested(traffic: Traffic) -> Touchpoint:
    """Return a touchpoint as the log knows it, for the registry to begin with."""
    from percorso.touchpoints import is_online

    return Touchpoint(
        id="",
        name=traffic.name,
        channel=traffic.channel,
        online=is_online(traffic.channel),
        phases=traffic.main_phases,
    )
