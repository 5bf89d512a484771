"""What a connector brought, put where it belongs: the log, the quarantine, the file import."""

import re
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from percorso.app import company
from percorso.app.connectors.models import ConnectorSetup
from percorso.app.intake import actions as intake
from percorso.connectors import ConnectorError, Fetched, FolderSettings, PullSettings, Settings
from percorso.vocabulary import N_, Interaction, Phrase

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.vocabulary import Violation

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of it: rows of the log, rows that wait to be mended, imports that were begun."""

    added: int = 0
    duplicates: int = 0
    quarantined: int = 0
    imports: tuple[str, ...] = ()


def file(setup: ConnectorSetup, settings: Settings, fetched: Fetched) -> Filed:
    """Keep what was fetched. When this returns it is on the disk, each interaction once."""
    if fetched.interactions:
        return _into_log(setup, fetched)
    if fetched.rows and isinstance(settings, PullSettings):
        return _as_rows(setup, settings, fetched.rows)
    if fetched.files and isinstance(settings, FolderSettings):
        return _as_files(setup, settings, fetched.files)
    return Filed()


def _into_log(setup: ConnectorSetup, fetched: Fetched) -> Filed:
    from percorso.log.schema import as_table
    from percorso.log.validation import validate

    table = as_table(_without_erased(fetched.interactions))
    checked = validate(table)
    if checked.rejected:
        _into_quarantine(setup, table, checked.rejected)
    appended = company.log().append(checked.valid)
    rows = {number for number, _violation in checked.rejected}
    return Filed(appended.added, appended.duplicates, len(rows))


def _without_erased(found: Sequence[Interaction]) -> list[Interaction]:
    """Leave out what is of somebody before they were erased: a feed gives its past every time."""
    from percorso.privacy import Register

    erased_at = cache(Register(company.workspace()).erased_at)
    return [each for each in found if (at := erased_at(each.customer)) is None or each.at > at]


def _into_quarantine(
    setup: ConnectorSetup, table: "pa.Table", rejected: "Sequence[tuple[int, Violation]]"
) -> None:
    from percorso.log.quarantine import Quarantine, Quarantined

    import_id = f"{setup.id.hex[:8]}-{uuid.uuid4().hex[:8]}"
    Quarantine(company.workspace()).add(
        Quarantined(
            import_id=import_id,
            file=setup.name,
            row=number + 1,
            field=violation.field,
            rule=violation.rule,
            value=violation.value,
            raw={
                name: value if value is None or isinstance(value, str) else str(value)
                for name, value in table.slice(number, 1).to_pylist()[0].items()
            },
        )
        for number, violation in rejected
    )


def _as_rows(
    setup: ConnectorSetup, settings: PullSettings, rows: Sequence[Mapping[str, Any]]
) -> Filed:
    """Hand rows over as a file. Its name is the same each time: it is a part of their ids."""
    place = company.workspace().temporary
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        written = Path(folder) / f"{_file_name(setup.name)}.jsonl"
        with written.open("wb") as lines:
            lines.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
        begun = intake.hand_over(
            setup.made_by, [written], recipe=settings.recipe, mapping=settings.mapping
        )
    return Filed(imports=(str(begun.id),))


def _as_files(setup: ConnectorSetup, settings: FolderSettings, files: Sequence[Path]) -> Filed:
    groups = [list(files)] if settings.together else [[each] for each in files]
    begun = []
    for group in groups:
        try:
            begun.append(
                intake.hand_over(
                    setup.made_by,
                    group,
                    recipe=settings.recipe,
                    mapping=settings.mapping,
                    within=Path(settings.path),
                )
            )
        except OSError as error:
            raise ConnectorError(
                Phrase(
                    N_("{file} cannot be read: {reason}."),
                    {"file": ", ".join(each.name for each in group)[:200],
                     "reason": error.strerror or type(error).__name__},
                )
            ) from error  # fmt: skip
    return Filed(imports=tuple(str(each.id) for each in begun))


def _file_name(name: str) -> str:
    return _NOT_IN_NAMES.sub("-", name.lower()).strip("-") or "rows"
