from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "percorso.app.surveys"
    label = "surveys"
