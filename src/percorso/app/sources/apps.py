from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "percorso.app.sources"
    label = "sources"
