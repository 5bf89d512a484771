"""Millions of rows against the rules of an interaction.

Arrow finds the rows that may break a rule; ``vocabulary.violations``, which knows the rules,
then says of each of those which one, in the same words as everywhere.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from percorso.log.schema import REPEATED, SCHEMA
from percorso.vocabulary import FIELDS, SCALES, Field, Interaction, Violation, violations
from percorso.vocabulary.interaction import FIRST_YEAR, LAST_YEAR

Bools = NDArray[np.bool_]
#: What is published of the types of Arrow's functions is narrower than the functions are.
pc: Final[Any] = pyarrow.compute

_FIRST: Final = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_AFTER_LAST: Final = int(datetime(LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What may enter the log, and what may not and why.

    ``valid`` keeps the order of the rows. ``rejected`` has one entry for each broken rule: the
    number of the row in the table that was checked, from 0, and the violation.
    """

    valid: pa.Table
    rejected: tuple[tuple[int, Violation], ...]


def validate(table: pa.Table) -> Checked:
    """Check the rows of a table with the columns of SCHEMA; REPEATED ones may be dictionaries."""
    table = table.select(SCHEMA.names)
    table = table.cast(pa.schema([_field(table, each.name) for each in FIELDS]))
    suspects = np.flatnonzero(_suspects(table))
    if len(suspects) == 0:
        return Checked(table, ())
    rejected: list[tuple[int, Violation]] = []
    for number, row in zip(suspects.tolist(), _rows(table.take(suspects)), strict=True):
        rejected.extend((number, violation) for violation in row)
    invalid = np.zeros(table.num_rows, dtype=bool)
    invalid[[number for number, _ in rejected]] = True
    return Checked(table.filter(pa.array(~invalid)), tuple(rejected))


def _field(table: pa.Table, name: str) -> "pa.Field[Any]":
    given = table.schema.field(name)
    encoded = name in REPEATED and pa.types.is_dictionary(given.type)
    return given if encoded else SCHEMA.field(name)


def _suspects(table: pa.Table) -> Bools:
    """Say of each row whether it may break a rule; no row that breaks one is left out."""
    suspect = np.zeros(table.num_rows, dtype=bool)
    for each in FIELDS:
        if table[each.name].null_count < table.num_rows:
            suspect |= _SUSPECTS[each.type](each, table[each.name])
        elif each.required:
            suspect[:] = True
    return suspect | _suspects_together(table)


def _suspect_text(rule: Field, column: "pa.ChunkedArray[Any]") -> Bools:
    if rule.name not in REPEATED:
        return _wrong_texts(rule, column)
    encoded: Any = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    return _spread(_wrong_texts(rule, encoded.dictionary), encoded, of_null=rule.required)


def _wrong_texts(rule: Field, texts: Any) -> Bools:
    wrong = np.zeros(len(texts), dtype=bool)
    if rule.allowed is not None:
        wrong |= ~_flags(pc.is_in(texts, value_set=pa.array(rule.allowed)))
    if rule.pattern is not None:
        wrong |= ~_flags(pc.match_substring_regex(texts, rf"\A(?:{rule.pattern})\z"))
    size = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    # Of characters there are no more than bytes.
    if rule.longest is not None and size.max(initial=0) > rule.longest:
        wrong |= _flags(pc.greater(pc.utf8_length(texts), rule.longest))
    return np.asarray(np.where(size == 0, rule.required, wrong))


def _spread(of_words: Bools, encoded: Any, *, of_null: bool) -> Bools:
    """Return for each row what was found of its word; whatever is repeated is checked once."""
    codes = encoded.indices.fill_null(len(of_words)).to_numpy()
    return np.asarray(np.append(of_words, of_null)[codes])


def _suspect_time(rule: Field, column: "pa.ChunkedArray[Any]") -> Bools:
    times = column.cast(pa.int64())
    wrong = pc.or_(pc.less(times, _FIRST), pc.greater_equal(times, _AFTER_LAST))
    return _flags(wrong, of_null=rule.required)


def _suspect_number(rule: Field, column: "pa.ChunkedArray[Any]") -> Bools:
    wrong = pc.is_nan(column)
    if rule.least is not None:
        wrong = pc.or_(wrong, pc.less(column, rule.least))
    if rule.most is not None:
        wrong = pc.or_(wrong, pc.greater(column, rule.most))
    return _flags(wrong, of_null=rule.required)


def _suspect_json(rule: Field, column: "pa.ChunkedArray[Any]") -> Bools:
    encoded = column.combine_chunks().dictionary_encode()
    words = encoded.dictionary
    wrong = np.array([not _is_object(each) for each in words.to_pylist()], dtype=bool)
    if rule.longest is not None:
        # Numbers are written out before they are counted (1e15), at most eight times as long.
        wrong |= _flags(pc.greater(pc.utf8_length(words), rule.longest // 8))
    return _spread(wrong, encoded, of_null=rule.required)


def _suspects_together(table: pa.Table) -> Bools:
    scale, score = table["scale"], table["score"]
    scored = pc.is_valid(score)
    suspect = _flags(pc.and_(scored, pc.is_null(scale)))
    scales = [SCALES[name] for name in pc.unique(scale).to_pylist() if name in SCALES]
    for each in scales:
        outside = pc.or_(pc.less(score, each.low), pc.greater(score, each.high))
        if each.whole:
            outside = pc.or_(outside, pc.not_equal(score, pc.floor(score)))
        suspect |= _flags(pc.and_(pc.equal(scale, each.name), outside))
    lacking = pc.or_(pc.is_null(table["due_at"]), pc.is_null(table["about"]))
    return suspect | _flags(pc.and_(pc.equal(table["kind"], "promise"), lacking))


_SUSPECTS: Final = {
    "text": _suspect_text,
    "time": _suspect_time,
    "number": _suspect_number,
    "json": _suspect_json,
}


def _flags(values: Any, *, of_null: bool = False) -> Bools:
    return np.asarray(pc.fill_null(values, of_null).to_numpy(zero_copy_only=False), dtype=bool)


def _is_object(text: str | None) -> bool:
    try:
        return text in (None, "") or isinstance(json.loads(str(text)), dict)
    except (ValueError, RecursionError):
        return False


def _rows(table: pa.Table) -> "list[list[Violation]]":
    """Return the violations of each row."""
    columns = [_values(each, table[each.name]) for each in FIELDS]
    names = [each.name for each in FIELDS]
    return [
        violations(Interaction(**dict(zip(names, values, strict=True))))
        for values in zip(*columns, strict=True)
    ]


def _values(rule: Field, column: "pa.ChunkedArray[Any]") -> list[Any]:
    if rule.type == "time":
        return [_as_time(each) for each in column.cast(pa.int64()).to_pylist()]
    if rule.type == "json":
        return [_as_properties(each) for each in column.to_pylist()]
    return column.to_pylist()


def _as_time(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    try:
        return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(
            microsecond=microseconds % 1_000_000
        )
    except (ValueError, OverflowError, OSError):
        # Python's calendar ends before Arrow's; such a time is out of the years all the same.
        return datetime(9999 if microseconds > 0 else 1, 1, 1, tzinfo=UTC)


def _as_properties(text: str | None) -> Any:
    if text is None or text == "":
        return {}
    return json.loads(text) if _is_object(text) else text
