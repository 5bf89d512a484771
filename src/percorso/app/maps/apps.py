from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class MapsConfig(AppConfig):
    name = "percorso.app.maps"
    label = "maps"

    def ready(self) -> None:
        from percorso.app import results
        from percorso.app.maps import held

        held.name_them()
        results.prepare_with("maps", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.maps import queries

    queries.prepare(log)
