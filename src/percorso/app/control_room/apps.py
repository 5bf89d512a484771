from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class ControlRoomConfig(AppConfig):
    name = "percorso.app.control_room"
    label = "control_room"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("control room", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.control_room import queries

    queries.prepare(log)
