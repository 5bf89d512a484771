"""Charts of promises: kept and broken by month, and what they do to the score."""

from collections.abc import Mapping, Sequence

from percorso import labels
from percorso.charts.figure import WIDTH, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate


def promises_by_month(
    months: Sequence[tuple[str, int | None, int | None, Estimate]], palette: Palette = PAGE
) -> Figure:
    """Draw promises kept and broken by the month they were due.

    ``months`` are (month ``2025-03``, kept, broken, share kept), in order; months whose counts are
    None, being of too few customers, leave a gap.
    """
    import altair as alt

    names = {"kept": _("kept"), "broken": _("broken")}
    rows = [
        {"month": f"{month[:7]}-01", "fate": names[fate], "count": n, "order": order}
        for month, kept, broken, _share in months
        for order, (fate, n) in enumerate((("kept", kept), ("broken", broken)))
        if n is not None
    ]
    colours = alt.Scale(domain=list(names.values()), range=[palette.accent, palette.bad])
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("utcyearmonth(month):T", title=None, axis=alt.Axis(format="%b %Y", grid=False)),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickCount=4, domain=False)),
            color=alt.Color("fate:N", scale=colours, legend=alt.Legend(orient="top")),
            order="order:Q",
        )
        .properties(width=WIDTH, height=140)
    )
    sentence = _("{kept} kept and {broken} broken, by the month they were due.").format(
        kept=labels.number(sum(kept or 0 for _month, kept, _broken, _share in months)),
        broken=labels.number(sum(broken or 0 for _month, _kept, broken, _share in months)),
    )
    if not all(share.shown for *_counts, share in months):
        sentence += " " + _("Months with too few customers to show are not counted.")
    return Figure(
        _("Promises by month"),
        sentence,
        styled(chart, palette),
        Table(
            (_("Month"), _("Kept"), _("Broken"), _("Share kept"), _("95% interval")),
            tuple(
                (
                    labels.month(month),
                    labels.number(kept),
                    labels.number(broken),
                    labels.estimate(share, "percent", 1),
                    labels.interval(share, "percent", 1),
                )
                for month, kept, broken, share in months
            ),
            (False, True, True, True, True),
        ),
    )


def score_after_promises(
    scale: str, after: Mapping[str, Estimate], effect: Estimate, palette: Palette = PAGE
) -> Figure:
    """Draw the mean score about things whose promise was kept, late or never kept."""
    import altair as alt

    order = [fate for fate in ("kept", "late", "unmet") if fate in after and after[fate].shown]
    rows = [
        {
            "fate": labels.fate(fate),
            "value": after[fate].value,
            "low": after[fate].low,
            "high": after[fate].high,
            "good": fate == "kept",
        }
        for fate in order
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("fate:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False))
    )
    colour = alt.condition("datum.good", alt.value(palette.good), alt.value(palette.bad))
    shape = alt.Scale(zero=False, nice=True)
    axis = alt.Axis(tickCount=6)
    chart = alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.35).encode(
            x=alt.X("low:Q", title=None, scale=shape, axis=axis), x2="high:Q", color=colour
        ),
        base.mark_point(filled=True, size=80, opacity=1).encode(x="value:Q", color=colour),
    ).properties(width=WIDTH, height=alt.Step(28))
    return Figure(
        _("What a broken promise does to the score"),
        _("After a broken promise the score is {difference} ({scale}).").format(
            difference=labels.difference(effect, "score", 2), scale=labels.scale(scale)
        ),
        styled(chart, palette),
        Table(
            (_("Promise"), _("Mean score"), _("95% interval"), _("Answers")),
            tuple(
                (
                    labels.fate(fate),
                    labels.estimate(each, "score", 2),
                    labels.interval(each, "score", 2),
                    labels.number(each.told),
                )
                for fate, each in after.items()
            ),
            (False, True, True, True),
        ),
    )
