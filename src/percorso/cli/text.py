"""``percorso text``, ``enrich`` and ``corrections``: reading what customers wrote."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from percorso.cli.console import FAILED, err, in_terminal, open_log, out, say_error
from percorso.cli.options import HERE, Dir, Lang, examples
from percorso.i18n import gettext as _
from percorso.i18n import ngettext

if TYPE_CHECKING:
    from percorso.cli.text_input import Row

#: Texts, and characters, that are read at once.
_AT_ONCE: Final = 4096
_CHARACTERS: Final = 4_000_000
_COLUMNS: Final = (
    "row",
    "text",
    "language",
    "sentiment",
    "score",
    "certainty",
    "emotions",
    "factors",
    "urgency",
    "need",
    "path",
)

#: What steers a terminal or turns the reading direction, whatever the text is printed to now:
#: files are looked at there too. (Behind signs that turn the direction, UAX 9, a line may read as
#: something else than it is.)
_STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

PathName = Literal["auto", "fast", "accurate"]
_Path = Annotated[
    PathName,
    typer.Option(
        "--path",
        help=_("fast, accurate, or auto: of many texts, only the unsure are read accurately."),
    ),
]
Format = Literal["auto", "lines", "csv", "json"]


def add_to(app: typer.Typer) -> None:
    app.command(
        "text",
        help=_(
            "Read texts: language, sentiment, emotions, what they speak of. One text a line, or a "
            "column of a CSV file, or a field of JSON objects, one a line or in an array."
        ),
        epilog=examples(
            "percorso text reviews.txt > read.jsonl",
            "percorso text answers.csv --column comment --csv > read.csv",
            "echo 'Gentili, ma sempre in ritardo' | percorso text -",
        ),
    )(text)
    app.command(
        "enrich",
        help=_(
            "Read the texts of the log that were not read yet. It can be stopped at any moment "
            "and goes on where it was."
        ),
        epilog=examples("percorso enrich --dir shop", "percorso enrich --pending"),
    )(enrich)
    app.command(
        "corrections",
        help=_(
            "Say how often the reading was right where people looked, and export what they "
            "corrected, with personal data masked."
        ),
        epilog=examples("percorso corrections", "percorso corrections --export corrections.jsonl"),
    )(corrections)


def text(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help=_("A file, or - for standard input."))
    ],
    column: Annotated[
        str, typer.Option(help=_("The column, or the field, that holds the text."))
    ] = "text",
    form: Annotated[
        Format, typer.Option("--format", help=_("How the file is written; told from its name."))
    ] = "auto",
    as_csv: Annotated[bool, typer.Option("--csv", help=_("Print CSV instead of JSON."))] = False,
    mask: Annotated[
        bool, typer.Option("--mask", help=_("Mask personal data in the texts that are printed."))
    ] = False,
    path: _Path = "auto",
    directory: Dir = HERE,  # noqa: ARG001 - every command takes it
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Label texts."""
    from percorso.cli.text_input import Bad, rows_of

    bad: list[Bad] = []

    def tell(each: Bad) -> None:
        bad.append(each)
        say_error(str(each))

    labelled = _labelled(rows_of(file, form, column, tell), path, mask=mask)
    try:
        _print_csv(labelled) if as_csv else _print_json(labelled)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough, as ``head`` does; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if bad:
        raise typer.Exit(FAILED)


def enrich(
    path: _Path = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help=_("Read so many texts at most."))] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help=_("Only say how many are still to read."))
    ] = False,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Read the log's texts."""
    from percorso.labels import number
    from percorso.text import enrichment, topics

    log = open_log(directory)
    if pending:
        waiting = enrichment.pending(log)
    else:
        with _bar() as on_progress:
            done = enrichment.enrich(log, path=path, limit=limit, on_progress=on_progress)
        words = ngettext(
            "{n} text was read in {seconds} s by the model {model}; {already} had been before.",
            "{n} texts were read in {seconds} s by the model {model}; {already} had been before.",
            done.read,
        )
        seconds = number(round(done.seconds, 1))
        said = {"n": number(done.read), "seconds": seconds, "already": number(done.already)}
        out().print(words.format(**said, model=done.model))
        if not done.waiting and topics.due(log):
            with err().status(_("Looking for topics")):
                topics.refresh(log)
        waiting = done.waiting
    if pending or waiting:
        words = ngettext("{n} text is still to read.", "{n} texts are still to read.", waiting)
        out().print(words.format(n=number(waiting)))


def corrections(
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help=_("Write the texts and labels as JSON lines.")
        ),
    ] = None,
    directory: Dir = HERE,
    lang: Lang = None,  # noqa: ARG001 - read before the command is made
) -> None:
    """Show or export corrections."""
    from percorso import labels
    from percorso.text import corrections as corrected

    log = open_log(directory)
    said = corrected.corrections(log)
    if not said:
        out().print(_("Nobody confirmed or corrected anything yet."))
    wrong = sum(not each.right for each in said)
    if said:
        looked = ngettext("{n} label was looked at", "{n} labels were looked at", len(said))
        found = ngettext("{n} was corrected", "{n} were corrected", wrong)
        out().print(f"{looked.format(n=len(said))}, {found.format(n=wrong)}.")
    for field, estimate in corrected.accuracy(log).items():
        right = labels.estimate(estimate, "percent")
        out().print(
            _("{field}: {right} right, of {n}").format(field=field, right=right, n=estimate.n)
        )
    if export is not None:
        count = 0
        with export.open("w", encoding="utf-8") as file:
            for example in corrected.examples(log):
                file.write(_json(example) + "\n")
                count += 1
        words = ngettext("{n} text was written.", "{n} texts were written.", count)
        err().print(words.format(n=count))


def _labelled(rows: "Iterator[Row]", path: PathName, *, mask: bool) -> Iterator[dict[str, Any]]:
    """Yield rows with what was read in them, a batch at a time."""
    from percorso.text import read
    from percorso.text.personal_data import mask_and_place

    for batch in _batches(rows):
        for row, reading in zip(batch, read([each.text for each in batch], path=path), strict=True):
            shown, place = mask_and_place(row.text) if mask else (row.text, int)
            yield {
                "row": row.number,
                "text": shown,
                "language": reading.language,
                "sentiment": reading.sentiment,
                "score": round(reading.score, 4),
                "certainty": round(reading.certainty, 4),
                "emotions": list(reading.emotions),
                "factors": [
                    {
                        "factor": each.factor,
                        "polarity": each.polarity,
                        "start": place(each.start),
                        "end": place(each.end),
                    }
                    for each in reading.factors
                ],
                "urgency": reading.urgency,
                "need": reading.need,
                "path": reading.path,
            }


def _print_json(labelled: Iterator[dict[str, Any]]) -> None:
    for each in labelled:
        sys.stdout.write(_json(each) + "\n")


def _json(what: dict[str, Any]) -> str:
    """Return JSON on one line that steers no terminal."""
    said = _sayable(json.dumps(what, ensure_ascii=False))
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


def _print_csv(labelled: Iterator[dict[str, Any]]) -> None:
    from percorso.intake import write_csv

    def cells(each: dict[str, Any]) -> list[Any]:
        factors = (f"{found['factor']}: {found['polarity']}" for found in each["factors"])
        shown = {
            **each,
            "text": _STEERING.sub(_written_out, _sayable(each["text"])),
            "emotions": "; ".join(each["emotions"]),
            "factors": "; ".join(factors),
        }
        return [shown[name] for name in _COLUMNS]

    write_csv(sys.stdout, _COLUMNS, map(cells, labelled))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _sayable(text: str) -> str:
    """Return a text with what is no text in it (lone surrogates of a broken file) written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _batches(rows: "Iterator[Row]") -> "Iterator[list[Row]]":
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.text)
        if len(batch) >= _AT_ONCE or characters >= _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Give a function that moves a progress bar on stderr (where stderr is a terminal)."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err(), transient=True, disable=not in_terminal()) as bar:
        task = bar.add_task(_("Reading texts"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
