from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "percorso.app.outbox"
    label = "outbox"

    def ready(self) -> None:
        """Say what the tables hold of customers."""
        from percorso.app.outbox import held  # noqa: F401 - importing it says so
