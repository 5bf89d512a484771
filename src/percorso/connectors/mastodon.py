"""Mastodon: public posts with a hashtag, answers to the company's posts, and its mentions.

The public part needs no account: ``/api/v1/timelines/tag/...``, ``/api/v1/accounts/...`` and
``/api/v1/statuses/.../context``. Instances may close parts of it to strangers; they say so.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from percorso import net
from percorso.connectors.answers import asked_json
from percorso.connectors.model import ConnectorError, Fetched, Skip, digest, reference
from percorso.connectors.plain import text_of
from percorso.connectors.settings import MastodonSettings
from percorso.vocabulary import Interaction
from percorso.vocabulary.interaction import FIRST_YEAR, MAX_NAME

#: Posts of one answer (the API's most), and answers a timeline is asked for in one run.
_PER_ANSWER: Final = 40
_ANSWERS: Final = 10
#: Own posts whose answers are followed: the newest, as the answers to older ones have come.
_OWN_POSTS: Final = 20
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PUBLIC: Final = ("public", "unlisted")


def run(
    settings: MastodonSettings,
    state: Mapping[str, Any],
    *,
    source: str,
    guard: net.Guard,
    now: datetime,
) -> Fetched:
    """Read what is new on each timeline since the last run."""
    reading = _Reading(settings, state, source, guard, now)
    for tag in settings.hashtags:
        reading.timeline(f"tag:{tag.lower()}", f"/api/v1/timelines/tag/{quote(tag)}")
    if settings.token:
        reading.timeline("mentions", "/api/v1/notifications", {"types[]": "mention"})
    if settings.account:
        reading.answers(settings.account.removeprefix("@"))
    return reading.fetched()


class _Reading:
    """One run: what was found so far, and where each timeline was left."""

    def __init__(
        self,
        settings: MastodonSettings,
        state: Mapping[str, Any],
        source: str,
        guard: net.Guard,
        now: datetime,
    ) -> None:
        self._settings, self._source, self._guard, self._now = settings, source, guard, now
        self._newest: dict[str, str] = dict(state.get("newest", {}))
        self._answered: dict[str, int] = dict(state.get("answered", {}))
        self._account_id: str = str(state.get("account_id", ""))
        self._host = urlsplit(settings.base).hostname or ""
        self._found: dict[str, Interaction] = {}
        self._skipped: Counter[Skip] = Counter()
        self._read = 0
        self._more = False
        self._failure: ConnectorError | None = None

    def fetched(self) -> Fetched:
        """Return what was found. Raises ConnectorError where the first thing asked failed."""
        if self._failure is not None and not self._found:
            raise self._failure
        return Fetched(
            state={
                "newest": self._newest,
                "answered": self._answered,
                "account_id": self._account_id,
            },
            interactions=tuple(self._found.values()),
            read=self._read,
            skipped=self._skipped,
            more=self._more and self._failure is None,
            wait=self._failure.wait if self._failure else None,
            trouble=self._failure.phrase if self._failure else None,
            unchanged=not self._found,
        )

    def timeline(self, name: str, path: str, query: Mapping[str, str] | None = None) -> None:
        """Read a timeline forwards from where it was left; at first, its newest posts alone."""
        for _answer in range(_ANSWERS):
            if self._failure is not None:
                return
            begun = name in self._newest
            after = {"min_id": self._newest[name]} if begun else {}
            posts = self._list(path, {"limit": str(_PER_ANSWER), **(query or {}), **after})
            if not posts:
                return
            self._newest[name] = max((str(each.get("id", "")) for each in posts), key=_in_order)
            for post in posts:
                self._take(post.get("status") if name == "mentions" else post)
            if not begun or len(posts) < _PER_ANSWER:
                return
        self._more = True

    def answers(self, account: str) -> None:
        """Read the answers to the account's newest posts, where their number has changed."""
        if not self._account_id:
            found = self._ask("/api/v1/accounts/lookup", {"acct": account})
            self._account_id = _id(found)
            if not self._account_id:
                return
        query = {"limit": str(_OWN_POSTS), "exclude_reblogs": "true"}
        posts = self._list(f"/api/v1/accounts/{self._account_id}/statuses", query)
        counts = {_id(each): each.get("replies_count") for each in posts}
        for post, count in counts.items():
            if not post or not isinstance(count, int) or count == self._answered.get(post, 0):
                continue
            context = self._ask(f"/api/v1/statuses/{post}/context", {})
            if self._failure is not None:
                return
            below = context.get("descendants") if isinstance(context, dict) else None
            for each in below if isinstance(below, list) else ():
                self._take(each)
            self._answered[post] = count
        if counts:
            self._answered = {
                post: count for post, count in self._answered.items() if post in counts
            }

    def _list(self, path: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        said = self._ask(path, query)
        return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []

    def _ask(self, path: str, query: Mapping[str, str]) -> Any:
        """Return what the API says; nothing once it has failed: what was found before is kept."""
        if self._failure is not None:
            return None
        token = self._settings.token
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self._settings.base}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            return asked_json(url, headers=headers, guard=self._guard)[0]
        except ConnectorError as error:
            self._failure = error
            return None

    def _take(self, post: Any) -> None:
        self._read += 1
        made = self._interaction(post) if isinstance(post, dict) else Skip.UNREADABLE
        if isinstance(made, Interaction):
            self._found.setdefault(made.id, made)
        else:
            self._skipped[made] += 1

    def _interaction(self, post: Mapping[str, Any]) -> Interaction | Skip:
        who = post.get("account")
        uri = str(post.get("uri") or post.get("url") or "")
        if not isinstance(who, dict) or not who.get("acct") or not uri:
            return Skip.UNREADABLE
        if post.get("reblog"):
            return Skip.REPEATED
        acct = self._whole(str(who["acct"]))
        if acct == self._whole(self._settings.account.removeprefix("@")):
            return Skip.OWN
        words = text_of(f"<p>{post.get('spoiler_text') or ''}</p>{post.get('content') or ''}")
        if not words:
            return Skip.EMPTY
        public = post.get("visibility") in _PUBLIC
        language = str(post.get("language") or "")
        link = str(post.get("url") or "")
        return Interaction(
            id=f"mastodon:{digest(uri)}",
            at=self._time(post.get("created_at")),
            received_at=self._now,
            customer=reference("mastodon", acct),
            kind="mention" if public else "message",
            source=self._source,
            touchpoint=self._settings.touchpoint[:MAX_NAME] or "Mastodon",
            channel="social",
            text=words,
            language=language if _LANGUAGE.fullmatch(language) else None,
            properties={"link": link[:2000]} if urlsplit(link).scheme == "https" else {},
        )

    def _whole(self, acct: str) -> str:
        """Return an account's whole name: people of the instance itself come without its host."""
        return (acct if "@" in acct else f"{acct}@{self._host}").lower() if acct else ""

    def _time(self, said: Any) -> datetime:
        try:
            at = datetime.fromisoformat(str(said))
        except ValueError:
            return self._now
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at if at.year > FIRST_YEAR and at <= self._now + timedelta(days=1) else self._now


def _id(post: Any) -> str:
    """Return an id that may stand in a path."""
    said = str(post.get("id", "")) if isinstance(post, dict) else ""
    return said if _ID.fullmatch(said) else ""


def _in_order(number: str) -> tuple[int, str]:
    """Ids are numbers written out, of any length: longer ones are later."""
    return len(number), number
