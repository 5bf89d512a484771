"""Asks every question of the report."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from percorso.report import voice
from percorso.report.model import Compared, LogFacts, MonthOfPromises, Report
from percorso.vocabulary import Estimate

if TYPE_CHECKING:
    from percorso.journeys.results import Ideal
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.metrics import Change

#: Without a period chosen, what changed is told of the last quarter against the one before.
_QUARTER: Final = timedelta(days=90)


def build(
    log: "Log",
    *,
    by: str | None = None,
    selection: "Selection | None" = None,
    ideal: "Ideal" = "promoters",
) -> Report:
    """Return the report on a log.

    ``by`` adds the scores of each group of a dimension (see ``metrics.by``). ``selection`` narrows
    everything but the facts about the log. ``ideal`` chooses who counts as an ideal customer.
    Raises DimensionError where nothing can be split by ``by``, or no answer has that property.
    """
    from percorso import explain, journeys, metrics
    from percorso.log.quarantine import Quarantine
    from percorso.log.steps import open_steps
    from percorso.metrics.dimensions import check_answered

    summary = log.summary()
    facts = LogFacts(
        summary.interactions,
        summary.customers,
        summary.first,
        summary.last,
        Quarantine(log.workspace).count("waiting"),
        summary.version,
    )
    groups = metrics.by(log, by, selection) if by else ()
    if by and not groups:
        check_answered(log, by, selection)
    index = open_steps(log)
    compared = _periods(facts, selection, log.workspace.settings.zone_info)
    said = voice.build(log, selection, compared)
    return Report(
        settings=log.workspace.settings,
        made_at=datetime.now(UTC),
        log=facts,
        selection=selection,
        metrics=metrics.scores(log, selection),
        trends=_trends(log, selection),
        answers=_answers(log, selection),
        compared=compared,
        changes=_changes(log, selection, compared),
        by=by,
        groups=groups,
        promises=metrics.promises.summary(log, selection=selection),
        promise_months=_promise_months(log, selection),
        graph=journeys.graph(index, selection),
        variants=journeys.variants(index, selection),
        ideal_path=journeys.ideal_path(index, ideal, selection),
        problems=explain.problems(log, index, selection),
        voice=said,
        summary=voice.worded(said, log.workspace.settings.language),
    )


def _periods(facts: LogFacts, selection: "Selection | None", zone: ZoneInfo) -> Compared | None:
    """Return the two periods to compare; None where the log does not reach back that far."""
    if facts.first is None or facts.last is None:
        return None
    until = (selection.until if selection else None) or _day_after(facts.last, zone)
    since = (selection.since if selection else None) or until - _QUARTER
    before = since - (until - since)
    if not facts.first < since < until:
        return None
    return Compared(before=before, since=since, until=until)


def _day_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight in ``zone`` that ends the day of ``moment``."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _changes(
    log: "Log", selection: "Selection | None", compared: Compared | None
) -> "dict[str, Change]":
    """Return what changed: the scores, corrected for their number, and the promises kept."""
    from percorso import metrics
    from percorso.log.selection import Selection

    if compared is None:
        return {}
    whole = selection or Selection()
    now = replace(whole, since=compared.since, until=compared.until)
    before = replace(whole, since=compared.before, until=compared.since)
    found = metrics.change(log, now, before)
    promised = _promised_change(log, now, before)
    if promised is not None:
        # A family of its own: a promise surely broken more often proves nothing about a score.
        found["kept_share"] = promised
    return found


def _promised_change(log: "Log", now: "Selection", before: "Selection") -> "Change | None":
    """Return how the share of promises kept changed; None where either is too small to show."""
    from percorso import metrics
    from percorso.estimation import difference_of_proportions

    one, other = (metrics.promises.summary(log, selection=each) for each in (now, before))
    if not (one.kept_share_shown.shown and other.kept_share_shown.shown):
        return None
    found = difference_of_proportions(
        one.kept, one.kept + one.broken, other.kept, other.kept + other.broken
    )
    return metrics.Change(
        "kept_share",
        one.kept_share,
        other.kept_share,
        found.estimate,
        found.p_value,
        found.p_value,
    )


def _trends(
    log: "Log", selection: "Selection | None"
) -> dict[str, tuple[tuple[str, Estimate], ...]]:
    from percorso import metrics

    months: defaultdict[str, list[tuple[str, Estimate]]] = defaultdict(list)
    for each in metrics.by(log, "month", selection):
        months[each.metric].append((each.group, each.estimate))
    return {metric: tuple(sorted(rows)) for metric, rows in months.items()}


def _answers(log: "Log", selection: "Selection | None") -> dict[str, dict[float, int]]:
    """Count the answers of each scale by what was answered."""
    rows = log.interactions()
    if selection is not None:
        rows = selection.apply(log, rows)
    counted = (
        rows.filter(rows.scale.notnull(), rows.score.notnull())
        .group_by(["scale", "score"])
        .agg(answers=lambda table: table.count())
        .to_pyarrow()
        .to_pylist()
    )
    found: dict[str, dict[float, int]] = {}
    for row in sorted(counted, key=lambda row: (row["scale"], row["score"])):
        found.setdefault(row["scale"], {})[row["score"]] = row["answers"]
    return found


def _promise_months(log: "Log", selection: "Selection | None") -> tuple[MonthOfPromises, ...]:
    from percorso import metrics

    return tuple(
        MonthOfPromises(each.group, each.kept_shown, each.broken_shown, each.kept_share_shown)
        for each in metrics.promises.by(log, "month", selection=selection)
    )
