"""Charts of the voice of the customer: factors by group and month, topics over time."""

from collections.abc import Sequence
from typing import Any, Final

from percorso import labels
from percorso.charts.figure import NARROW, WIDTH, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.vocabulary import Estimate

#: Topics drawn beside one another; more of them are read better in the table.
MOST: Final = 6
#: Time goes from left to right: it wants more room than names do.
_BROAD: Final = 640
#: A balance with its sign; nothing is neither more nor less.
_SIGNED: Final = "datum.value ? format(datum.value, '+d') : '0'"


def factor_by(
    title: str,
    rows: Sequence[tuple[str, Estimate, bool]],
    palette: Palette = PAGE,
) -> Figure:
    """Draw how a factor is spoken of, group by group: praise less blame, with its interval.

    ``rows`` are (group as shown, balance from -100 to 100, differs from the rest beyond chance).
    """
    import altair as alt

    shown = [each for each in rows if each[1].shown]
    data = [
        {
            "group": name,
            "value": each.value,
            "low": each.low,
            "high": each.high,
            "mood": "bad" if (each.high or 0) < 0 else "good" if (each.low or 0) > 0 else "middle",
        }
        for name, each, _differs in shown
    ]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("group:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False)),
        color=alt.Color("mood:N", scale=_moods(palette), legend=None),
    )
    scale = alt.Scale(domain=[-104, 104], nice=False)
    axis = alt.Axis(values=[-100, -50, 0, 50, 100], labelExpr=_SIGNED)
    zero = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}]))
        .mark_rule(color=palette.ink_2)
        .encode(x=alt.X("zero:Q", title=None, scale=scale, axis=axis))
    )
    chart = alt.layer(
        zero,
        base.mark_rule(strokeWidth=4, opacity=0.35).encode(
            x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q"
        ),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            x=alt.X("value:Q", title=None, scale=scale, axis=axis)
        ),
    ).properties(width=WIDTH, height=alt.Step(26))
    return Figure(title, _apart(rows), styled(chart, palette), _table(_("Group"), rows))


def factor_by_month(
    title: str, months: Sequence[tuple[str, Estimate]], palette: Palette = PAGE
) -> Figure:
    """Draw how a factor is spoken of, month by month: praise less blame, with its interval.

    ``months`` are pairs of a month (``2026-03``) and the balance from -100 to 100, in order.
    """
    import altair as alt

    shown = [(month, each) for month, each in months if each.shown]
    data = [
        {"month": f"{month}-01", "value": each.value, "low": each.low, "high": each.high}
        for month, each in shown
    ]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("utcyearmonth(month):T", title=None, axis=_months())
    )
    scale = alt.Scale(domain=[-104, 104], nice=False)
    axis = alt.Axis(values=[-100, -50, 0, 50, 100], labelExpr=_SIGNED, domain=False)
    low = alt.Y("low:Q", title=None, scale=scale, axis=axis)
    value = alt.Y("value:Q", title=None, scale=scale, axis=axis)
    layers = (
        base.mark_rule(color=palette.accent, strokeWidth=4, opacity=0.3).encode(y=low, y2="high:Q"),
        base.mark_line(color=palette.accent, strokeWidth=2).encode(y=value),
        base.mark_point(color=palette.accent, fill=palette.accent, size=30, opacity=1).encode(
            y=value
        ),
    )
    rows = [(labels.month(month), each, False) for month, each in months]
    return Figure(
        title,
        _from_to(shown, "score"),
        styled(alt.layer(*layers).properties(width=_BROAD, height=200), palette),
        _table(_("Month"), rows),
        wide=True,
        narrow=styled(alt.layer(*layers).properties(width=NARROW, height=160), palette),
    )


def topics_over_time(
    topics: Sequence[tuple[str, Sequence[tuple[str, Estimate]]]], palette: Palette = PAGE
) -> Figure:
    """Draw the share of each topic among the texts of each month, with its interval.

    ``topics`` are (name, pairs of a month and its share in percent); the first few are drawn, each
    in a panel of its own on the same scale.
    """
    import altair as alt

    drawn = [
        (name, [(month, each) for month, each in months if each.shown])
        for name, months in topics[:MOST]
    ]
    data: list[dict[str, Any]] = [
        {
            "topic": _short(name),
            "month": f"{month}-01",
            "value": each.value,
            "low": each.low,
            "high": each.high,
        }
        for name, months in drawn
        for month, each in months
    ]
    order = [_short(name) for name, _months_of in drawn]

    def panels(columns: int, width: int) -> Any:
        panel = _share_by_month(data, palette, months=3, ticks=3, dot=16).properties(
            width=width, height=90
        )
        header = alt.Header(
            title=None,
            labelColor=palette.ink,
            labelFontSize=12,
            labelAnchor="start",
            labelLimit=width,
        )
        facet = alt.Facet("topic:N", header=header, sort=order)
        return panel.facet(facet=facet, columns=columns, spacing=20)

    rows = tuple(
        (
            name,
            labels.month(month),
            labels.estimate(each, "percent", 1),
            labels.interval(each, "percent", 1),
            labels.number(each.told),
        )
        for name, months in topics
        for month, each in months
    )
    return Figure(
        _("Topics over time"),
        _("The share of each month's texts that speak of it; the band is the 95% interval."),
        styled(panels(3, 165), palette),
        Table(
            (_("Topic"), _("Month"), _("Share"), _("95% interval"), _("Texts")),
            rows,
            (False, False, True, True, True),
        ),
        wide=True,
        narrow=styled(panels(1, 240), palette),
    )


def topic_over_time(
    name: str, months: Sequence[tuple[str, Estimate]], palette: Palette = PAGE
) -> Figure:
    """Draw the share of one topic among the texts of each month, with its interval."""
    shown = [(month, each) for month, each in months if each.shown]
    data = [
        {"month": f"{month}-01", "value": each.value, "low": each.low, "high": each.high}
        for month, each in shown
    ]
    broad = _share_by_month(data, palette, months=10, ticks=4, dot=28)
    narrow = _share_by_month(data, palette, months=3, ticks=4, dot=20)
    rows = [(labels.month(month), each, False) for month, each in months]
    return Figure(
        _("{topic}, by month").format(topic=name),
        _from_to(shown, "percent"),
        styled(broad.properties(width=_BROAD, height=180), palette),
        _table(_("Month"), rows, unit="percent"),
        wide=True,
        narrow=styled(narrow.properties(width=NARROW, height=150), palette),
    )


def _share_by_month(
    data: list[dict[str, Any]], palette: Palette, *, months: int, ticks: int, dot: int
) -> Any:
    """Draw shares with the band of their intervals; ``months`` and ``ticks`` are labelled."""
    import altair as alt

    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("utcyearmonth(month):T", title=None, axis=_months(months))
    )
    axis = alt.Axis(tickCount=ticks, labelExpr="format(datum.value, '~r') + '%'", domain=False)
    scale = alt.Scale(zero=True, nice=True)
    low = alt.Y("low:Q", title=None, axis=axis, scale=scale)
    value = alt.Y("value:Q", title=None, axis=axis, scale=scale)
    return alt.layer(
        base.mark_area(color=palette.band, opacity=0.7).encode(y=low, y2="high:Q"),
        base.mark_line(color=palette.accent, strokeWidth=2).encode(y=value),
        base.mark_point(color=palette.accent, fill=palette.accent, size=dot, opacity=1).encode(
            y=value
        ),
    )


def _short(name: str) -> str:
    return name if len(name) <= 26 else name[:25].rstrip() + "…"


def _months(most: int = 10) -> Any:
    import altair as alt

    # Where panels stand side by side, the words at their ends must not meet.
    return alt.Axis(
        format="%b ’%y" if most <= 3 else "%b %Y",
        grid=False,
        tickCount=most,
        labelOverlap=True,
        labelSeparation=8,
        labelFlush=most <= 3,
    )


def _moods(palette: Palette) -> Any:
    import altair as alt

    return alt.Scale(
        domain=["bad", "middle", "good"], range=[palette.bad, palette.ink_2, palette.good]
    )


def _apart(rows: Sequence[tuple[str, Estimate, bool]]) -> str:
    differing = [name for name, _each, differs in rows if differs]
    if not differing:
        return _("No group differs from the rest beyond chance.")
    return _("Beyond chance different from the rest: {groups}.").format(groups=", ".join(differing))


def _from_to(shown: Sequence[tuple[str, Estimate]], unit: labels.Unit) -> str:
    if not shown:
        return _("Too few texts in each month to show.")

    def said(pair: tuple[str, Estimate]) -> str:
        month, each = pair
        return _("{value} ({interval}) in {month}").format(
            value=labels.estimate(each, unit, 0),
            interval=labels.interval(each, unit, 0),
            month=labels.month(month),
        )

    if len(shown) == 1:
        return said(shown[0]) + "."
    return _("From {first} to {last}; what stands around is the 95% interval.").format(
        first=said(shown[0]), last=said(shown[-1])
    )


def _table(
    first: str, rows: Sequence[tuple[str, Estimate, bool]], unit: labels.Unit = "score"
) -> Table:
    return Table(
        (
            first,
            _("Share") if unit == "percent" else _("Praise less blame"),
            _("95% interval"),
            _("Texts"),
        ),
        tuple(
            (
                name,
                labels.estimate(each, unit, 0),
                labels.interval(each, unit, 0),
                labels.number(each.told),
            )
            for name, each, _differs in rows
        ),
        (False, True, True, True),
    )
