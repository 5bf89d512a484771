"""Which customers an address asks for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final
from urllib.parse import urlencode

from percorso.vocabulary import CHANNELS, Phase

LONGEST: Final = 200
#: A rule is longer than what people search for.
LONGEST_RULE: Final = 4000
#: Name in the address -> the order it means.
ORDERS: Final[Mapping[str, str]] = {
    "": "last DESC NULLS LAST",
    "value": "value DESC",
    "orders": "orders DESC",
    "interactions": "interactions DESC",
    "first": "first DESC NULLS LAST",
    "broken": "broken_promises DESC",
    "nps": "nps ASC NULLS LAST",
}
#: Days since the last contact, at most or, with a minus, at least.
SEEN: Final = ("30", "90", "365", "-90", "-365")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; empty text leaves everybody in.

    ``q`` is searched for, ``rule`` is a rule of segments, ``seen`` how many days ago the last
    contact was, ``order`` what comes first.
    """

    q: str = ""
    segment: str = ""
    phase: str = ""
    channel: str = ""
    seen: str = ""
    rule: str = ""
    order: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read it from the address; a word that means nothing is left out."""
        given = {
            each.name: query.get(each.name, "").replace("\0", "").strip() for each in fields(cls)
        }
        for name, value in given.items():
            given[name] = value[: LONGEST_RULE if name == "rule" else LONGEST]
        for name, known in (
            ("phase", tuple(Phase)),
            ("channel", tuple(CHANNELS)),
            ("seen", SEEN),
            ("order", tuple(ORDERS)),
        ):
            if given[name] not in known:
                given[name] = ""
        return cls(**given)

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address that say it."""
        return {name: value for name, value in asdict(self).items() if value}

    def address(self, **changes: str) -> str:
        """Return ``?...`` with some parameters changed; an empty value takes one away."""
        wanted = {**self.parameters(), **changes}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{query}" if query else "?"

    @property
    def narrowed(self) -> bool:
        """Say whether it asks for less than everybody."""
        return bool({**self.parameters(), "order": ""}.keys() - {"order"})
