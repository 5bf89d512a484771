from django.apps import AppConfig


class FiltersConfig(AppConfig):
    name = "percorso.app.filters"
    label = "filters"
