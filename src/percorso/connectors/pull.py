"""An address that answers with JSON, a part at a time."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from percorso import net
from percorso.connectors.answers import asked_json
from percorso.connectors.model import ConnectorError, Fetched
from percorso.connectors.settings import PullSettings
from percorso.vocabulary import N_, Phrase

#: Answers of one run; where there is more, the next run follows at once.
_PAGES: Final = 20
_MOST_ROWS: Final = 20_000
_LONGEST_CURSOR: Final = 2000
_NEXT: Final = re.compile(r'<([^<>]{1,4000})>\s*;[^,]*?\brel="?next\b', re.IGNORECASE)


def run(settings: PullSettings, state: Mapping[str, Any], *, guard: net.Guard) -> Fetched:
    """Ask, from where the last run left off, until there is no more or it is enough for once."""
    rows: list[Mapping[str, Any]] = []
    position = _Position(settings, state)
    for _page in range(_PAGES):
        try:
            said, answer = asked_json(position.url(), headers=_headers(settings), guard=guard)
        except ConnectorError as error:
            if not rows:
                raise
            # What came before is good; the next run says what is wrong, if it still is.
            return Fetched(
                state=position.state,
                rows=tuple(rows),
                read=len(rows),
                wait=error.wait,
                trouble=error.phrase,
            )
        found = _items(said, settings.items)
        rows += found
        if not position.advance(said, answer, found) or len(rows) >= _MOST_ROWS:
            break
    return Fetched(
        state=position.state,
        rows=tuple(rows),
        read=len(rows),
        more=position.goes_on,
        unchanged=not rows,
    )


def _headers(settings: PullSettings) -> dict[str, str]:
    headers = dict(settings.headers)
    if settings.secret_value:
        headers[settings.secret_header] = settings.secret_value
    return headers


class _Position:
    """Where the list is being read: the next address, or the cursor to send."""

    def __init__(self, settings: PullSettings, state: Mapping[str, Any]) -> None:
        self._settings = settings
        self._cursor: str = str(state.get("cursor", ""))
        self.goes_on = False

    @property
    def state(self) -> dict[str, Any]:
        return {"cursor": self._cursor}

    def url(self) -> str:
        paging = self._settings.paging
        if paging == "none" or not self._cursor:
            return self._settings.url
        if paging == "link":
            return self._cursor
        return _with(self._settings.url, self._settings.parameter, self._cursor)

    def advance(self, said: Any, answer: net.Response, found: list[Mapping[str, Any]]) -> bool:
        """Move to what follows an answer; say whether there is more to ask for now."""
        following = self._following(said, answer, found)
        fits = len(following) <= _LONGEST_CURSOR
        self.goes_on = bool(found and following and fits and following != self._cursor)
        if following and fits:
            self._cursor = following
        elif self._settings.paging == "link":
            # Read to its end: the next run begins anew, for such lists grow at their beginning.
            self._cursor = ""
        return self.goes_on

    def _following(self, said: Any, answer: net.Response, found: list[Mapping[str, Any]]) -> str:
        settings = self._settings
        match settings.paging:
            case "link":
                link = str(at(said, settings.next) or "") if settings.next else _linked(answer)
                return self._same_server(urljoin(answer.url, link)) if link else ""
            case "cursor":
                return _as_text(at(said, settings.next))
            case "since":
                values = [_as_text(at(row, settings.next)) for row in found]
                return max([self._cursor, *values], key=_in_order)
        return ""

    def _same_server(self, url: str) -> str:
        """Return the address. Raises ConnectorError: the key would go to another server with it."""
        if urlsplit(url)[:2] != urlsplit(self._settings.url)[:2]:
            raise ConnectorError(
                Phrase(N_("The next part of the list is said to be on another server."))
            )
        return url


def at(said: Any, path: str) -> Any:
    """Return what is at ``a.b.0.c``; None where there is nothing."""
    for name in filter(None, path.split(".")):
        if isinstance(said, dict):
            said = said.get(name)
        elif isinstance(said, list) and name.isascii() and name.isdigit() and int(name) < len(said):
            said = said[int(name)]
        else:
            return None
    return said


def _items(said: Any, path: str) -> list[Mapping[str, Any]]:
    found = at(said, path)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ConnectorError(
            Phrase(
                N_("At {path} the answer holds no list of objects."),
                {"path": path or Phrase(N_("the top"))},
            )
        )
    return found


def _linked(answer: net.Response) -> str:
    found = _NEXT.search(answer.headers.get("link", "")[:16_000])
    return found[1] if found else ""


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value)


def _in_order(value: str) -> tuple[int, float, str]:
    """Numbers come in the order of numbers, other texts (ISO times) as they are written."""
    if not value:
        return (0, 0.0, "")
    try:
        return (1, float(value), "")
    except ValueError:
        return (2, 0.0, value)


def _with(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = [
        (key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name
    ]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)])))
