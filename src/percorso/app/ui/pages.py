"""Long lists in pages, with the page in the address."""

from dataclasses import dataclass, replace
from typing import Self

from django.http import HttpRequest, QueryDict


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in a long list. ``number`` starts at 1."""

    number: int
    size: int
    query: str = ""
    total: int = 0

    @classmethod
    def of(cls, request: HttpRequest, size: int) -> Self:
        """Read the page from the address; whatever is not a number is the first page."""
        given = request.GET.get("page", "")
        number = min(max(int(given), 1), 1_000_000) if given.isdecimal() and len(given) < 8 else 1
        return cls(number, size, _without_page(request.GET))

    def over(self, total: int) -> Self:
        """Return the same place in a list of ``total``."""
        return replace(self, total=total)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def several(self) -> bool:
        return self.total > self.size

    @property
    def previous(self) -> str:
        return self._address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self._address(self.number + 1) if self.last < self.total else ""

    def _address(self, number: int) -> str:
        return f"?{self.query}&page={number}" if self.query else f"?page={number}"


def _without_page(given: QueryDict) -> str:
    kept = given.copy()
    kept.pop("page", None)
    return kept.urlencode()
