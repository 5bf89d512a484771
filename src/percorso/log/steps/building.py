"""Bringing the index up to date: which buckets changed, and what must be read for each."""

import os
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from percorso.log.schema import BUCKETS
from percorso.log.steps import bucket_file, manifest, sorting
from percorso.log.steps.bucket_file import Bucket
from percorso.log.steps.changes import Change, find_changes
from percorso.log.steps.manifest import Manifest, Stored
from percorso.log.steps.reading import References, Rows, Touchpoints, read, together
from percorso.vocabulary import SCALES

if TYPE_CHECKING:
    from percorso.log.table import Log

#: More would only hold more buckets in memory: a bucket's time is mostly memory's.
_WORKERS: Final = min(os.cpu_count() or 1, 4)
#: Rows of the log from which its buckets are so large that they are built one at a time.
_LARGE: Final = 12_000_000

_NOBODY: Final = pa.table(
    {name: pa.array([], pa.large_string()) for name in ("reference", "customer")}
)

#: Files of the log by bucket.
Files = Mapping[int, list[str]]


@dataclass(frozen=True)
class Build:
    """One update of the index, from the state ``before`` (None: from nothing) to the log's."""

    folder: Path
    log: Path
    log_version: int
    rows: int
    identity_version: int
    files: Files
    references: References
    before: Manifest | None
    changes: Sequence[Change]
    touchpoints: Touchpoints

    def run(self) -> Manifest:
        """Bring every bucket up to date and publish the result."""
        added = {bucket: list(change.added) for bucket, change in enumerate(self.changes)}
        rebuilt = self._to_rebuild()
        merged = {
            target
            for source, files in added.items()
            if files
            for target in self.references.targets_of(source)
        } - rebuilt
        foreign = self._foreign(self.files, rebuilt)
        foreign_added = self._foreign(added, merged)
        before = self.before.buckets if self.before is not None else []

        def bring(bucket: int) -> Stored:
            if bucket in rebuilt:
                return self._store(bucket, self._rebuild(bucket, foreign.get(bucket, [])))
            stored = replace(before[bucket], sources=list(self.files[bucket]))
            if bucket in merged:
                return self._merge(stored, bucket, added[bucket], foreign_added.get(bucket, []))
            return stored

        with ThreadPoolExecutor(1 if self.rows > _LARGE else _WORKERS) as pool:
            buckets = list(pool.map(bring, range(BUCKETS)))
        if rebuilt and self.before is not None:
            self._forget_touchpoints(buckets)
        result = Manifest(
            self.log_version,
            self.identity_version,
            list(self.touchpoints.names),
            self._store_references(),
            buckets,
        )
        manifest.publish(result, self.folder)
        return result

    def _to_rebuild(self) -> set[int]:
        """Return the buckets whose old rows cannot be kept as they lie."""
        if self.before is None:
            return set(range(BUCKETS))
        rewritten = [bucket for bucket, change in enumerate(self.changes) if change.rewritten]
        targets = {target for bucket in rewritten for target in self.references.targets_of(bucket)}
        return targets | self.references.targets_changed_from(
            read_references(self.folder, self.before)
        )

    def _foreign(
        self, files: Files, targets: set[int], *, ids: bool = False
    ) -> dict[int, list[Rows]]:
        """Return the rows for ``targets`` that lie in other buckets of the log."""
        found: dict[int, list[Rows]] = defaultdict(list)
        for source in sorted(self.references.sources_of(targets)):
            if not files[source]:
                continue
            rows = self._read(files[source], ids=ids)
            belongs = self.references.buckets(rows.names)
            for target in targets - {source}:
                wanted = belongs == target
                if wanted.any():
                    found[target].append(rows.only(wanted))
        return found

    def _own(self, bucket: int, files: Iterable[str], *, ids: bool = False) -> Rows:
        rows = self._read(files, ids=ids)
        if not self.references.leave(bucket):
            return rows
        return rows.only(self.references.buckets(rows.names) == bucket)

    def _read(self, files: Iterable[str], *, ids: bool) -> Rows:
        paths = [self.log / file for file in files]
        return read(paths, self.touchpoints, self.references, ids=ids)

    def _rebuild(self, bucket: int, foreign: list[Rows]) -> Bucket:
        try:
            return sorting.sort(together([self._own(bucket, self.files[bucket]), *foreign]))
        except sorting.TieError:
            return self._rebuild_with_ids(bucket)

    def _rebuild_with_ids(self, bucket: int) -> Bucket:
        own = self._own(bucket, self.files[bucket], ids=True)
        foreign = self._foreign(self.files, {bucket}, ids=True)
        return sorting.sort(together([own, *foreign.get(bucket, [])]))

    def _merge(self, stored: Stored, bucket: int, added: list[str], foreign: list[Rows]) -> Stored:
        rows = together([self._own(bucket, added), *foreign])
        if not len(rows.customer):
            return stored
        old = bucket_file.read(self.folder / stored.file, stored.size)
        try:
            result = sorting.merge(old, sorting.sort(rows))
        except sorting.TieError:
            result = self._rebuild_with_ids(bucket)
        return self._store(bucket, result)

    def _store(self, number: int, bucket: Bucket) -> Stored:
        name = f"{number:02}-{uuid.uuid4().hex}.steps"
        bucket_file.write(bucket, self.folder / name)
        some = len(bucket.at) > 0
        return Stored(
            file=name,
            rows=bucket.size.rows,
            customers=bucket.size.customers,
            name_bytes=bucket.size.name_bytes,
            first=int(bucket.at.min()) if some else None,
            last=int(bucket.at.max()) if some else None,
            answers=np.bincount(bucket.scale, minlength=len(SCALES) + 1).tolist(),
            sources=list(self.files[number]),
        )

    def _forget_touchpoints(self, buckets: list[Stored]) -> None:
        used = np.zeros(len(self.touchpoints.names), bool)
        for stored in buckets:
            codes = bucket_file.read(self.folder / stored.file, stored.size).touchpoint
            used |= np.bincount(codes, minlength=len(used)) > 0
        self.touchpoints.forget(used)

    def _store_references(self) -> str | None:
        if not self.references.table.num_rows:
            return None
        if self.before is not None and self.before.identity_version == self.identity_version:
            return self.before.references
        import pyarrow.feather as feather

        name = f"references-{uuid.uuid4().hex}.arrow"
        feather.write_feather(self.references.table, self.folder / name)
        with (self.folder / name).open("rb") as file:
            os.fsync(file.fileno())
        return name


def prepare(log: "Log", folder: Path, before: Manifest | None) -> Build:
    """Take the log as it is now."""
    identity_version = log.identity_version
    references = references_of(log)
    snapshot = log.snapshot()
    files: dict[int, list[str]] = {bucket: [] for bucket in range(BUCKETS)}
    for each in snapshot.files:
        files[each.bucket].append(each.path)
    if before is None:
        changes = [Change(rewritten=True)] * BUCKETS
    else:
        known = [set(stored.sources) for stored in before.buckets]
        now = [set(files[bucket]) for bucket in range(BUCKETS)]
        since = before.log_version
        changes = find_changes(log.workspace.log, since, snapshot.version, known, now)
    return Build(
        folder,
        log.workspace.log,
        snapshot.version,
        snapshot.rows,
        identity_version,
        files,
        references,
        before,
        changes,
        Touchpoints(before.touchpoints if before else ()),
    )


def references_of(log: "Log") -> References:
    """Return the references that belong to another customer, as they are now."""
    return References(log.identity.table())


def read_references(folder: Path, state: Manifest) -> References:
    """Return the references the index was built with."""
    if state.references is None:
        return References(_NOBODY)
    import pyarrow.feather as feather

    return References(feather.read_table(folder / state.references))
