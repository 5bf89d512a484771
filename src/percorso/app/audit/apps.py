from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "percorso.app.audit"
    label = "audit"
