"""The words of a map's items, in the current language."""

from typing import Final

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.journey_map.model import Item, JourneyMap, Judged, Lane, Standing
from percorso.metrics.definitions import MEANS, METRICS
from percorso.touchpoints import Belief, Claim
from percorso.vocabulary import Estimate

_DOT: Final = " \N{MIDDLE DOT} "


def lane(name: Lane | str) -> str:
    """Return what a lane is called."""
    known = {
        "doing": _("What customers do"),
        "touchpoints": _("Touchpoints"),
        "experience": _("Experience"),
        "effort": _("Effort"),
        "emotions": _("Emotions"),
        "pains": _("Pains"),
        "quotes": _("In their words"),
        "needs": _("Needs and unmet needs"),
        "opportunities": _("Opportunities"),
        "owner": _("Who looks after it"),
    }
    return known.get(name, name)


def standing(given: Standing | str) -> str:
    """Return what data say of a belief, in a word or two."""
    known = {
        "confirmed": _("Confirmed by data"),
        "denied": _("Denied by data"),
        "open": _("Open: a belief"),
    }
    return known[str(given)]


def basis(item: Item) -> str:
    """Return where an item comes from."""
    if item.basis == "belief":
        return standing(item.standing or Standing.OPEN)
    if item.basis == "written":
        return _("Written by the company")
    return _("Computed from the log")


def title(item: Item, of: JourneyMap) -> str:
    """Return what an item is about."""
    known = {
        "did": lambda: labels.kind(item.key),
        "passed": lambda: item.key,
        "score": lambda: labels.metric(item.key),
        "stands_out": lambda: item.key,
        "sentiment": lambda: _("Sentiment of texts"),
        "again": lambda: _("Begun again: {touchpoint}").format(touchpoint=item.key),
        "given_up": lambda: _("Given up: {touchpoint}").format(touchpoint=item.key),
        "emotion": lambda: labels.emotion(item.key),
        "kept": lambda: labels.metric("kept_share"),
        "problem": lambda: _problem(item, of),
        "mend": lambda: _("Mend first: {problem}").format(problem=_problem(item, of)),
        "need": lambda: of.needs.get(item.key, item.key),
        "move": lambda: _("Lead to: {touchpoint}").format(touchpoint=item.key),
        "owner": lambda: item.key,
        "promise": lambda: _("Promise: {touchpoint}").format(touchpoint=item.key),
        "strategy": lambda: _strategy(item.key),
        "belief": lambda: item.text,
    }
    return known[item.what]()


def figure(item: Item) -> str:
    """Return the figure with its interval; empty where there is none."""
    given = item.figure
    if given is None or item.what == "belief":
        return ""
    if not given.shown:
        return _("too few to show")
    unit, digits = unit_of(item)
    if item.what == "move":
        return _("go on more often: {value} points").format(
            value=labels.signed(given.value, unit, digits)
        )
    if item.what in ("problem", "mend"):
        if item.what == "problem":
            return _("{value} points lost each").format(value=labels.number(given.value, 1))
        return _("{value} points lost in all").format(value=labels.number(given.value, 0))
    if item.what == "stands_out":
        return f"{labels.metric(item.measure)} {labels.measured(given.value, unit, digits)}"
    return labels.measured(given.value, unit, digits)


def interval(item: Item) -> str:
    """Return the 95% interval in words; empty where there is none."""
    if item.figure is None or not item.figure.shown or item.what == "belief":
        return ""
    unit, digits = unit_of(item)
    if item.what in ("problem", "mend"):
        unit, digits = "score", 1 if item.what == "problem" else 0
    return labels.interval(item.figure, unit, digits)


def behind(item: Item) -> str:
    """Return how much data is behind it; empty where nothing was computed."""
    if item.basis == "written":
        return ""
    words = []
    if item.customers:
        words.append(
            ngettext("{n} customer", "{n} customers", item.customers).format(
                n=labels.number(item.customers)
            )
        )
    if item.n and item.n != item.customers:
        words.append(_counted(item))
    return _DOT.join(each for each in words if each)


def _counted(item: Item) -> str:
    n = labels.number(item.n)
    if item.what in ("score", "stands_out", "problem", "mend"):
        return ngettext("{n} answer", "{n} answers", item.n).format(n=n)
    if item.what in ("sentiment", "emotion", "need"):
        return ngettext("{n} text", "{n} texts", item.n).format(n=n)
    if item.what in ("again", "given_up"):
        return ngettext("{n} try", "{n} tries", item.n).format(n=n)
    if item.what == "kept":
        return ngettext("{n} promise", "{n} promises", item.n).format(n=n)
    if item.what in ("did", "passed"):
        return ngettext("{n} time", "{n} times", item.n).format(n=n)
    return ""


def beside(item: Item) -> str:
    """Return how it differs from elsewhere, where it does beyond chance; else nothing."""
    if item.rest is None or not item.rest.real or item.what == "move":
        return ""
    unit, digits = unit_of(item)
    difference = _signed(item.rest.difference.value, unit, digits)
    if item.what == "stands_out":
        return _("{difference} against other touchpoints").format(difference=difference)
    if item.what in ("again", "given_up"):
        return _("{difference} against the like").format(difference=difference)
    return _("{difference} against other phases").format(difference=difference)


def _signed(value: float | None, unit: labels.Unit, digits: int) -> str:
    """Return a difference; one of shares says that it is in points."""
    words = labels.signed(value, unit, digits)
    if unit != "percent" or value is None:
        return words
    return ngettext("{n} point", "{n} points", labels.plural(abs(value))).format(n=words)


def difference(given: Estimate, unit: labels.Unit, digits: int) -> str:
    """Return a difference with its interval, such as ``+22 points [17 – 27]``."""
    if not given.shown:
        return labels.difference(given)
    words = _signed(given.value, unit, digits)
    return f"{words} [{labels.interval(given, unit, digits)}]"


def change(item: Item) -> str:
    """Return how it differs from the map it is held against; empty where it was not."""
    given = item.change
    if given is None or not given.difference.shown:
        return ""
    unit, digits = unit_of(item)
    return labels.change(given.difference, unit, digits, certain=given.real)


def unit_of(item: Item) -> tuple[labels.Unit, int]:
    """Return the unit of an item's figure, and how many decimals are shown."""
    if item.what in ("score", "stands_out"):
        name = item.measure or item.key
        return labels.unit_of(name), labels.digits_of(name)
    if item.what in ("sentiment", "move"):
        return "points", 0
    small = item.figure is not None and (item.figure.value or 0.0) < 10
    return "percent", 1 if small and item.what in ("need", "emotion") else 0


def tone(item: Item) -> str:
    """Say whether an item is ``good`` or ``bad`` news; empty where neither."""
    if item.basis == "belief":
        return {"confirmed": "good", "denied": "bad"}.get(str(item.standing), "")
    if item.what in ("problem", "mend"):
        return "bad"
    if item.what == "move":
        return "good"
    if item.rest is None or not item.rest.real:
        return ""
    value = item.rest.difference.value or 0.0
    if item.what in ("again", "given_up"):
        return "bad" if value > 0 else "good"
    if item.what == "emotion":
        from percorso.vocabulary import PLEASANT_EMOTIONS

        pleasant = item.key in PLEASANT_EMOTIONS
        return ("good" if pleasant else "bad") if value > 0 else ""
    if item.what in ("score", "stands_out", "sentiment", "kept"):
        return "good" if value > 0 else "bad"
    return ""


def change_tone(item: Item) -> str:
    """Say whether what changed is better (``up``), worse (``down``) or neither (``same``)."""
    if item.change is None or not item.change.real:
        return "same"
    value = item.change.difference.value or 0.0
    if item.what in ("again", "given_up"):
        return "down" if value > 0 else "up"
    if item.what in ("score", "stands_out", "sentiment", "kept"):
        return "up" if value > 0 else "down"
    return "same"


def claim(given: Claim) -> str:
    """Return what a claim says, in words: ``CSAT is lower where touchpoint: Checkout``."""
    where = _DOT.join(f"{_place(name)}: {_value(name, value)}" for name, value in given.where)
    if given.direction == "higher":
        pattern = _("{measure}: higher than elsewhere, with {where}")
    else:
        pattern = _("{measure}: lower than elsewhere, with {where}")
    return pattern.format(measure=measure(given.measure), where=where)


def measure(given: str) -> str:
    """Return what a measure of a claim is called."""
    prefix, colon, name = given.partition(":")
    if given == "sentiment":
        return _("Sentiment of texts")
    if given in MEANS and METRICS[given].form != "mean":
        # A belief about NPS or CSAT is held against the answers, not against the score they make.
        return _("{score}: mean of the answers").format(score=labels.metric(given))
    if not colon:
        return labels.metric(given)
    patterns = {
        "factor": _("texts about {name}"),
        "emotion": _("texts that show {name}"),
        "kind": _("customers with: {name}"),
    }
    names = {"factor": labels.factor, "emotion": labels.emotion, "kind": labels.kind}
    return patterns[prefix].format(name=names[prefix](name).lower())


def why(judged: Judged) -> str:
    """Return what data say of a belief, in a sentence with its figures."""
    reasons = {
        "no_claim": _("Nobody has said yet how it could be measured."),
        "few": _("Too few customers were there, or elsewhere, in this period to say."),
        "unknown": _("What it would be measured by is not in the log any more."),
    }
    if judged.reason or judged.difference is None or judged.here is None or judged.there is None:
        return reasons.get(judged.reason, "")
    digits = _digits(judged.belief)
    figures = _("{here} there, {there} elsewhere: {difference}").format(
        here=labels.number(judged.here.value, digits),
        there=labels.number(judged.there.value, digits),
        difference=labels.difference(judged.difference, "score", digits),
    )
    return " ".join(filter(None, (f"{figures}.", _verdict(judged), _order(judged.belief))))


def _order(belief: Belief) -> str:
    """Say what is counted where something is done: a claim about it may mean afterwards."""
    if belief.claim is None or not belief.claim.measure.startswith("kind:"):
        return ""
    return _(
        "Counted is who did it at any time of the period, before being there as well as after."
    )


def _verdict(judged: Judged) -> str:
    if judged.standing == Standing.CONFIRMED:
        value = judged.difference.value if judged.difference else None
        if abs(value or 0.0) < judged.least:
            return _(
                "The difference goes the way that is believed, beyond chance; it is smaller than "
                "{least}, from which on it would matter."
            ).format(least=labels.number(judged.least, _digits(judged.belief)))
        return _("The difference is as believed, beyond chance.")
    if judged.standing == Standing.DENIED:
        return _("A difference of {least}, from which on it would matter, is ruled out.").format(
            least=labels.number(judged.least, _digits(judged.belief))
        )
    return _("That is too uncertain to say.")


def _digits(belief: Belief) -> int:
    given = belief.claim.measure if belief.claim else ""
    is_share = given == "kept_share" or ":" in given
    return 0 if is_share else 2


def _place(name: str) -> str:
    known = {
        "touchpoint": _("touchpoint"),
        "channel": _("channel"),
        "phase": _("phase"),
        "segment": _("segment"),
        "kind": _("kind"),
    }
    return known.get(name, name.removeprefix("property."))


def _value(name: str, value: str) -> str:
    known = {
        "channel": labels.channel,
        "phase": labels.phase,
        "segment": labels.segment,
        "kind": labels.kind,
    }
    return known[name](value) if name in known else value


def _problem(item: Item, of: JourneyMap) -> str:
    found = of.problem(item.key)
    if found is None:
        return item.touchpoint
    where = found.beside_title()
    return found.title() + (f"{_DOT}{where}" if where else "")


def _strategy(name: str) -> str:
    known = {
        "objective": _("Objective"),
        "message": _("Message"),
        "moves_on": _("What moves customers on"),
        "tone": _("Tone of voice"),
    }
    return known.get(name, name)
