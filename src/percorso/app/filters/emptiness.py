"""What a page says where it has nothing to show, and what to do about it."""

from dataclasses import dataclass

from django.urls import reverse

from percorso.app.filters.filter import Filter
from percorso.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Nothing:
    """Words for an empty page, and the way on."""

    title: str
    text: str
    address: str
    action: str


def nothing_yet() -> Nothing:
    """Return what to say while the log is empty."""
    return Nothing(
        _("There is nothing in the log yet"),
        _(
            "Bring in what you already have: survey answers, reviews, orders and deliveries, "
            "tickets. A file is enough to begin."
        ),
        reverse("intake:home"),
        _("Bring in data"),
    )


def nothing_in(chosen: Filter) -> Nothing:
    """Return what to say where the log holds something, but nothing of what was asked."""
    return Nothing(
        _("Nothing here in this period"),
        _("The log holds data, but none for what the filter asks (or of fewer than 5 customers)."),
        "?period=all",
        _("Show everything since the beginning")
        if not chosen.narrowed
        else _("Clear the filter and show everything"),
    )
