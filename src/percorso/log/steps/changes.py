"""What happened to the log's files since the index was built: added to, compacted, or rewritten.

A compaction puts the rows of several files into one and changes nothing else; the log's commits
say so. What was in the index before it is in the index after it, so that only the files that came
since are read, be they compacted away meanwhile.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from percorso.log.schema import BUCKETS, bucket_in


@dataclass(frozen=True, slots=True)
class Change:
    """A bucket of the log against what the index holds of it.

    ``added`` are files whose rows the index does not hold yet. ``rewritten`` says that rows it
    holds are no longer in the log, or may not be: then it is read anew.
    """

    added: tuple[str, ...] = ()
    rewritten: bool = False


def find_changes(
    log: Path, since: int, version: int, known: Sequence[set[str]], now: Sequence[set[str]]
) -> list[Change]:
    """Return how each bucket changed from version ``since`` (``known`` files) to ``version``."""
    try:
        origins = _follow(log, since, version, known)
    except (FileNotFoundError, ValueError, KeyError):
        # Commits are removed after a time; then a compaction looks like any other rewriting.
        origins = [None] * BUCKETS
    return [_change(log, known[bucket], now[bucket], origins[bucket]) for bucket in range(BUCKETS)]


def _change(
    log: Path, known: set[str], now: set[str], origin: dict[str, set[str]] | None
) -> Change:
    if origin is None or origin.keys() != now:
        origin = {file: {file} for file in now}
    held = set().union(*origin.values())
    added = sorted(held - known)
    if not known <= held or not all((log / file).exists() for file in added):
        return Change(rewritten=True)
    return Change(tuple(added))


def _follow(
    log: Path, since: int, version: int, known: Sequence[set[str]]
) -> list[dict[str, set[str]] | None]:
    """Return, bucket by bucket, each file at ``version`` with the files its rows came in.

    None for a bucket that was rewritten otherwise. Raises FileNotFoundError, ValueError, KeyError
    where the commits cannot be followed.
    """
    origins: list[dict[str, set[str]] | None] = [
        {file: {file} for file in files} for files in known
    ]
    for number in range(since + 1, version + 1):
        added, removed = [], []
        for action in _actions(log / "_delta_log" / f"{number:020}.json"):
            added += [action["add"]] if "add" in action else []
            removed += [action["remove"]] if "remove" in action else []
        came, went = _by_bucket(added), _by_bucket(removed)
        for bucket, origin in enumerate(origins):
            if origin is not None:
                origins[bucket] = _after(origin, came.get(bucket, {}), went.get(bucket, {}))
    return origins


def _after(
    origin: dict[str, set[str]], came: dict[str, bool], went: dict[str, bool]
) -> dict[str, set[str]] | None:
    """Return the origins after one commit; files come and go with whether that changes data."""
    if not went:
        return origin | {file: {file} for file in came}
    if any(went.values()) or any(came.values()) or not went.keys() <= origin.keys():
        return None
    left = {file: files for file, files in origin.items() if file not in went}
    return left | dict.fromkeys(came, set().union(*(origin[file] for file in went)))


def _by_bucket(actions: list[dict[str, Any]]) -> dict[int, dict[str, bool]]:
    """Return the files of each bucket that come or go, with whether that changes data."""
    found: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for each in actions:
        path = unquote(each["path"])
        found[bucket_in(path)][path] = bool(each["dataChange"])
    return found


def _actions(commit: Path) -> Iterator[dict[str, Any]]:
    for line in commit.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
