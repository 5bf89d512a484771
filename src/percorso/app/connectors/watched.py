"""Which folders of this machine may be watched: a page must not read whatever the server can."""

from pathlib import Path

from django.conf import settings as django_settings

from percorso.app import company


def folders() -> tuple[Path, ...]:
    """Return the folders that may be watched, and what is in them."""
    allowed: tuple[Path, ...] = django_settings.WATCHED_FOLDERS
    (company.workspace().path / "watched").mkdir(exist_ok=True, mode=0o700)
    return allowed


def may_be(path: Path) -> bool:
    """Say whether a folder may be watched, wherever links lead it now."""
    real = path.resolve()
    return any(real.is_relative_to(each.resolve()) for each in folders())
