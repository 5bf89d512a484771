"""Charts of scores: over time, by group, and the answers they are made of."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from percorso import labels
from percorso.charts.figure import WIDTH, Figure, Table, styled
from percorso.charts.palette import PAGE, Palette
from percorso.i18n import gettext as _
from percorso.vocabulary import SCALES, Estimate


def trend(metric: str, months: Sequence[tuple[str, Estimate]], palette: Palette = PAGE) -> Figure:
    """Draw a metric by month with the band of its 95% interval.

    ``months`` are pairs of a month (``2025-03``) and its estimate, in order; months with too few
    answers leave a gap.
    """
    import altair as alt

    unit, digits = labels.unit_of(metric), labels.digits_of(metric)
    given = {month[:7]: each for month, each in months}
    rows = [
        {"month": f"{month}-01", "value": each.value, "low": each.low, "high": each.high}
        if (each := given.get(month)) is not None
        else {"month": f"{month}-01", "value": None, "low": None, "high": None}
        for month in _every_month(given)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("utcyearmonth(month):T", title=None, axis=alt.Axis(format="%b %Y", grid=False))
    )
    scale = alt.Scale(zero=False, nice=True)
    band = base.mark_area(color=palette.band, opacity=0.7, invalid="break-paths-filter-domains")
    line = base.mark_line(color=palette.accent, strokeWidth=2, invalid="break-paths-filter-domains")
    points = base.mark_point(color=palette.accent, fill=palette.accent, size=28, opacity=1)
    suffix = "%" if unit == "percent" else ""
    axis = alt.Axis(tickCount=5, labelExpr=f"format(datum.value, '~r') + '{suffix}'", domain=False)
    value = alt.Y("value:Q", title=None, scale=scale, axis=axis)
    low = alt.Y("low:Q", title=None, scale=scale, axis=axis)
    chart = alt.layer(
        band.encode(y=low, y2="high:Q"),
        # A month between two without answers has no band beside it: it keeps its interval.
        base.mark_rule(color=palette.accent, opacity=0.3).encode(y=low, y2="high:Q"),
        line.encode(y=value),
        points.encode(y=value),
    ).properties(width=WIDTH, height=180)
    return Figure(
        _("{metric} by month").format(metric=labels.metric(metric)),
        _trend_sentence(months, metric),
        styled(chart, palette),
        Table(
            (_("Month"), labels.metric(metric), _("95% interval"), _("Answers")),
            tuple(
                (
                    labels.month(month),
                    labels.estimate(each, unit, digits),
                    labels.interval(each, unit, digits),
                    labels.number(each.told),
                )
                for month, each in months
            ),
            (False, True, True, True),
        ),
    )


def by_group(
    metric: str,
    groups: Sequence[tuple[str, Estimate, bool]],
    title: str,
    palette: Palette = PAGE,
) -> Figure:
    """Draw a metric of each group as a point with its interval.

    ``groups`` are (name as shown, estimate, differs), where ``differs`` says that the group differs
    from the rest beyond chance, after the correction for many tests.
    """
    import altair as alt

    unit, digits = labels.unit_of(metric), labels.digits_of(metric)
    shown = [each for each in groups if each[1].shown]
    rows = [
        {"group": name, "value": each.value, "low": each.low, "high": each.high, "differs": differs}
        for name, each, differs in shown
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("group:N", title=None, sort=None, axis=alt.Axis(domain=False, ticks=False))
    )
    colour = alt.condition("datum.differs", alt.value(palette.accent), alt.value(palette.ink_2))
    scale = alt.Scale(zero=False, nice=True)
    suffix = "%" if unit == "percent" else ""
    axis = alt.Axis(tickCount=6, labelExpr=f"format(datum.value, '~r') + '{suffix}'")
    chart = alt.layer(
        base.mark_rule(strokeWidth=4, opacity=0.35).encode(
            x=alt.X("low:Q", title=None, scale=scale, axis=axis), x2="high:Q", color=colour
        ),
        base.mark_point(filled=True, size=70, opacity=1).encode(x="value:Q", color=colour),
    ).properties(width=WIDTH, height=alt.Step(24))
    differing = [name for name, _each, differs in shown if differs]
    sentence = (
        _("Beyond chance different from the rest: {groups}.").format(groups=", ".join(differing))
        if differing
        else _("No group differs from the rest beyond chance.")
    )
    return Figure(
        title,
        sentence,
        styled(chart, palette),
        Table(
            (_("Group"), labels.metric(metric), _("95% interval"), _("Answers")),
            tuple(
                (
                    name,
                    labels.estimate(each, unit, digits),
                    labels.interval(each, unit, digits),
                    labels.number(each.told),
                )
                for name, each, _differs in groups
            ),
            (False, True, True, True),
        ),
    )


def answers(scale: str, counts: Mapping[float, int], palette: Palette = PAGE) -> Figure:
    """Draw how many chose each answer of a scale, the worst in one colour and the best in another.

    ``counts`` maps an answer to how many gave it; answers between whole numbers (stars) are drawn
    at the nearest whole one.
    """
    import altair as alt

    spread = _spread(scale, counts)
    total = sum(spread.values()) or 1
    rows: list[dict[str, Any]] = [
        {"answer": _answer_name(scale, answer), "count": n, "mood": _mood(scale, answer)}
        for answer, n in spread.items()
    ]
    moods = alt.Scale(
        domain=["bad", "middle", "good"], range=[palette.bad, palette.ink_2, palette.good]
    )
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X("answer:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, ticks=False)),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickCount=4, domain=False)),
            color=alt.Color("mood:N", scale=moods, legend=None),
        )
        .properties(width=WIDTH, height=140)
    )
    most = max(spread, key=lambda answer: spread[answer])
    return Figure(
        _("Answers: {scale}").format(scale=labels.scale(scale)),
        _("{n} answers; the most frequent is {answer} ({share}).").format(
            n=labels.number(total),
            answer=_answer_name(scale, most),
            share=labels.percent(100 * spread[most] / total),
        ),
        styled(chart, palette),
        Table(
            (_("Answer"), _("Answers"), _("Share")),
            tuple(
                (_answer_name(scale, answer), labels.number(n), labels.percent(100 * n / total, 1))
                for answer, n in spread.items()
            ),
            (False, True, True),
        ),
    )


def _every_month(months: Collection[str]) -> list[str]:
    """Return every month from the first to the last: one without answers is a gap, not a line."""
    if not months:
        return []
    first, last = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (min(months), max(months)))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]


def _trend_sentence(months: Sequence[tuple[str, Estimate]], metric: str) -> str:
    shown = [(month, each) for month, each in months if each.shown]
    if not shown:
        return _("Too few answers in each month to show.")
    unit, digits = labels.unit_of(metric), labels.digits_of(metric)

    def said(pair: tuple[str, Estimate]) -> str:
        month, each = pair
        return _("{value} ({interval}) in {month}").format(
            value=labels.estimate(each, unit, digits),
            interval=labels.interval(each, unit, digits),
            month=labels.month(month),
        )

    if len(shown) == 1:
        return said(shown[0]) + "."
    return _("From {first} to {last}; the band is the 95% interval.").format(
        first=said(shown[0]), last=said(shown[-1])
    )


def _spread(scale: str, counts: Mapping[float, int]) -> dict[int, int]:
    known = SCALES[scale]
    spread = dict.fromkeys(range(int(known.low), int(known.high) + 1), 0)
    for answer, n in counts.items():
        spread[int(answer + 0.5)] += n
    return spread


def _answer_name(scale: str, answer: int) -> str:
    if scale != "pmf":
        return str(answer)
    return {
        3: _("very"),
        2: _("somewhat"),
        1: _("not"),
        0: _("left us"),
    }[answer]


def _mood(scale: str, answer: int) -> str:
    """Say whether an answer is a bad, middle or good one, by the cuts of the metric itself."""
    bad, good = {
        "nps": (6, 9),
        "csat": (2, 4),
        "stars": (2, 4),
        "ces": (3, 5),
        "pmf": (1, 3),
        "ces_effort": (3, 5),
        "pyramid_needs": (2, 4),
        "pyramid_ease": (2, 4),
        "pyramid_enjoyment": (2, 4),
    }[scale]
    if bad < answer < good:
        return "middle"
    high = answer >= good
    return "good" if high == SCALES[scale].high_is_good else "bad"
