"""The face for notebooks: open a workspace or a file, get frames, estimates and charts.

import percorso as px

shop = px.open("percorso-demo")
shop.scores()["nps"]              # Estimate(value=..., low=..., high=..., n=..., method=...)
shop.scores(by="channel")         # a pandas frame
shop.chart_trend("nps")           # shows itself in a notebook
"""

import shutil
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, overload

from percorso import charts, labels
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.vocabulary import SCALES, Estimate
from percorso.workspace import SETTINGS_FILE, Settings, Workspace

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    import pyarrow as pa

    from percorso.explain import Problem
    from percorso.journeys import Funnel, IdealPath, JourneyGraph, Variants
    from percorso.journeys.results import Ideal
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.log.steps import StepsIndex
    from percorso.metrics.promises import Promises
    from percorso.report import Report
    from percorso.survey_results import Asked, Counted, Results
    from percorso.text import Readings
    from percorso.text.enrichment import Enriched
    from percorso.text.reading import Path as ReadingPath

Day = str | date | datetime


def open(  # noqa: A001 - px.open reads as what it does
    path: str | Path = ".",
    *,
    recipe: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> "Analysis":
    """Open a workspace, or files: a file, a folder or a zip of them.

    Files are read into a workspace of their own that lasts as long as the analysis; ``recipe`` and
    ``mapping`` are those of ``percorso import``. Raises WorkspaceError or IntakeError, which say
    what to do; guesses are never taken in silence.
    """
    place = Path(path)
    if (place / SETTINGS_FILE).is_file():
        from percorso.log import open_log

        return Analysis(open_log(Workspace.open(place)))
    return _read(place, recipe, mapping or {})


class Analysis:
    """The log of a company, and every question to it, narrowed to a selection or not."""

    def __init__(
        self,
        log: "Log",
        selection: "Selection | None" = None,
        keep: object = None,
    ) -> None:
        self.log = log
        self.selection = selection
        # What must live as long as the analysis does: the folder that files were read into.
        self._keep = keep

    def __repr__(self) -> str:
        found = self.log.summary()
        narrowed = ", narrowed" if self.selection else ""
        return (
            f"<Analysis of {self.log.workspace.settings.company}: {found.interactions} "
            f"interactions, {found.customers} customers, log version {found.version}{narrowed}>"
        )

    def where(
        self,
        *,
        since: Day | None = None,
        until: Day | None = None,
        channels: Sequence[str] = (),
        touchpoints: Sequence[str] = (),
        phases: Sequence[str] = (),
        segments: Sequence[str] = (),
        kinds: Sequence[str] = (),
        properties: Mapping[str, str] | None = None,
    ) -> "Analysis":
        """Return the same analysis of a part of the log.

        Days (``"2025-03-31"``) begin at midnight in the company's zone; ``until`` is included.
        A datetime is taken as it is, and as ``until`` is not included.
        """
        from percorso.log.selection import Selection

        chosen = Selection(
            since=self._moment(since),
            until=self._moment(until, after=1),
            channels=tuple(channels),
            touchpoints=tuple(touchpoints),
            phases=tuple(phases),
            segments=tuple(segments),
            kinds=tuple(kinds),
            properties=tuple((properties or {}).items()),
        )
        chosen.check(self.log)
        if self.selection is not None:
            chosen = _both(self.selection, chosen)
        return Analysis(self.log, chosen, self._keep)

    # Frames

    def table(self) -> "ibis.Table":
        """Return the interactions as an Ibis table, to ask anything of."""
        table = self.log.interactions()
        return self.selection.apply(self.log, table) if self.selection else table

    def interactions(self, columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return the interactions as a pandas frame (``columns`` of them, or all)."""
        return self.arrow(columns).to_pandas()

    def arrow(self, columns: Sequence[str] | None = None) -> "pa.Table":
        """Return the interactions as an Arrow table (``columns`` of them, or all)."""
        table = self.table()
        found: pa.Table = (table.select(*columns) if columns else table).to_pyarrow()
        return found

    def texts(self) -> "ibis.Table":
        """Return what customers wrote, with what was read in it, as an Ibis table.

        The texts are as they were sent; see ``percorso.text.voice.texts`` for the columns. Those
        that were not read yet have nothing there: ``enrich`` reads them.
        """
        from percorso.text import voice

        return voice.texts(self.log, self.selection)

    def enrich(self) -> "Enriched":
        """Read the texts of the log that were not read yet, and look for topics in them.

        What was read and found is kept beside the log.
        """
        from percorso.text import enrichment, topics

        done = enrichment.enrich(self.log)
        if topics.due(self.log):
            topics.refresh(self.log)
        return done

    def customers(self) -> "pd.DataFrame":
        """Return the customers: first, last, interactions, orders, value, segment."""
        found: pd.DataFrame = self.log.customers().to_pandas()
        return found

    # Answers

    @overload
    def scores(self, by: None = None) -> dict[str, Estimate]: ...
    @overload
    def scores(self, by: str) -> "pd.DataFrame": ...
    def scores(self, by: str | None = None) -> "dict[str, Estimate] | pd.DataFrame":
        """Return each score that has answers; with ``by``, a frame with a row a group.

        ``by`` is channel, touchpoint, phase, segment, month, kind, language, source, name or
        property:NAME.
        """
        from percorso import metrics

        if by is None:
            return metrics.scores(self.log, self.selection)
        return frame(metrics.by(self.log, by, self.selection))

    @overload
    def promises(self, by: None = None) -> "Promises": ...
    @overload
    def promises(self, by: str) -> "pd.DataFrame": ...
    def promises(self, by: str | None = None) -> "Promises | pd.DataFrame":
        """Return what became of the promises; with ``by``, a frame with a row a group."""
        from percorso import metrics

        if by is None:
            return metrics.promises.summary(self.log, selection=self.selection)
        return frame(metrics.promises.by(self.log, by, selection=self.selection))

    def graph(self) -> "JourneyGraph":
        """Return the directly-follows graph; ``px.frame(shop.graph().edges)`` is a frame of it."""
        from percorso import journeys

        return journeys.graph(self._index(), self.selection)

    def variants(self, limit: int | None = None) -> "Variants":
        """Return the different journeys there are, the most frequent first."""
        from percorso import journeys

        return journeys.variants(self._index(), self.selection, limit)

    def funnel(self, steps: Sequence[str], within: timedelta | None = None) -> "Funnel":
        """Return how many customers went through ``steps`` in order within a time."""
        from percorso import journeys

        return journeys.funnel(self._index(), tuple(steps), within, self.selection)

    def ideal_path(self, ideal: "Ideal" = "promoters") -> "IdealPath":
        """Return what sets ideal customers apart: promoters, value (top fifth) or advocates."""
        from percorso import journeys

        return journeys.ideal_path(self._index(), ideal, self.selection)

    def problems(self) -> "tuple[Problem, ...]":
        """Return the problems, the one that touches most times deepest first."""
        from percorso import explain

        return explain.problems(self.log, self._index(), self.selection)

    def survey(
        self,
        survey: str,
        *,
        invited: "Iterable[Asked]" = (),
        shown: "Iterable[Counted]" = (),
    ) -> "Results":
        """Return the results of a survey, by its id.

        With ``invited`` (see ``percorso.survey_results.Invited``) they say who did not answer and
        what all would have said. ``px.frame(found.question("nps").parts)`` is a frame of scores.
        """
        from percorso.survey_results import results

        return results(self.log, survey, invited=invited, shown=shown, selection=self.selection)

    def survey_by(
        self, survey: str, question: str, dimension: str, part: str = ""
    ) -> "pd.DataFrame":
        """Return the score of a survey's question by a dimension, a row a group.

        ``dimension`` is channel, touchpoint, language, version, campaign, month or segment.
        """
        from percorso.survey_results import by

        return frame(by(self.log, survey, question, dimension, part=part, selection=self.selection))

    def report(self, by: str | None = None, ideal: "Ideal" = "promoters") -> "Report":
        """Return the whole report (see ``percorso.report`` for JSON, HTML and terminal)."""
        from percorso import report

        return report.build(self.log, by=by, selection=self.selection, ideal=ideal)

    # Charts

    def chart_trend(self, metric: str) -> charts.Figure:
        """Draw a score by month."""
        from percorso import metrics

        months = [
            (each.group, each.estimate)
            for each in metrics.by(self.log, "month", self.selection)
            if each.metric == metric
        ]
        return charts.trend(metric, months, charts.LITERAL)

    def chart_by(self, metric: str, by: str) -> charts.Figure:
        """Draw a score by group."""
        from percorso import metrics

        groups = [
            (labels.group(by, each.group), each.estimate, each.differs)
            for each in metrics.by(self.log, by, self.selection)
            if each.metric == metric
        ]
        title = _("{metric} by {dimension}").format(
            metric=labels.metric(metric), dimension=labels.dimension(by).lower()
        )
        return charts.by_group(metric, groups, title, charts.LITERAL)

    def chart_promises(self) -> charts.Figure:
        """Draw promises kept and broken by the month they were due."""
        from percorso import metrics

        months = [
            (each.group, each.kept_shown, each.broken_shown, each.kept_share_shown)
            for each in metrics.promises.by(self.log, "month", selection=self.selection)
        ]
        return charts.promises_by_month(months, charts.LITERAL)

    def chart_ideal_path(self, ideal: "Ideal" = "promoters") -> charts.Figure:
        """Draw what sets ideal customers apart."""
        return charts.ideal_path(self.ideal_path(ideal), charts.LITERAL)

    def chart_variants(self) -> charts.Figure:
        """Draw the commonest ways."""
        return charts.variants(self.variants().shown, charts.LITERAL)

    def chart_transitions(self) -> charts.Figure:
        """Draw the passages most customers make."""
        return charts.transitions(self.graph().shown.edges, charts.LITERAL)

    def _index(self) -> "StepsIndex":
        from percorso.log.steps import open_steps

        return open_steps(self.log)

    def _moment(self, given: Day | None, after: int = 0) -> datetime | None:
        if given is None or isinstance(given, datetime):
            return given
        day = date.fromisoformat(given) if isinstance(given, str) else given
        day += timedelta(days=after)
        zone = self.log.workspace.settings.zone_info
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def frame(rows: Iterable[Any]) -> "pd.DataFrame":
    """Return results (any dataclasses of Percorso) as a pandas frame.

    The parts of an estimate become columns: the main one's ``value``, ``low``, ``high``, ``n``,
    others' with their name before (``rest_difference_low``).
    """
    import pandas as pd

    return pd.DataFrame([_flat(row) for row in rows])


def read(texts: Iterable[str], path: "ReadingPath" = "auto") -> "Readings":
    """Read texts: language, sentiment, emotions, factors, urgency and need of each, in order.

    ``path`` is fast, accurate, or auto, which goes by how many there are. ``px.read(...)[0]`` is
    one reading, ``.as_table()`` an Arrow table.
    """
    from percorso.text import read as read_texts

    return read_texts(list(texts), path=path)


def nps(answers: Iterable[float | None]) -> Estimate:
    """Return the NPS of answers from 0 to 10, in points from -100 to 100."""
    from percorso.estimation import net_score

    given = _checked(answers, "nps")
    promoters = sum(answer >= 9 for answer in given)
    detractors = sum(answer <= 6 for answer in given)
    return net_score(promoters, len(given) - promoters - detractors, detractors)


def csat(answers: Iterable[float | None]) -> Estimate:
    """Return the share of 4 and 5 among answers from 1 to 5, in percent."""
    from percorso.estimation import proportion

    given = _checked(answers, "csat")
    return proportion(sum(answer >= 4 for answer in given), len(given))


def ces(answers: Iterable[float | None]) -> Estimate:
    """Return the mean of answers from 1 to 7 to "it was easy"."""
    return _mean(answers, "ces")


def pmf(answers: Iterable[float | None]) -> Estimate:
    """Return the percent of 3 (very disappointed) among 1 to 3; 0, no longer use it, is out."""
    from percorso.estimation import proportion

    given = [answer for answer in _checked(answers, "pmf") if answer > 0]
    return proportion(sum(answer == 3 for answer in given), len(given))


def stars(answers: Iterable[float | None]) -> Estimate:
    """Return the mean of ratings from 1 to 5."""
    return _mean(answers, "stars")


def _mean(answers: Iterable[float | None], scale: str) -> Estimate:
    import numpy as np

    from percorso.estimation import mean

    known = SCALES[scale]
    return mean(np.array(_checked(answers, scale), dtype=float), low=known.low, high=known.high)


def _checked(answers: Iterable[float | None], scale: str) -> list[float]:
    """Return the answers that were given. Raises ValueError for what is no answer on the scale."""
    known = SCALES[scale]
    given = [float(answer) for answer in answers if answer is not None and answer == answer]
    for answer in given:
        if not known.accepts(answer):
            raise ValueError(f"an answer on {scale} must be {known.rule()}, not {answer:g}")
    return given


class _Folder:
    """A folder that is removed when nobody holds this any more."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="percorso-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _read(path: Path, recipe: str | None, mapping: Mapping[str, str]) -> Analysis:
    """Read files into a workspace that lasts as long as the analysis."""
    from percorso import intake
    from percorso.log import open_log

    keep = _Folder()
    settings = replace(Settings(), company=path.stem, language=current_language())
    workspace = Workspace.create(keep.path / "workspace", settings)
    plan = intake.inspect(workspace, [path], recipe=recipe, mapping=mapping)
    if plan.questions and not plan.problems:
        guessed = {each.field: each.default or "COLUMN" for each in plan.questions}
        raise intake.NotConfirmedError(
            _("Part of this is a guess. Say it: px.open({path!r}, mapping={mapping!r})").format(
                path=str(path), mapping={**mapping, **guessed}
            ),
            plan,
        )
    log = open_log(workspace)
    intake.run(log, plan)
    return Analysis(log, keep=keep)


def _both(first: "Selection", second: "Selection") -> "Selection":
    """Return the selection that narrows by both; where both name a thing, the second counts."""
    changed = {
        each.name: getattr(second, each.name)
        for each in fields(second)
        if getattr(second, each.name)
    }
    return replace(first, **changed)


def _flat(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in fields(row):
        value = getattr(row, each.name)
        if isinstance(value, Estimate):
            before = "" if each.name in _MAIN else f"{each.name}_"
            found |= {f"{before}{part}": given for part, given in asdict(value).items()}
        elif is_dataclass(value) and not isinstance(value, type):
            found |= {f"{each.name}_{part}": given for part, given in _flat(value).items()}
        else:
            found[each.name] = value
    return found


#: The estimates a row is about; their parts need no name before them.
_MAIN = ("estimate", "kept_share", "share")
