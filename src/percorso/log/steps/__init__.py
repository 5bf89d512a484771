"""The steps index: the log by customer and time, as integer columns mapped into memory."""

from percorso.log.steps.bucket_file import Bucket
from percorso.log.steps.index import (
    StepsIndex,
    as_datetime,
    as_microseconds,
    open_steps,
    update_steps,
)

__all__ = [
    "Bucket",
    "StepsIndex",
    "as_datetime",
    "as_microseconds",
    "open_steps",
    "update_steps",
]
