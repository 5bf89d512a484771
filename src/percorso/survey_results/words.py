"""What facts, their bands and verdicts are called, in the current language."""

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import ngettext


def fact(name: str) -> str:
    """Return what a fact of FACTS is called."""
    return {
        "segment": _("Segment by purchases"),
        "orders": _("Purchases before"),
        "recency": _("Last purchase"),
        "tenure": _("First contact"),
        "trouble": _("Return, cancellation or request for help in the 90 days before"),
        "channel": _("Channel last used"),
        "language": _("Language of the invitation"),
    }[name]


def band(fact_name: str, value: str) -> str:
    """Return what a band of a fact is called."""
    if fact_name == "segment":
        return labels.segment(value)
    if fact_name == "channel":
        return labels.channel(value) if value else _("none yet")
    if fact_name == "language":
        return labels.language(value) if value else _("not known")
    if fact_name in ("recency", "tenure"):
        return _days().get(value, value)
    return {"2-4": _("2 to 4"), "5+": _("5 or more"), "no": _("no"), "yes": _("yes")}.get(
        value, value
    )


def _days() -> dict[str, str]:
    return {
        "-30": _("up to 30 days before"),
        "-90": _("up to 90 days before"),
        "31-90": _("31 to 90 days before"),
        "91-365": _("91 days to a year before"),
        "366+": _("more than a year before"),
        "never": _("never"),
    }


def verdict(word: str) -> str:
    """Return what a verdict on PMF says."""
    return {
        "above": _("above the line of 40%"),
        "below": _("below the line of 40%"),
        "not_sure": _("not sure which side of 40%"),
    }[word]


def level(name: str) -> str:
    """Return what a level of the pyramid is called."""
    return labels.metric(f"pyramid_{name}")


def metric(name: str) -> str:
    """Return what the score of a part is called."""
    return _("Mean rating") if name == "rating" else labels.metric(name)


def unit(name: str) -> labels.Unit:
    """Return the unit that the score of a part is in."""
    if name in ("csat", "pmf"):
        return "percent"
    return "score" if name in ("ces", "rating") else "points"


def waiting(invitations: str, days: int) -> str:
    """Say how many invitations do not count yet; ``invitations`` is their number in words."""
    return ngettext(
        "Invited in the last day, and not counted yet: {invitations}. Most answers take no longer.",
        "Invited in the last {days} days, and not counted yet: {invitations}. Most answers take no "
        "longer.",
        days,
    ).format(invitations=invitations, days=labels.number(days))
