"""Tables that keep no order of arrival: an operation of migrations that Django has not."""

from typing import Any

from django.db import migrations


class CreateModelWithoutRowid(migrations.CreateModel):
    """Make a table that keeps no order of arrival.

    SQLite numbers the rows of a table as they come; ``WITHOUT ROWID`` orders them by their key
    alone. Elsewhere this is CreateModel.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            sql, parameters = schema_editor.table_sql(model)
            schema_editor.execute(f"{sql} WITHOUT ROWID", parameters or None)
