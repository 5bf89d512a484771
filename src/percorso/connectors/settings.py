"""What can be chosen for each kind of connector, read from plain values and checked.

A setting marked secret is kept apart by whoever keeps settings; here it is one like the others.
"""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from percorso.connectors.model import Settings, SettingsError
from percorso.net import Guard, NetError, check_url
from percorso.vocabulary import CHANNELS, N_, Phrase

#: Settings that are never shown again, by kind.
SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "feed": (),
    "mastodon": ("token",),
    "mailbox": ("password",),
    "folder": (),
    "pull": ("secret_value",),
}
_LONGEST: Final = 500
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_HASHTAG: Final = re.compile(r"\w{1,100}")
_ACCOUNT: Final = re.compile(r"\w[\w.-]{0,60}(@[A-Za-z0-9.-]{1,200})?")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_FORBIDDEN_HEADERS: Final = ("host", "content-length", "transfer-encoding", "connection")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings(Settings):
    """An RSS or Atom feed of reviews, or of pages that speak of the company.

    An empty ``touchpoint`` is called as the feed calls itself.
    """

    url: str
    kind: Literal["mention", "review", "content"] = "mention"
    touchpoint: str = ""
    channel: str = "other"

    def check(self) -> None:
        _check_url("url", self.url)
        _check_channel(self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonSettings(Settings):
    """An instance of Mastodon: posts with hashtags, answers to an account's posts, mentions.

    ``instance`` is a host name, ``account`` the company's own (``libreria`` or
    ``libreria@example.org``). With ``token`` (scope ``read:notifications``) the account's mentions
    are read too, also those that are not public.
    """

    instance: str
    hashtags: tuple[str, ...] = ()
    account: str = ""
    token: str = field(default="", repr=False)
    touchpoint: str = "Mastodon"

    @property
    def base(self) -> str:
        return self.instance if "://" in self.instance else f"https://{self.instance}"

    def check(self) -> None:
        _check_url("instance", self.base)
        if not (self.hashtags or self.account or self.token):
            raise SettingsError(
                "hashtags", Phrase(N_("Give at least one hashtag, or the company's account."))
            )
        for each in self.hashtags:
            if not _HASHTAG.fullmatch(each):
                raise SettingsError(
                    "hashtags", Phrase(N_("{given} is not a hashtag."), {"given": each[:50]})
                )
        if self.account and not _ACCOUNT.fullmatch(self.account.removeprefix("@")):
            raise SettingsError("account", Phrase(N_("This is not the name of an account.")))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings(Settings):
    """A mailbox that customers write to, read over IMAP and left as it is.

    ``folders`` are read; what comes from an address, or a domain (``@example.org``), of ``own`` was
    written by the company: in a folder of sent mail it becomes a message to the customer.
    ``days`` is how far the first run goes back. ``encryption`` is ``tls`` (port 993), ``starttls``
    (143) or ``none``.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 0
    encryption: Literal["tls", "starttls", "none"] = "tls"
    folders: tuple[str, ...] = ("INBOX",)
    own: tuple[str, ...] = ()
    days: int = 30
    touchpoint: str = "E-mail"

    @property
    def port_used(self) -> int:
        return self.port or (993 if self.encryption == "tls" else 143)

    def check(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise SettingsError("host", Phrase(N_("This is not the name of a server.")))
        if not 0 <= self.port <= 65535:
            raise SettingsError("port", Phrase(N_("A port is a number from 1 to 65535.")))
        for name in ("user", "password"):
            value = getattr(self, name)
            if not value or any(each in value for each in "\r\n\0"):
                raise SettingsError(name, Phrase(N_("must be given")))
        if not self.folders or any(not each or len(each) > _LONGEST for each in self.folders):
            raise SettingsError("folders", Phrase(N_("Give at least one folder, such as INBOX.")))
        if not 0 <= self.days <= 3650:
            raise SettingsError("days", Phrase(N_("Give a number of days from 0 to 3650.")))


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings(Settings):
    """A folder of this machine where another program puts files.

    ``pattern`` chooses among them (``orders-*.csv``). ``recipe`` or ``mapping`` say how they are
    read, as in a file import. ``together`` reads all new ones as one import, for recipes that join
    several files. A file is taken once it has not changed for ``settle`` seconds.
    """

    path: str
    pattern: str = "*"
    recipe: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    together: bool = False
    settle: int = 30

    def check(self) -> None:
        if not Path(self.path).is_absolute() or "\0" in self.path:
            raise SettingsError("path", Phrase(N_("Give the whole path, from the root on.")))
        if not self.pattern or "/" in self.pattern or len(self.pattern) > 100:
            raise SettingsError(
                "pattern", Phrase(N_("Give a pattern of file names, such as *.csv."))
            )
        fnmatch.translate(self.pattern)
        if not 0 <= self.settle <= 3600:
            raise SettingsError("settle", Phrase(N_("Give a number of seconds from 0 to 3600.")))


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSettings(Settings):
    """An address that answers with JSON, asked again and again for what is new.

    ``items`` is where the list is in the answer (``data.items``; empty: the answer is the list).
    ``paging`` says how to go on: ``none``; ``link``, a ``Link: <...>; rel="next"`` header or the
    address at ``next``; ``cursor``, the value at ``next`` sent as the parameter ``parameter``;
    ``since``, the greatest value of the items' field ``next`` sent as ``parameter``. ``recipe`` or
    ``mapping`` say what the items' fields mean, as in a file import. ``secret_value`` is sent in
    the header ``secret_header``.
    """

    url: str
    items: str = ""
    paging: Literal["none", "link", "cursor", "since"] = "none"
    next: str = ""
    parameter: str = ""
    recipe: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_header: str = "Authorization"  # noqa: S105 - its name, not the secret
    secret_value: str = field(default="", repr=False)

    def check(self) -> None:
        _check_url("url", self.url)
        for name, value in {**self.headers, self.secret_header: self.secret_value}.items():
            if not _HEADER.fullmatch(name) or name.lower() in _FORBIDDEN_HEADERS:
                raise SettingsError(
                    "headers", Phrase(N_("{given} is not a header to send."), {"given": name[:50]})
                )
            if any(each in value for each in "\r\n\0") or not value.isascii():
                raise SettingsError("headers", Phrase(N_("A header is one line of plain letters.")))
        if self.paging in ("cursor", "since") and not (self.next and self.parameter):
            raise SettingsError(
                "next", Phrase(N_("Say where the cursor is, and the parameter it is sent as."))
            )


_TYPES: Final[Mapping[str, type[Settings]]] = {
    "feed": FeedSettings,
    "mastodon": MastodonSettings,
    "mailbox": MailboxSettings,
    "folder": FolderSettings,
    "pull": PullSettings,
}
_OF_MSGSPEC: Final = re.compile(r" - at `\$\.?(?P<field>\w*)|field `(?P<missing>\w+)`")


def read(kind: str, given: Mapping[str, Any]) -> Settings:
    """Return the settings of a kind from plain values. Raises SettingsError that names the one."""
    wanted = _TYPES[kind]
    names = {each.name for each in fields(wanted)}  # type: ignore[arg-type] # each is a dataclass
    unknown = sorted(set(given) - names)
    if unknown:
        raise SettingsError(unknown[0], Phrase(N_("There is no such setting.")))
    try:
        settings: Any = msgspec.convert(dict(given), wanted, strict=False)
    except msgspec.ValidationError as error:
        found = _OF_MSGSPEC.search(str(error))
        name = (found["field"] or found["missing"] or "") if found else ""
        raise SettingsError(name, Phrase(N_("This value makes no sense here."))) from error
    for name in names:
        _check_length(name, getattr(settings, name))
    settings.check()
    return settings  # type: ignore[no-any-return]


def _check_length(name: str, value: Any) -> None:
    if isinstance(value, str) and len(value) > _LONGEST:
        raise SettingsError(
            name, Phrase(N_("must be at most {most} characters"), {"most": _LONGEST})
        )


def _check_url(name: str, url: str) -> None:
    try:
        check_url(url, Guard())
    except NetError as error:
        raise SettingsError(name, error.phrase) from error


def _check_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise SettingsError(
            "channel", Phrase(N_("must be one of: {allowed}"), {"allowed": ", ".join(CHANNELS)})
        )
