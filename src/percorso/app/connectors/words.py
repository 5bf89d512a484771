"""What the connectors' words are called on the pages."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Final[Mapping[str, str | Promise]] = {
    "feed": _("Feed (RSS or Atom)"),
    "mastodon": _("Mastodon"),
    "mailbox": _("Mailbox (IMAP)"),
    "folder": _("Watched folder"),
    "pull": _("JSON from an address"),
}
SKIPPED: Final[Mapping[str, str | Promise]] = {
    "own": _("written by the company itself"),
    "automatic": _("automatic replies and bounces"),
    "bulk": _("newsletters and lists"),
    "repeated": _("repetitions of another's words"),
    "empty": _("without words"),
    "unreadable": _("cannot be taken apart"),
    "unsettled": _("files that may still be being written"),
}
HEALTH: Final[Mapping[str, str | Promise]] = {
    "new": _("has not run yet"),
    "well": _("runs well"),
    "trouble": _("fails, and is tried again"),
    "stopped": _("stopped: something has to change"),
    "paused": _("paused"),
    "late": _("is late: the worker does not get to it"),
}
TONES: Final[Mapping[str, str]] = {
    "new": "still",
    "well": "good",
    "trouble": "bad",
    "stopped": "bad",
    "paused": "still",
    "late": "warn",
}
ABOUT: Final[Mapping[str, str | Promise]] = {
    "feed": _("Reviews, news and blogs that speak of the company."),
    "mastodon": _("Posts with your hashtags, answers and mentions."),
    "mailbox": _("What customers write by e-mail, and the answers to it."),
    "folder": _("Files that another program puts into a folder of the server."),
    "pull": _("Rows that another system gives when it is asked."),
}
