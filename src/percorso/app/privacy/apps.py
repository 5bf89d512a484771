from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "percorso.app.privacy"
    label = "privacy"

    def ready(self) -> None:
        from percorso.app.privacy import held  # noqa: F401 - importing names the models
