"""What a map's address asks: the filter, and the page's own choices."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from percorso.app import company
from percorso.app.filters import Scope, scope
from percorso.app.maps.queries import Against, other_selection
from percorso.app.problems.views import address as problem_address
from percorso.app.ui.access import may_see_customers
from percorso.i18n import gettext as _
from percorso.journey_map import Item, JourneyMap

#: The page's own parameters, beside the filter's.
OWN: Final = ("scale", "against", "other")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of the log, what it is held against, the score on the curve."""

    scope: Scope
    against: Against
    scale: str
    other: str = ""

    @property
    def own(self) -> dict[str, str]:
        """The page's own choices as its address says them."""
        given = {"scale": self.scale, "against": self.against_word, "other": self.other}
        return {name: value for name, value in given.items() if value}

    @property
    def against_word(self) -> str:
        return self.against.kind if self.against.kind in ("before", "year") else ""

    def query(self, **changes: str) -> str:
        """Return the query of an address with some choices changed; empty where there are none."""
        address = self.scope.chosen.address(self.own, **changes)
        return "" if address == "?" else address

    def link(self, page: str, **changes: str) -> str:
        """Return the address of a page of the maps with the same filter and choices."""
        return reverse(f"maps:{page}") + self.query(**changes)

    @property
    def held_against(self) -> str:
        """Say what the map is held against; empty where nothing."""
        if self.against.kind == "segment":
            from percorso import labels

            return labels.segment(self.against.segment)
        words = {"before": _("the period before"), "year": _("a year before")}
        return words.get(self.against.kind, "")

    @property
    def beside(self) -> Scope:
        """Return the same question about the other persona, as far as the person may ask it."""
        query = {**self.scope.chosen.parameters(), "segment": self.other}
        return scope(self.scope.log, query, known=self.scope.known)

    @property
    def too_short(self) -> bool:
        """Say whether it is held against a period that the log does not reach back to."""
        return bool(self.against.kind) and other_selection(self.scope, self.against) is None


def asked_by(request: HttpRequest) -> Asked:
    """Return what the address asks, as far as the person may."""
    query = request.GET
    known = may_see_customers(request.user)
    found = scope(company.log(), query.dict(), known=known)
    other = query.get("other", "")[:_LONGEST]
    if other and not is_segment(found, other):
        other = ""
    return Asked(
        scope=found,
        against=Against.of(query.get("against", ""), other),
        scale=query.get("scale", "")[:_LONGEST],
        other=other,
    )


def is_segment(given: Scope, name: str) -> bool:
    """Say whether whoever asks may ask for a segment of this name."""
    return scope(given.log, {"segment": name}, known=given.known).chosen.segment == name


def item_address(asked: Asked, given: JourneyMap, item: Item) -> str:
    """Return where more is told of an item; empty where nowhere."""
    chosen = asked.scope.chosen
    if item.what in ("problem", "mend"):
        found = given.problem(item.key)
        return problem_address(asked.scope, found) if found else ""
    if item.what in ("passed", "again", "given_up", "stands_out"):
        return reverse("journeys:graph") + chosen.address(phase="", at=item.key)
    if item.what == "need":
        return reverse("voice:texts") + chosen.address(phase="", wish=item.key)
    if item.what == "emotion":
        return reverse("voice:texts") + chosen.address(phase="", emotion=item.key)
    if item.what == "move":
        return asked.link("steps") + f"#{item.phase}"
    if item.what == "belief":
        return reverse("maps:belief", args=[item.key])
    return ""
