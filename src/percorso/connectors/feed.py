"""RSS and Atom: reviews, and pages that speak of the company."""

import calendar
import io
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from percorso import net
from percorso.connectors.answers import asked
from percorso.connectors.model import ConnectorError, Fetched, Skip, digest, reference
from percorso.connectors.plain import text_of, tidied
from percorso.connectors.settings import FeedSettings
from percorso.vocabulary import N_, SCALES, Interaction, Phrase
from percorso.vocabulary.interaction import FIRST_YEAR, MAX_NAME

_ACCEPT: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
_MAX_BYTES: Final = 8 * 1024 * 1024
#: Entries of a feed that are looked at; the newest come first in most.
_MOST_ENTRIES: Final = 2000
_LONGEST_TTL_MIN: Final = 24 * 60
#: Where feeds of reviews put the stars (feedparser writes a namespace's colon as an underscore).
_RATINGS: Final = ("im_rating", "g_rating", "review_rating", "rating", "ratingvalue")


def run(
    settings: FeedSettings,
    state: Mapping[str, Any],
    *,
    source: str,
    guard: net.Guard,
    now: datetime,
) -> Fetched:
    """Read the feed, unless its server says that nothing has changed."""
    headers = {"accept": _ACCEPT}
    if etag := state.get("etag"):
        headers["if-none-match"] = etag
    if changed := state.get("last_modified"):
        headers["if-modified-since"] = changed
    answer = asked(settings.url, headers=headers, guard=guard, max_bytes=_MAX_BYTES)
    if answer.status == 304:
        return Fetched(state=dict(state), unchanged=True, wait=_wait(state.get("ttl")))
    parsed = _parsed(answer)
    about_feed, entries = parsed.feed, parsed.entries[:_MOST_ENTRIES]
    touchpoint = settings.touchpoint or tidied(str(about_feed.get("title") or "")) or source
    found: list[Interaction] = []
    skipped: Counter[Skip] = Counter()
    for entry in entries:
        made = _interaction(entry, settings, touchpoint[:MAX_NAME], source, now)
        if made is None:
            skipped[Skip.EMPTY] += 1
        else:
            found.append(made)
    ttl = _minutes(about_feed.get("ttl"))
    return Fetched(
        state={
            "etag": answer.headers.get("etag", "")[:1000],
            "last_modified": answer.headers.get("last-modified", "")[:100],
            "ttl": ttl,
        },
        interactions=tuple(found),
        read=len(entries),
        skipped=skipped,
        wait=_wait(ttl),
    )


def _parsed(answer: net.Response) -> Any:
    # Nothing but an attack declares entities in a feed. Without zeros: in UTF-16 too.
    if b"<!ENTITY" in answer.body.replace(b"\0", b""):
        raise ConnectorError(
            Phrase(N_("What is at this address is not a feed (RSS or Atom).")), final=True
        )
    import feedparser

    # As a file: given the bytes themselves it would take a short answer for the name of a file.
    parsed = feedparser.parse(
        io.BytesIO(answer.body),
        response_headers={
            "content-type": answer.headers.get("content-type", ""),
            "content-location": answer.url,
        },
    )
    if not parsed.entries and not parsed.get("version"):
        raise ConnectorError(
            Phrase(N_("What is at this address is not a feed (RSS or Atom).")), final=True
        )
    return parsed


def _interaction(
    entry: Any, settings: FeedSettings, touchpoint: str, source: str, now: datetime
) -> Interaction | None:
    host = urlsplit(settings.url).hostname or ""
    title, link = tidied(str(entry.get("title") or "")), str(entry.get("link") or "")
    named = str(entry.get("id") or link or "")
    words = _words(entry, title)
    if not words and not named:
        return None
    key = digest(host, named or f"{title}\n{words}")
    stars = _stars(entry) if settings.kind == "review" else None
    author = tidied(str(entry.get("author") or ""))
    properties = {"link": link[:2000]} if urlsplit(link).scheme in ("http", "https") else {}
    return Interaction(
        id=f"feed:{key}",
        at=_time(entry, now),
        received_at=now,
        customer=reference("feed", f"{host}/{author}") if author else f"anon:{key}",
        kind=settings.kind,
        name=title[:MAX_NAME] or None,
        source=source,
        touchpoint=touchpoint,
        channel=settings.channel,
        scale="stars" if stars is not None else None,
        score=stars,
        text=words or None,
        properties=properties,
    )


def _words(entry: Any, title: str) -> str:
    contents = entry.get("content") or ()
    markup = max((str(each.get("value") or "") for each in contents), key=len, default="")
    body = text_of(markup or str(entry.get("summary") or ""))
    if not title or body.startswith(title):
        return body
    return tidied(f"{text_of(title)}\n\n{body}")


def _stars(entry: Any) -> float | None:
    for name in _RATINGS:
        said = entry.get(name)
        try:
            stars = float(str(said).replace(",", "."))
        except ValueError:
            continue
        if SCALES["stars"].accepts(stars):
            return stars
    return None


def _time(entry: Any, now: datetime) -> datetime:
    """Return when it was published; now, where the feed does not say, or not sensibly."""
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        at = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return now
    return at if at.year > FIRST_YEAR and at <= now + timedelta(days=1) else now


def _minutes(said: Any) -> int:
    text = str(said or "").strip()
    return min(int(text[:6]), _LONGEST_TTL_MIN) if text.isascii() and text.isdigit() else 0


def _wait(ttl_minutes: Any) -> float | None:
    return ttl_minutes * 60.0 if isinstance(ttl_minutes, int) and ttl_minutes > 0 else None
