from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "percorso.app.webhooks"
    label = "webhooks"
