from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "percorso.app.audit"
    label = "audit"

    def ready(self) -> None:
        from percorso.app.audit.append_only import install

        post_migrate.connect(install, sender=self, dispatch_uid="audit.append_only")
