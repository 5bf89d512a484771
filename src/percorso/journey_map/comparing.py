"""Two maps side by side: two personas, or now and a past period."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from percorso.journey_map.building import build_from
from percorso.journey_map.material import Material
from percorso.journey_map.model import Item, JourneyMap
from percorso.touchpoints import Registry

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two maps; ``one`` is held against ``other``, so its items say the differences."""

    one: JourneyMap
    other: JourneyMap

    @property
    def differences(self) -> tuple[Item, ...]:
        """What differs beyond chance, the surest first."""
        found = [each for each in self.one.changed() if each.change is not None]
        found.sort(key=lambda each: (each.change.p_adjusted if each.change else 1.0, each.name))
        return tuple(found)

    def beside(self, item: Item) -> Item | None:
        """Return the same thing on the other map; None where it is not there."""
        return next((each for each in self.other.items if each.name == item.name), None)


def compare(
    log: "Log", registry: Registry, one: "Selection | None", other: "Selection"
) -> Comparison:
    """Return the maps of two selections, every difference tested and corrected (Holm).

    Customers who are on both maps make the tests a little too careful, not too bold.
    """
    material = Material(log)
    return Comparison(
        build_from(material, registry, one, other), build_from(material, registry, other)
    )
