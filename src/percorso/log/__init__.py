"""The interaction log: its table, who is who, what may enter, and how it is asked."""

from percorso.log.errors import LogBusyError, LogError
from percorso.log.outcomes import Appended, Compacted, Erased, LogSummary
from percorso.log.table import Log, open_log

__all__ = [
    "Appended",
    "Compacted",
    "Erased",
    "Log",
    "LogBusyError",
    "LogError",
    "LogSummary",
    "open_log",
]
