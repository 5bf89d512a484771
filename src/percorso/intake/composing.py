"""From a recipe and its files to the SQL that makes interactions, in text and then typed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.intake import numbers, times
from percorso.intake.ahead import ahead
from percorso.intake.model import IntakeError
from percorso.intake.narrowing import CONTENT
from percorso.intake.recipes import Binding, Match, Output, Recipe
from percorso.intake.sql import literal, quoted
from percorso.intake.tables import FILE_STEP, Loaded, Tables

TEXTS: Final = (
    "id",
    "customer",
    "kind",
    "name",
    "touchpoint",
    "channel",
    "direction",
    "scale",
    "text",
    "language",
    "currency",
    "about",
)
TIMES: Final = ("at", "due_at")
NUMBERS: Final = ("score", "amount")


@dataclass(frozen=True, slots=True)
class Readings:
    """How the times and numbers of an output are written."""

    times: Mapping[str, times.TimeReading]
    numbers: Mapping[str, numbers.NumberReading]


def prepare(tables: Tables, match: Match) -> None:
    """Make the recipe's tables and views. The database must be shut off by then."""
    everything = " ".join(
        [
            *match.recipe.views.values(),
            *(each.source for each in match.recipe.outputs),
            *(sql for each in match.recipe.outputs for sql in each.fields.values()),
            *(sql for each in match.recipe.outputs for sql in each.properties.values()),
        ]
    )
    for table in match.recipe.tables:
        bound = [each for each in match.bindings if each.table is table]
        parts = [_part(tables, each, everything) for each in bound]
        if not parts:
            names = [quoted(name) for name in (*table.columns, "_key", "_rest")]
            columns = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in names)
            parts = [f"SELECT CAST(NULL AS BIGINT) AS _row, {columns} WHERE false"]
        query(
            tables,
            match.recipe,
            f"CREATE OR REPLACE VIEW {quoted(table.name)} AS {' UNION ALL '.join(parts)}",
        )
    for name, sql in match.recipe.views.items():
        only_select(tables, sql, match.recipe)
        query(tables, match.recipe, f"CREATE OR REPLACE VIEW {quoted(name)} AS {sql}")


def _part(tables: Tables, binding: Binding, everything: str) -> str:
    """Return the SELECT that gives one file the names of the recipe's table.

    ``_key`` (the row's content, counted where it is repeated) and ``_rest`` (the columns the
    recipe does not name, as JSON) are made where the recipe asks for them.
    """
    loaded = binding.loaded
    columns = [f"CAST({loaded.number * FILE_STEP} + _row AS BIGINT) AS _row"]
    for name, source in binding.columns.items():
        columns.append(f"{source or 'CAST(NULL AS VARCHAR)'} AS {quoted(name)}")
    numbering = set(row_numbers(tables, loaded))
    origin = loaded.table
    if "_key" in everything:
        content = [each for each in loaded.columns if each not in numbering]
        if loaded.narrowed:
            content = [CONTENT]
        hashed = _content(content)
        counted = _count_repeated(tables, loaded, content)
        if counted:
            origin += f" LEFT JOIN {counted} USING (_row)"
            hashed += " || CASE WHEN _n > 1 THEN '-' || _n ELSE '' END"
        columns.append(f"{hashed} AS _key")
    else:
        columns.append("CAST(NULL AS VARCHAR) AS _key")
    if "_rest" in everything:
        rest = {
            property_name(name): name
            for name in loaded.columns
            if name not in binding.taken and name not in numbering
        }
        # First its members, in a SELECT of their own, so that they are made once.
        origin = f"(SELECT *, {members_sql(rest)} AS _members FROM {origin})"
        columns.append(f"{braced_sql('_members')} AS _rest")
    else:
        columns.append("CAST(NULL AS VARCHAR) AS _rest")
    return f"SELECT {', '.join(columns)} FROM {origin}"


def property_name(column: str) -> str:
    """Return a column's name as the name of a property that means just that (``members_sql``)."""
    return f"\\{column}" if column.startswith(("*", "\\")) else column


def row_numbers(tables: Tables, loaded: Loaded) -> list[str]:
    """Return the columns that only number the rows, as exports of R and pandas have them."""
    named = [
        name
        for name in loaded.columns
        if name in ("column_1", "index", "#") or name.lower().startswith("unnamed")
    ]
    found = []
    for name in named:
        (steps,) = tables.connection.execute(
            f"SELECT count(DISTINCT coalesce(try_cast({quoted(name)} AS BIGINT) - _row, -1e18))"
            f" FROM (SELECT _row, {quoted(name)} FROM {loaded.table} LIMIT 1000)"
        ).fetchall()[0]
        if steps == 1 and loaded.rows > 1:
            found.append(name)
    return found


def _content(columns: list[str]) -> str:
    return f"md5(concat_ws(chr(31), {_cells(columns)}))"


def _cells(columns: list[str]) -> str:
    return ", ".join(f"coalesce({quoted(name)}, '')" for name in columns)


def _count_repeated(tables: Tables, loaded: Loaded, columns: list[str]) -> str:
    """Count the rows of equal content, 1 for the first; return the table, "" if none repeats."""
    repeated, counted = f"repeated_{loaded.number}", f"counted_{loaded.number}"
    run = tables.connection.execute
    # A quick hash finds the rows that may be equal, which are few; the content then decides.
    quick = f"hash({_cells(columns)})"
    run(
        f"CREATE OR REPLACE TABLE {repeated} AS SELECT {quick} AS _hash FROM {loaded.table}"
        " GROUP BY _hash HAVING count(*) > 1"
    )
    if not run(f"SELECT count(*) FROM {repeated}").fetchall()[0][0]:
        return ""
    run(
        f"CREATE OR REPLACE TABLE {counted} AS"
        " SELECT _row, row_number() OVER (PARTITION BY _hash ORDER BY _row) AS _n"
        f" FROM (SELECT _row, {_content(columns)} AS _hash FROM {loaded.table}"
        f" WHERE {quick} IN (SELECT _hash FROM {repeated}))"
    )
    return counted


def only_select(tables: Tables, sql: str, recipe: Recipe) -> str:
    """Return ``sql`` if it is one SELECT and nothing else; raise IntakeError otherwise."""
    import duckdb

    try:
        statements = tables.connection.extract_statements(sql)
    except duckdb.Error as error:
        raise IntakeError(_wrong_sql(recipe, error)) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise IntakeError(
            _("The recipe {name} may only read: its SQL must be expressions and SELECT.").format(
                name=recipe.name
            )
        )
    return sql


def written(output: Output) -> tuple[str, ...]:
    """Return the fields of an output that are read row by row: constants need no reading.

    A time or a number is read as any other, though it be the same in every row.
    """
    return tuple(
        name
        for name in (*TEXTS, *TIMES, *NUMBERS)
        if name in output.fields or (name in output.constants and name not in TEXTS)
    )


def inner_sql(tables: Tables, recipe: Recipe, output: Output, *, ordered: bool = True) -> str:
    """Return the SELECT that gives the rows of an output, its written fields as text.

    Beside them there are ``properties`` (JSON), ``_row`` and ``_skip``; what is empty is NULL.
    """
    fields = written(output)
    sql = only_select(tables, _source_sql(output), recipe)
    if ordered and output.order and not _in_order(tables, recipe, output, sql):
        sql = only_select(tables, f"{sql} ORDER BY {output.order}", recipe)
    # A layer for each step: within one SELECT, DuckDB works out again what stands in a CASE
    # wherever it is repeated.
    trimmed = {name: f"trim({quoted(name)})" for name in fields}
    sql = layer(sql, {**trimmed, "properties": members_sql(_properties(output))}, _MARKS)
    filled = {name: f"CASE WHEN {quoted(name)} <> '' THEN {quoted(name)} END" for name in fields}
    return layer(sql, {**filled, "properties": braced_sql("properties")}, _MARKS)


_MARKS: Final = ("_row", "_skip")


def layer(inner: str, columns: Mapping[str, str], kept: Iterable[str] = ()) -> str:
    """Return a SELECT over another: SQL for each of these columns, and those that are kept."""
    selected = [f"{sql} AS {quoted(name)}" for name, sql in columns.items()]
    return f"SELECT {', '.join([*selected, *map(quoted, kept)])} FROM ({inner})"


def _source_sql(output: Output) -> str:
    columns = [
        f"CAST(({output.fields[name]}) AS VARCHAR) AS {quoted(name)}"
        if name in output.fields
        else f"{literal(output.constants[name])} AS {quoted(name)}"
        for name in written(output)
    ]
    columns += [
        f"({output.properties[name]}) AS {column}" for name, column in _properties(output).items()
    ]
    skip = " ".join(f"WHEN ({each.when}) THEN {number}" for number, each in enumerate(output.skip))
    columns.append(f"{output.row} AS _row")
    columns.append(f"{f'CASE {skip} END' if skip else 'CAST(NULL AS INT)'} AS _skip")
    where = f" WHERE ({output.when})" if output.when else ""
    return f"SELECT {', '.join(columns)} FROM {output.source}{where}"


#: What DuckDB may do to rows without changing their order.
_ORDERLY: Final = frozenset(("PROJECTION", "FILTER", "SEQ_SCAN", "UNION", "EMPTY_RESULT"))


def _in_order(tables: Tables, recipe: Recipe, output: Output, sql: str) -> bool:
    """Say whether rows come in the order of the files anyway: sorting takes time and memory."""
    if output.order != "_row" or output.row != "_row":
        return False
    ((_kind, plan),) = query(tables, recipe, f"EXPLAIN (FORMAT json) {sql}").fetchall()
    return _ORDERLY.issuperset(_operators(json.loads(plan)))


def _operators(plan: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for each in plan:
        yield each["name"]
        yield from _operators(each["children"])


def _properties(output: Output) -> dict[str, str]:
    """Return the column that holds each property."""
    return {name: f"property_{number}" for number, name in enumerate(output.properties)}


def members_sql(columns: Mapping[str, str]) -> str:
    """Return SQL for the members of a JSON object: columns by their names in it, if not empty.

    A name that begins with ``*`` takes in what a JSON object holds; a backslash before it says
    that it is a name as any other.
    """
    parts = []
    for name, column in columns.items():
        value = quoted(column)
        if name.startswith("*"):
            parts.append(f"nullif(substr({value}, 2, length({value}) - 2), '')")
        else:
            parts.append(
                f"{literal(_json_key(name))} || CASE WHEN CAST({value} AS VARCHAR) <> ''"
                f" THEN CAST(to_json({value}) AS VARCHAR) END"
            )
    return f"concat_ws(',', {', '.join(parts)})" if parts else "CAST(NULL AS VARCHAR)"


def braced_sql(members: str) -> str:
    """Return SQL for the JSON object of the members in a column; NULL where there are none."""
    return f"CASE WHEN {members} <> '' THEN '{{' || {members} || '}}' END"


def _json_key(name: str) -> str:
    import msgspec

    return msgspec.json.encode(name.removeprefix("\\")).decode() + ":"


class Seen:
    """How columns are written of which an output takes every row: it holds for all outputs."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], times.TimeReading] = {}
        self._numbers: dict[tuple[str, str], numbers.NumberReading] = {}

    def of(self, output: Output) -> Readings:
        """Return what is known of the output's times and numbers."""
        keys = {name: (output.source, sql) for name, sql in output.fields.items()}
        return Readings(
            {name: self._times[keys[name]] for name in TIMES if keys.get(name) in self._times},
            {
                name: self._numbers[keys[name]]
                for name in NUMBERS
                if keys.get(name) in self._numbers
            },
        )

    def keep(self, output: Output, how: Readings) -> None:
        if output.when or output.skip:
            return
        for name, sql in output.fields.items():
            if name in how.times:
                self._times[output.source, sql] = how.times[name]
            if name in how.numbers:
                self._numbers[output.source, sql] = how.numbers[name]


def readings(tables: Tables, recipe: Recipe, output: Output, seen: Seen) -> Readings:
    """Look at the times and numbers of all rows of an output and say how they are written."""
    known = seen.of(output)
    fields = written(output)
    timed: list[str] = [name for name in TIMES if name in fields and name not in known.times]
    counted: list[str] = [
        name for name in NUMBERS if name in output.fields and name not in known.numbers
    ]
    rows = _aggregates(tables, recipe, output, timed, counted)
    how = Readings(
        {**known.times, **{name: times.reading(rows[name]) for name in timed}},
        {**known.numbers, **{name: numbers.reading(rows[name]) for name in counted}},
    )
    seen.keep(output, how)
    return how


def _aggregates(
    tables: Tables, recipe: Recipe, output: Output, timed: list[str], counted: list[str]
) -> dict[str, tuple[Any, ...]]:
    """Return the aggregates of each field that its reading is made from."""
    if not timed and not counted:
        return {}
    shapes = {f"{name}_shape": times.shape_sql(quoted(name)) for name in timed}
    shapes |= {f"{name}_shape": numbers.shape_sql(name, f"{name}_bare") for name in counted}
    profiles = {name: times.profile_sql(quoted(name), f"{name}_shape") for name in timed}
    profiles |= {name: numbers.profile_sql(f"{name}_shape") for name in counted}
    sql = f"{inner_sql(tables, recipe, output, ordered=False)} WHERE _skip IS NULL"
    sql = layer(sql, {name: f"given({quoted(name)})" for name in counted}, timed)
    bare = {f"{name}_bare": numbers.bare_sql(quoted(name)) for name in counted}
    sql = layer(sql, bare, (*timed, *counted))
    sql = layer(sql, shapes, (*timed, *counted))
    wanted = ", ".join(each for profile in profiles.values() for each in profile)
    found = query(tables, recipe, f"SELECT {wanted} FROM ({sql})").fetchall()[0]
    rows: dict[str, tuple[Any, ...]] = {}
    for name, profile in profiles.items():
        rows[name], found = found[: len(profile)], found[len(profile) :]
    return rows


def typed_sql(output: Output, inner: str, how: Readings) -> str:
    """Return the SELECT that adds, to each row in text, its times and numbers.

    ``at_us``/``due_at_us`` are microseconds, ``at_kind``/``due_at_kind`` say of what (``times``);
    ``score_n`` and ``amount_n`` are DOUBLE. NULL stands for what could not be read. Fields the
    output has not have none of these.
    """
    fields = written(output)
    kept = (*fields, "properties", *_MARKS)
    given = {f"{name}_given": f"given({quoted(name)})" for name in how.numbers}
    sql = layer(inner, given, kept)
    bare = {f"{name}_bare": numbers.bare_sql(f"{name}_given") for name in how.numbers}
    sql = layer(sql, bare, (*given, *kept))
    read = {
        f"{name}_n": numbers.number_sql(f"{name}_given", number, f"{name}_bare")
        for name, number in how.numbers.items()
    }
    for name in NUMBERS:
        if name in fields and name not in how.numbers:
            read[f"{name}_n"] = f"try_cast({quoted(name)} AS DOUBLE)"
    sql = layer(sql, read, kept)
    typed = {name: numbers.finite_sql(name) for name in read}
    for name, reading in how.times.items():
        typed[f"{name}_us"] = times.micros_sql(quoted(name), reading)
        typed[f"{name}_kind"] = f"CAST({times.kind_sql(quoted(name), reading)} AS TINYINT)"
    return layer(sql, typed, kept)


def query(tables: Tables, recipe: Recipe, sql: str) -> Any:
    """Run SQL made from a recipe; what is wrong with it is told as the recipe's fault."""
    with _blaming(recipe):
        return tables.connection.execute(sql)


def stream(tables: Tables, recipe: Recipe, sql: str, rows: int) -> Iterator[Any]:
    """Run SQL made from a recipe and yield its Arrow batches of about so many rows."""
    with _blaming(recipe):
        yield from ahead(tables.connection.sql(sql).to_arrow_reader(rows))


@contextmanager
def _blaming(recipe: Recipe) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise IntakeError(
            _("The recipe {name} needs more memory than an import may use: {error}.").format(
                name=recipe.name, error=str(error).splitlines()[0]
            )
        ) from error
    except duckdb.Error as error:
        raise IntakeError(_wrong_sql(recipe, error)) from error


def _wrong_sql(recipe: Recipe, error: Exception) -> str:
    return _("The SQL of the recipe {name} cannot be run: {error}").format(
        name=recipe.name, error=str(error).split("\n\n")[0]
    )
