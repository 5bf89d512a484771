from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "percorso.app.accounts"
    label = "accounts"

    def ready(self) -> None:
        from percorso.app.accounts import signals  # noqa: F401 - importing connects them
