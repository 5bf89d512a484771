"""From a recipe and its files to the SQL that makes interactions, in text and then typed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.intake import numbers, times
from percorso.intake.model import IntakeError
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

#: What the company does towards the customer; everything else comes from the customer.
_OUTWARD: Final = (
    "invoice",
    "shipment",
    "delivery",
    "refund",
    "update",
    "resolution",
    "promise",
    "fulfilment",
    "offer",
    "action",
)


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
        hashed = _content([each for each in loaded.columns if each not in numbering])
        counted = _count_repeated(tables, loaded, hashed)
        if counted:
            origin += f" LEFT JOIN {counted} USING (_row)"
            hashed += " || CASE WHEN _n > 1 THEN '-' || _n ELSE '' END"
        columns.append(f"{hashed} AS _key")
    else:
        columns.append("CAST(NULL AS VARCHAR) AS _key")
    if "_rest" in everything:
        rest = {
            name: quoted(name)
            for name in loaded.columns
            if name not in binding.taken and name not in numbering
        }
        columns.append(f"{object_sql(rest)} AS _rest")
    else:
        columns.append("CAST(NULL AS VARCHAR) AS _rest")
    return f"SELECT {', '.join(columns)} FROM {origin}"


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
    values = ", ".join(f"coalesce({quoted(name)}, '')" for name in columns)
    return f"md5(concat_ws(chr(31), {values}))"


def _count_repeated(tables: Tables, loaded: Loaded, hashed: str) -> str:
    """Count the rows of equal content, 1 for the first; return the table, "" if none repeats."""
    repeated, counted = f"repeated_{loaded.number}", f"counted_{loaded.number}"
    run = tables.connection.execute
    run(
        f"CREATE OR REPLACE TABLE {repeated} AS SELECT {hashed} AS h FROM {loaded.table}"
        " GROUP BY h HAVING count(*) > 1"
    )
    if not run(f"SELECT count(*) FROM {repeated}").fetchall()[0][0]:
        return ""
    run(
        f"CREATE OR REPLACE TABLE {counted} AS"
        " SELECT _row, row_number() OVER (PARTITION BY h ORDER BY _row) AS _n"
        f" FROM (SELECT _row, {hashed} AS h FROM {loaded.table}) SEMI JOIN {repeated} USING (h)"
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


def inner_sql(tables: Tables, recipe: Recipe, output: Output, currency: str) -> str:
    """Return the SELECT that gives the interactions of an output, all fields as text."""
    fields = {name: _expression(output, name) for name in (*TEXTS, *TIMES, *NUMBERS)}
    fields["direction"] = (
        f"coalesce({fields['direction']}, CASE WHEN {fields['kind']} IN"
        f" ({', '.join(map(literal, _OUTWARD))}) THEN 'out' ELSE 'in' END)"
    )
    fields["channel"] = f"coalesce({fields['channel']}, 'other')"
    money = literal(recipe.currency or currency)
    fields["currency"] = (
        f"CASE WHEN {fields['amount']} IS NOT NULL THEN"
        f" coalesce(upper({fields['currency']}), {money}) END"
    )
    skip = " ".join(f"WHEN ({each.when}) THEN {number}" for number, each in enumerate(output.skip))
    columns = [f"{sql} AS {quoted(name)}" for name, sql in fields.items()]
    columns.append(f"{object_sql(output.properties)} AS properties")
    columns.append(f"{output.row} AS _row")
    columns.append(f"{f'CASE {skip} END' if skip else 'CAST(NULL AS INT)'} AS _skip")
    sql = f"SELECT {', '.join(columns)} FROM {output.source}"
    if output.when:
        sql += f" WHERE ({output.when})"
    if output.order:
        sql += f" ORDER BY {output.order}"
    return only_select(tables, sql, recipe)


def _expression(output: Output, name: str) -> str:
    if name in output.fields:
        return f"nullif(trim(CAST(({output.fields[name]}) AS VARCHAR)), '')"
    if name in output.constants:
        return literal(output.constants[name])
    return "CAST(NULL AS VARCHAR)"


def object_sql(values: Mapping[str, str]) -> str:
    """Return SQL for a JSON object of SQL values; names without a value are left out.

    A name that begins with ``*`` takes in a JSON object whole.
    """
    parts = []
    for name, sql in values.items():
        if name.startswith("*"):
            parts.append(f"nullif(substr(({sql}), 2, length(({sql})) - 2), '')")
        else:
            parts.append(
                f"{literal(_json_key(name))} || CASE WHEN CAST(({sql}) AS VARCHAR) <> ''"
                f" THEN CAST(to_json({sql}) AS VARCHAR) END"
            )
    if not parts:
        return "CAST(NULL AS VARCHAR)"
    return f"'{{' || nullif(concat_ws(',', {', '.join(parts)}), '') || '}}'"


def _json_key(name: str) -> str:
    import msgspec

    return msgspec.json.encode(name).decode() + ":"


def readings(tables: Tables, recipe: Recipe, output: Output, inner: str) -> Readings:
    """Look at the times and numbers of all rows of an output and say how they are written."""
    timed = [name for name in TIMES if name in output.fields or name in output.constants]
    counted = [name for name in NUMBERS if name in output.fields]
    if not timed and not counted:
        return Readings({}, {})
    profiles = {
        **{name: times.profile_sql(quoted(name), f"{name}_shape") for name in timed},
        **{name: numbers.profile_sql(f"{name}_shape") for name in counted},
    }
    given = [
        *(quoted(name) for name in timed),
        *(f"given({quoted(name)}) AS {quoted(name)}" for name in counted),
    ]
    shapes = [
        *(f"{times.shape_sql(quoted(name))} AS {name}_shape" for name in timed),
        *(f"{numbers.shape_sql(quoted(name))} AS {name}_shape" for name in counted),
    ]
    aggregates = [each for profile in profiles.values() for each in profile]
    sql = (
        f"SELECT {', '.join(aggregates)} FROM (SELECT *, {', '.join(shapes)}"
        f" FROM (SELECT {', '.join(given)} FROM ({inner}) WHERE _skip IS NULL))"
    )
    found = query(tables, recipe, sql).fetchall()[0]
    rows: dict[str, tuple[Any, ...]] = {}
    for name, profile in profiles.items():
        rows[name], found = found[: len(profile)], found[len(profile) :]
    return Readings(
        {name: times.reading(rows[name]) for name in timed},
        {name: numbers.reading(rows[name]) for name in counted},
    )


def typed_sql(output: Output, inner: str, how: Readings) -> str:
    """Return the SELECT that adds, to each row in text, its times and numbers.

    ``at_us``/``due_at_us`` are microseconds, ``at_kind``/``due_at_kind`` say of what (``times``);
    ``score_n`` and ``amount_n`` are DOUBLE. NULL stands for what could not be read.
    """
    more = []
    for name in TIMES:
        column = quoted(name)
        if name in how.times:
            more.append(f"{times.micros_sql(column, how.times[name])} AS {name}_us")
            more.append(
                f"CAST({times.kind_sql(column, how.times[name])} AS TINYINT) AS {name}_kind"
            )
        else:
            more.append(f"CAST(NULL AS BIGINT) AS {name}_us, CAST(0 AS TINYINT) AS {name}_kind")
    for name in NUMBERS:
        if name in how.numbers:
            value = f"given({quoted(name)})"
            more.append(f"{numbers.number_sql(value, how.numbers[name])} AS {name}_n")
        elif name in output.constants:
            more.append(f"try_cast({quoted(name)} AS DOUBLE) AS {name}_n")
        else:
            more.append(f"CAST(NULL AS DOUBLE) AS {name}_n")
    return f"SELECT *, {', '.join(more)} FROM ({inner})"


def query(tables: Tables, recipe: Recipe, sql: str) -> Any:
    """Run SQL made from a recipe; what is wrong with it is told as the recipe's fault."""
    with _blaming(recipe):
        return tables.connection.execute(sql)


def stream(tables: Tables, recipe: Recipe, sql: str, rows: int) -> Iterator[Any]:
    """Run SQL made from a recipe and yield its Arrow batches of about so many rows."""
    with _blaming(recipe):
        yield from tables.connection.sql(sql).to_arrow_reader(rows)


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
