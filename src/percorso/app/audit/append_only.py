"""The database itself refuses to change or delete an entry of the trail.

Made after every migration, because SQLite drops the triggers of a table that is changed. What may
change is that an account which is deleted is no longer pointed at; the name that was written down
with the entry stays.
"""

from typing import TYPE_CHECKING, Any, Final

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE: Final = "audit_entry"
_COLUMNS: Final = ("id", "at", "actor_name", "action", "subject", "details")
_REFUSED: Final = "entries of the trail are only ever added"


def install(using: str = "default", **_: Any) -> None:
    """Make the triggers in a database, in the place of those that are there."""
    connection = connections[using]
    if _TABLE not in connection.introspection.table_names():
        return
    statements = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each)


def is_installed(connection: "BaseDatabaseWrapper") -> bool:
    """Say whether both triggers are there."""
    query = (
        "SELECT count(*) FROM pg_trigger WHERE tgname IN ('audit_entry_holds', 'audit_entry_stays')"
        if connection.vendor == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' "
        "AND name IN ('audit_entry_holds', 'audit_entry_stays')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0]) == 2


def _sqlite() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _COLUMNS)
    actor = "(NEW.actor_id IS NOT NULL AND NEW.actor_id IS NOT OLD.actor_id)"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    return [
        "DROP TRIGGER IF EXISTS audit_entry_holds",
        "DROP TRIGGER IF EXISTS audit_entry_stays",
        f"CREATE TRIGGER audit_entry_holds BEFORE UPDATE ON {_TABLE} "
        f"WHEN {changed} OR {actor} {refuse}",
        f"CREATE TRIGGER audit_entry_stays BEFORE DELETE ON {_TABLE} {refuse}",
    ]


def _postgresql() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _COLUMNS)
    actor = "(NEW.actor_id IS NOT NULL AND NEW.actor_id IS DISTINCT FROM OLD.actor_id)"
    return [
        "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$",
        f"DROP TRIGGER IF EXISTS audit_entry_holds ON {_TABLE}",
        f"DROP TRIGGER IF EXISTS audit_entry_stays ON {_TABLE}",
        f"DROP TRIGGER IF EXISTS audit_entry_remains ON {_TABLE}",
        f"CREATE TRIGGER audit_entry_holds BEFORE UPDATE ON {_TABLE} FOR EACH ROW "
        f"WHEN ({changed} OR {actor}) EXECUTE FUNCTION audit_entry_refuse()",
        f"CREATE TRIGGER audit_entry_stays BEFORE DELETE ON {_TABLE} FOR EACH ROW "
        "EXECUTE FUNCTION audit_entry_refuse()",
        f"CREATE TRIGGER audit_entry_remains BEFORE TRUNCATE ON {_TABLE} FOR EACH STATEMENT "
        "EXECUTE FUNCTION audit_entry_refuse()",
    ]
