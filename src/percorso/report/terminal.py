"""The report in a terminal: one screen, 80 columns."""

from typing import TYPE_CHECKING, Final, Literal

from percorso import labels
from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.report.headline import Tone, headline

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from percorso.metrics import GroupScore
    from percorso.report.model import Report

#: How many rows of each list fit a screen; the page and the JSON have more.
_PROBLEMS: Final = 5
_WAYS: Final = 5
_STEPS: Final = 6
_FACTORS: Final = 5
_THEMES: Final = 4
Justify = Literal["left", "right"]
_COLOURS: Final[dict[Tone, str]] = {
    "good": "bold green",
    "bad": "bold red",
    "mixed": "bold yellow",
    "same": "bold",
    "unknown": "bold",
    "empty": "bold",
}


def print_terminal(report: "Report", console: "Console", where: str = "") -> None:
    """Print the report, in the current language.

    ``where`` is added to the commands it names, such as `` --dir shop``.
    """
    from rich.padding import Padding

    for part in _parts(report, where):
        console.print(Padding(part, (0, 1)))


def _parts(report: "Report", where: str) -> "list[RenderableType]":
    from rich.text import Text

    said = headline(report)
    parts: list[RenderableType] = [
        "",
        _top(report),
        "",
        Text(said.sentence, style=_COLOURS[said.tone]),
    ]
    if said.lede:
        parts.append(Text(said.lede))
    if report.log.interactions:
        sections = (_scores, _groups, _promises, _problems, _voice, _ways, _ideal_path)
        for section in sections:
            parts.extend(section(report))
    parts.extend(["", _facts(report, where), ""])
    return parts


def _top(report: "Report") -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    zone = report.settings.zone_info
    period = " – ".join(
        labels.day(each, zone) for each in (report.log.first, report.log.last) if each
    )
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right")
    grid.add_row(Text(report.settings.company, style="bold"), Text(period, style="dim"))
    return grid


def _facts(report: "Report", where: str) -> "RenderableType":
    from rich.text import Text

    log = report.log
    facts = [
        ngettext("{n} interaction", "{n} interactions", log.interactions).format(
            n=labels.number(log.interactions)
        ),
        ngettext("{n} customer", "{n} customers", log.customers).format(
            n=labels.number(log.customers)
        ),
        _("log version {n}").format(n=log.version),
        _("groups under 5 not shown"),
    ]
    text = Text(" · ".join(facts), style="dim")
    if log.quarantined:
        waiting = ngettext(
            "{n} row waits in quarantine: percorso quarantine list{where}",
            "{n} rows wait in quarantine: percorso quarantine list{where}",
            log.quarantined,
        ).format(n=labels.number(log.quarantined), where=where)
        text.append("\n" + waiting, style="yellow")
    return text


def _scores(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    if not report.metrics:
        return []
    table = _table(
        (_("Score"), "left"),
        ("", "right"),
        (_("95% interval"), "right"),
        (_("Answers"), "right"),
        (_change_title(report), "left"),
    )
    for name, each in report.metrics.items():
        unit, digits = labels.unit_of(name), labels.digits_of(name)
        table.add_row(
            labels.metric(name),
            Text(labels.estimate(each, unit, digits), style="bold"),
            labels.interval(each, unit, digits),
            labels.number(each.told),
            _change(report, name),
        )
    return ["", table]


def _change_title(report: "Report") -> str:
    if report.compared is None:
        return ""
    return ngettext("Last {n} day", "Last {n} days", report.compared.days).format(
        n=labels.number(report.compared.days)
    )


def _change(report: "Report", name: str) -> "Text":
    from rich.text import Text

    change = report.changes.get(name)
    if change is None:
        return Text()
    words = labels.change(
        change.difference, labels.unit_of(name), labels.digits_of(name), certain=change.real
    )
    if not change.real:
        return Text(words, style="dim")
    return Text(words, style="red" if (change.difference.value or 0) < 0 else "green")


def _groups(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    if report.by is None:
        return []
    table = _table(
        (labels.dimension(report.by.removeprefix("property:")), "left"),
        (_("Score"), "left"),
        ("", "right"),
        (_("95% interval"), "right"),
        (_("Answers"), "right"),
        (_("Against the rest"), "right"),
    )
    for each in report.groups:
        if not each.estimate.shown:
            continue
        unit, digits = labels.unit_of(each.metric), labels.digits_of(each.metric)
        table.add_row(
            Text(labels.group(report.by, each.group)),
            labels.metric(each.metric),
            Text(labels.estimate(each.estimate, unit, digits), style="bold"),
            labels.interval(each.estimate, unit, digits),
            labels.number(each.estimate.n),
            Text(
                _rest(each, unit, digits),
                style="" if each.differs else "dim",
            ),
        )
    hidden = sum(not each.estimate.shown for each in report.groups)
    if not hidden:
        return ["", table]
    note = ngettext(
        "{n} group with fewer than 5 answers is not shown.",
        "{n} groups with fewer than 5 answers are not shown.",
        hidden,
    ).format(n=labels.number(hidden))
    return ["", table, Text(note, style="dim")]


def _rest(group: "GroupScore", unit: labels.Unit, digits: int) -> str:
    if group.rest_difference is None:
        return labels.NOTHING
    if not group.differs:
        return _("not certain")
    return labels.signed(group.rest_difference.estimate.value, unit, digits)


def _promises(report: "Report") -> "list[RenderableType]":

    found = report.promises
    if not found.made:
        return []
    text = _title(_("Promises"))
    if found.kept_share_shown.shown:
        share = _("{share} kept ({interval})").format(
            share=labels.estimate(found.kept_share_shown, "percent", 1),
            interval=labels.interval(found.kept_share_shown, "percent", 1),
        )
        text.append(share, style="bold").append(": ")
    text.append(
        labels.fates(({} if found.hidden else {"made": found.made}) | found.shown_counts) + "."
    )
    if "kept_share" in report.changes:
        text.append("\n" + _change_title(report) + ": ")
        text.append_text(_change(report, "kept_share"))
    effect = found.effect_on_score
    if effect is not None and effect.shown and found.scale:
        text.append("\n" + _("Score after a broken promise:") + " ")
        text.append(labels.difference(effect, "score", 2), style="bold")
        text.append(f" ({labels.scale(found.scale)})")
    return ["", text]


def _problems(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    if not report.problems:
        heading = _title(_("Problems"))
        heading.append(_("none stands out beyond chance"), style="dim")
        return ["", heading]
    table = _table(
        (_("Problem"), "left"),
        (_("Where"), "left"),
        (_("Customers"), "right"),
        (_("Score lost"), "right"),
    )
    for each in report.problems[:_PROBLEMS]:
        table.add_row(
            Text(each.title()),
            Text(each.where()),
            labels.number(each.customers),
            Text(each.lost(), style="red"),
        )
    return ["", table]


def _voice(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    from percorso.report.voice import unread

    found = report.voice
    if found is None:
        return []
    heading = _title(_("Voice of the customer"))
    whole = found.sentiment
    if whole.positive.shown:
        heading.append(
            _("{positive} positive, {negative} negative of {n} texts").format(
                positive=labels.estimate(whole.positive, "percent"),
                negative=labels.estimate(whole.negative, "percent"),
                n=labels.number(found.texts),
            )
        )
    parts: list[RenderableType] = ["", heading]
    shown = [each for each in found.factors if each.balance.shown][:_FACTORS]
    if shown:
        table = _table(
            (_("Factor"), "left"),
            (_("Texts"), "right"),
            (_("Praise"), "right"),
            (_("Blame"), "right"),
        )
        for each in shown:
            table.add_row(
                labels.factor(each.factor),
                labels.number(each.mentions),
                Text(labels.estimate(each.positive, "percent"), style="green"),
                Text(labels.estimate(each.negative, "percent"), style="red"),
            )
        parts.append(table)
    for title, names in (
        (_("They talk about:"), [each.name for each in found.topics.rows[:_THEMES]]),
        (_("They ask for:"), [each.name for each in found.needs.rows[:_THEMES]]),
    ):
        if names:
            parts.append(Text(f"{title} {' · '.join(names)}"))
    if unread(found):
        parts.append(Text(unread(found), style="yellow"))
    return parts


def _ways(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    found = report.variants
    rows = found.shown.rows[:_WAYS]
    heading = _title(_("Journeys"))
    heading.append(_how_many_ways(found.customers, found.distinct))
    if not rows:
        return ["", heading]
    table = _grid()
    for each in rows:
        table.add_row(
            Text(labels.percent(each.share, 1), style="bold"), Text(" → ".join(each.steps))
        )
    return ["", heading, table]


def _how_many_ways(customers: int, distinct: int) -> str:
    people = ngettext("{n} customer", "{n} customers", customers).format(n=labels.number(customers))
    if customers == 1:
        return people
    return ngettext(
        "{customers}, all the same way", "{customers} in {distinct} different ways", distinct
    ).format(customers=people, distinct=labels.number(distinct))


def _ideal_path(report: "Report") -> "list[RenderableType]":
    from rich.text import Text

    from percorso.charts import step_name

    path = report.ideal_path
    if not path.tested:
        return []
    heading = _title(_("What sets ideal customers apart"))
    heading.append(
        _("{ideal} ({n}) against the others ({m})").format(
            ideal=labels.ideal(path.chosen_by),
            n=labels.number(path.ideal),
            m=labels.number(path.others),
        )
        + labels.by_answer(path.scale)
    )
    rows = path.significant[:_STEPS]
    if not rows:
        nothing = Text(
            _("Nothing beyond chance, of {n} steps and passages compared.").format(
                n=labels.number(path.tested)
            ),
            style="dim",
        )
        return ["", heading, nothing]
    table = _table(
        (_("Step"), "left"),
        (_("Ideal"), "right"),
        (_("Others"), "right"),
        (_("Difference"), "right"),
    )
    for row in rows:
        more = (row.difference.value or 0) > 0
        table.add_row(
            Text(step_name(row)),
            labels.percent(row.ideal_share),
            labels.percent(row.other_share),
            Text(labels.difference(row.difference, "percent", 0), style="green" if more else "red"),
        )
    return ["", heading, table]


def _title(words: str) -> "Text":
    from rich.text import Text

    return Text.assemble((words, "bold"), "  ")


def _table(*columns: tuple[str, Justify]) -> "Table":
    """Return a plain table with a line under its head."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
    )
    for name, justify in columns:
        # As text, not as Rich's markup: a property may be called [red].
        table.add_column(Text(name), justify=justify, overflow="fold")
    return table


def _grid() -> "Table":
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    return table
