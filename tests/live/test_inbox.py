"""What was acknowledged is kept until it is in the log, in a file and in PostgreSQL alike."""

import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.conftest import batch, track
from tests.postgresql import running
from tests.server import wait_for

from percorso.live import Batch, InboxError, InboxFullError, LiveError, Received, Rejected, Seen
from percorso.live.inbox import Inbox, Limits, open_inbox
from percorso.live.inbox.database import PostgreSQL, SQLite
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as database:
        yield database.url


@pytest.fixture(params=["file", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "file":
        return tmp_path / "inbox.sqlite"
    url: str = request.getfixturevalue("server")
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "DROP TABLE IF EXISTS arrived, drained, rejected, seen, unmapped, touchpoints, "
            "seen_hourly"
        )
    return url


@pytest.fixture
def any_inbox(place: Path | str) -> Iterator[Inbox]:
    made = Inbox(place)
    yield made
    made.close()


def bodies(taken: Batch) -> list[bytes]:
    return [each.body for each in taken.received]


def test_what_was_put_is_taken_in_order_until_it_is_done(
    any_inbox: Inbox, place: Path | str
) -> None:
    sent = [batch(track(f"event {n}")) for n in range(30)]
    any_inbox.put(sent[:20])
    any_inbox.put(sent[20:])
    other = Inbox(place)
    assert any_inbox.depth() == 30
    assert list(other.take().received) == sent
    assert list(other.take().received) == sent, "taken is not done"
    other.done(other.take())
    assert (any_inbox.depth(), other.take().received) == (0, ())
    any_inbox.put([sent[0]])
    assert bodies(other.take()) == [sent[0].body], "after the newest was drained too"
    other.close()


def test_many_threads_put_and_nothing_is_lost_or_doubled(any_inbox: Inbox) -> None:
    def work(name: int) -> None:
        for number in range(40):
            any_inbox.put([batch(track("e", f"{name}-{number}"))])

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    taken = bodies(any_inbox.take())
    assert len(taken) == len(set(taken)) == 320


def test_about_as_many_are_taken_as_are_asked_for(any_inbox: Inbox) -> None:
    for number in range(60):
        any_inbox.put([batch(track(f"event {number}"))])
    seen: list[bytes] = []
    while (taken := any_inbox.take(10)).received:
        assert 1 <= taken.events <= 20
        seen.extend(bodies(taken))
        any_inbox.done(taken)
    assert len(seen) == len(set(seen)) == 60


def test_what_could_not_enter_is_kept_once_and_can_be_tried_again(any_inbox: Inbox) -> None:
    any_inbox.put([batch(track("one"))])
    taken = any_inbox.take()
    why = Phrase("must be at most {most} characters", {"most": 200})
    rejected = Rejected("shop", "event", 5, b'{"x":1}', why, "customer", "long")
    any_inbox.done(taken, [("1.0.0", rejected)])
    any_inbox.done(taken, [("1.0.0", rejected)])
    (kept,) = any_inbox.rejected()
    assert (kept.reason, kept.field, kept.value, kept.body) == (why, "customer", "long", b'{"x":1}')
    assert any_inbox.replay([kept.id, kept.id]) == 1
    assert any_inbox.rejected() == ()
    assert bodies(any_inbox.take()) == [b'{"x":1}']
    assert any_inbox.discard([kept.id]) == 0


def test_what_was_drained_is_kept_for_a_while_and_the_newest_for_ever(any_inbox: Inbox) -> None:
    for number in range(5):
        any_inbox.put([batch(track(f"event {number}"))])
    any_inbox.done(any_inbox.take())
    any_inbox.put([batch(track("waits"))])
    assert len(any_inbox.recent().received) == 6
    any_inbox.trim()
    assert len(any_inbox.recent().received) == 6
    any_inbox.trim(days=-1)
    assert len(any_inbox.recent().received) == 1
    assert b"waits" in bodies(any_inbox.recent())[0]
    any_inbox.done(any_inbox.take())
    any_inbox.trim(days=-1)
    assert len(any_inbox.recent().received) == 1, "the newest says which number is next"
    any_inbox.put([batch(track("last"))])
    assert b"last" in bodies(any_inbox.take())[0]


def test_under_a_flood_less_is_kept(any_inbox: Inbox) -> None:
    for _ in range(10):
        any_inbox.put([batch(track("e", text="x" * 1000))])
    any_inbox.done(any_inbox.take())
    any_inbox.trim(most_bytes=4500)
    assert 1 <= len(any_inbox.recent().received) <= 5


def test_much_is_let_go_of_a_little_at_once(
    any_inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("percorso.live.inbox.trimming.AT_ONCE", 2_500)
    for number in range(10):
        any_inbox.put([batch(track(f"event {number}", text="x" * 1000))])
    any_inbox.put([batch(track("waits"))])
    any_inbox.done(any_inbox.take(10))
    times = []
    for kind in (SQLite, PostgreSQL):
        ask = kind.ask

        def seen(self: Any, sql: str, values: Any = (), ask: Any = ask) -> Any:
            if sql.startswith("DELETE FROM arrived"):
                times.append(values)
            return ask(self, sql, values)

        monkeypatch.setattr(kind, "ask", seen)
    any_inbox.trim(days=-1)
    (left,) = bodies(any_inbox.recent())
    assert b"waits" in left
    assert 4 <= len(times) <= 10


def rejections(inbox: Inbox, count: int, size: int) -> None:
    """Reject so many events of so many bytes."""
    inbox.put([batch(track("x"))])
    taken = inbox.take()
    (row, _), *_ = taken.places
    why = Phrase("must be a number")
    body = b"x" * size
    given = [
        (f"{row}.{n}.0", Rejected("shop", "track", n, body, why, "score")) for n in range(count)
    ]
    inbox.done(taken, given)


def test_what_was_rejected_is_kept_for_a_while_and_not_without_end(any_inbox: Inbox) -> None:
    rejections(any_inbox, 40, 1_000)
    any_inbox.trim()
    assert any_inbox.rejected_count() == 40
    any_inbox.trim(most_rejected=15_000)
    assert [each.received_at for each in any_inbox.rejected()] == [*range(39, 29, -1)]
    any_inbox.trim(days=0)
    assert any_inbox.rejected_count() == 0


def test_what_was_rejected_makes_the_inbox_full(place: Path | str) -> None:
    one = Inbox(place)
    rejections(one, 100, 1_000)
    one.close()
    full = Inbox(place, Limits(waiting=50_000, free_disk=0))
    # The thread that writes looks around after its first flush.
    full.put([batch(track("x"))])
    wait_for(lambda: _is_full(full))
    full.trim(days=0)
    full.close()


def _is_full(inbox: Inbox) -> bool:
    try:
        inbox.put([batch(track("x"))])
    except InboxFullError:
        return True
    return False


def test_what_is_sent_in_again_is_counted_once(any_inbox: Inbox) -> None:
    hour, now = 3_600_000_000, 1_800_000_000_000_000
    came = batch(track("x"))
    received = Received(came.source, came.call, now, came.body)
    any_inbox.put([received])
    taken = any_inbox.take()
    why = Rejected("shop", "track", now, b"{}", Phrase("must be a number"))
    any_inbox.done(taken, [("1.0.0", why)], [Seen("shop", now, now, 1, 1)])
    assert any_inbox.rejected_at(["1.0.0", "1.0.1"]).keys() == {"1.0.0"}
    any_inbox.put([batch(track("y"))])
    later = any_inbox.take()
    any_inbox.done(later, (), [Seen("shop", now + 5 * hour, now + 5 * hour, 1, 0)])
    assert any_inbox.seen_since(now) == {"shop": (2, 1)}
    assert any_inbox.seen_since(now + hour) == {"shop": (1, 0)}
    (kept,) = any_inbox.rejected()
    any_inbox.replay([kept.id])
    again = any_inbox.take()
    any_inbox.done(again, (), [Seen("shop", now, now, 1, 0)])
    assert any_inbox.seen_since(now) == {"shop": (2, 0)}
    assert any_inbox.seen()["shop"].last_at == now + 5 * hour


def test_what_is_erased_is_in_no_byte(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite")
    secret = "ada.lovelace@example.org"
    inbox.put([batch(track("one", text=secret)), batch(track("other"))])
    inbox.done(inbox.take(), [("1.0.0", Rejected("s", "event", 1, secret.encode(), Phrase("no")))])
    inbox.put([batch(track("two", text=secret))])

    def keep(received: Received) -> Received | None:
        return None if secret.encode() in received.body else received

    assert inbox.erase(keep) == 3
    assert inbox.depth() == 0
    inbox.done(inbox.take())
    assert b"other" in b"".join(bodies(inbox.recent()))
    inbox.close()
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes(), file.name


def test_an_inbox_that_is_full_says_when_to_come_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite", Limits(waiting=3000))

    def fill() -> None:
        for _ in range(10_000):
            inbox.put([batch(track("e", text="x" * 500))])

    with pytest.raises(InboxFullError) as full:
        fill()
    assert full.value.retry_after > 0
    kept = inbox.depth()
    assert kept >= 5
    inbox.done(inbox.take())
    for _ in range(50):
        try:
            inbox.put([batch(track("again"))])
            break
        except InboxFullError:
            threading.Event().wait(0.1)
    assert inbox.depth() == 1
    inbox.close()


def test_a_disk_that_is_almost_full_is_left_alone(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite", Limits(free_disk=2**60))
    inbox.put([batch(track("the first makes it look"))])

    def fill() -> None:
        for _ in range(100):
            inbox.put([batch(track("e"))])
            threading.Event().wait(0.05)

    with pytest.raises(InboxFullError, match="disk"):
        fill()
    inbox.close()


def test_where_the_file_cannot_grow_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite")
    inbox.put([batch(track("before"))])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, before[1]))
    acknowledged: list[None] = []

    def fill() -> None:
        for _ in range(100):
            inbox.put([batch(track("e", text="x" * 5000))])
            acknowledged.append(None)

    try:
        with pytest.raises(InboxError):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    inbox.put([batch(track("after"))])
    assert inbox.depth() in (len(acknowledged) + 2, len(acknowledged) + 3)
    inbox.close()


def test_an_address_that_makes_no_sense_is_said(workspace: Workspace) -> None:
    with pytest.raises(LiveError, match="PERCORSO_INBOX_URL"):
        open_inbox(workspace, "mysql://host/name")
    with pytest.raises(InboxError, match="cannot be opened") as closed:
        Inbox("postgresql://percorso:hunter2@127.0.0.1:1/none").depth()
    assert "hunter2" not in str(closed.value)
