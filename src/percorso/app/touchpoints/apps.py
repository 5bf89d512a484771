from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class TouchpointsConfig(AppConfig):
    name = "percorso.app.touchpoints"
    label = "touchpoints"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("touchpoints", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.touchpoints import queries

    queries.prepare(log)
