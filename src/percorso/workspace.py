"""The folder that holds everything of one company: its settings and where each thing lies."""

import os
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from percorso import durable_file, toml_text
from percorso.i18n import gettext as _

SETTINGS_FILE: Final = "percorso.toml"
LANGUAGES: Final = ("it", "en")
#: Of whom a second step can be required when they sign in.
SECOND_FACTOR: Final = ("nobody", "administrators", "managers", "everybody")
#: The longest value of a setting, in characters.
LONGEST: Final = 120
_HEADING: Final = ("# Percorso: the settings of this company. See docs/reference/settings.md.",)
#: Controls, line ends, halves of characters, and marks that turn the reading direction round.
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


class WorkspaceError(Exception):
    """The folder is not a workspace, or its settings do not make sense. Says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the company chose.

    ``zone`` reads times that came without one (an IANA name). ``currency`` is an ISO 4217 code.
    ``language`` is the language of pages and reports where nobody chose another.
    ``second_factor`` says of whom the application requires a second step when they sign in.
    """

    company: str = "My company"
    zone: str = "Europe/Rome"
    currency: str = "EUR"
    language: str = "it"
    second_factor: str = "nobody"

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace: a folder with ``percorso.toml`` in it."""

    path: Path
    settings: Settings

    @classmethod
    def create(cls, path: Path | str, settings: Settings | None = None) -> "Workspace":
        """Make a workspace at ``path``. Raises WorkspaceError where there is one already."""
        path = Path(path).resolve()
        if (path / SETTINGS_FILE).exists():
            raise WorkspaceError(
                _("{path} is a workspace already. Use it as it is, or say another.").format(
                    path=path
                )
            )
        settings = settings or Settings()
        _check(settings, path / SETTINGS_FILE)
        path.mkdir(parents=True, exist_ok=True)
        durable_file.write(path / SETTINGS_FILE, _as_toml(settings, _HEADING))
        return cls(path, settings)

    @classmethod
    def open(cls, path: Path | str) -> "Workspace":
        """Open the workspace at ``path``. Raises WorkspaceError that says how to make one."""
        path = Path(path).resolve()
        file = path / SETTINGS_FILE
        if not file.is_file():
            raise WorkspaceError(
                _(
                    "{path} is not a workspace: it holds no {file}. "
                    "Make one with: percorso init --dir {path}"
                ).format(path=path, file=SETTINGS_FILE)
            )
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError(
                _("{file} cannot be read: {error}").format(file=file, error=error)
            ) from error
        return cls(path, _read(given, file))

    def change(self, settings: Settings) -> "Workspace":
        """Write other settings, whole or not at all, and return the workspace with them.

        Comments in the file stay, at its top. Raises WorkspaceError where a setting makes no sense.
        """
        file = self.path / SETTINGS_FILE
        _check(settings, file)
        lines = file.read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines if line.lstrip().startswith("#")]
        durable_file.write(file, _as_toml(settings, comments))
        return Workspace(self.path, settings)

    @property
    def log(self) -> Path:
        """The interaction log, a Delta Lake table."""
        return self.path / "log"

    @property
    def derived(self) -> Path:
        """What can be thrown away and made again from the log."""
        return self.path / "derived"

    @property
    def quarantine(self) -> Path:
        """What could not be accepted, with the reason."""
        return self.path / "quarantine.sqlite"

    @property
    def identity(self) -> Path:
        """Which references belong to which customer."""
        return self.path / "identity.sqlite"

    @property
    def corrections(self) -> Path:
        """What people corrected of what was read in texts: it cannot be made again."""
        return self.path / "corrections.sqlite"

    @property
    def inbox(self) -> Path:
        """What was received live and waits to enter the log, and what was received lately."""
        return self.path / "inbox.sqlite"

    @property
    def mapping_rules(self) -> Path:
        """The company's own rules that say what a live event means."""
        return self.path / "mapping.toml"

    @property
    def segments(self) -> Path:
        """The segments of customers that people saved."""
        return self.path / "segments.toml"

    @property
    def touchpoints(self) -> Path:
        """The touchpoints as the company describes them, and what is believed of customers."""
        return self.path / "touchpoints.toml"

    @property
    def surveys(self) -> Path:
        """The company's surveys, each version of each."""
        return self.path / "surveys"

    @property
    def contact_budget(self) -> Path:
        """How often, and when, the company writes to a customer."""
        return self.path / "contacts.toml"

    @property
    def contacts(self) -> Path:
        """Who was written to, who waits to be, and why not: it cannot be made again."""
        return self.path / "contacts.sqlite"

    @property
    def recipes(self) -> Path:
        """The company's own import recipes."""
        return self.path / "recipes"

    @property
    def uploads(self) -> Path:
        """Files that came through the page and wait to be imported."""
        return self.path / "uploads"

    @property
    def temporary(self) -> Path:
        """Where half-done work and spills go; emptied at start."""
        return self.path / "tmp"

    @property
    def phase_rules(self) -> Path:
        """The company's own rules that say which phase an interaction belongs to."""
        return self.path / "phases.toml"

    @property
    def app_database(self) -> Path:
        """People, sessions, jobs and the audit trail of the app."""
        return self.path / "app.sqlite"


def default_path() -> Path:
    """Return the folder used where none is named: PERCORSO_DIR, or the current folder."""
    return Path(os.environ.get("PERCORSO_DIR", "."))


def _read(given: dict[str, Any], file: Path) -> Settings:
    known = {each.name for each in fields(Settings)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise WorkspaceError(
            _("{file}: unknown setting {name!r}. The settings are: {known}.").format(
                file=file, name=unknown[0], known=", ".join(sorted(known))
            )
        )
    settings = Settings(**given)
    _check(settings, file)
    return settings


def _check(settings: Settings, file: Path) -> None:
    for each in fields(Settings):
        value = getattr(settings, each.name)
        if not isinstance(value, str) or not is_one_line(value):
            raise WorkspaceError(
                _(
                    "{file}: {name} must be one line of text, at most {most} characters long, "
                    "not {value!r}."
                ).format(file=file, name=each.name, most=LONGEST, value=value)
            )
    if settings.zone not in zones():
        raise WorkspaceError(
            _("{file}: zone must be a name such as Europe/Rome, not {value!r}.").format(
                file=file, value=settings.zone
            )
        )
    if settings.language not in LANGUAGES:
        raise WorkspaceError(
            _("{file}: language must be one of {known}, not {value!r}.").format(
                file=file, known=", ".join(LANGUAGES), value=settings.language
            )
        )
    if settings.second_factor not in SECOND_FACTOR:
        raise WorkspaceError(
            _("{file}: second_factor must be one of {known}, not {value!r}.").format(
                file=file, known=", ".join(SECOND_FACTOR), value=settings.second_factor
            )
        )
    if not is_currency(settings.currency):
        raise WorkspaceError(
            _("{file}: currency must be three capital letters such as EUR, not {value!r}.").format(
                file=file, value=settings.currency
            )
        )


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones: Python reads hundreds of files to tell them."""
    return frozenset(available_timezones())


def is_currency(text: str) -> bool:
    """Say whether text has the form of an ISO 4217 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def is_one_line(text: str) -> bool:
    """Say whether text can be a setting: one line that shows all it holds, and is not too long."""
    visible = not any(unicodedata.category(each) in _UNSEEN for each in text)
    return visible and bool(text.strip()) and len(text) <= LONGEST


def _as_toml(settings: Settings, comments: Iterable[str]) -> str:
    values = (
        f"{each.name} = {toml_text.value(getattr(settings, each.name))}"
        for each in fields(Settings)
    )
    return "\n".join([*comments, *values]) + "\n"
