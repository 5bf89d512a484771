"""``percorso survey``: what a survey found, in a terminal or as JSON."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from percorso import labels
from percorso.cli.console import USAGE, err, open_log, out, stop
from percorso.cli.options import (
    HERE,
    Channels,
    Dir,
    Json,
    Lang,
    Segments,
    Since,
    Touchpoints,
    Until,
    examples,
)
from percorso.cli.selecting import parse_selection
from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from rich.table import Table

    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.metrics import GroupScore
    from percorso.survey_results import Asked, Counted, Part, QuestionResult, Results


def add_to(app: typer.Typer) -> None:
    survey = typer.Typer(
        no_args_is_help=True,
        help=_("See what surveys found."),
        epilog=examples("percorso survey results after-delivery"),
    )
    survey.command(
        "results",
        help=_(
            "Show who answered a survey, what, and what all who were invited would have said, as "
            "far as can be known."
        ),
        epilog=examples(
            "percorso survey results after-delivery --dir shop",
            "percorso survey results after-delivery --channel email --json",
            "percorso survey results after-delivery --by language",
        ),
    )(results)
    # A group of its own: there will be more to do with surveys than to read them.
    survey.callback()(_nothing)
    app.add_typer(survey, name="survey")


def _nothing() -> None:
    """Take no options before the command."""


def results(
    survey: Annotated[str, typer.Argument(help=_("The id of the survey."))],
    as_json: Json = False,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="DIMENSION",
            help=_("Each score by channel, touchpoint, language, version, month, segment ..."),
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    touchpoint: Touchpoints = None,
    channel: Channels = None,
    segment: Segments = None,
    campaign: Annotated[str | None, typer.Option(help=_("Only this campaign."))] = None,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show the results."""
    from percorso import survey_results
    from percorso.surveys import Surveys

    log = open_log(directory)
    Surveys(log.workspace).get(survey)
    selection = parse_selection(
        log,
        since=since,
        until=until,
        touchpoints=touchpoint,
        channels=channel,
        segments=segment,
        properties=[f"campaign={campaign}"] if campaign else None,
    )
    invited, shown = _from_application(log, survey, selection)
    with err().status(_("Asking the log")):
        found = survey_results.results(
            log, survey, invited=invited, shown=shown, selection=selection
        )
    if as_json:
        plain = survey_results.as_plain(found)
        if by is not None:
            rows = _rows_by(log, found, by, selection)
            plain["by"] = [{"question": name, **survey_results.as_plain(row)} for name, row in rows]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    _print(found)
    if by is not None:
        _print_by(log, found, by, selection)


def _from_application(
    log: "Log", survey: str, selection: "Selection | None"
) -> "tuple[Iterable[Asked], Iterable[Counted]]":
    """Return who was invited and what was shown, as the application's database has it.

    The period alone narrows what was shown, as on the pages: who leaves is not known.
    """
    os.environ["PERCORSO_DIR"] = str(log.workspace.path)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.app.config.settings")
    import django
    from django.conf import settings
    from django.db import DatabaseError

    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"] and not Path(database["NAME"]).exists():
        return (), ()
    django.setup()
    from percorso.app.surveys import queries

    period = (selection.since, selection.until) if selection else (None, None)
    try:
        days = queries.counted_days(survey, *period)
        shown = queries.drop_off(survey, since=days.since, until=days.until)
        return queries.invitations(survey), shown
    except DatabaseError:
        # The application was not started since it can invite: it invited nobody.
        return (), ()


def _print(found: "Results") -> None:
    from rich.text import Text

    from percorso.survey_results import words

    console = out()
    language = current_language()
    console.print(Text(_said(found.title, language), style="bold"))
    console.print(_answers(found))
    if found.response_rate is not None and found.response_rate.invited:
        rate = found.response_rate.rate
        console.print(
            _("Response rate: {rate} of {invited} invited ({interval})").format(
                rate=labels.estimate(rate, "percent"),
                invited=_count(found.response_rate.invited),
                interval=labels.interval(rate, "percent"),
            )
        )
    if found.response_rate is not None and found.response_rate.waiting:
        told = _count(found.response_rate.waiting)
        console.print(words.waiting(told, found.response_rate.days))
    console.print()
    console.print(_scores(found))
    for question in found.questions:
        for line in _verdicts(question):
            console.print(line)
    for line in _non_response(found):
        console.print(line)


def _answers(found: "Results") -> str:
    from percorso.estimation import MIN_SHOWN

    n = found.responses
    if _is_few(found.people):
        return _("fewer than {n} people").format(n=MIN_SHOWN)
    return ngettext("{n} response", "{n} responses", n).format(n=labels.number(n))


def _is_few(people: int) -> bool:
    from percorso.estimation import MIN_SHOWN

    return 0 < people < MIN_SHOWN


def _count(n: int | None) -> str:
    """Show how many; of so few that they might be recognised, only that they are few."""
    return _("few") if n is None or _is_few(n) else labels.number(n)


def _said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _scores(found: "Results") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(_("Question"))
    for name in (_("Answers"), _("Score"), _("95% interval"), _("Weighted"), _("95% interval")):
        table.add_column(name, justify="right")
    for question in found.questions:
        for part in question.parts or (None,):
            name = _name(question, part) if part else question.id
            cells = _cells(part) if part else ("", "", "", "")
            answers = part.answers if part else question.answers
            few = _is_few(part.people if part else question.people)
            table.add_row(Text(name), _count(None if few else answers), *cells)
    return table


def _cells(part: "Part") -> tuple[str, str, str, str]:
    from percorso.survey_results import words

    if part.estimate is None:
        return "", "", "", ""
    unit = words.unit(part.metric)
    score = f"{words.metric(part.metric)} {labels.estimate(part.estimate, unit)}"
    weighted = part.weighted
    return (
        score,
        labels.interval(part.estimate, unit),
        labels.estimate(weighted, unit) if weighted else "",
        labels.interval(weighted, unit) if weighted else "",
    )


def _verdicts(question: "QuestionResult") -> Iterable[str]:
    from percorso.survey_results import words

    if question.pmf is not None and question.pmf.share.shown:
        verdict = words.verdict(question.pmf.verdict)
        yield _("{question}: {verdict}").format(question=question.id, verdict=verdict)
    pyramid = question.pyramid
    if pyramid is not None and pyramid.breaks_at is not None:
        yield _("{question}: the pyramid breaks at “{level}”").format(
            question=question.id, level=words.level(pyramid.breaks_at)
        )


def _non_response(found: "Results") -> Iterable[str]:
    from percorso.survey_results import words

    if found.weighting is not None:
        if found.weighting.why_not is not None:
            yield labels.phrase(found.weighting.why_not)
        else:
            yield _(
                "Weighted by: {facts}. {answers} answers tell as much as {effective} without."
            ).format(
                facts=", ".join(words.fact(each) for each in found.weighting.facts),
                answers=labels.number(found.weighting.answers),
                effective=labels.number(found.weighting.effective),
            )
    if found.non_response is not None and found.non_response.why_not is None:
        differing = [words.fact(each.fact) for each in found.non_response.facts if each.differs]
        if differing:
            yield _("Those who answered differ from the others in: {facts}").format(
                facts=", ".join(differing)
            )
        else:
            yield _("Those who answered differ from the others in nothing that is known.")


def _rows_by(
    log: "Log", found: "Results", dimension: str, selection: "Selection | None"
) -> "list[tuple[str, GroupScore]]":
    """Return the score of each question, or part of one, in each group, with its name."""
    from percorso import survey_results
    from percorso.metrics import DimensionError

    rows: list[tuple[str, GroupScore]] = []
    for question in found.questions:
        for part in question.parts:
            if part.estimate is None:
                continue
            try:
                groups = survey_results.by(
                    log, found.survey, question.id, dimension, part=part.part, selection=selection
                )
            except DimensionError as error:
                stop(f"--by: {error}", USAGE)
            rows += [(_name(question, part), each) for each in groups]
    return rows


def _name(question: "QuestionResult", part: "Part") -> str:
    return f"{question.id}.{part.part}" if part.part else question.id


def _print_by(log: "Log", found: "Results", dimension: str, selection: "Selection | None") -> None:
    from rich.table import Table
    from rich.text import Text

    from percorso.survey_results import words

    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in (_("Question"), _("Group")):
        table.add_column(name)
    for name in (_("Answers"), _("Score"), _("95% interval"), ""):
        table.add_column(name, justify="right")
    for name, row in _rows_by(log, found, dimension, selection):
        unit = words.unit(row.metric)
        table.add_row(
            Text(name),
            Text(row.group),
            labels.number(row.estimate.told),
            labels.estimate(row.estimate, unit),
            labels.interval(row.estimate, unit),
            _("differs") if row.differs else "",
        )
    out().print()
    out().print(table)
