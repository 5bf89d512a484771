"""What the application takes from the environment, read once and checked.

A value that makes no sense does not stop the reading: it is noted in ``problems``, which the
system checks report at start with a hint, all at once.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from percorso.net import Guard, GuardError

#: Every variable the application reads, and what it says. docs/reference/settings.md explains each.
VARIABLES: Final[dict[str, str]] = {
    "PERCORSO_DIR": "the workspace: the folder that holds everything of one company",
    "PERCORSO_URL": "the address people open, such as https://cx.example.org",
    "PERCORSO_HOSTS": "further host names the server answers to, separated by commas",
    "PERCORSO_TRUSTED_PROXIES": "how many reverse proxies of yours stand in front of the server",
    "PERCORSO_DATABASE_URL": "postgresql://user:password@host:port/name, in place of SQLite",
    "PERCORSO_INBOX_URL": "postgresql://user:password@host:port/name, for live events that wait",
    "PERCORSO_EMAIL_URL": "smtp://user:password@host:port or smtps://..., to send e-mail",
    "PERCORSO_EMAIL_FROM": "the sender of that e-mail",
    "PERCORSO_UPLOAD_LIMIT_MB": "the largest file the page accepts, in megabytes",
    "PERCORSO_ALLOW_PRIVATE_ADDRESSES": "yes, or networks, that may be asked inside the company",
    "PERCORSO_WATCHED_FOLDERS": "folders of this machine that may be watched for files",
    "PERCORSO_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
}

LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Problem:
    """A variable whose value makes no sense, and what would."""

    variable: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables, read."""

    url: str = ""
    hosts: tuple[str, ...] = LOCAL_HOSTS
    https: bool = False
    trusted_proxies: int = 0
    database: dict[str, Any] | None = None
    email: dict[str, Any] | None = None
    email_from: str = "percorso@localhost"
    upload_limit_mb: int = 2048
    private_addresses: Guard = field(default_factory=Guard)
    watched_folders: tuple[Path, ...] = ()
    log_level: str = "INFO"
    problems: tuple[Problem, ...] = field(default=())


def read(variables: Mapping[str, str]) -> Environment:
    """Read the environment. Never raises: see ``problems``."""
    problems: list[Problem] = []
    url = _url(variables.get("PERCORSO_URL", ""), problems)
    return Environment(
        url=url,
        hosts=_hosts(variables.get("PERCORSO_HOSTS", ""), url),
        https=url.startswith("https:"),
        trusted_proxies=_whole_number("PERCORSO_TRUSTED_PROXIES", variables, 0, 0, 10, problems),
        database=_database(variables.get("PERCORSO_DATABASE_URL", ""), problems),
        email=_email(variables.get("PERCORSO_EMAIL_URL", ""), problems),
        email_from=variables.get("PERCORSO_EMAIL_FROM", "") or Environment().email_from,
        upload_limit_mb=_whole_number(
            "PERCORSO_UPLOAD_LIMIT_MB", variables, 2048, 1, 1_000_000, problems
        ),
        private_addresses=_private_addresses(
            variables.get("PERCORSO_ALLOW_PRIVATE_ADDRESSES", ""), problems
        ),
        watched_folders=_folders(variables.get("PERCORSO_WATCHED_FOLDERS", ""), problems),
        log_level=_log_level(variables.get("PERCORSO_LOG_LEVEL", ""), problems),
        problems=tuple(problems),
    )


def _url(given: str, problems: list[Problem]) -> str:
    if not given:
        return ""
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        problems.append(
            Problem(
                "PERCORSO_URL",
                f"{given!r} is not an address people can open.",
                "Give the scheme and the host alone, such as https://cx.example.org",
            )
        )
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _hosts(given: str, url: str) -> tuple[str, ...]:
    named = [host.strip() for host in given.split(",") if host.strip()]
    if url:
        named.insert(0, _bracketed(urlsplit(url).hostname or ""))
    return tuple(dict.fromkeys([*named, *LOCAL_HOSTS]))


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host


def _whole_number(
    name: str,
    variables: Mapping[str, str],
    default: int,
    least: int,
    most: int,
    problems: list[Problem],
) -> int:
    given = variables.get(name, "")
    if not given:
        return default
    if given.isdecimal() and least <= int(given) <= most:
        return int(given)
    problems.append(
        Problem(name, f"{given!r} is not accepted.", f"Give a whole number, {least} to {most}.")
    )
    return default


def _log_level(given: str, problems: list[Problem]) -> str:
    level = given.upper() or "INFO"
    if level in LOG_LEVELS:
        return level
    problems.append(
        Problem("PERCORSO_LOG_LEVEL", f"{given!r} is not a level.", "Give " + ", ".join(LOG_LEVELS))
    )
    return "INFO"


def _private_addresses(given: str, problems: list[Problem]) -> Guard:
    try:
        return Guard.parse(given)
    except GuardError as error:
        problems.append(
            Problem(
                "PERCORSO_ALLOW_PRIVATE_ADDRESSES",
                f"{error}.",
                "Give yes, or networks separated by commas, such as 10.1.0.0/16, 192.168.1.5",
            )
        )
        return Guard()


def _folders(given: str, problems: list[Problem]) -> tuple[Path, ...]:
    folders = [Path(part) for part in given.split(os.pathsep) if part]
    wrong = next((each for each in folders if not each.is_absolute()), None)
    if wrong is not None:
        problems.append(
            Problem(
                "PERCORSO_WATCHED_FOLDERS",
                f"{str(wrong)!r} is not a whole path.",
                f"Give folders from the root on, separated by {os.pathsep!r}.",
            )
        )
        return ()
    return tuple(each.resolve() for each in folders)


def _database(given: str, problems: list[Problem]) -> dict[str, Any] | None:
    if not given:
        return None
    parts, port = _parts(given)
    name = unquote(parts.path.strip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not name:
        problems.append(
            Problem(
                "PERCORSO_DATABASE_URL",
                "This is not the address of a PostgreSQL database.",  # the value holds a password
                "Give postgresql://user:password@host:5432/name "
                "(a @ or / in the password is written %40 or %2F)",
            )
        )
        return None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": port or 5432,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _parts(given: str) -> tuple[SplitResult, int | None]:
    """Take an address apart; one whose port is no number has no parts."""
    try:
        parts = urlsplit(given)
        return parts, parts.port
    except ValueError:
        return urlsplit(""), None


def _email(given: str, problems: list[Problem]) -> dict[str, Any] | None:
    if not given:
        return None
    parts, port = _parts(given)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        problems.append(
            Problem(
                "PERCORSO_EMAIL_URL",
                "This is not the address of a mail server.",
                "Give smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465",
            )
        )
        return None
    plain = dict(parse_qsl(parts.query)).get("tls") == "no"
    return {
        "host": parts.hostname,
        "port": port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "ssl": parts.scheme == "smtps",
        "starttls": parts.scheme == "smtp" and not plain,
    }
