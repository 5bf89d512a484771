from django.apps import AppConfig


class MapsConfig(AppConfig):
    name = "percorso.app.maps"
    label = "maps"
