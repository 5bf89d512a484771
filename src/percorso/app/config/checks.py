"""What is wrong with the set-up, said at start, with what to do."""

import stat
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from percorso.app.config import secret
from percorso.app.config.tags import SET_UP


@register(SET_UP)
def workspace_is_there(**_: Any) -> list[CheckMessage]:
    """Report a workspace that cannot be opened."""
    if settings.WORKSPACE is not None:
        return []
    return [
        Error(
            settings.WORKSPACE_PROBLEM,
            hint="Name the folder with --dir or PERCORSO_DIR.",
            id="percorso.E001",
        )
    ]


@register(SET_UP)
def environment_makes_sense(**_: Any) -> list[CheckMessage]:
    """Report variables whose values make no sense."""
    return [
        Error(f"{problem.variable}: {problem.message}", hint=problem.hint, id="percorso.E002")
        for problem in settings.ENVIRONMENT.problems
    ]


@register(SET_UP)
def key_is_private(**_: Any) -> list[CheckMessage]:
    """Report a signing key that others on the machine can read."""
    if settings.WORKSPACE is None:
        return []
    file = secret.path(settings.WORKSPACE)
    if not file.exists() or not stat.S_IMODE(file.stat().st_mode) & 0o077:
        return []
    return [
        checks.Warning(
            f"{file} can be read by others on this machine.",
            hint=f"Run: chmod 600 {file}",
            id="percorso.W001",
        )
    ]


@register(SET_UP)
def proxies_are_counted(**_: Any) -> list[CheckMessage]:
    """Report an https address without a word on the proxy that must be in front."""
    if not settings.ENVIRONMENT.https or settings.ENVIRONMENT.trusted_proxies:
        return []
    return [
        checks.Warning(
            "PERCORSO_URL is https, and no reverse proxy is counted.",
            hint=(
                "Behind nginx, Caddy or the like, set PERCORSO_TRUSTED_PROXIES=1, so that forms "
                "work and each visitor's own address is used to limit attempts to sign in."
            ),
            id="percorso.W002",
        )
    ]
