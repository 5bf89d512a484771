"""The directly-follows graph: what came directly after what, how often, how long, how it scored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.journeys import grouping, scores
from percorso.journeys.grouping import Groups, sum_of
from percorso.journeys.results import Edge, JourneyGraph, Node
from percorso.journeys.scores import Moments
from percorso.journeys.times import MICROSECONDS_PER_HOUR
from percorso.journeys.walks import Int64, Walks, each_bucket, names_of
from percorso.log.steps import StepsIndex
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.log.selection import Selection

_QUANTILES: Final = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Groups of rows, the customers in each, and the scores after (None: the log has none)."""

    groups: Groups
    customers: Int64
    moments: Moments | None


@dataclass(frozen=True, slots=True)
class _Part:
    """One bucket's share of the graph. ``waits`` are by transition, in microseconds."""

    customers: int
    steps: int
    nodes: _Counted
    edges: _Counted
    waits: Int64
    starts: Int64
    ends: Int64


def graph(index: StepsIndex, selection: "Selection | None" = None) -> JourneyGraph:
    """Return the directly-follows graph of the journeys.

    ``b`` directly follows ``a`` where a customer's next step after an ``a`` is a ``b``; a count is
    of such pairs. Source: van der Aalst, Process Mining, 2nd ed. 2016, section 6.2.
    """
    scale = index.main_scale
    size = len(index.touchpoints)
    parts = each_bucket(index, selection, lambda walks: _part(walks, size, scale))
    return JourneyGraph(
        customers=sum(part.customers for part in parts),
        steps=sum(part.steps for part in parts),
        scale=scale,
        nodes=_nodes(index, parts),
        edges=_edges(index, parts),
        starts=dict(names_of(index, sum_of([part.starts for part in parts], size))),
        ends=dict(names_of(index, sum_of([part.ends for part in parts], size))),
    )


def transitions(walks: Walks, size: int) -> Groups:
    """Gather the steps that another follows in the same journey, by source * size + target.

    A step is known by its row; the row of its target is the next.
    """
    between = size * size
    codes: npt.NDArray[Any] = walks.touchpoint.astype(np.uint16 if between < 1 << 16 else np.uint64)
    codes = codes[:-1] * codes.dtype.type(size) + codes[1:]
    codes[walks.last[:-1]] = between
    return grouping.group(codes, between + 1, leave_out=between)


def _part(walks: Walks, size: int, scale: str | None) -> _Part:
    journey = walks.journey_of_steps()
    nodes = grouping.group(walks.touchpoint, size)
    edges = transitions(walks, size)
    node_moments = edge_moments = None
    if scale is not None:
        answer = scores.next_answers(walks, scale)
        node_moments = scores.moments(nodes, answer, walks.score)
        edge_moments = scores.moments(edges, answer[1:], walks.score)
    return _Part(
        customers=len(walks.first),
        steps=len(walks.at),
        nodes=_Counted(nodes, nodes.distinct(journey), node_moments),
        edges=_Counted(edges, edges.distinct(journey), edge_moments),
        waits=np.diff(walks.at).take(edges.order),
        starts=np.bincount(walks.touchpoint[walks.first], minlength=size),
        ends=np.bincount(walks.touchpoint[walks.last], minlength=size),
    )


def _nodes(index: StepsIndex, parts: list[_Part]) -> tuple[Node, ...]:
    codes, counts, customers, after = _joined(index, [part.nodes for part in parts])
    names = [index.touchpoints[code] for code in codes]
    found = [Node(*row) for row in zip(names, counts, customers, after, strict=True)]
    return tuple(sorted(found, key=lambda node: (-node.count, node.touchpoint)))


def _edges(index: StepsIndex, parts: list[_Part]) -> tuple[Edge, ...]:
    codes, counts, customers, after = _joined(index, [part.edges for part in parts])
    waits = grouping.quantiles(
        codes, [(part.edges.groups, part.waits) for part in parts], _QUANTILES
    )
    hours = (waits / MICROSECONDS_PER_HOUR).tolist()
    sources, targets = (
        [index.touchpoints[code] for code in ends]
        for ends in np.divmod(codes, max(len(index.touchpoints), 1))
    )
    found = [
        Edge(source, target, count, passed, wait[0], wait[1], score)
        for source, target, count, passed, wait, score in zip(
            sources, targets, counts, customers, hours, after, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda edge: (-edge.count, edge.source, edge.target)))


def _joined(
    index: StepsIndex, parts: list[_Counted]
) -> tuple[Int64, list[int], list[int], list[Estimate | None]]:
    """Return the codes of all parts with their counts, customers and scores after."""
    codes = grouping.union([part.groups for part in parts])
    counts = grouping.total(codes, [(part.groups, part.groups.counts) for part in parts])
    customers = grouping.total(codes, [(part.groups, part.customers) for part in parts])
    after: list[Estimate | None] = [None] * len(codes)
    if index.main_scale is not None:
        together = [(part.groups, part.moments) for part in parts if part.moments is not None]
        after = scores.estimates(scores.add(codes, together), index.main_scale)
    return codes, counts.tolist(), customers.tolist(), after
