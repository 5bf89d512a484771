from django.apps import AppConfig


class TouchpointsConfig(AppConfig):
    name = "percorso.app.touchpoints"
    label = "touchpoints"
