"""Charts of what customers write: what they praise and blame, and what they ask for."""

from collections.abc import Sequence
from typing import Any, Final

from percorso import labels
from percorso.charts.figure import WIDTH, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate

#: How wide a name may be, in pixels.
_LONGEST: Final = 185


def praise_and_blame(
    title: str, rows: Sequence[tuple[str, Estimate, Estimate]], palette: Palette = PAGE
) -> Figure:
    """Draw, for each name, the share of its texts that blame (left) and that praise (right).

    ``rows`` are (name, positive, negative); hidden ones are left out. A line is the 95% interval.
    """
    import altair as alt

    shown = [each for each in rows if each[1].value is not None and each[2].value is not None]
    data = [
        {"name": name, "side": side, "value": sign * (each.value or 0.0)}
        | {"low": sign * (each.low or 0.0), "high": sign * (each.high or 0.0)}
        for name, positive, negative in shown
        for side, sign, each in (("praise", 1.0, positive), ("blame", -1.0, negative))
    ]
    colour = alt.Color(
        "side:N",
        scale=alt.Scale(domain=["praise", "blame"], range=[palette.good, palette.bad]),
        legend=None,
    )
    scale = alt.Scale(domain=[-100, 100])
    percent = "format(abs(datum.value), '~r') + '%'"
    axis = alt.Axis(tickCount=5, labelExpr=percent, labelOverlap=True, labelSeparation=6)
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=_names([each[0] for each in shown]))
    )
    chart = alt.layer(
        base.mark_bar(opacity=0.75, height=12).encode(
            x=alt.X("value:Q", title=None, scale=scale, axis=axis), color=colour
        ),
        base.mark_rule(color=palette.ink, opacity=0.6).encode(
            x=alt.X("low:Q", scale=scale), x2="high:Q"
        ),
    ).properties(width=WIDTH, height=alt.Step(24))
    return Figure(
        title,
        _("Of the texts about each: to the right the share that praises, to the left that blames."),
        styled(chart, palette),
        Table(
            (
                _("About"),
                _("Praise"),
                _("95% interval"),
                _("Blame"),
                _("95% interval"),
                _("Texts"),
            ),
            tuple(
                (
                    name,
                    labels.estimate(positive, "percent"),
                    labels.interval(positive, "percent"),
                    labels.estimate(negative, "percent"),
                    labels.interval(negative, "percent"),
                    labels.number(positive.n),
                )
                for name, positive, negative in shown
            ),
            (False, True, True, True, True, True),
        ),
    )


def asked_for(rows: Sequence[tuple[str, int, Estimate]], palette: Palette = PAGE) -> Figure:
    """Draw how many customers ask for each thing. ``rows``: (name, customers, share of texts)."""
    import altair as alt

    data = [{"name": name, "customers": customers} for name, customers, _share in rows]
    chart = (
        alt.Chart(alt.InlineData(values=data))
        .mark_bar(color=palette.accent, cornerRadiusEnd=3, height=12)
        .encode(
            y=alt.Y("name:N", title=None, sort=None, axis=_names([each[0] for each in rows])),
            x=alt.X("customers:Q", title=None, axis=alt.Axis(tickCount=5, tickMinStep=1)),
        )
        .properties(width=WIDTH, height=alt.Step(24))
    )
    return Figure(
        _("What they ask for"),
        _("Customers who ask for each, by requests, wishes and workarounds in their texts."),
        styled(chart, palette),
        Table(
            (_("What"), _("Customers"), _("Share of texts"), _("95% interval")),
            tuple(
                (
                    name,
                    labels.number(customers),
                    labels.estimate(share, "percent", 1),
                    labels.interval(share, "percent", 1),
                )
                for name, customers, share in rows
            ),
            (False, True, True, True),
        ),
    )


def _names(names: Sequence[str]) -> Any:
    """Return the axis of names: long ones are cut at their end, and leave the bars their room."""
    import altair as alt

    # A reader's letters may be wider than those that were measured: long names get some room more.
    room = _LONGEST + 25 if any(len(each) > 24 for each in names) else 0
    return alt.Axis(domain=False, ticks=False, labelLimit=_LONGEST, minExtent=room)
