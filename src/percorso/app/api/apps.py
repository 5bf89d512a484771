from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "percorso.app.api"
    label = "api"
