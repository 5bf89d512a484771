"""Charts as pages show them: drawn once, kept, with their title, sentence and table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString, mark_safe

from percorso.app import results
from percorso.i18n import current_language

if TYPE_CHECKING:
    from percorso.charts import Figure
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart. ``picture`` is SVG, made here, in which every word is escaped.

    ``narrow_picture`` is the one for a phone; empty where one serves every width.
    """

    title: str
    sentence: str
    picture: str
    narrow_picture: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    wide: bool

    @property
    def svg(self) -> SafeString:
        return mark_safe(self.picture)  # noqa: S308 - vl-convert escapes the words of its marks

    @property
    def narrow_svg(self) -> SafeString:
        return mark_safe(self.narrow_picture)  # noqa: S308 - as above

    @property
    def table(self) -> list[list[tuple[str, bool]]]:
        return [list(zip(row, self.numeric, strict=True)) for row in self.rows]

    @property
    def head(self) -> list[tuple[str, bool]]:
        return list(zip(self.columns, self.numeric, strict=True))


def drawn(log: "Log", what: str, given: Any, make: Callable[[], "Figure"]) -> Drawn:
    """Return the chart ``what`` of what was ``given``, drawn now or before."""

    def compute() -> Drawn:
        figure = make()
        return Drawn(
            figure.title,
            figure.sentence,
            # The policy lets no element bring its own style; the page's style sheet does it.
            _without_style(figure.svg()),
            _without_style(figure.narrow_svg()),
            figure.table.columns,
            figure.table.rows,
            figure.table.numeric,
            figure.wide,
        )

    return results.result(log, f"chart-{what}", (given, current_language()), Drawn, compute)


def _without_style(svg: str) -> str:
    import re

    return re.sub(r' style="[^"<>]*"', "", svg)
