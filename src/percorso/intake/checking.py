"""Rows as the database gives them, into the log's types and against its rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.intake import numbers, times, zones
from percorso.intake.composing import NUMBERS, TEXTS, TIMES, Readings, written
from percorso.intake.recipes import Output
from percorso.vocabulary import N_, OUTWARD, Phrase, Violation

if TYPE_CHECKING:
    import pyarrow as pa

#: Words for "no number here" (see the macro ``given``).
_NOTHING: Final = frozenset(
    ("", "na", "n/a", "#n/a", "null", "none", "nan", "nat", "n.d.", "nd", "-", "--", "\\n")
)

#: Columns of a batch by their names.
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that breaks rules: where it was, its fields as text, and the rules."""

    row: int | None
    fields: dict[str, str]
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A batch: rows fit for the log, rows refused, how many were skipped for which reason.

    ``rows`` counts all of these.
    """

    table: "pa.Table"
    refused: list[Refused]
    skipped: dict[int, int]
    rows: int


def check(
    batch: "pa.RecordBatch",
    output: Output,
    how: Readings,
    *,
    zone: str,
    currency: str,
    received_at: int,
    source: str,
) -> Made:
    """Give the rows of ``composing.typed_sql`` the log's types and check them.

    The first is received at ``received_at`` (microseconds), each a microsecond after the one
    before. Local times are in ``zone``.
    """
    import pyarrow as pa

    from percorso.log.schema import SCHEMA
    from percorso.log.validation import validate

    received = pa.array(np.arange(batch.num_rows, dtype=np.int64) + received_at)
    table = pa.Table.from_batches([batch]).append_column("received_at", received)
    table, skipped = _without_skipped(table)
    texts = _texts(table, output, currency)
    values, unread = _values(table, how, zone)
    count = table.num_rows
    columns = {**texts, **values, "source": _same(source, count)}
    empty = {name: pa.nulls(count, SCHEMA.field(name).type) for name in SCHEMA.names}
    typed = pa.table({name: columns.get(name, empty[name]) for name in SCHEMA.names})
    # What could not be read is refused for that alone; the rest of the rows are checked.
    kept = _but(count, unread)
    checked = validate(typed if kept is None else typed.take(kept))
    broken: dict[int, list[Violation]] = {index: list(each) for index, each in unread.items()}
    for index, violation in checked.rejected:
        row = index if kept is None else int(kept[index])
        broken.setdefault(row, []).append(violation)
    refused = _refused(table, texts, broken)
    return Made(checked.valid, refused, skipped, batch.num_rows)


def _without_skipped(table: "pa.Table") -> tuple["pa.Table", dict[int, int]]:
    """Return the rows that are not skipped, and how many were for which reason."""
    import pyarrow.compute as pc

    skip = table["_skip"]
    if skip.null_count == table.num_rows:
        return table, {}
    words: Any = pc.value_counts(skip.drop_null())
    counted = {each["values"]: each["counts"] for each in words.to_pylist()}
    return table.filter(pc.is_null(skip)), counted


def _texts(table: "pa.Table", output: Output, currency: str) -> Columns:
    """Return the fields that are text; those with few different words as dictionaries."""
    import pyarrow.compute as pc

    from percorso.log.schema import REPEATED

    columns: Columns = {}
    for name in TEXTS:
        if name in written(output):
            columns[name] = table[name].combine_chunks()
        elif name in output.constants:
            columns[name] = _same(output.constants[name], table.num_rows)
    if "channel" in written(output):
        columns["channel"] = pc.fill_null(columns["channel"], "other")
    else:
        columns.setdefault("channel", _same("other", table.num_rows))
    columns["currency"] = _currency(table, columns.get("currency"), output, currency)
    for name in REPEATED:
        if name in columns:
            columns[name] = _encoded(columns[name])
    columns["direction"] = _direction(columns["kind"], columns.get("direction"))
    columns["properties"] = table["properties"]
    return columns


def _currency(table: "pa.Table", given: Any, output: Output, currency: str) -> Any:
    """Return the currency of each row with an amount: the one given, or else the usual one."""
    import pyarrow.compute as pc

    if "amount" not in table.column_names:
        return _same(None, table.num_rows)
    there = pc.is_valid(table["amount"].combine_chunks())
    if "currency" in written(output):
        return pc.if_else(there, pc.fill_null(pc.utf8_upper(given), currency), None)
    word = output.constants.get("currency", "").upper() or currency
    return _same(word, table.num_rows, there)


def _direction(kind: Any, given: Any) -> Any:
    """Return the direction given, or else the one that goes with the kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # One more for rows without a kind, which are refused for that.
    outward = np.array([*(word in OUTWARD for word in kind.dictionary.to_pylist()), False])
    codes = kind.indices.fill_null(len(outward) - 1).to_numpy()
    usual = pa.DictionaryArray.from_arrays(
        pa.array(outward[codes].astype(np.int32)), pa.array(["in", "out"])
    )
    if given is None or given.null_count == len(given):
        return usual
    return _encoded(pc.coalesce(given.cast(pa.string()), usual.cast(pa.string())))


def _same(word: str | None, count: int, there: Any = None) -> Any:
    """Return a column of one word; empty where it is not ``there``, or where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if word is None:
        return pa.nulls(count, pa.dictionary(pa.int32(), pa.string()))
    codes: Any = pa.array(np.zeros(count, dtype=np.int32))
    if there is not None:
        codes = pc.if_else(there, codes, None)
    return pa.DictionaryArray.from_arrays(codes, pa.array([word], pa.string()))


def _encoded(column: Any) -> Any:
    import pyarrow as pa

    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _values(
    table: "pa.Table", how: Readings, zone: str
) -> tuple[Columns, dict[int, list[Violation]]]:
    """Return the times and numbers, and what could not be read."""
    from percorso.log.schema import TIME

    columns: Columns = {"received_at": table["received_at"].cast(TIME)}
    unread: dict[int, list[Violation]] = {}
    for name in TIMES:
        if name in table.column_names:
            columns[name] = _times(table, name, zone)
            _note_unread(unread, table, name, f"{name}_us", _time_rule(how, name))
    for name in NUMBERS:
        if name in table.column_names:
            columns[name] = table[f"{name}_n"]
            _note_unread(unread, table, name, f"{name}_n", _number_rule(how, name))
    return columns, unread


def _times(table: "pa.Table", name: str, zone: str) -> Any:
    import pyarrow as pa

    from percorso.log.schema import TIME

    column = table[f"{name}_us"].combine_chunks()
    missing = column.is_null().to_numpy(zero_copy_only=False)
    read = column.fill_null(0).to_numpy(zero_copy_only=False)
    kinds = table[f"{name}_kind"].combine_chunks().fill_null(0).to_numpy(zero_copy_only=False)
    micros = np.where(kinds == times.ZONED, read, zones.to_utc(read, zone))
    if name == "due_at" and (days := kinds == times.DATE).any():
        # A promise for a day holds until that day ends.
        micros[days] = zones.end_of_day(read[days], zone)
    return pa.array(micros, pa.int64(), mask=missing).cast(TIME)


def _note_unread(
    unread: dict[int, list[Violation]], table: "pa.Table", name: str, typed: str, rule: Phrase
) -> None:
    import pyarrow.compute as pc

    text = table[name]
    if table[typed].null_count == text.null_count:
        return  # only what is given is read
    wrong = pc.and_(pc.is_valid(text), pc.is_null(table[typed]))
    for index in np.flatnonzero(wrong.to_numpy(zero_copy_only=False)).tolist():
        value = text[index].as_py()
        if name in NUMBERS and value.strip().lower() in _NOTHING:
            continue
        unread.setdefault(index, []).append(Violation(name, rule, value[:200]))


def _time_rule(how: Readings, name: str) -> Phrase:
    reading = how.times.get(name)
    if reading is None or reading.shapes <= {"other"}:
        return Phrase(N_("must be a time such as 2024-04-25 14:30 or 25/04/2024"))
    if reading.order == "mixed":
        return Phrase(
            N_(
                "must be a time; in this column some dates begin with the day and some with the "
                "month, so that this one could be either"
            )
        )
    rule = N_("must be a time, written as in the rest of the column: {how}")
    return Phrase(rule, {"how": reading.described()})


def _number_rule(how: Readings, name: str) -> Phrase:
    reading = how.numbers.get(name, numbers.NumberReading())
    return Phrase(N_("must be a number, with a {how}"), {"how": reading.described()})


def _but(count: int, rows: Iterable[int]) -> NDArray[np.int64] | None:
    """Return the numbers of the other rows; nothing where all are."""
    left_out = list(rows)
    if not left_out:
        return None
    kept = np.ones(count, dtype=bool)
    kept[left_out] = False
    return np.flatnonzero(kept)


def _refused(
    table: "pa.Table", texts: Columns, broken: Mapping[int, list[Violation]]
) -> list[Refused]:
    import pyarrow as pa

    if not broken:
        return []
    wanted = pa.array(sorted(broken))
    names = [name for name in (*TIMES, *NUMBERS, "_row") if name in table.column_names]
    columns: Columns = {**texts, **{name: table[name] for name in names}}
    rows = pa.table({name: column.take(wanted) for name, column in columns.items()})
    return [
        Refused(
            row.pop("_row"),
            {name: value for name, value in row.items() if value is not None},
            tuple(broken[index]),
        )
        for index, row in zip(sorted(broken), rows.to_pylist(), strict=True)
    ]
