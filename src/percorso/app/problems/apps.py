from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class ProblemsConfig(AppConfig):
    name = "percorso.app.problems"
    label = "problems"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("problems", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.app.filters import scope
    from percorso.app.problems import queries
    from percorso.app.webhooks import noticing

    queries.prepare(log)
    usual = scope(log, {})
    if not usual.empty:
        noticing.tell_problems(queries.problems(usual))
