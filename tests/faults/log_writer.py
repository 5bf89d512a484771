"""A process of its own that writes to a log until it is ended; it says what was acknowledged.

Usage: python log_writer.py FOLDER NAME [append|compact|erase] [CALLS]
Prints one line a call, after the call returned: the number of the call.
"""

import sys
from itertools import count, islice

from tests.log.rows import row

from percorso.log import open_log
from percorso.log.schema import as_table
from percorso.workspace import Workspace

ROWS = 40


def call_of(name: str, number: int) -> list[str]:
    """Return the ids that a call adds: some in each of many buckets, some sent in every call."""
    return [*(f"{name}-{number}-{each}" for each in range(ROWS)), f"{name}-always"]


def main() -> None:
    folder, name, what = sys.argv[1:4]
    calls = int(sys.argv[4]) if len(sys.argv) > 4 else None
    log = open_log(Workspace.open(folder))
    for number in islice(count(), calls):
        if what == "append":
            ids = call_of(name, number)
            log.append(as_table(row(id_, f"user:{each}") for each, id_ in enumerate(ids)))
        elif what == "compact":
            log.compact()
        print(number, flush=True)


if __name__ == "__main__":
    main()
