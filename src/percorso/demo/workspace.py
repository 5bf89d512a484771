"""Making the workspace of Libreria Aurora."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from percorso.demo import company, consents, questionnaires, registry
from percorso.demo.asking import Asking
from percorso.demo.generator import generate_all
from percorso.demo.truths import as_markdown
from percorso.touchpoints import Registry
from percorso.workspace import Settings, Workspace

if TYPE_CHECKING:
    import pyarrow as pa

TRUTHS_FILE: Final = "truths.md"
#: Interactions handed to the log at a time.
_PART: Final = 50_000


def make(
    path: Path | str,
    seed: int = 7,
    customers: int = 5000,
    on_progress: Callable[[int, int], None] | None = None,
) -> Workspace:
    """Make a workspace at ``path`` with two years of Libreria Aurora in its log.

    ``on_progress`` is called with the interactions handed over and their number in all. What was
    planted is written beside the log, to ``truths.md``; what the company says of its touchpoints,
    and believes, is in its registry; its surveys are published. Raises WorkspaceError where there
    is a workspace already.
    """
    return make_asked(path, seed, customers, on_progress)[0]


def make_asked(
    path: Path | str,
    seed: int = 7,
    customers: int = 5000,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Workspace, Asking]:
    """Make a workspace as ``make`` does; return it, and who was asked what: no log has that."""
    import pyarrow as pa

    from percorso.log import open_log
    from percorso.log.purposes import policy
    from percorso.log.schema import as_table

    workspace = Workspace.create(
        path, Settings(company.NAME, company.ZONE, company.CURRENCY, language="it")
    )
    made = generate_all(seed, customers)
    said = as_table(consents.rows(made.consents, policy(workspace), seed))
    table = pa.concat_tables([made.table, said])

    def parts() -> Iterator["pa.RecordBatch"]:
        done = 0
        for batch in table.to_batches(max_chunksize=_PART):
            yield batch
            done += batch.num_rows
            if on_progress is not None:
                on_progress(done, table.num_rows)

    open_log(workspace).append(parts())
    Registry(workspace).add(registry.touchpoints(), registry.beliefs(), who=registry.WHO)
    questionnaires.publish(workspace)
    (workspace.path / TRUTHS_FILE).write_text(as_markdown(), encoding="utf-8")
    return workspace, made.asking
