"""A figure: the chart with the words and the table that say the same."""

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

from percorso.charts.palette import Palette
from percorso.i18n import current_language
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    import altair as alt

FONT: Final = "Inter, ui-sans-serif, system-ui, sans-serif"
#: Two figures stand side by side on a page; those with long names beside the marks take its width.
WIDTH: Final = 440
WIDE: Final = 900
#: What a phone has room for.
NARROW: Final = 320
_NO_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOCALES: Final[dict[str, Literal["it-IT", "en-GB"]]] = {"it": "it-IT", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; ``numeric`` says which columns are set to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    def as_html(self) -> str:
        """Return the table as HTML, escaped."""
        head = "".join(
            f'<th scope="col"{_aligned(right)}>{escape(name)}</th>'
            for name, right in zip(self.columns, self.numeric, strict=True)
        )
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _row(self, row: tuple[str, ...]) -> str:
        return "".join(
            f"<td{_aligned(right)}>{escape(cell)}</td>"
            for cell, right in zip(row, self.numeric, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart that can be read: title, one sentence, the chart, its table.

    ``wide`` says that it wants the whole width of a page; ``narrow`` is the same for a phone. One
    that is ``bare`` has nothing to draw: its sentence and its table say so.
    """

    title: str
    sentence: str
    chart: "alt.TopLevelMixin"
    table: Table
    wide: bool = False
    narrow: "alt.TopLevelMixin | None" = None
    bare: bool = False

    def svg(self) -> str:
        """Return the chart as SVG that says its sentence to a screen reader."""
        return svg(self.chart, label=self._label)

    def narrow_svg(self) -> str:
        """Return the chart for a phone; empty where one chart serves every width."""
        return svg(self.narrow, label=self._label) if self.narrow is not None else ""

    @property
    def _label(self) -> str:
        return f"{self.title}. {self.sentence}"

    def _repr_html_(self) -> str:
        # A notebook shows the picture itself: Altair's own view fetches scripts from elsewhere.
        return (
            f"<h4>{escape(self.title)}</h4><p>{escape(self.sentence)}</p>"
            f"{'' if self.bare else self.svg()}"
            f"<details><summary>{escape(_('Table'))}</summary>{self.table.as_html()}</details>"
        )


def drawable(given: Any) -> Any:
    """Return a chart without characters that XML does not know: the renderer ends the process."""
    if isinstance(given, str):
        return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", given)
    if isinstance(given, dict):
        return {drawable(name): drawable(value) for name, value in given.items()}
    return [drawable(each) for each in given] if isinstance(given, list | tuple) else given


def svg(chart: "alt.TopLevelMixin | dict[str, Any]", *, label: str = "") -> str:
    """Draw a chart as SVG, without a browser. ``label`` is what a screen reader says of it."""
    import vl_convert

    spec = drawable(chart if isinstance(chart, dict) else chart.to_dict())
    locale = _LOCALES.get(current_language(), "en-GB")
    drawn: str = vl_convert.vegalite_to_svg(
        spec, format_locale=locale, time_format_locale=locale, show_warnings=False
    )
    return _labelled(drawn, label)


def _has_panels(chart: "alt.TopLevelMixin") -> bool:
    import altair as alt

    return isinstance(chart, alt.FacetChart)


def styled(chart: "alt.TopLevelMixin", palette: Palette) -> "alt.TopLevelMixin":
    """Give a chart the house's fonts, lines and colours."""
    configured: alt.TopLevelMixin = chart.configure(
        background="transparent",
        font=FONT,
        # Room for readers whose typeface is wider than the one the names were measured with.
        padding={"left": 36, "right": 8, "top": 8, "bottom": 4},
        # The whole picture is WIDTH wide, however long the names beside it are; panels have their
        # own widths, and Vega-Lite would leave a picture of several none at all.
        autosize={"type": "pad" if _has_panels(chart) else "fit-x", "contains": "padding"},
        axis={
            "labelColor": palette.ink_2,
            "titleColor": palette.ink_2,
            "gridColor": palette.line,
            "domainColor": palette.line,
            "tickColor": palette.line,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelLimit": 420,
        },
        legend={
            "labelColor": palette.ink_2,
            "titleColor": palette.ink_2,
            "labelFontSize": 12,
            "orient": "top",
            "title": None,
        },
        view={"stroke": None},
    )
    return configured


def _labelled(drawn: str, label: str) -> str:
    """Make the picture one image to a screen reader, as wide as its place on the page."""
    root, rest = drawn.split(">", 1)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', root)
    root = re.sub(r' (width|height)="[\d.]+"', "", root)
    widest = f' style="max-width:{size[1]}px;overflow:visible"' if size else ""
    said = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true"'
    # Marks inside one image are not to be read out one by one.
    rest = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", rest)
    return f"{root}{said}{widest}>{rest}"


def _aligned(right: bool) -> str:  # noqa: FBT001 - a cell is set to the right or it is not
    return ' class="num"' if right else ""
