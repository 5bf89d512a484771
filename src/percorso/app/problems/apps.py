from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    name = "percorso.app.problems"
    label = "problems"

    def ready(self) -> None:
        from percorso.app import results
        from percorso.app.problems import queries

        results.prepare_with("problems", queries.prepare)
