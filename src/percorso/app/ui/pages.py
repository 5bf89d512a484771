"""Long lists in pages, with the page in the address."""

from dataclasses import dataclass, replace
from typing import Self

from django.http import HttpRequest, QueryDict


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in a long list. ``number`` starts at 1; ``total`` None: not counted."""

    number: int
    size: int
    query: str = ""
    total: int | None = 0
    shown: int = 0

    @classmethod
    def of(cls, request: HttpRequest, size: int) -> Self:
        """Read the page from the address; whatever is not a number is the first page."""
        given = request.GET.get("page", "")
        number = min(max(int(given), 1), 1_000_000) if given.isdecimal() and len(given) < 8 else 1
        return cls(number, size, _without_page(request.GET))

    def over(self, total: int) -> Self:
        """Return the same place in a list of ``total``."""
        return replace(self, total=total, shown=min(self.size, max(total - self.offset, 0)))

    def of_unknown(self, found: int) -> Self:
        """Return the same place in a list nobody counts, where one more than ``size`` was asked."""
        return replace(self, total=None, shown=found)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.offset + min(self.shown, 1)

    @property
    def last(self) -> int:
        return self.offset + min(self.shown, self.size)

    @property
    def several(self) -> bool:
        return bool(self.previous or self.next)

    @property
    def previous(self) -> str:
        return self._address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        more = self.shown > self.size if self.total is None else self.last < self.total
        return self._address(self.number + 1) if more else ""

    def _address(self, number: int) -> str:
        return f"?{self.query}&page={number}" if self.query else f"?page={number}"


def _without_page(given: QueryDict) -> str:
    kept = given.copy()
    kept.pop("page", None)
    return kept.urlencode()
