from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "percorso.app.journeys"
    label = "journeys"

    def ready(self) -> None:
        from percorso.app import results
        from percorso.app.journeys import queries

        results.prepare_with("journeys", queries.prepare)
