from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "percorso.app.surveys"
    label = "surveys"

    def ready(self) -> None:
        """Say what the tables hold of customers."""
        from percorso.app.surveys import held  # noqa: F401 - importing it says so
