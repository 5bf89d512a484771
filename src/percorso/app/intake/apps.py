from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "percorso.app.intake"
    label = "intake"
