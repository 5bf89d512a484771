from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class JourneysConfig(AppConfig):
    name = "percorso.app.journeys"
    label = "journeys"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("journeys", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.journeys import queries

    queries.prepare(log)
