"""The report as one self-contained page: no script, no other host, fit to print or to mail."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso import labels
from percorso.i18n import current_language, gettext, in_language, ngettext
from percorso.i18n import gettext as _
from percorso.report import voice
from percorso.report.headline import headline
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from jinja2 import Environment

    from percorso.charts import Figure
    from percorso.report.model import Report

_TEMPLATES: Final = Path(__file__).parent / "templates"
#: The bar under a score runs over all values the score can have.
_RANGES: Final = {
    "nps": (-100.0, 100.0),
    "ces": (1.0, 7.0),
    "stars": (1.0, 5.0),
}


def as_html(report: "Report", language: str | None = None) -> str:
    """Return the report as HTML in ``language`` (it or en; the company's where none is given)."""
    with in_language(language or report.settings.language):
        template = _environment().get_template("report.html")
        return template.render(
            language=current_language(),
            style=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
            report=report,
            zone=report.settings.zone_info,
            headline=headline(report),
            labels=labels,
            scores=[_score(report, name, each) for name, each in _cards(report)],
            summary=voice.summary(report),
            unread=voice.unread(report.voice) if report.voice is not None else "",
            sections=list(_sections(report)) if report.log.interactions else [],
            _=gettext,
            ngettext=ngettext,
        )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _cards(report: "Report") -> "Iterator[tuple[str, Estimate]]":
    yield from report.metrics.items()
    if report.promises.kept_share_shown.shown:
        yield "kept_share", report.promises.kept_share_shown


def _score(report: "Report", name: str, each: Estimate) -> dict[str, Any]:
    """Return what the card of a score shows."""
    unit, digits = labels.unit_of(name), labels.digits_of(name)
    change = report.changes.get(name)
    card: dict[str, Any] = {
        "name": labels.metric(name),
        "meaning": _fates(report) if name == "kept_share" else labels.meaning(name),
        "value": labels.estimate(each, unit, digits),
        "interval": labels.interval(each, unit, digits),
        "n": labels.number(each.told),
        "bar": None,
        "change": "",
        "tone": "same",
    }
    if each.value is not None and each.low is not None and each.high is not None:
        card["bar"] = [_place(name, end) for end in (each.low, each.value, each.high)]
    if change is not None:
        card["change"] = labels.change(change.difference, unit, digits, certain=change.real)
        if change.real:
            card["tone"] = "down" if (change.difference.value or 0) < 0 else "up"
    return card


def _fates(report: "Report") -> str:
    counts = report.promises.shown_counts
    return labels.fates({fate: count for fate, count in counts.items() if fate != "kept"})


def _place(name: str, value: float) -> float:
    """Return where on its bar a value lies, in percent."""
    low, high = _RANGES.get(name, (0.0, 100.0))
    return round(100 * (value - low) / (high - low), 2)


def _sections(report: "Report") -> "Iterator[tuple[str, list[Figure]]]":
    """Give the sections of figures: a title and its figures."""
    scores = [*_groups(report), *_trends(report), *_answers(report)]
    if scores:
        yield _("Scores"), scores
    promises = list(_promises(report))
    if promises:
        yield _("Promises"), promises
    said = list(voice.figures(report.voice)) if report.voice is not None else []
    if said:
        yield _("Voice of the customer"), said
    yield _("Journeys"), list(_journeys(report))


def _trends(report: "Report") -> "Iterator[Figure]":
    from percorso import charts

    for metric in report.metrics:
        months = report.trends.get(metric, ())
        if metric == "stars_top2":
            continue  # it moves as the mean does
        if sum(each.shown for _month, each in months) > 1:
            yield charts.trend(metric, months)


def _answers(report: "Report") -> "Iterator[Figure]":
    from percorso import charts

    for scale, counts in report.answers.items():
        # An answer that fewer than 5 gave could be somebody's.
        if sum(counts.values()) >= 5:
            yield charts.answers(scale, counts)


def _groups(report: "Report") -> "Iterator[Figure]":
    from percorso import charts

    if report.by is None:
        return
    for metric in report.metrics:
        rows = [
            (
                labels.group(report.by, each.group),
                each.estimate,
                each.differs,
            )
            for each in report.groups
            if each.metric == metric
        ]
        if sum(each.shown for _name, each, _differs in rows) > 1:
            title = _("{metric} by {dimension}").format(
                metric=labels.metric(metric),
                dimension=labels.dimension(report.by.removeprefix("property:")).lower(),
            )
            yield charts.by_group(metric, rows, title)


def _promises(report: "Report") -> "Iterator[Figure]":
    from percorso import charts

    found = report.promises
    if sum(each.kept_share.shown for each in report.promise_months) > 1:
        yield charts.promises_by_month(
            [
                (each.month, each.kept, each.broken, each.kept_share)
                for each in report.promise_months
            ]
        )
    if found.effect_on_score is not None and found.effect_on_score.shown and found.scale:
        yield charts.score_after_promises(found.scale, found.score_after, found.effect_on_score)


def _journeys(report: "Report") -> "Iterator[Figure]":
    from percorso import charts

    if report.ideal_path.tested:
        yield charts.ideal_path(report.ideal_path)
    if report.variants.shown.rows:
        yield charts.variants(report.variants.shown)
    if report.graph.shown.edges:
        yield charts.transitions(report.graph.shown.edges)
