"""Charts of journeys: what sets ideal customers apart, the commonest ways, the passages."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from percorso import labels
from percorso.charts.figure import NARROW, WIDE, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

if TYPE_CHECKING:
    from percorso.journeys.results import Edge, IdealPath, IdealStep, Variants

#: More rows than this are read in the table, not in the picture.
ROWS = 12
#: A longer way is cut in the picture; the table has it whole.
STEPS = 4
#: What stands between two steps; on a phone a line ends after it.
_ARROW: Final = " → "
_LINE: Final = 14
_TICKS: Final[dict[str, Any]] = {"tickCount": 5, "labelOverlap": True, "labelSeparation": 8}


def step_name(row: "IdealStep") -> str:
    """Return a step of the ideal path in words: a touchpoint, a beginning or a passage."""
    step = " → ".join(row.step)
    return _("Begins with {step}").format(step=step) if row.kind == "start" else step


def ideal_path(path: "IdealPath", palette: Palette = PAGE) -> Figure:
    """Draw the steps that set ideal customers apart: share of the ideal against the others."""
    import altair as alt

    apart = path.significant
    rows = [
        {
            "step": step_name(row),
            "ideal": row.ideal_share,
            "other": row.other_share,
            "more": (row.difference.value or 0) > 0,
        }
        for row in apart[:ROWS]
    ]
    colour = alt.condition("datum.more", alt.value(palette.good), alt.value(palette.bad))
    axis = alt.Axis(labelExpr="datum.value + '%'", **_TICKS)
    ideal_x = alt.X("ideal:Q", title=None, axis=axis)

    def drawn(names: Any) -> Any:
        base = alt.Chart(alt.InlineData(values=rows)).encode(y=names)
        line = base.mark_rule(strokeWidth=3, opacity=0.5)
        ring = base.mark_point(fill=palette.card, stroke=palette.ink_2, size=60, opacity=1)
        dot = base.mark_point(filled=True, size=80, opacity=1)
        return alt.layer(
            line.encode(x=ideal_x, x2="other:Q", color=colour),
            ring.encode(x="other:Q"),
            dot.encode(x=ideal_x, color=colour),
        )

    return Figure(
        _("The path of ideal customers"),
        _ideal_sentence(path),
        _broad(drawn, "step", 26, palette),
        Table(
            (_("Step"), _("Ideal"), _("Others"), _("Difference"), _("p, corrected")),
            tuple(
                (
                    step_name(row),
                    labels.percent(row.ideal_share),
                    labels.percent(row.other_share),
                    labels.difference(row.difference, "percent", 0),
                    probability(row.p_adjusted),
                )
                for row in (apart or path.rows[:ROWS])
            ),
            (False, True, True, True, True),
        ),
        wide=True,
        narrow=_narrow(drawn, "step", rows, palette),
        bare=not rows,
    )


def variants(given: "Variants", palette: Palette = PAGE) -> Figure:
    """Draw the commonest ways through the touchpoints, by share of customers."""
    import altair as alt

    top = given.rows[:ROWS]
    # Numbered, because two long ways may be cut to the same name.
    rows = [
        {"way": f"{place}. {way_name(each.steps)}", "share": each.share}
        for place, each in enumerate(top, start=1)
    ]
    axis = alt.Axis(labelExpr="datum.value + '%'", **_TICKS)

    def drawn(names: Any) -> Any:
        return _bars(rows, palette).encode(y=names, x=alt.X("share:Q", title=None, axis=axis))

    together = sum(each.share for each in top)
    return Figure(
        _("The commonest ways"),
        _(
            "{customers} customers in {distinct} different ways; these {n} make {share} of them."
        ).format(
            customers=labels.number(given.customers),
            distinct=labels.number(given.distinct),
            n=len(top),
            share=labels.percent(together),
        ),
        _broad(drawn, "way", 24, palette),
        Table(
            (_("Steps"), _("Customers"), _("Share")),
            tuple(
                (
                    way_name(each.steps, cut=False),
                    labels.number(each.customers),
                    labels.percent(each.share, 1),
                )
                for each in top
            ),
            (False, True, True),
        ),
        wide=True,
        narrow=_narrow(drawn, "way", rows, palette),
    )


def transitions(edges: Sequence["Edge"], palette: Palette = PAGE) -> Figure:
    """Draw the passages most customers make, from one touchpoint to the next."""
    import altair as alt

    top = sorted(edges, key=lambda edge: (-edge.customers, edge.source, edge.target))[:ROWS]
    rows = [
        {"passage": f"{edge.source} → {edge.target}", "customers": edge.customers} for edge in top
    ]
    axis = alt.Axis(format=",.0f", **_TICKS)

    def drawn(names: Any) -> Any:
        return _bars(rows, palette).encode(y=names, x=alt.X("customers:Q", title=None, axis=axis))

    return Figure(
        _("Passages from one touchpoint to the next"),
        ngettext(
            "{n} passage; the most travelled by customers are shown.",
            "{n} passages; the most travelled by customers are shown.",
            len(edges),
        ).format(n=labels.number(len(edges))),
        _broad(drawn, "passage", 24, palette),
        Table(
            (
                _("From"),
                _("To"),
                _("Customers"),
                _("Times"),
                _("Median wait"),
                _("9 of 10 within"),
                _("Score after"),
            ),
            tuple(
                (
                    edge.source,
                    edge.target,
                    labels.number(edge.customers),
                    labels.number(edge.count),
                    labels.hours(edge.median_hours),
                    labels.hours(edge.p90_hours),
                    _score(edge),
                )
                for edge in top
            ),
            (False, False, True, True, True, True, True),
        ),
        wide=True,
        narrow=_narrow(drawn, "passage", rows, palette),
    )


def _bars(rows: Sequence[Mapping[str, object]], palette: Palette) -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=list(rows))).mark_bar(
        color=palette.accent, opacity=0.6, cornerRadiusEnd=3, size=18
    )


def _broad(drawn: Callable[[Any], Any], field: str, step: int, palette: Palette) -> Any:
    """Return a chart as wide as a page, each name in one line."""
    import altair as alt

    names = alt.Y(f"{field}:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False))
    return styled(drawn(names).properties(width=WIDE, height=alt.Step(step)), palette)


def _narrow(
    drawn: Callable[[Any], Any], field: str, rows: Sequence[Mapping[str, object]], palette: Palette
) -> Any:
    """Return a chart as wide as a phone, each step of a name in a line of its own."""
    import altair as alt

    lines = max((str(row[field]).count(_ARROW) + 1 for row in rows), default=1)
    axis = alt.Axis(
        domain=False,
        ticks=False,
        labelExpr=f"split(replace(datum.label, /{_ARROW}/g, ' →\\n'), '\\n')",
        labelLimit=150,
        labelLineHeight=_LINE,
    )
    placed = alt.Y(f"{field}:N", title=None, sort=None, axis=axis)
    size = alt.Step(_LINE * lines + 10)
    return styled(drawn(placed).properties(width=NARROW, height=size), palette)


def way_name(steps: Sequence[str], *, cut: bool = True) -> str:
    """Return a way as text; a long one is cut in its middle where ``cut``."""
    if not cut or len(steps) <= STEPS:
        return " → ".join(steps)
    more = len(steps) - STEPS + 1
    return " → ".join([*steps[: STEPS - 2], f"… +{more}", steps[-1]])


def probability(p: float | None) -> str:
    """Return a p-value as it is printed."""
    if p is None:
        return labels.NOTHING
    return "< " + labels.number(0.001, 3) if p < 0.001 else labels.number(p, 3)


def _score(edge: "Edge") -> str:
    after = edge.score_after
    return labels.estimate(after) if after is not None and after.shown else labels.NOTHING


def _ideal_sentence(path: "IdealPath") -> str:
    who = _(
        "{ideal} ({n}) against the others ({m}){by_answer}; {tested} steps and passages compared."
    ).format(
        ideal=_capital(labels.ideal(path.chosen_by)),
        n=labels.number(path.ideal),
        m=labels.number(path.others),
        by_answer=labels.by_answer(path.scale),
        tested=labels.number(path.tested),
    )
    if not path.significant:
        return who + " " + _("None sets them apart beyond chance.")
    first = path.significant[0]
    return (
        who
        + " "
        + _("Most of all: {step}, {ideal} against {other}.").format(
            step=step_name(first),
            ideal=labels.percent(first.ideal_share),
            other=labels.percent(first.other_share),
        )
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
