from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "percorso.app.outbox"
    label = "outbox"
