from django.apps import AppConfig


class ControlRoomConfig(AppConfig):
    name = "percorso.app.control_room"
    label = "control_room"

    def ready(self) -> None:
        from percorso.app import results
        from percorso.app.control_room import queries

        results.prepare_with("control room", queries.prepare)
