"""Going out to listen: feeds, Mastodon, a mailbox, a watched folder, an API of somebody's.

    settings = connectors.read("feed", {"url": "https://example.org/reviews.xml"})
    fetched = connectors.run(settings, state={}, source="Reviews")
    log.append(...fetched.interactions...); keep(fetched.state)

Each connector is a function from what was chosen and where it left off to what is new and where to
go on from. It keeps nothing itself: whoever calls it puts what came into the log first and keeps
the state afterwards. Cut off in between, the same comes again under the same ids.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from percorso.connectors.model import (
    CUT_OFF,
    ConnectorError,
    Fetched,
    Settings,
    SettingsError,
    Skip,
)
from percorso.connectors.settings import (
    FeedSettings,
    FolderSettings,
    MailboxSettings,
    MastodonSettings,
    PullSettings,
    read,
)
from percorso.net import Guard

__all__ = [
    "CUT_OFF",
    "KINDS",
    "ConnectorError",
    "FeedSettings",
    "Fetched",
    "FolderSettings",
    "MailboxSettings",
    "MastodonSettings",
    "PullSettings",
    "Settings",
    "SettingsError",
    "Skip",
    "read",
    "run",
]

KINDS: Final = ("feed", "mastodon", "mailbox", "folder", "pull")


def run(
    settings: Settings,
    state: Mapping[str, Any],
    *,
    source: str,
    guard: Guard | None = None,
    now: datetime | None = None,
) -> Fetched:
    """Fetch what is new since ``state`` (``{}`` at first). Raises ConnectorError, with its reason.

    ``source`` is the name interactions carry as theirs. ``guard`` says which private addresses may
    be asked: none, where it is not given.
    """
    from percorso.connectors import feed, folder, mailbox, mastodon, pull

    with_net: dict[str, Any] = {"guard": guard or Guard(), "now": now or datetime.now(UTC)}
    match settings:
        case FeedSettings():
            return feed.run(settings, state, source=source, **with_net)
        case MastodonSettings():
            return mastodon.run(settings, state, source=source, **with_net)
        case MailboxSettings():
            return mailbox.run(settings, state, source=source, **with_net)
        case FolderSettings():
            return folder.run(settings, state, now=with_net["now"])
        case PullSettings():
            return pull.run(settings, state, guard=with_net["guard"])
    raise TypeError(f"no connector for {type(settings).__name__}")
