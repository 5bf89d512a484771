"""The journey map as one picture: for a meeting room's wall, a document, an e-mail.

It is drawn as SVG by hand, because no grammar of charts knows a grid of words; PDF and PNG are made
of it without a browser.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from percorso import labels
from percorso.charts.figure import drawable
from percorso.charts.palette import LITERAL, Palette
from percorso.i18n import gettext as _
from percorso.journey_map import LANES, PHASES, Draft, Item, JourneyMap, wording
from percorso.journey_map.curve import ends_of, figure_of
from percorso.metrics.definitions import METRICS

COLUMN: Final = 250
MARGIN: Final = 28
PADDING: Final = 12
CURVE: Final = 150
#: Computed items of a cell, quotes and characters of a quote that are drawn.
_ITEMS: Final = 5
_QUOTE: Final = 150
#: How wide a letter is, of the size of the type: typefaces differ, so room is left.
_LETTER: Final = 0.52
#: How long the piece of a line before its figures is.
_SAMPLE: Final = 14
#: PNG files have so many pixels a unit.
SCALE: Final = 1.5
_FONT: Final = "Inter, Roboto, 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words in a cell. ``colour`` is a field of the palette."""

    text: str
    size: float = 12
    weight: int = 400
    colour: str = "ink"
    mark: str = ""

    @property
    def height(self) -> float:
        return self.size * 1.36


def svg(
    given: JourneyMap,
    title: str,
    lines: Sequence[str] = (),
    *,
    metric: str = "",
    draft: Draft | None = None,
    palette: Palette = LITERAL,
) -> str:
    """Return the map as an SVG of its own size; ``lines`` say what it is of, below the title."""
    return _Drawing(given, title, lines, metric, draft, palette).svg()


def pdf(drawn: str) -> bytes:
    """Return a picture as a PDF of one page as large as it."""
    import vl_convert

    found: bytes = vl_convert.svg_to_pdf(drawn)
    return found


def png(drawn: str) -> bytes:
    """Return a picture as PNG."""
    import vl_convert

    found: bytes = vl_convert.svg_to_png(drawn, scale=SCALE)
    return found


class _Drawing:
    def __init__(
        self,
        given: JourneyMap,
        title: str,
        lines: Sequence[str],
        metric: str,
        draft: Draft | None,
        palette: Palette,
    ) -> None:
        self._map = given
        self._title = title
        self._lines = lines
        self._metric = metric if metric in given.metrics else next(iter(given.metrics), "")
        self._draft = draft
        self._palette = palette
        self._parts: list[str] = []
        self._width = 2 * MARGIN + COLUMN * len(PHASES)

    def svg(self) -> str:
        y = self._heading(MARGIN)
        top = y
        y = self._heads(y)
        y = self._curve(y)
        for lane in LANES:
            cells = [list(self._cell(phase, lane)) for phase in PHASES]
            if any(cells):
                y = self._lane(wording.lane(lane), cells, y)
        self._frame(top, y)
        y = self._key(y + 24)
        height = y + MARGIN
        colour = self._palette
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._width}" height="{height:.0f}" '
            f'viewBox="0 0 {self._width} {height:.0f}" font-family="{_FONT}">'
            f'<rect width="100%" height="100%" fill="{colour.card}"/>{"".join(self._parts)}</svg>'
        )

    def _heading(self, y: float) -> float:
        y = self._text(MARGIN, y + 22, Line(self._title, 26, 600)) + 4
        for each in self._lines:
            y = self._text(MARGIN, y + 14, Line(each, 13, colour="ink_2"))
        return y + 14

    def _heads(self, y: float) -> float:
        columns = {each.phase: each for each in self._map.columns}
        colour = self._palette
        self._parts.append(
            f'<rect x="{MARGIN}" y="{y:.1f}" width="{COLUMN * len(PHASES)}" height="58" '
            f'fill="{colour.band}" opacity=".45"/>'
        )
        for number, phase in enumerate(PHASES):
            x = self._x(number)
            head = columns[phase]
            self._text(x, y + 24, Line(f"{number + 1}  {labels.phase(phase)}", 16, 600))
            words = _("too few customers")
            if head.customers:
                words = _("{n} customers").format(n=labels.number(head.customers))
                if head.share.shown:
                    words += f" · {labels.percent(head.share.value)}"
            self._text(x, y + 44, Line(words, 12, colour="ink_2"))
        return y + 58

    def _curve(self, y: float) -> float:
        metric = self._metric
        ends = METRICS.get(metric)
        if metric and ends:
            score = [self._map.score(phase, metric) for phase in PHASES]
            low, high = ends_of(score, ends.low, ends.high)
            self._line(score, low, high, y, dashed=False)
        voice = [self._map.sentiment(phase) for phase in PHASES]
        self._line(voice, *ends_of(voice, -100, 100), y, dashed=True)
        bottom = y + CURVE
        tallest = bottom
        for number, phase in enumerate(PHASES):
            there = bottom
            for item, name, dashed in (
                (self._map.score(phase, metric) if metric else None, labels.metric(metric), False),
                (self._map.sentiment(phase), _("Sentiment of texts"), True),
            ):
                if item is not None:
                    x = self._x(number)
                    words = f"{name} {wording.figure(item)} [{wording.interval(item)}]"
                    self._sample(x, there + 10, dashed=dashed)
                    there = self._text(x + _SAMPLE + 5, there + 14, Line(words, 11.5, 600))
                    there = self._text(
                        x + _SAMPLE + 5,
                        there + 12,
                        Line(wording.behind(item), 10.5, colour="ink_2"),
                    )
            tallest = max(tallest, there)
        return tallest + 10

    def _line(
        self,
        items: Sequence[Item | None],
        low: float,
        high: float,
        top: float,
        *,
        dashed: bool,
    ) -> None:
        colour = self._colour(dashed=dashed)

        def y(value: float | None) -> float:
            share = ((value or 0.0) - low) / (high - low)
            return top + CURVE - 18 - min(max(share, 0.0), 1.0) * (CURVE - 36)

        places = [
            (MARGIN + COLUMN * (number + 0.5), each)
            for number, each in enumerate(figure_of(item) for item in items)
            if each is not None
        ]
        path = " ".join(f"{x:.1f},{y(each.value):.1f}" for x, each in places)
        if len(places) > 1:
            self._parts.append(f'<polyline points="{path}" {self._stroke(dashed=dashed)}/>')
        for x, each in places:
            self._parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y(each.low):.1f}" y2="{y(each.high):.1f}" '
                f'stroke="{colour}" stroke-width="6" stroke-linecap="round" opacity=".25"/>'
                f'<circle cx="{x:.1f}" cy="{y(each.value):.1f}" r="{4 if dashed else 6}" '
                f'fill="{self._palette.card if dashed else colour}" stroke="{colour}" '
                'stroke-width="2"/>'
            )

    def _colour(self, *, dashed: bool) -> str:
        return self._palette.ink_2 if dashed else self._palette.accent

    def _stroke(self, *, dashed: bool) -> str:
        dash = ' stroke-dasharray="6 6"' if dashed else ""
        width = 1.8 if dashed else 3
        colour = self._colour(dashed=dashed)
        return f'fill="none" stroke="{colour}" stroke-width="{width}"{dash}'

    def _sample(self, x: float, y: float, *, dashed: bool) -> None:
        """Draw a piece of a line before its figures, so that one knows which they are of."""
        self._parts.append(f'<path d="M{x:.1f} {y:.1f}h{_SAMPLE}" {self._stroke(dashed=dashed)}/>')

    def _cell(self, phase: str, lane: str) -> Iterator[Line]:
        if self._draft is not None:
            for entry in self._draft.cell(phase, lane):
                yield from self._wrapped(
                    entry.text.replace("\n", " "), 12.5, 600, "accent", "entry"
                )
        items = [
            each
            for each in self._map.items
            if (each.phase, each.lane) == (phase, lane)
            and not (each.what in ("score", "sentiment") and lane == "experience")
        ]
        computed = [each for each in items if each.basis == "computed"][:_ITEMS]
        for each in (*computed, *(each for each in items if each.basis != "computed")):
            yield from self._item(each)
        if lane == "quotes":
            for quote in self._map.quotes.get(phase, ()):
                text = textwrap.shorten(quote.text, _QUOTE, placeholder=" …")
                yield from self._wrapped(f"«{text}»", 11.5, 400, "ink", "quote")
                if quote.touchpoint:
                    yield Line(quote.touchpoint, 10.5, colour="ink_2")

    def _item(self, item: Item) -> Iterator[Line]:
        tone = {"bad": "bad", "good": "good"}.get(wording.tone(item), "ink")
        if item.basis == "belief":
            yield from self._wrapped(wording.basis(item), 10.5, 600, tone, "belief")
            yield from self._wrapped(item.text, 12, 500, "ink")
            return
        sign = {"bad": "▼ ", "good": "▲ "}.get(wording.tone(item), "")
        yield from self._wrapped(sign + wording.title(item, self._map), 12, 600, tone, "item")
        if item.basis == "written":
            if item.text:
                yield from self._wrapped(item.text, 11.5, 400, "ink_2")
            return
        interval = wording.interval(item)
        words = [
            wording.figure(item) + (f" [{interval}]" if interval else ""),
            *map(labels.unbroken, wording.behind(item).split(" · ")),
        ]
        yield from self._wrapped(" · ".join(each for each in words if each), 10.5, 400, "ink_2")
        if item.change is not None and item.change.real:
            yield from self._wrapped(wording.change(item), 10.5, 600, "ink_2")

    def _wrapped(
        self, text: str, size: float, weight: int, colour: str, mark: str = ""
    ) -> Iterator[Line]:
        room = int((COLUMN - 2 * PADDING) / (size * _LETTER))
        for number, each in enumerate(textwrap.wrap(text, room)):
            yield Line(each, size, weight, colour, mark if number == 0 else "")

    def _lane(self, name: str, cells: Sequence[Sequence[Line]], y: float) -> float:
        colour = self._palette
        self._parts.append(
            f'<rect x="{MARGIN}" y="{y:.1f}" width="{COLUMN * len(PHASES)}" height="22" '
            f'fill="{colour.line}" opacity=".7"/>'
        )
        self._text(MARGIN + PADDING, y + 15, Line(name, 11, 600, "ink_2"))
        y += 28
        lowest = y
        for number, lines in enumerate(cells):
            there = y
            for place, line in enumerate(lines):
                there += line.height + (5 if line.mark and place else 0)
                self._text(self._x(number), there, line)
            lowest = max(lowest, there)
        return lowest + 12

    def _frame(self, top: float, bottom: float) -> None:
        colour = self._palette.line
        for number in range(len(PHASES) + 1):
            x = MARGIN + COLUMN * number
            self._parts.append(
                f'<line x1="{x}" x2="{x}" y1="{top:.1f}" y2="{bottom:.1f}" stroke="{colour}"/>'
            )
        self._parts.append(
            f'<rect x="{MARGIN}" y="{top:.1f}" width="{COLUMN * len(PHASES)}" '
            f'height="{bottom - top:.1f}" fill="none" stroke="{colour}" rx="6"/>'
        )

    def _key(self, y: float) -> float:
        words = _(
            "Figures are computed from the log, with 95% intervals and how much is behind them; "
            "beliefs say so, and what data say of them. Groups of fewer than 5 customers are not "
            "shown."
        )
        return self._text(MARGIN, y, Line(words, 11.5, colour="ink_2"))

    def _x(self, number: int) -> float:
        return MARGIN + COLUMN * number + PADDING

    def _text(self, x: float, y: float, line: Line) -> float:
        if line.text:
            colour = getattr(self._palette, line.colour)
            words = escape(str(drawable(line.text)))
            self._parts.append(
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="{line.size}" '
                f'font-weight="{line.weight}" fill="{colour}">{words}</text>'
            )
        return y + line.height * 0.3
