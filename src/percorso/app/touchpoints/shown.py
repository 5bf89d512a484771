"""Touchpoints as pages show them: words, figures, and what is left open."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.urls import reverse

from percorso import labels
from percorso.app.touchpoints.queries import Kept, Seen
from percorso.app.ui.components import few_or, is_few
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map.touchpoints import Coverage, Traffic, phases_served
from percorso.touchpoints import Orders, PhaseRule, Strategy, Touchpoint
from percorso.vocabulary import Phase

if TYPE_CHECKING:
    from percorso.log.phases import Bounds, Rule

#: Gives the address of the list with something chosen otherwise.
Link = Callable[..., str]
#: What of the coverage the list can be narrowed to.
OPEN: Final = ("owner", "strategy", "listening", "traffic", "unseen", "undescribed")


#: What only the company can fill in; the others are told by the log.
_WRITTEN: Final = ("owner", "strategy")


@dataclass(frozen=True, slots=True)
class Open:
    """What is left open of a touchpoint; ``tone`` is ``warn`` for what the log tells."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A touchpoint in the list; ``open`` says what is left open of it."""

    key: str
    name: str
    channel: str
    online: str
    owner: str
    phases: tuple[Phase, ...]
    address: str
    described: bool
    interactions: str = labels.NOTHING
    customers: str = ""
    listening: str = ""
    open: tuple[Open, ...] = ()

    @property
    def served(self) -> str:
        """The phases in words."""
        return ", ".join(labels.phase(each) for each in self.phases)


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """A phase of the loop with how many touchpoints serve it."""

    value: str
    words: str
    touchpoints: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that is left open: a sentence, and where to see it."""

    value: str
    words: str
    address: str
    chosen: bool


def rows(kept: Kept, seen: Seen, part: Seen, coverage: Coverage) -> list[Row]:
    """Return the touchpoints: those described in their order, then those only the log knows.

    What happened is told of ``part`` of the log, everything else of all that was ``seen``.
    """
    open_ = open_of(coverage)
    described = (_described(each, seen.of(each.id)) for each in kept.touchpoints)
    of_log = (_of_log(each) for each in coverage.not_described)
    return [
        replace(_counted(each, part.of(each.key)), open=_open_words(open_.get(each.key, [])))
        for each in (*described, *of_log)
    ]


def _described(given: Touchpoint, traffic: Traffic | None) -> Row:
    return Row(
        key=given.id,
        name=given.name,
        channel=labels.channel(given.channel),
        online=online(given.online),
        owner=given.owner,
        phases=phases_served(traffic, given),
        address=reverse("touchpoints:one", args=[given.id]),
        described=True,
    )


def _of_log(traffic: Traffic) -> Row:
    return Row(
        key=traffic.key,
        name=traffic.name,
        channel=labels.channel(traffic.channel),
        online="",
        owner="",
        phases=traffic.main_phases,
        address=reverse("touchpoints:new") + "?" + urlencode({"name": traffic.name}),
        described=False,
    )


def _counted(row: Row, traffic: Traffic | None) -> Row:
    if traffic is None:
        return row
    return replace(
        row,
        interactions=interactions(traffic),
        customers=few_or(traffic.customers),
        listening=listening(traffic),
    )


def online(given: bool) -> str:  # noqa: FBT001 - it is what is said
    return _("online") if given else _("offline")


def interactions(traffic: Traffic) -> str:
    """Say how much happens; of so few customers that they might be recognised, nothing."""
    return "" if is_few(traffic.customers) else labels.number(traffic.interactions)


def listening(traffic: Traffic) -> str:
    """Say how customers are listened to at a touchpoint."""
    said: list[str] = []
    if is_few(traffic.customers):
        return ""
    if traffic.answers:
        said.append(
            ngettext("{n} answer", "{n} answers", traffic.answers).format(
                n=labels.number(traffic.answers)
            )
        )
    if traffic.texts:
        said.append(
            ngettext("{n} text", "{n} texts", traffic.texts).format(n=labels.number(traffic.texts))
        )
    return ", ".join(said)


def _open_words(names: Iterable[str]) -> tuple[Open, ...]:
    words = {
        "owner": _("no owner"),
        "strategy": _("no strategy"),
        "listening": _("nobody listens"),
        "traffic": _("only listening"),
        "unseen": _("not in the log"),
        "undescribed": _("not described"),
    }
    return tuple(Open(words[each], "still" if each in _WRITTEN else "warn") for each in names)


def open_of(coverage: Coverage) -> dict[str, list[str]]:
    """Return what is left open, by id, or by ``=`` and the name in the log."""
    found: dict[str, list[str]] = {}
    for name, keys in keys_of(coverage).items():
        for key in keys:
            found.setdefault(key, []).append(name)
    return found


def keys_of(coverage: Coverage) -> dict[str, tuple[str, ...]]:
    """Return for each point left open the touchpoints, by id or by ``=`` and the log's name."""

    def keys(traffic: Iterable[Traffic]) -> tuple[str, ...]:
        return tuple(each.key for each in traffic)

    return {
        "owner": coverage.without_owner,
        "strategy": tuple(dict.fromkeys(id_ for id_, _phase in coverage.without_strategy)),
        "listening": keys(coverage.traffic_without_listening),
        "traffic": keys(coverage.listening_without_traffic),
        "unseen": coverage.unseen,
        "undescribed": keys(coverage.not_described),
    }


def phases(rows: Sequence[Row], chosen: str, link: Link) -> tuple[PhaseShown, ...]:
    """Return the six phases with how many touchpoints that are described serve each."""
    served = [each.phases for each in rows if each.described]
    found = []
    for phase in Phase:
        count = sum(phase in each for each in served)
        words = (
            ngettext("{n} touchpoint", "{n} touchpoints", count).format(n=labels.number(count))
            if count
            else _("none")
        )
        found.append(
            PhaseShown(
                str(phase),
                labels.phase(phase),
                words,
                count,
                link(phase="" if phase == chosen else str(phase)),
                phase == chosen,
            )
        )
    return tuple(found)


def open_points(coverage: Coverage, chosen: str, link: Link) -> tuple[OpenPoint, ...]:
    """Return what is left open, as sentences that lead to the touchpoints they are about."""
    counts = {name: len(keys) for name, keys in keys_of(coverage).items()}
    said: dict[str, Callable[[int], str]] = {
        "owner": lambda n: ngettext("{n} without an owner", "{n} without an owner", n),
        "strategy": lambda n: ngettext(
            "{n} without a strategy for a phase it serves",
            "{n} without a strategy for a phase they serve",
            n,
        ),
        "listening": lambda n: ngettext(
            "{n} with traffic, where nobody listens", "{n} with traffic, where nobody listens", n
        ),
        "traffic": lambda n: ngettext(
            "{n} where customers are only listened to",
            "{n} where customers are only listened to",
            n,
        ),
        "unseen": lambda n: ngettext(
            "{n} that the log does not know", "{n} that the log does not know", n
        ),
        "undescribed": lambda n: ngettext(
            "{n} of the log that nobody described", "{n} of the log that nobody described", n
        ),
    }
    return tuple(
        OpenPoint(
            name,
            said[name](count).format(n=labels.number(count)),
            link(open="" if name == chosen else name),
            name == chosen,
        )
        for name in OPEN
        if (count := counts[name])
    )


# One touchpoint


@dataclass(frozen=True, slots=True)
class PhaseHere:
    """A phase as a touchpoint serves it: how much of what happens there, and what is said."""

    words: str
    meant: bool
    share: str
    width: str
    strategy: Strategy | None


def phases_here(given: Touchpoint, traffic: Traffic | None) -> tuple[PhaseHere, ...]:
    """Return the phases that a touchpoint is meant for, or that the log sees there."""
    counts = traffic.phases if traffic and not is_few(traffic.customers) else {}
    whole = sum(counts.values())
    found = []
    for phase in Phase:
        meant, n = phase in given.phases, counts.get(phase, 0)
        if not (meant or n):
            continue
        share = 100 * n / whole if whole else 0.0
        strategy = given.strategy_for(phase)
        found.append(
            PhaseHere(
                labels.phase(phase),
                meant,
                labels.percent(share) if whole else "",
                f"{share:.2f}%",
                strategy or None,
            )
        )
    return tuple(found)


def own_rule(rule: PhaseRule) -> str:
    """Say a rule of a touchpoint."""
    what = ", ".join(labels.kind(each) for each in rule.kinds) or _("everything that happens here")
    when = _orders(rule.orders_before) if rule.orders_before else ""
    return _("{what} → {phase}").format(
        what=f"{what} ({when})" if when else what, phase=labels.phase(rule.phase)
    )


def general_rules(rules: Sequence["Rule"], traffic: Traffic) -> tuple[str, ...]:
    """Return the company's general rules that may decide here, in their order, in words."""
    return tuple(_general(each) for each in rules if _may_decide(each, traffic))


def _may_decide(rule: "Rule", traffic: Traffic) -> bool:
    if rule.kind and not {*rule.kind} & {*traffic.kinds}:
        return False
    if rule.channel and not {*rule.channel} & {*traffic.channels}:
        return False
    if not rule.touchpoint:
        return True
    from percorso.touchpoints import pattern

    fits = pattern(rule.touchpoint)
    return any(fits.fullmatch(each) for each in traffic.names)


def _general(rule: "Rule") -> str:
    what = [
        ", ".join(labels.kind(each) for each in rule.kind),
        ", ".join(labels.channel(each) for each in rule.channel),
        ", ".join(_direction(each) for each in rule.direction),
        ", ".join(f"“{each}”" for each in (*rule.touchpoint, *rule.name)),
        _orders(_as_orders(rule.orders_before)) if rule.orders_before else "",
        _interactions(rule.interactions_before) if rule.interactions_before else "",
    ]
    said = "; ".join(each for each in what if each) or _("everything else")
    return _("{what} → {phase}").format(what=said, phase=labels.phase(rule.phase))


def _direction(given: str) -> str:
    return _("from the customer") if given == "in" else _("from the company")


def _as_orders(bounds: "Bounds") -> Orders:
    return Orders(at_least=bounds.at_least, at_most=bounds.at_most)


def _orders(given: Orders) -> str:
    least, most = given.at_least, given.at_most
    if most is None:
        return ngettext("after at least {n} order", "after at least {n} orders", least).format(
            n=least
        )
    if most == 0:
        return _("before the first order")
    if least == 0:
        return ngettext("after at most {n} order", "after at most {n} orders", most).format(n=most)
    return _("after {least} to {most} orders").format(least=least, most=most)


def _interactions(given: "Bounds") -> str:
    if given.at_most == 0:
        return _("the very first contact")
    if given.at_most is None:
        return _("after at least {n} contacts").format(n=given.at_least)
    return _("after {least} to {most} contacts").format(least=given.at_least, most=given.at_most)
