"""``percorso import``: from files to the log."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from percorso.cli.console import FAILED, USAGE, WAITING, err, in_terminal, out, stop
from percorso.cli.options import HERE, Dir, Lang, Yes, dir_option, examples
from percorso.i18n import current_language, ngettext
from percorso.i18n import gettext as _
from percorso.workspace import SETTINGS_FILE, Settings, Workspace

if TYPE_CHECKING:
    from rich.progress import TaskID

    from percorso.intake import ImportResult, OnProgress, Plan, Question
    from percorso.intake import Progress as Step

#: Answers may bring new questions (a recipe chosen, say); more rounds than this go in circles.
_ROUNDS = 5


def add_to(app: typer.Typer) -> None:
    app.command(
        "import",
        help=_(
            "Put your files into the log. CSV, Excel, JSON lines, Parquet, XES, or a folder or zip "
            "of them. What was found out about them is shown first. Importing a file again adds "
            "nothing. Rows that cannot be read wait in quarantine; none is lost. Where the folder "
            "is no workspace yet, one is made."
        ),
        epilog=examples(
            "percorso import exports/ --dir shop",
            "percorso import answers.csv --map customer=Email --map at=Date --map score=NPS",
            "percorso import orders.xlsx --dry-run",
            "percorso import olist/ --recipe olist --dir shop",
        ),
    )(import_files)


def import_files(
    paths: Annotated[list[Path], typer.Argument(help=_("Files, folders or zip files."))],
    recipe: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=_("The recipe to use (see percorso recipes list).")),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help=_(
                "Where a field comes from. A constant goes in quotes: --map \"channel='store'\""
            ),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show what would happen; write nothing."))
    ] = False,
    yes: Yes = False,
    strict: Annotated[
        bool, typer.Option("--strict", help=_("Exit with 3 where rows went to quarantine."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print the result as JSON, and nothing else."))
    ] = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Import files into the log."""
    from percorso import intake

    given = _parse(mapping or [])
    # A workspace is made only for files that can be imported into it.
    with _workspace(directory, for_now=True) as workspace:
        with _progress() as on_progress:
            plan = intake.inspect(
                workspace, paths, recipe=recipe, mapping=given, on_progress=on_progress
            )
        _show_plan(plan)
        _refuse_where_impossible(plan)
        plan = _confirmed(workspace, plan, directory, yes=yes)
    with _workspace(directory, for_now=dry_run) as workspace:
        result = _run(workspace, plan, dry_run=dry_run)
    _say(result, directory, said=plan.notes, as_json=as_json)
    if strict and result.quarantined + result.already_quarantined:
        raise typer.Exit(WAITING)
    if result.rows_read and not result.interactions and result.quarantined:
        raise typer.Exit(FAILED)


def _parse(given: Sequence[str]) -> dict[str, str]:
    mapping = {}
    for each in given:
        field, separator, source = each.partition("=")
        if not separator or not field.strip() or not source.strip():
            raise typer.BadParameter(
                _("--map takes FIELD=COLUMN, not {given!r}.").format(given=each)
            )
        mapping[field.strip()] = source.strip()
    return mapping


@contextmanager
def _workspace(directory: Path, *, for_now: bool) -> Iterator[Workspace]:
    """Give the workspace; make one where there is none (``for_now``: elsewhere, removed after)."""
    if (directory / SETTINGS_FILE).exists():
        yield Workspace.open(directory)
        return
    settings = replace(Settings(), language=current_language())
    if for_now:
        with TemporaryDirectory(prefix="percorso-") as elsewhere:
            yield Workspace.create(Path(elsewhere) / "workspace", settings)
        return
    made = Workspace.create(directory, settings)
    err().print(
        _("Made a workspace in {path} (company, zone and language are in {file}).").format(
            path=made.path, file=SETTINGS_FILE
        ),
        soft_wrap=True,
    )
    yield made


def _refuse_where_impossible(plan: "Plan") -> None:
    if plan.problems:
        stop(
            "\n".join([_("These files cannot be imported as they are."), *plan.problems]),
        )


def _confirmed(workspace: Workspace, plan: "Plan", directory: Path, *, yes: bool) -> "Plan":
    """Return the plan with every question answered, by the user or by ``--yes``."""
    if not plan.questions or (yes and not plan.needs_answer):
        return plan
    if yes or not in_terminal():
        _refuse(plan, directory)
    return _asked(workspace, plan, directory)


def _asked(workspace: Workspace, plan: "Plan", directory: Path) -> "Plan":
    from percorso import intake

    for _round in range(_ROUNDS):
        answers = {question.field: _ask(question) for question in plan.questions}
        plan = intake.inspect(
            workspace, plan.paths, recipe=plan.recipe, mapping={**plan.mapping, **answers}
        )
        _refuse_where_impossible(plan)
        if not plan.questions:
            if plan.sample:
                _show_sample(plan.sample)
            if not typer.confirm(_("Import them so?"), default=True, err=True):
                stop(_("Nothing was imported."))
            break
    else:
        _refuse(plan, directory)
    return plan


def _ask(question: "Question") -> str:
    console = err()
    console.print()
    console.print(question.text, markup=False, soft_wrap=True)
    if question.options:
        console.print(
            _choices(question.options),
            markup=False,
            style="dim",
            soft_wrap=True,
        )
    if question.example:
        console.print(
            _("For example: {example}").format(example=question.example),
            markup=False,
            style="dim",
            soft_wrap=True,
        )
    answer: str = typer.prompt(question.field, default=question.default, err=True)
    return answer.strip()


def _refuse(plan: "Plan", directory: Path) -> NoReturn:
    """Say what is not certain, and the command that makes it so."""
    asked = []
    for each in plan.questions:
        example = f" ({each.example})" if each.example and each.example not in each.text else ""
        asked.append(f"  {each.text}{example}")
        if each.default is None and each.options:
            asked.append("    " + _choices(each.options))
    mapping = dict(plan.mapping) | {
        each.field: each.default or _("COLUMN") for each in plan.questions
    }
    stop(
        "\n".join(
            [
                _("Part of this is a guess, and there is nobody to ask:"),
                *asked,
                _("Say it, and it is imported:"),
                "  " + _command(plan, mapping, directory),
            ]
        ),
        USAGE,
    )


def _choices(options: Sequence[str]) -> str:
    """List what a question can be answered with: columns, or constants in their quotes."""
    constants = all(each.startswith("'") for each in options)
    words = _("Words: {names}") if constants else _("Columns: {names}")
    return words.format(names=", ".join(options))


def _command(plan: "Plan", mapping: Mapping[str, str], directory: Path) -> str:
    words = ["percorso", "import", *(str(path) for path in plan.paths)]
    if plan.recipe:
        words += ["--recipe", plan.recipe]
    for field, source in mapping.items():
        words += ["--map", f"{field}={source}"]
    if directory != HERE:
        words += ["--dir", str(directory)]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Quote a word for a shell; ``kind='order'`` within double marks, which is easier to read."""
    if "'" in word and not set('"\\$`!') & set(word):
        return f'"{word}"'
    return shlex.quote(word)


def _run(workspace: Workspace, plan: "Plan", *, dry_run: bool) -> "ImportResult":
    from percorso import intake
    from percorso.log import open_log

    with _progress() as on_progress:
        return intake.run(
            open_log(workspace),
            plan,
            who=_("command line"),
            confirmed=True,
            dry_run=dry_run,
            on_progress=on_progress,
        )


def _show_plan(plan: "Plan") -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = err()
    console.print(Text(plan.title, style="bold"))
    for each in plan.files:
        line = Text(f"  {each.name}: {each.use}", style="" if each.used else "dim")
        found = ", ".join(f"{finding.label} {finding.value}" for finding in each.findings)
        if found:
            line.append(f" ({found})", style="dim")
        console.print(line, soft_wrap=True)
    if plan.fields:
        fields = Table.grid(padding=(0, 2, 0, 0))
        fields.add_column(no_wrap=True)
        fields.add_column(overflow="fold")
        fields.add_column(overflow="ellipsis", no_wrap=True, max_width=32)
        fields.add_column(overflow="fold")
        for guess in plan.fields:
            fields.add_row(
                Text(guess.field, style="bold"),
                Text("← " + guess.source),
                Text(guess.example or "", style="dim"),
                Text(guess.reason, style="dim"),
            )
        console.print(Padding(fields, (0, 2)))
    for note in plan.notes:
        console.print(note, markup=False, soft_wrap=True)


def _show_sample(sample: Sequence[Mapping[str, object]]) -> None:
    from rich.table import Table
    from rich.text import Text

    columns = ("at", "customer", "kind", "touchpoint", "channel", "scale", "score", "text")
    shown = [name for name in columns if any(row.get(name) is not None for row in sample)]
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in shown:
        table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=28)
    for row in sample[:5]:
        table.add_row(*(Text("" if row.get(n) is None else str(row[n])) for n in shown))
    err().print(table)


def _say(result: "ImportResult", directory: Path, *, said: Sequence[str], as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(result.as_dict(), ensure_ascii=False, default=str, indent=2))
        return
    console = out()
    for line in _lines(result, directory):
        if line in said:
            continue  # it was a note of the plan
        console.print(line, markup=False, soft_wrap=True)
    if result.dry_run:
        _show_sample(result.sample)


def _lines(result: "ImportResult", directory: Path) -> Iterator[str]:
    where = dir_option(directory)
    yield _what_happened(result)
    if len(result.files) > 1:
        for file in result.files:
            yield "  " + _counted(
                file.rows,
                ngettext("{file}: {n} row", "{file}: {n} rows", file.rows),
                file=file.name,
            )
    for skipped in result.skipped:
        yield _counted(
            skipped.rows,
            ngettext("{n} row left out: {reason}", "{n} rows left out: {reason}", skipped.rows),
            reason=skipped.reason,
        )
    yield from result.notes
    if result.already_quarantined:
        yield _counted(
            result.already_quarantined,
            ngettext(
                "{n} row is in quarantine from an earlier import.",
                "{n} rows are in quarantine from an earlier import.",
                result.already_quarantined,
            ),
        )
    if result.quarantined:
        yield _quarantined(result, where)
    if not result.dry_run:
        yield _("Next: percorso report{where}").format(where=where)


def _what_happened(result: "ImportResult") -> str:
    from percorso.labels import number

    if result.dry_run:
        return _("Nothing was written. Rows: {rows}; interactions they would give: {n}.").format(
            rows=number(result.rows_read), n=number(result.interactions)
        )
    return _(
        "Interactions added: {added}, from {rows} rows; there already: {duplicates}. "
        "({seconds} s, log version {version})"
    ).format(
        added=number(result.added),
        rows=number(result.rows_read),
        duplicates=number(result.duplicates),
        seconds=number(result.seconds, 1),
        version=result.version,
    )


def _quarantined(result: "ImportResult", where: str) -> str:
    n = result.quarantined
    if result.dry_run:
        return _counted(
            n, ngettext("{n} row would go to quarantine.", "{n} rows would go to quarantine.", n)
        )
    pattern = ngettext(
        "{n} row waits in quarantine: percorso quarantine list{where}",
        "{n} rows wait in quarantine: percorso quarantine list{where}",
        n,
    )
    return _counted(n, pattern, where=where)


def _counted(n: int, pattern: str, **words: str) -> str:
    from percorso.labels import number

    return pattern.format(n=number(n), **words)


@contextmanager
def _progress() -> "Iterator[OnProgress]":
    """Give a function that moves a progress bar on stderr (where stderr is a terminal)."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    names = {
        "reading": _("Reading"),
        "checking": _("Checking"),
        "storing": _("Storing"),
    }
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err(), transient=True, disable=not in_terminal()) as bar:
        tasks: dict[str, TaskID] = {}

        def move(step: "Step") -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bar.add_task(names[step.stage], total=step.total or None)
            bar.update(tasks[step.stage], completed=step.done, total=step.total or None)

        yield move
