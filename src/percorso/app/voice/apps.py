from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class VoiceConfig(AppConfig):
    name = "percorso.app.voice"
    label = "voice"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("voice", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.voice import queries

    queries.prepare(log)
