"""What a map is computed from, counted once for each selection.

A map, its quotes and what data say of beliefs hear the same texts; of two maps held against each
other one is what the other is compared with. Whoever asks for several gives them one ``Material``;
it is held no longer than that.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from percorso.explain.material import Tries, gather
from percorso.journey_map import doing, feeling, troubles
from percorso.journey_map.doing import Done
from percorso.log.steps import open_steps
from percorso.metrics.tally import Tally
from percorso.text.frame import Texts

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.log.steps import StepsIndex


Made = TypeVar("Made")


class Material:
    """The counts of a log, by selection; not for several threads."""

    def __init__(self, log: "Log") -> None:
        self.log = log
        self._made: dict[tuple[str, Selection | None], Any] = {}

    def index(self) -> "StepsIndex":
        return self._once("index", None, lambda: open_steps(self.log))

    def places(self) -> dict[str, str]:
        """Return the phase in which most customers meet each touchpoint first."""
        return self._once("places", None, lambda: doing.places(self.log))

    def done(self, selection: "Selection | None") -> Done:
        """Return what customers did."""
        return self._once("done", selection, lambda: doing.count(self.log, selection))

    def heard(self, selection: "Selection | None") -> Texts:
        """Return what customers wrote, laid to the phase it is about."""
        return self._once("heard", selection, lambda: feeling.hear(self.log, selection))

    def tallies(self, selection: "Selection | None") -> dict[str, Tally]:
        """Return the scores of the answers about each phase."""
        return self._once("tallies", selection, lambda: feeling.tallies(self.log, selection))

    def tries(self, selection: "Selection | None") -> Tries:
        """Return what customers tried."""
        return self._once("tries", selection, lambda: gather(self.index(), selection)[1])

    def kept(self, selection: "Selection | None") -> troubles.Kept | None:
        """Return the promises made in each phase, and which were kept."""
        return self._once("kept", selection, lambda: troubles.kept(self.log, selection))

    def _once(self, what: str, selection: "Selection | None", make: Callable[[], Made]) -> Made:
        key = (what, selection)
        if key not in self._made:
            self._made[key] = make()
        found: Made = self._made[key]
        return found
