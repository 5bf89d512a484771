"""Registers the checks that run at start."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "percorso.app.config"
    label = "config"

    def ready(self) -> None:
        from percorso.app.config import checks  # noqa: F401 - importing registers them
