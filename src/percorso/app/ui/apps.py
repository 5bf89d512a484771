from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "percorso.app.ui"
    label = "ui"
