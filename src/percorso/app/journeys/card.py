"""What is said of the touchpoint or transition a reader picks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from percorso import labels
from percorso.app.journeys.results import Explored
from percorso.app.journeys.tones import Tone, share_of, share_words, tone
from percorso.estimation import MIN_SHOWN
from percorso.i18n import gettext as _
from percorso.journeys import Edge, Node
from percorso.vocabulary import Estimate

#: Makes the address of a view: the parameters that change; an empty value takes one away.
Link = Callable[..., str]
NEIGHBOURS: Final = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the card: what it is, its figure, and the interval or what else belongs to it."""

    term: str
    figure: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    name: str
    customers: str
    share: str
    address: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of the touchpoint or transition that is picked."""

    title: str
    kind: Literal["touchpoint", "transition"]
    touchpoint: str
    tone: Tone
    facts: tuple[Fact, ...]
    arriving: tuple[Neighbour, ...]
    leaving: tuple[Neighbour, ...]
    close: str
    source: str = ""

    def is_about(self, source: str | None, touchpoint: str) -> bool:
        """Say whether something at a touchpoint, or on the way to it from ``source``, is here."""
        if self.kind == "transition":
            return (source, touchpoint) == (self.source, self.touchpoint)
        return self.touchpoint in (source, touchpoint)


def card(found: Explored, at: str, to: str, link: Link) -> Card | None:
    """Return the card of touchpoint ``at``, or of the transition from it to ``to``."""
    if at and to:
        edges = found.graph.shown.edges
        pair = (at, to)
        edge = next((each for each in edges if (each.source, each.target) == pair), None)
        return _transition_card(edge, found, link) if edge else None
    nodes = found.graph.shown.nodes
    node = next((each for each in nodes if each.touchpoint == at), None)
    return _touchpoint_card(node, found, link) if node else None


def _touchpoint_card(node: Node, found: Explored, link: Link) -> Card:
    name = node.touchpoint
    facts = [
        Fact(
            _("customers"),
            labels.number(node.customers),
            _("{share} of all").format(share=share_of(node.customers, found.graph.customers)),
        ),
        Fact(
            _("passed"),
            _("{n} times").format(n=labels.number(node.count)),
            _("{n} a customer").format(n=labels.number(node.count / node.customers, 1)),
        ),
        *_score_fact(node.score),
        *(
            Fact(
                _("stop here"),
                labels.number(each.stopped),
                share_words(each.share),
            )
            for each in found.stops.rows
            if each.touchpoint == name and each.stopped >= MIN_SHOWN
        ),
        *(
            Fact(_("repeat it at once"), labels.number(each.customers), share_words(each.share))
            for each in found.friction.loops
            if each.touchpoint == name and each.customers >= MIN_SHOWN
        ),
    ]
    edges = [each for each in found.graph.shown.edges if each.source != each.target]
    into = [each for each in edges if each.target == name]
    out = [each for each in edges if each.source == name]
    return Card(
        title=name,
        kind="touchpoint",
        touchpoint=name,
        tone=tone(node.score, found.graph.scale),
        facts=tuple(facts),
        arriving=_neighbours(into, node, link, arriving=True),
        leaving=_neighbours(out, node, link, arriving=False),
        close=link(at="", to=""),
    )


def _transition_card(edge: Edge, found: Explored, link: Link) -> Card:
    source = next(each for each in found.graph.nodes if each.touchpoint == edge.source)
    facts = [
        Fact(
            _("customers"),
            labels.number(edge.customers),
            _("{share} of those at {touchpoint}").format(
                share=share_of(edge.customers, source.customers), touchpoint=edge.source
            ),
        ),
        Fact(_("passages"), labels.number(edge.count)),
        Fact(_("median wait"), labels.hours(edge.median_hours)),
        Fact(_("9 in 10 within"), labels.hours(edge.p90_hours)),
        *_score_fact(edge.score_after),
        *(
            Fact(_("go straight back"), labels.number(each.customers), share_words(each.share))
            for each in found.friction.back_and_forth
            if (each.touchpoint, each.via) == (edge.source, edge.target)
            and each.customers >= MIN_SHOWN
        ),
        *(
            Fact(_("wait unusually long"), labels.number(each.customers), share_words(each.share))
            for each in found.friction.waits
            if (each.source, each.target) == (edge.source, edge.target)
            and each.customers >= MIN_SHOWN
        ),
    ]
    return Card(
        title=f"{edge.source} → {edge.target}",
        kind="transition",
        touchpoint=edge.target,
        tone=tone(edge.score_after, found.graph.scale),
        facts=tuple(facts),
        arriving=(),
        leaving=(),
        close=link(at="", to=""),
        source=edge.source,
    )


def _score_fact(score: Estimate | None) -> tuple[Fact, ...]:
    if score is None or not score.shown:
        return ()
    detail = _("{interval}, n {n}").format(
        interval=labels.interval(score), n=labels.number(score.n)
    )
    return (Fact(_("score after"), labels.estimate(score), detail),)


def _neighbours(
    edges: Sequence[Edge], node: Node, link: Link, *, arriving: bool
) -> tuple[Neighbour, ...]:
    ordered = sorted(edges, key=lambda each: (-each.customers, each.source, each.target))
    return tuple(
        Neighbour(
            name=each.source if arriving else each.target,
            customers=labels.number(each.customers),
            share=share_of(each.customers, node.customers),
            address=link(at=each.source, to=each.target),
        )
        for each in ordered[:NEIGHBOURS]
    )
