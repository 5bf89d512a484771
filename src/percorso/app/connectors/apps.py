from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "percorso.app.connectors"
    label = "connectors"
