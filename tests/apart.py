"""Processes of their own, for tests that kill what they do."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any, Final

#: What such processes use. It is loaded once, and each begins with it: to load it takes longer
#: than what is killed.
_LOADED: Final = (
    "deltalake",
    "duckdb",
    "ibis",
    "ibis.backends.duckdb",
    "numpy",
    "pandas",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "percorso.intake",
    "percorso.live.draining",
    "percorso.log",
    "percorso.log.upkeep",
    "percorso.text",
    "tests.log.rows",
)


def start(work: Callable[..., None], *given: Any) -> BaseProcess:
    """Start ``work``, a function of a module, in a process that may be killed at any moment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    process = context.Process(target=work, args=given, daemon=True)
    process.start()
    return process
