"""Charts of journeys: what sets ideal customers apart, the commonest ways, the passages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from percorso import labels
from percorso.charts.figure import WIDE, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

if TYPE_CHECKING:
    from percorso.journeys.results import Edge, IdealPath, IdealStep, Variants

#: More rows than this are read in the table, not in the picture.
ROWS = 12
#: A longer way is cut in the picture; the table has it whole.
STEPS = 4


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
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("step:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False))
    )
    colour = alt.condition("datum.more", alt.value(palette.good), alt.value(palette.bad))
    axis = alt.Axis(tickCount=5, labelExpr="datum.value + '%'")
    ideal_x = alt.X("ideal:Q", title=None, axis=axis)
    chart = alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=ideal_x, x2="other:Q", color=colour),
        base.mark_point(fill=palette.card, stroke=palette.ink_2, size=60, opacity=1).encode(
            x="other:Q"
        ),
        base.mark_point(filled=True, size=80, opacity=1).encode(x=ideal_x, color=colour),
    ).properties(width=WIDE, height=alt.Step(26))
    return Figure(
        _("The path of ideal customers"),
        _ideal_sentence(path),
        styled(chart, palette),
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
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=palette.accent, opacity=0.6, cornerRadiusEnd=3)
        .encode(
            y=alt.Y("way:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False)),
            x=alt.X("share:Q", title=None, axis=alt.Axis(tickCount=5, labelExpr="datum.value+'%'")),
        )
        .properties(width=WIDE, height=alt.Step(24))
    )
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
        styled(chart, palette),
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
    )


def transitions(edges: Sequence["Edge"], palette: Palette = PAGE) -> Figure:
    """Draw the passages most customers make, from one touchpoint to the next."""
    import altair as alt

    top = sorted(edges, key=lambda edge: (-edge.customers, edge.source, edge.target))[:ROWS]
    rows = [
        {"passage": f"{edge.source} → {edge.target}", "customers": edge.customers} for edge in top
    ]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(color=palette.accent, opacity=0.6, cornerRadiusEnd=3)
        .encode(
            y=alt.Y("passage:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False)),
            x=alt.X("customers:Q", title=None, axis=alt.Axis(tickCount=5, format=",.0f")),
        )
        .properties(width=WIDE, height=alt.Step(24))
    )
    return Figure(
        _("Passages from one touchpoint to the next"),
        ngettext(
            "{n} passage; the most travelled by customers are shown.",
            "{n} passages; the most travelled by customers are shown.",
            len(edges),
        ).format(n=labels.number(len(edges))),
        styled(chart, palette),
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
    )


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
