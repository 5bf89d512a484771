"""What the log says about people, gathered: which reference has which e-mail, name, street.

The facts lie in ``derived/identity``, a Parquet file for each bucket of the log, made again from
the log whenever it is thrown away, and brought up to date by reading only the files that came
since. Columns: see ``SCHEMA``; a reference has a value of a field once, as it was given last.
"""

import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from percorso.identity import normal
from percorso.log.state import IDENTITY

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.commits import Snapshot

#: Rises when the same log would give other facts than before.
_EDITION: Final = 4
#: Kinds whose properties may hold facts about the customer who did it. Others may speak of somebody
#: else: who is referred, who reviews whom.
KINDS: Final = (
    "profile",
    "signup",
    "login",
    "checkout",
    "order",
    "payment",
    "invoice",
    "ticket",
    "renewal",
)
#: Kinds of which a bare ``name`` is the customer's; an order's may be a product's.
_OF_PEOPLE: Final = ("profile", "signup")
#: Kinds of which an order has one customer.
_OF_ORDERS: Final = ("order", "payment", "invoice", "delivery", "pickup", "return", "refund")
#: Kinds whose amount is what an order came to.
_OF_THE_WHOLE: Final = ("order", "payment", "invoice")
_DAY: Final = 86_400_000_000
#: The fact that an order of this number came to this amount on this day: ``number|day|amount``.
AMOUNT: Final = "order_amount"
_COLUMNS: Final = (
    "id",
    "at",
    "customer",
    "kind",
    "about",
    "amount",
    "currency",
    "source",
    "properties",
)

#: How senders name a fact, letters and digits only -> its field here.
_NAMES: Final = {
    name: field
    for field, names in {
        "email": "email mail emailaddress posta postaelettronica indirizzoemail",
        "phone": "phone phonenumber telephone tel telefono cellulare cell mobile mobilephone "
        "numeroditelefono",
        "fiscal_code": "fiscalcode codicefiscale taxcode cf taxid",
        "card": "loyaltycard loyaltynumber tessera numerotessera cartafedelta "
        "fidelitycard cartasoci",
        "order": "ordernumber orderid numeroordine",
        "first_name": "firstname givenname nome forename",
        "last_name": "lastname surname familyname cognome",
        "name": "name fullname nomecompleto nominativo nomeecognome intestatario displayname",
        "birth_date": "birthday birthdate dateofbirth dob datadinascita datanascita",
        "street": "street streetaddress address address1 addressline1 addressstreet "
        "addressstreetaddress indirizzo",
        "postal_code": "postalcode zip zipcode postcode cap addresspostalcode addresszip "
        "addresspostcode",
        "city": "city town citta comune localita addresscity",
    }.items()
    for name in names.split()
}
#: Beginning of a reference -> the field it is a value of.
FORMS: Final[dict[str, str]] = {
    "email": "email",
    "phone": "phone",
    "fiscal": "fiscal_code",
    "card": "card",
}

#: A fact as it is gathered: reference, field, value, shown, at (microseconds), source, id.
Row = tuple[str, str, str, str, int, str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts as files, of one state of the log, and those that are new since the last time.

    ``new`` is None where all of them are. ``same`` says that none came and none went since
    ``since``: the log's version that the facts were of the last time, None where there were none.
    """

    files: tuple[str, ...]
    version: int
    new: "pa.Table | None"
    same: bool
    since: int | None


def schema() -> "pa.Schema":
    """Return the columns: texts, but for ``moment``, which is in microseconds since 1970."""
    import pyarrow as pa

    names = ("reference", "field", "value", "shown", "moment", "source", "id")
    return pa.schema([(name, pa.int64() if name == "moment" else pa.string()) for name in names])


def gather(log: "Log", country: str) -> Gathered:
    """Bring the facts up to date with the log. Hold the lock of identities meanwhile."""
    return _Gathering(log, country).run()


def stored_version(log: "Log") -> int | None:
    """Return the log's version that the stored facts are of; None where there are none."""
    manifest = _read_manifest(log.workspace.derived / IDENTITY)
    return None if manifest is None else int(manifest["version"])


def stored_files(log: "Log") -> tuple[str, ...]:
    """Return the files of the stored facts; none where none were gathered yet."""
    folder = log.workspace.derived / IDENTITY
    manifest = _read_manifest(folder)
    names = manifest["files"] if manifest is not None else ()
    return tuple(str(folder / each) for each in names if each is not None)


class _Gathering:
    def __init__(self, log: "Log", country: str) -> None:
        self.log = log
        self.country = country
        self.folder = log.workspace.derived / IDENTITY

    def run(self) -> Gathered:
        self.folder.mkdir(parents=True, exist_ok=True)
        snapshot = self.log.snapshot()
        manifest = _read_manifest(self.folder)
        if manifest is not None and manifest["country"] != self.country:
            manifest = None
        if manifest is not None and manifest["version"] == snapshot.version:
            return Gathered(
                self._paths(manifest["files"]),
                snapshot.version,
                schema().empty_table(),
                same=True,
                since=snapshot.version,
            )
        return self._update(snapshot, manifest)

    def _update(self, snapshot: "Snapshot", manifest: dict[str, Any] | None) -> Gathered:
        import pyarrow as pa

        from percorso.log.schema import BUCKETS
        from percorso.log.steps.changes import Change, find_changes

        now = [{each.path for each in snapshot.of(bucket)} for bucket in range(BUCKETS)]
        if manifest is None:
            changes = [Change(rewritten=True)] * BUCKETS
            names: list[str | None] = [None] * BUCKETS
        else:
            known = [set(each) for each in manifest["sources"]]
            since = int(manifest["version"])
            changes = find_changes(self.log.workspace.log, since, snapshot.version, known, now)
            names = list(manifest["files"])
        new: list[pa.Table] = []
        same = manifest is not None
        for bucket, change in enumerate(changes):
            if change.rewritten:
                facts = self._of(sorted(now[bucket]))
                names[bucket] = self._write(facts, bucket)
                same = False
            elif change.added:
                facts = self._of(change.added)
                if not facts.num_rows:
                    continue
                names[bucket] = self._write(self._with_stored(names[bucket], facts), bucket)
                same = False
            else:
                continue
            if manifest is not None:  # else all are new: they do not all fit into memory
                new.append(facts)
        stored = {
            "edition": _EDITION,
            "country": self.country,
            "version": snapshot.version,
            "files": names,
            "sources": [sorted(each) for each in now],
        }
        self._publish(stored)
        return Gathered(
            self._paths(names),
            snapshot.version,
            None if manifest is None else pa.concat_tables([schema().empty_table(), *new]),
            same,
            None if manifest is None else int(manifest["version"]),
        )

    def _of(self, files: Iterable[str]) -> "pa.Table":
        """Return the facts in files of the log."""
        import pyarrow as pa

        rows: list[Row] = []
        for path in files:
            rows += _in_file(self.log.workspace.log / path, self.country)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema())
        arrays = [
            pa.array(column, each.type) for column, each in zip(columns, schema(), strict=True)
        ]
        return _once(pa.Table.from_arrays(arrays, schema=schema()))

    def _with_stored(self, name: str | None, facts: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.parquet as pq

        if name is None:
            return facts
        with pq.ParquetFile(self.folder / name) as file:
            return _once(pa.concat_tables([file.read().cast(schema()), facts]))

    def _write(self, facts: "pa.Table", bucket: int) -> str | None:
        import pyarrow.parquet as pq

        if not facts.num_rows:
            return None
        name = f"{bucket:02}-{uuid.uuid4().hex}.parquet"
        pq.write_table(facts, self.folder / name, compression="zstd", compression_level=1)
        return name

    def _publish(self, manifest: dict[str, Any]) -> None:
        draft = self.folder / f"{_MANIFEST}.new"
        draft.write_text(json.dumps(manifest), encoding="utf-8")
        draft.replace(self.folder / _MANIFEST)
        kept = {_MANIFEST, *manifest["files"]}
        for file in self.folder.iterdir():
            if file.name not in kept and file.suffix in (".parquet", ".new"):
                file.unlink(missing_ok=True)

    def _paths(self, names: Iterable[str | None]) -> tuple[str, ...]:
        return tuple(str(self.folder / each) for each in names if each is not None)


_MANIFEST: Final = "facts.json"


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("edition") != _EDITION:
        return None
    if not all((folder / each).exists() for each in manifest["files"] if each is not None):
        return None
    return manifest


def discard(log: "Log") -> None:
    """Throw the facts away: they are made again from the log."""
    with suppress(FileNotFoundError):
        shutil.rmtree(log.workspace.derived / IDENTITY)


def _once(facts: "pa.Table") -> "pa.Table":
    """Keep, of each reference's value of a field, what was given last; of orders, by each source.

    Sources number their orders on their own.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if facts.num_rows < 2:
        return facts
    of_orders: Any = pc.equal(facts["field"], pa.scalar("order"))
    own: Any = pc.if_else(of_orders, facts["source"], pa.scalar(""))
    one = ("reference", "field", "value", "own")
    ordered = facts.append_column("own", own).sort_by(
        [(name, "ascending") for name in (*one, "moment", "id")]
    )
    same = np.ones(facts.num_rows - 1, bool)
    for name in one:
        column: Any = ordered[name].combine_chunks()
        same &= pc.equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    return ordered.drop_columns(["own"]).filter(pa.array(np.append(~same, True)))


def _in_file(file: Path, country: str) -> list[Row]:
    """Return the facts in one file of the log."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows: list[Row] = []
    with pq.ParquetFile(file) as opened:
        customers: Any = opened.read(["customer"])["customer"].cast(pa.string())
        references: Any = pc.unique(customers)
        rows += _in_references(references, country)
        table = opened.read(list(_COLUMNS))
    kind: Any = table["kind"].cast(pa.string())
    about: Any = table["about"].cast(pa.string())
    is_order: Any = pc.starts_with(about.fill_null(""), "order:")
    ordered: Any = pc.and_(pc.is_in(kind, value_set=pa.array(_OF_ORDERS)), is_order)
    rows += _in_orders(table.filter(ordered))
    telling: Any = pc.and_(
        pc.is_in(kind, value_set=pa.array(KINDS)), pc.is_valid(table["properties"])
    )
    rows += _in_properties(table.filter(telling), country)
    return rows


def _in_references(references: Any, country: str) -> Iterator[Row]:
    import pyarrow.compute as pc

    for form, field in FORMS.items():
        found = references.filter(pc.starts_with(references, f"{form}:"))
        read = READERS[field]
        for reference in found.to_pylist():
            shown = reference.partition(":")[2]
            value = read(shown, country)
            if value:
                yield reference, field, value, shown, 0, "", ""


def _in_orders(table: "pa.Table") -> Iterator[Row]:
    names = ("customer", "about", "kind", "amount", "currency", "at", "source", "id")
    columns: Any = _columns(table, *names)
    for customer, about, kind, amount, currency, at, source, id_ in zip(*columns, strict=True):
        value = normal.order(about)
        if not value:
            continue
        shown = about.partition(":")[2]
        yield customer, "order", value, shown, at, source, id_
        if amount and kind in _OF_THE_WHOLE:
            spent = f"{value}|{at // _DAY}|{amount:.2f}{currency or ''}"
            yield customer, AMOUNT, spent, shown, at, source, id_


def _in_properties(table: "pa.Table", country: str) -> Iterator[Row]:
    import msgspec

    decode = msgspec.json.Decoder().decode
    columns = _columns(table, "customer", "kind", "properties", "at", "source", "id")
    for customer, kind, text, at, source, id_ in zip(*columns, strict=True):
        try:
            properties = decode(text)
        except msgspec.DecodeError:
            continue
        if not isinstance(properties, dict):
            continue
        for field, value, shown in read_properties(properties, kind, country):
            yield customer, field, value, shown, at, source, id_


def _columns(table: Any, *names: str) -> list[list[Any]]:
    import pyarrow as pa

    return [
        (table["at"].cast(pa.int64()) if name == "at" else table[name]).to_pylist()
        for name in names
    ]


def read_properties(
    properties: dict[str, Any], kind: str, country: str
) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and how it was given, for each fact in the properties of a row.

    Of a profile, what is in its ``traits``, and its ``links`` to other references.
    """
    if kind == "profile":
        links = properties.get("links")
        for link in links if isinstance(links, list) else ():
            if isinstance(link, str) and link.strip():
                yield from _linked(link.strip(), country)
        traits = properties.get("traits")
        properties = traits if isinstance(traits, dict) else {}
    for name, given in _flat(properties):
        field = _NAMES.get("".join(each for each in name.casefold() if each.isalnum()))
        if field is None or not isinstance(given, str | int):
            continue
        if field == "name" and kind not in _OF_PEOPLE:
            continue
        shown = str(given).strip()[:200]
        if field == "name":
            yield from _named(shown)
        elif value := READERS[field](shown, country):
            yield field, value, shown


def _linked(link: str, country: str) -> Iterator[tuple[str, str, str]]:
    """Yield a link to another reference; to an e-mail or the like, as that fact."""
    form, _, shown = link.partition(":")
    field = FORMS.get(form)
    if field is None:
        yield "link", link, link
    elif value := READERS[field](shown, country):
        yield field, value, shown


def _flat(properties: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        if isinstance(value, dict) and name.casefold() in ("address", "indirizzo"):
            yield from ((f"address{inner}", given) for inner, given in value.items())
        else:
            yield name, value


def _named(shown: str) -> Iterator[tuple[str, str, str]]:
    given, family = normal.both_names(shown)
    if given:
        yield "first_name", given, shown
    if family:
        yield "last_name", family, shown


def _without_country(read: Callable[[str], str | None]) -> Callable[[str, str], str | None]:
    return lambda text, _country: read(text)


#: Field -> what reads its value, given a text and the country.
READERS: Final[dict[str, Callable[[str, str], str | None]]] = {
    "email": _without_country(normal.email),
    "phone": normal.phone,
    "fiscal_code": _without_country(normal.fiscal_code),
    "card": _without_country(normal.card),
    "order": _without_country(normal.order),
    "first_name": _without_country(normal.given_name),
    "last_name": _without_country(normal.family_name),
    "birth_date": _without_country(normal.birth_date),
    "street": _without_country(normal.street),
    "postal_code": _without_country(normal.postal_code),
    "city": _without_country(normal.city),
}


def of(log: "Log", references: Sequence[str], buckets: Iterable[int]) -> list[dict[str, Any]]:
    """Return the stored facts of these references, which lie in these buckets; () at first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = log.workspace.derived / IDENTITY
    manifest = _read_manifest(folder)
    if manifest is None:
        return []
    wanted = pa.array(references, pa.string())
    found: list[dict[str, Any]] = []
    for bucket in sorted(buckets):
        name = manifest["files"][bucket]
        if name is not None:
            with pq.ParquetFile(folder / name) as file:
                table = file.read()
            is_theirs = pa.compute.is_in(table["reference"].cast(pa.string()), value_set=wanted)
            found += table.filter(is_theirs).to_pylist()
    return found
