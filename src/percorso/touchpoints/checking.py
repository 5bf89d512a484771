"""What a touchpoint and a belief must be like, and the same without what nobody can see."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NoReturn

import msgspec

from percorso.i18n import gettext as _
from percorso.touchpoints.errors import TouchpointError
from percorso.touchpoints.model import (
    ID,
    MEASURES,
    PREFIXED,
    WHERE,
    Belief,
    Claim,
    Evidence,
    PhaseRule,
    Strategy,
    Touchpoint,
    is_measure,
    is_place,
)
from percorso.vocabulary import CHANNELS, FACTORS, KINDS, Phase

#: The longest name of a touchpoint or a department, as the log allows it.
LONGEST_NAME: Final = 200
#: The longest of what is written in sentences.
LONGEST_TEXT: Final = 600
MOST_NAMES: Final = 50
MOST_RULES: Final = 20
MOST_EVIDENCE: Final = 20
MOST_PLACES: Final = 20
_MOST_ORDERS: Final = 100


def checked(given: Touchpoint) -> Touchpoint:
    """Return a touchpoint as it can be kept. Raises TouchpointError that names the field."""
    _id(given.id)
    name = line(given.name, "name")
    if not name:
        raise TouchpointError(_("Give the touchpoint a name."), "name")
    _known(given.channel, CHANNELS, "channel")
    if len(given.seen_as) > MOST_NAMES:
        raise TouchpointError(
            _("A touchpoint has at most {most} names in the log.").format(most=MOST_NAMES),
            "seen_as",
        )
    seen_as = tuple(dict.fromkeys(filter(None, (line(each, "seen_as") for each in given.seen_as))))
    if any(not each.strip("* ") for each in seen_as):
        raise TouchpointError(_("* alone would be every name of the log."), "seen_as")
    if len(given.rules) > MOST_RULES:
        raise TouchpointError(
            _("A touchpoint has at most {most} rules.").format(most=MOST_RULES), "rules"
        )
    strategy = tuple(filter(None, map(_strategy, given.strategy)))
    if len({each.phase for each in strategy}) < len(strategy):
        raise TouchpointError(_("There is one strategy for each phase."), "strategy")
    rules = tuple(_rule(rule, f"rules.{n}") for n, rule in enumerate(given.rules))
    served = {*given.phases, *(each.phase for each in rules)}
    return msgspec.structs.replace(
        given,
        name=name,
        owner=line(given.owner, "owner"),
        promise=text(given.promise, "promise"),
        seen_as=seen_as,
        phases=tuple(each for each in Phase if each in served),
        rules=rules,
        strategy=tuple(sorted(strategy, key=lambda each: list(Phase).index(each.phase))),
        by=line(given.by, "by"),
    )


def checked_belief(given: Belief, touchpoints: Iterable[str]) -> Belief:
    """Return a belief as it can be kept. Raises TouchpointError that names the field."""
    _id(given.id)
    words = text(given.text, "text")
    if not words:
        raise TouchpointError(_("Say in words what is believed."), "text")
    if given.touchpoint and given.touchpoint not in touchpoints:
        raise TouchpointError(
            _("There is no touchpoint “{name}”.").format(name=given.touchpoint[:60]), "touchpoint"
        )
    if len(given.evidence) > MOST_EVIDENCE:
        raise TouchpointError(
            _("A belief has at most {most} pieces of evidence.").format(most=MOST_EVIDENCE),
            "evidence",
        )
    evidence = tuple(_evidence(each, f"evidence.{n}") for n, each in enumerate(given.evidence))
    return msgspec.structs.replace(
        given,
        text=words,
        segment=line(given.segment, "segment"),
        evidence=evidence,
        claim=None if given.claim is None else _claim(given.claim),
        by=line(given.by, "by"),
    )


def clean(words: str) -> str:
    """Return words without what nobody can see: controls, marks that turn the direction round."""
    found = words.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in found if each in "\n\t" or _visible(each))
    return unicodedata.normalize("NFC", kept).strip()


def line(words: str, place: str) -> str:
    """Return words as one line. Raises TouchpointError where they are too long."""
    return _short(" ".join(clean(words).split()), LONGEST_NAME, place)


def text(words: str, place: str) -> str:
    """Return words of one line or several. Raises TouchpointError where they are too long."""
    return _short(clean(words), LONGEST_TEXT, place)


def _short(words: str, most: int, place: str) -> str:
    if len(words) > most:
        raise TouchpointError(
            _("At most {most} characters; these are {n}.").format(most=most, n=len(words)), place
        )
    return words


def _visible(character: str) -> bool:
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    return not turns and unicodedata.category(character) not in ("Cc", "Cs")


def _id(given: str) -> None:
    if not ID.fullmatch(given):
        raise TouchpointError(
            _("An id is made of small letters, digits and hyphens, at most 60, not “{id}”.").format(
                id=given[:80]
            ),
            "id",
        )


def _rule(rule: PhaseRule, place: str) -> PhaseRule:
    for each in rule.kinds:
        _known(each, KINDS, f"{place}.kinds")
    orders = rule.orders_before
    if orders is not None:
        most = _MOST_ORDERS if orders.at_most is None else orders.at_most
        if not 0 <= orders.at_least <= most <= _MOST_ORDERS:
            raise TouchpointError(
                _(
                    "Orders before are numbers from 0 to {most}, the least not above the most."
                ).format(most=_MOST_ORDERS),
                f"{place}.orders_before",
            )
        if orders.at_least == 0 and orders.at_most is None:
            orders = None
    kinds = tuple(dict.fromkeys(rule.kinds))
    return msgspec.structs.replace(rule, kinds=kinds, orders_before=orders)


def _strategy(given: Strategy) -> Strategy:
    return Strategy(
        phase=given.phase,
        **{
            name: text(getattr(given, name), f"strategy.{given.phase}.{name}")
            for name in ("tone", "message", "objective", "moves_on")
        },
    )


def _evidence(given: Evidence, place: str) -> Evidence:
    what = text(given.what, place)
    if not what:
        raise TouchpointError(_("Say what the evidence is."), place)
    if given.kind == "factor":
        _known(what, FACTORS, place)
    elif given.kind != "observation":
        what = line(what, place)
    return msgspec.structs.replace(given, what=what)


def _claim(given: Claim) -> Claim:
    if not is_measure(given.measure):
        _unknown(given.measure, _measures(), "claim.measure")
    if not given.where:
        raise TouchpointError(_("Say where the claim holds."), "claim.where")
    if len(given.where) > MOST_PLACES:
        raise TouchpointError(
            _("A claim names at most {most} places.").format(most=MOST_PLACES), "claim.where"
        )
    for name, value in given.where:
        if not is_place(name):
            _unknown(name, (*WHERE, "property.NAME"), "claim.where")
        if not line(value, "claim.where"):
            raise TouchpointError(_("Say where the claim holds."), "claim.where")
    where = dict.fromkeys((name, line(value, "claim.where")) for name, value in given.where)
    return msgspec.structs.replace(given, where=tuple(where))


def _measures() -> tuple[str, ...]:
    return (*MEASURES, *(f"{prefix}:{name}" for prefix in PREFIXED for name in PREFIXED[prefix]))


def _known(word: str, allowed: Iterable[str], place: str) -> None:
    if word not in allowed:
        _unknown(word, allowed, place)


def _unknown(word: str, allowed: Iterable[str], place: str) -> NoReturn:
    raise TouchpointError(
        _("“{word}” is not known.").format(word=word[:80]) + did_you_mean(word, allowed), place
    )


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return a hint at the known word that is near, or nothing."""
    near = difflib.get_close_matches(word[:80].casefold(), list(allowed), n=1)
    return " " + _("Did you mean “{word}”?").format(word=near[0]) if near else ""


def slug(name: str, taken: Iterable[str] = ()) -> str:
    """Return an id made of a name, other than those ``taken``."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "touchpoint"
    used = set(taken)
    if base not in used:
        return base
    return next(each for n in range(2, 100_000) if (each := f"{base}-{n}") not in used)
