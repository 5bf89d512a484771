"""The door live events come in by: who may, what is refused and how, what browsers are told."""

import asyncio
import base64
import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.asynchronous import run

from percorso.app.sources import actions, allowance, queries
from percorso.app.sources import door as doors
from percorso.app.sources.door import Door
from percorso.app.sources.errors import SourceError
from percorso.app.sources.front import Front
from percorso.app.sources.known_keys import KnownKeys
from percorso.app.sources.models import WriteKey
from percorso.app.sources.queries import Allowed
from percorso.app.sources.write_keys import digest
from percorso.live.channels import channels
from percorso.live.inbox import Inbox, Limits
from percorso.live.public import public_sources
from percorso.live.segment import MOST_EVENT, MOST_EVENTS, MOST_REQUEST
from percorso.workspace import Workspace

SHOP, TILL = "prk_shop", "prk_till"
WEBSITE = "https://www.example.org"
EVENT = {"type": "track", "event": "e", "userId": "ada", "messageId": "m"}


class Answer:
    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message.get("body", b"")


@pytest.fixture
def keys() -> KnownKeys:
    known = {
        digest(SHOP): Allowed("shop", frozenset({WEBSITE})),
        digest(TILL): Allowed("till"),
        digest("prk_slow"): Allowed("slow", most_per_second=3),
    }
    made = KnownKeys(lambda: known)
    made.refresh()
    return made


@pytest.fixture
def inbox(tmp_path: Any) -> Iterator[Inbox]:
    made = Inbox(tmp_path / "inbox.sqlite")
    yield made
    made.close()


@pytest.fixture
def door(inbox: Inbox, keys: KnownKeys) -> Door:
    allowance.a_second.cache_clear()
    return Door(inbox, keys)


def ask(
    door: Door,
    path: str,
    body: bytes | None = b"",
    method: str = "POST",
    parts: int = 1,
    **headers: str,
) -> Answer:
    answer = Answer()
    sent = body or b""
    size = max(-(-len(sent) // parts), 1)
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)] or [b""]

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": named}
    run(door(scope, receive, answer.send))
    return answer


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def batch(events: list[Any], key: str = TILL, **more: Any) -> bytes:
    return json.dumps({"writeKey": key, "batch": events, **more}).encode()


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/v1/track", "track"), ("/v1/t", "track"), ("/v1/p", "page"), ("/v1/i", "identify"),
        ("/v1/s", "screen"), ("/v1/g", "group"), ("/v1/a", "alias"), ("/v1/alias", "alias"),
    ],
)  # fmt: skip
def test_each_call_is_kept_as_it_came(door: Door, inbox: Inbox, path: str, call: str) -> None:
    body = json.dumps(EVENT).encode()
    answer = ask(door, path, body, authorization=basic(TILL))
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
    (kept,) = inbox.take().received
    assert (kept.source, kept.call, kept.body, kept.events) == ("till", call, body, 1)


def test_a_batch_is_acknowledged_when_it_is_on_the_disk(door: Door, inbox: Inbox) -> None:
    assert ask(door, "/v1/batch", batch([EVENT] * 7), parts=3).status == 200
    assert ask(door, "/v1/b", batch([]), parts=1).status == 200
    assert inbox.depth() == 7


@pytest.mark.parametrize("key", ["", "prk_none", "x" * 5000, "è\0"])
def test_a_key_that_is_not_known_is_refused(door: Door, inbox: Inbox, key: str) -> None:
    assert ask(door, "/v1/batch", batch([EVENT], key)).status == 401
    assert ask(door, "/v1/track", json.dumps(EVENT).encode()).status == 401
    assert ask(door, "/v1/track", b"{}", authorization="Basic !!!").status == 401
    assert inbox.depth() == 0


def test_gzip_is_unpacked_and_a_bomb_is_not(door: Door, inbox: Inbox) -> None:
    packed = gzip.compress(batch([EVENT] * 3))
    assert ask(door, "/v1/batch", packed, content_encoding="gzip").status == 200
    assert inbox.depth() == 3
    bomb = gzip.compress(b" " * 300 * MOST_REQUEST)
    for body in (bomb, packed[:-9], b"plain"):
        assert ask(door, "/v1/batch", body, content_encoding="gzip").status == 400
    assert ask(door, "/v1/batch", packed, content_encoding="br").status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"batch":{}}', b'{"batch":[1}', b'{"batch":[}', b"[" * 100_000,
        b'{"batch":' + b"[" * 100_000, b"\xff\xfe", b'{"batch":[{"a":1}]} x',
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(door: Door, inbox: Inbox, body: bytes) -> None:
    answer = ask(door, "/v1/batch", body, authorization=basic(TILL))
    assert answer.status == 400
    assert "JSON" in json.loads(answer.body)["error"]
    assert inbox.depth() == 0


def test_limits_are_kept(door: Door) -> None:
    large = json.dumps({**EVENT, "x": "y" * MOST_EVENT}).encode()
    assert ask(door, "/v1/track", large, authorization=basic(TILL)).status == 400
    assert ask(door, "/v1/batch", batch([{}] * (MOST_EVENTS + 1))).status == 400
    assert ask(door, "/v1/batch", b"x" * (MOST_REQUEST + 1)).status == 400
    assert ask(door, "/v1/batch", b"x" * (MOST_REQUEST + 1), parts=4).status == 400
    assert ask(door, "/v1/batch", batch([{}] * MOST_EVENTS)).status == 200


def test_a_key_of_a_website_is_for_that_website(door: Door, inbox: Inbox) -> None:
    body = batch([EVENT], SHOP)
    assert ask(door, "/v1/b", body, origin="https://evil.example.org").status == 403
    assert ask(door, "/v1/b", body).status == 403, "who hides where it is from is not let in"
    answer = ask(door, "/v1/b", body, origin=WEBSITE)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == WEBSITE
    assert inbox.depth() == 1


def test_a_browser_asks_first_and_is_told(inbox: Inbox) -> None:
    known = KnownKeys(lambda: {digest(SHOP): Allowed("shop", frozenset({WEBSITE}))})
    known.refresh()
    door = Door(inbox, known)
    answer = ask(door, "/v1/t", method="OPTIONS", origin=WEBSITE)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == WEBSITE
    allowed = answer.headers["access-control-allow-headers"]
    assert {"authorization", "x-retry-count"} <= set(allowed.split(", "))
    other = ask(door, "/v1/t", method="OPTIONS", origin="https://evil.example.org")
    assert "access-control-allow-origin" not in other.headers


def test_a_source_that_sends_too_much_is_told_when_to_come_again(door: Door) -> None:
    answers = [ask(door, "/v1/b", batch([EVENT], "prk_slow")) for _ in range(6)]
    assert [each.status for each in answers[:3]] == [200, 200, 200]
    assert 429 in [each.status for each in answers]
    assert next(a for a in answers if a.status == 429).headers["retry-after"] == "1"


def test_a_full_inbox_says_when_to_come_again(tmp_path: Any, keys: KnownKeys) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite", Limits(queued=-1))
    answer = ask(Door(inbox, keys), "/v1/b", batch([EVENT]))
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) >= 1
    inbox.close()


def test_where_nothing_can_be_written_the_answer_is_503(tmp_path: Any, keys: KnownKeys) -> None:
    place = tmp_path / "inbox.sqlite"
    place.mkdir()
    inbox = Inbox(place)
    answer = ask(Door(inbox, keys), "/v1/b", batch([EVENT]))
    assert answer.status == 503
    assert "retry-after" in answer.headers
    assert str(tmp_path) not in answer.body.decode()
    inbox.close()


def test_the_script_is_small_and_for_every_website(door: Door) -> None:
    answer = ask(door, "/percorso.js", method="GET")
    assert answer.status == 200
    assert len(answer.body) < 4096
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    again = ask(door, "/percorso.js", method="GET", if_none_match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


HOSTS = ("cx.example.org", "localhost")
PROXY = {"x_forwarded_proto": "https"}
#: The server's front, what a request says -> where Segment's script is told to send.
TOLD: list[tuple[Front, dict[str, str], tuple[str, str] | None]] = [
    (Front("https://cx.example.org", HOSTS, 1), {"host": "10.0.0.5:8000"}, ("https", HOSTS[0])),
    (Front("https://cx.example.org"), {"host": "evil.example.org"}, ("https", HOSTS[0])),
    (Front("", HOSTS), {"host": "localhost:8000"}, ("http", "localhost:8000")),
    (Front("", HOSTS), {"host": HOSTS[0], **PROXY}, ("http", HOSTS[0])),
    (Front("", HOSTS, 1), {"host": HOSTS[0], **PROXY}, ("https", HOSTS[0])),
    (Front("", HOSTS, 1), {"host": HOSTS[0]}, ("http", HOSTS[0])),
    (Front("", HOSTS), {"host": "evil.example.org"}, None),
    (Front("", HOSTS), {"host": 'x"><script>'}, None),
    (Front("", HOSTS), {}, None),
]


@pytest.mark.parametrize(("front", "headers", "told"), TOLD)
def test_scripts_of_segment_are_told_where_to_send(
    inbox: Inbox,
    keys: KnownKeys,
    front: Front,
    headers: dict[str, str],
    told: tuple[str, str] | None,
) -> None:
    door = Door(inbox, keys, front)
    answer = ask(door, f"/v1/projects/{TILL}/settings", method="GET", **headers)
    if told is None:
        assert answer.status == 400
        assert "example" not in answer.body.decode()
        return
    settings = json.loads(answer.body)["integrations"]["Segment.io"]
    assert (settings["protocol"], settings["apiHost"]) == (told[0], f"{told[1]}/v1")
    assert ask(door, "/v1/projects/none/settings", method="GET", **headers).status == 404


def test_whoever_guesses_keys_is_slowed_and_nobody_else(inbox: Inbox, keys: KnownKeys) -> None:
    door = Door(inbox, keys, Front(trusted_proxies=1))

    def tried(key: str, address: str) -> int:
        return ask(door, "/v1/b", batch([EVENT], key), x_forwarded_for=f"9.9.9.9, {address}").status

    answers = [tried(f"prk_{n}", "192.0.2.1") for n in range(40)]
    assert answers[:30] == [401] * 30
    assert answers[-1] == 429
    assert tried(TILL, "192.0.2.1") == 200
    assert tried("prk_x", "192.0.2.2") == 401


def test_guesses_from_many_addresses_free_nobody_who_is_slowed(
    inbox: Inbox, keys: KnownKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "_ADDRESSES", 10)
    monkeypatch.setattr(doors.time, "monotonic", lambda: 90.0)  # all in one minute
    door = Door(inbox, keys, Front(trusted_proxies=1))

    def tried(address: str) -> int:
        return ask(door, "/v1/b", batch([EVENT], "prk_x"), x_forwarded_for=address).status

    assert [tried("192.0.2.1") for _ in range(31)][-1] == 429
    assert {tried(f"198.51.100.{n}") for n in range(50)} == {401}
    assert tried("192.0.2.1") == 429


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/track", 405), ("PUT", "/v1/b", 405), ("POST", "/v1/none", 404),
        ("POST", "/v1/", 404), ("GET", "/v1/projects//settings", 404), ("GET", "/-/alive", 200),
        ("POST", "/-/alive", 200), ("POST", "/percorso.js", 404), ("GET", "/v1/../-/alive", 404),
    ],
)  # fmt: skip
def test_other_addresses_and_methods(door: Door, method: str, path: str, status: int) -> None:
    assert ask(door, path, method=method).status == status


# Sources and their keys


@pytest.mark.django_db
def test_a_key_works_until_it_is_replaced_or_revoked(company: Any) -> None:
    first = actions.add(None, "Website ", [f"{WEBSITE}:443/", "http://LOCALHOST:8000"])
    allowed = queries.working_keys()
    assert list(allowed) == [digest(first)]
    assert allowed[digest(first)].origins == {WEBSITE, "http://localhost:8000"}
    second = actions.rotate(None, "website")
    assert set(queries.working_keys()) == {digest(first), digest(second)}
    WriteKey.objects.filter(digest=digest(first)).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert set(queries.working_keys()) == {digest(second)}
    third = actions.rotate(None, "website", timedelta(0))
    assert set(queries.working_keys()) == {digest(third)}
    assert actions.revoke(None, "website", third[-4:]) == 1
    assert queries.working_keys() == {}
    assert not WriteKey.objects.filter(digest__contains=third).exists()


@pytest.mark.django_db
def test_a_source_that_is_closed_sends_nothing_more(company: Any) -> None:
    actions.add(None, "till")
    actions.close(None, "till")
    assert queries.working_keys() == {}
    with pytest.raises(SourceError, match="no open source"):
        actions.rotate(None, "till")
    with pytest.raises(SourceError, match="already"):
        actions.add(None, "till")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "-x", "a b", "è", "x" * 51, "a:b", "../x"])
def test_a_name_that_cannot_be_is_said(company: Any, name: str) -> None:
    with pytest.raises(SourceError, match="small letters"):
        actions.add(None, name)


@pytest.mark.django_db
def test_what_staff_log_has_a_name_that_no_source_takes(company: Any) -> None:
    with pytest.raises(SourceError, match="people here log"):
        actions.add(None, "Staff")
    assert queries.sources() == ()


@pytest.mark.django_db
def test_where_a_sources_customers_are_is_told_to_the_drainer(company: Any) -> None:
    actions.add(None, "till", channel="store")
    actions.add(None, "web")
    assert channels(company) == {"till": "store"}
    actions.change(None, "web", (), channel="chat")
    actions.change(None, "till", ())
    assert channels(company) == {"web": "chat"}
    with pytest.raises(SourceError, match=r"'shop' is no channel\. Known are: website"):
        actions.add(None, "x", channel="shop")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "origin",
    ["example.org", "ftp://example.org", "https://", "https://a/b", "https://u@a", "https://a:x"],
)
def test_what_is_no_website_is_said(company: Any, origin: str) -> None:
    with pytest.raises(SourceError, match="not the address of a website"):
        actions.add(None, "site", [origin])


def test_a_new_key_works_at_once_and_trouble_with_the_database_stops_none() -> None:
    found: dict[str, Allowed] = {}
    broken: list[bool] = []

    def load() -> dict[str, Allowed]:
        if broken:
            raise OSError("gone")
        return dict(found)

    keys = KnownKeys(load)
    keys.refresh()
    assert keys.get("new") is None
    found[digest("new")] = Allowed("s")
    keys.refresh()
    assert keys.get("new") == Allowed("s")
    broken.append(True)
    keys.refresh()
    assert keys.get("new") == Allowed("s")
    broken.clear()
    found.clear()
    keys.refresh()
    assert keys.get("new") is None


def test_a_body_that_is_cut_short_is_no_error_of_ours(door: Door) -> None:
    said = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return said.pop(0)

    answer = Answer()
    scope = {"type": "http", "path": "/-/alive", "method": "POST", "headers": []}
    run(door(scope, receive, answer.send))
    assert answer.status == 400


def test_a_body_that_comes_too_slowly_is_refused(
    door: Door, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("percorso.app.sources.door.PATIENCE_S", 0.05)
    answer = Answer()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    scope = {"type": "http", "path": "/v1/batch", "method": "POST", "headers": []}
    run(door(scope, receive, answer.send))
    assert answer.status == 408
    assert inbox.depth() == 0


def test_a_key_that_comes_from_a_web_page_is_public_from_then_on(
    inbox: Inbox, keys: KnownKeys
) -> None:
    told: list[str] = []
    door = Door(inbox, keys, in_browser=told.append)
    ask(door, "/v1/batch", batch([EVENT]))
    assert told == []
    ask(door, "/v1/batch", batch([EVENT]), origin=WEBSITE)
    ask(door, "/v1/batch", batch([EVENT]), origin=WEBSITE)
    assert told == ["till"]


@pytest.mark.django_db
def test_the_drainer_is_told_which_sources_are_public(company: Workspace) -> None:
    actions.add(None, "website", [WEBSITE])
    actions.add(None, "till")
    assert public_sources(company) == {"website"}
    actions.seen_in_browser("till")
    assert public_sources(company) == {"website", "till"}
    assert all(each.public for each in queries.working_keys().values())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["staff", "mail", "feed", "mastodon", "consent"])
def test_names_that_others_make_ids_of_are_taken(company: Workspace, name: str) -> None:
    assert company
    with pytest.raises(SourceError, match="another name"):
        actions.add(None, name)
