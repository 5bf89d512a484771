from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from percorso.log import Log


class CustomersConfig(AppConfig):
    name = "percorso.app.customers"
    label = "customers"

    def ready(self) -> None:
        from percorso.app import results

        results.prepare_with("customers", _prepare)


def _prepare(log: "Log") -> None:
    # Imported when it is asked for: every process of the server starts with this module.
    from percorso.log.facts import facts

    facts(log)
