"""The directly-follows graph: what came directly after what, how often, how long, how it scored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from percorso.journeys import grouping, scores
from percorso.journeys.grouping import Floats, Groups, Tally, sum_of
from percorso.journeys.results import Edge, JourneyGraph, Node
from percorso.journeys.times import MICROSECONDS_PER_HOUR
from percorso.journeys.walks import Int64, Walks, each_bucket, names_of
from percorso.log.steps import StepsIndex
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.log.selection import Selection

_QUANTILES: Final = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class _Part:
    """A bucket's share of the graph.

    Summed up by touchpoint and by transition: steps, customers and the moments of the scores
    after. The values of a transition are its waits in microseconds.
    """

    customers: int
    steps: int
    nodes: Tally
    edges: Tally
    starts: Int64
    ends: Int64


def graph(
    index: StepsIndex, selection: "Selection | None" = None, *, with_scores: bool = True
) -> JourneyGraph:
    """Return the directly-follows graph of the journeys.

    ``b`` directly follows ``a`` where a customer's next step after an ``a`` is a ``b``; a count is
    of such pairs. Without scores the answer comes in two thirds of the time. Source: van der
    Aalst, Process Mining, 2nd ed. 2016, section 6.2.
    """
    scale = index.main_scale if with_scores else None
    size = len(index.touchpoints)
    parts = each_bucket(index, selection, lambda walks: _part(walks, size, scale))
    return JourneyGraph(
        customers=sum(part.customers for part in parts),
        steps=sum(part.steps for part in parts),
        scale=scale,
        nodes=_nodes(index, parts, scale),
        edges=_edges(index, parts, scale),
        starts=dict(names_of(index, sum_of([part.starts for part in parts], size))),
        ends=dict(names_of(index, sum_of([part.ends for part in parts], size))),
    )


def transitions(walks: Walks, size: int) -> Groups:
    """Gather the steps that another follows in the same journey, by source * size + target.

    A step is known by its row; the row of its target is the next.
    """
    return _by_transition(_transition_codes(walks, size), size)


def _transition_codes(walks: Walks, size: int) -> npt.NDArray[Any]:
    """Return source * size + target of each step but the last, size * size between journeys."""
    between = size * size
    codes: npt.NDArray[Any] = walks.touchpoint.astype(np.uint16 if between < 1 << 16 else np.uint64)
    codes = codes[:-1] * codes.dtype.type(size) + codes[1:]
    codes[walks.last[:-1]] = between
    return codes


def _by_transition(codes: npt.NDArray[Any], size: int) -> Groups:
    return grouping.group(codes, size * size + 1, leave_out=size * size)


def _part(walks: Walks, size: int, scale: str | None) -> _Part:
    blocks = [_block(block, size, scale) for block in walks.blocks()]
    return _Part(
        customers=len(walks.first),
        steps=len(walks.at),
        nodes=grouping.join([nodes for nodes, _ in blocks]),
        edges=grouping.join([edges for _, edges in blocks]),
        starts=np.bincount(walks.touchpoint[walks.first], minlength=size),
        ends=np.bincount(walks.touchpoint[walks.last], minlength=size),
    )


def _block(walks: Walks, size: int, scale: str | None) -> tuple[Tally, Tally]:
    journey = walks.journey_of_steps()
    codes = _transition_codes(walks, size)
    nodes = grouping.group(walks.touchpoint, size)
    edges = _by_transition(codes, size)
    node_sums, edge_sums = _counts(nodes, journey), _counts(edges, journey)
    if scale is not None:
        answered = scores.find_answers(walks, scale)
        moments = answered.moments(walks.touchpoint[answered.rows], size, nodes.codes)
        node_sums = np.concatenate([node_sums, moments])
        # Where a step is an arrival: the transition that ends there is known by the row before.
        none = size * size
        arrivals = np.append(codes.dtype.type(none), codes)
        moments = answered.moments(arrivals[answered.rows], none + 1, edges.codes)
        edge_sums = np.concatenate([edge_sums, moments])
    nothing = np.empty(0, np.int64)
    return (
        Tally(nodes.codes, np.zeros(len(nodes.codes) + 1, np.int64), node_sums, nothing),
        Tally(edges.codes, edges.bounds, edge_sums, np.diff(walks.at).take(edges.order)),
    )


def _counts(groups: Groups, journey: npt.NDArray[np.int32]) -> Floats:
    """Return rows of steps and of customers."""
    return np.stack([groups.counts, groups.distinct(journey)]).astype(np.float64)


def _nodes(index: StepsIndex, parts: list[_Part], scale: str | None) -> tuple[Node, ...]:
    codes, counts, customers, after = _added([part.nodes for part in parts], scale)
    names = [index.touchpoints[code] for code in codes]
    found = [Node(*row) for row in zip(names, counts, customers, after, strict=True)]
    return tuple(sorted(found, key=lambda node: (-node.count, node.touchpoint)))


def _edges(index: StepsIndex, parts: list[_Part], scale: str | None) -> tuple[Edge, ...]:
    codes, counts, customers, after = _added([part.edges for part in parts], scale)
    waits = grouping.quantiles(
        codes, [(part.edges, part.edges.values) for part in parts], _QUANTILES
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


def _added(
    parts: list[Tally], scale: str | None
) -> tuple[Int64, list[int], list[int], list[Estimate | None]]:
    """Return the codes of all parts with their counts, customers and scores after."""
    codes = grouping.union(parts)
    after: list[Estimate | None] = [None] * len(codes)
    if not len(codes):
        return codes, [], [], after
    sums = np.zeros((len(parts[0].sums), len(codes)))
    for part in parts:
        sums[:, np.searchsorted(codes, part.codes)] += part.sums
    if scale is not None:
        after = scores.estimates(sums[2:], scale)
    return codes, sums[0].astype(np.int64).tolist(), sums[1].astype(np.int64).tolist(), after
