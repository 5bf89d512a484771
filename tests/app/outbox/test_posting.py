"""Messages through a real mail server: each once, retried, refused, counted, in the log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import relay as relays
from tests.app.outbox.waiting import post_for
from tests.relay import Relay

from percorso import contacts
from percorso.app import company as served
from percorso.app.connectors import phrases
from percorso.app.outbox import actions, addresses, posting, queries, suppression
from percorso.app.outbox.models import Message, Sender
from percorso.app.outbox.models import Relay as Fares
from percorso.contacts import Ledger
from percorso.log.history import history
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
Posted = Callable[..., Any]


def _one() -> Message:
    return Message.objects.get()


def _later(seconds: float = 86_400) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_a_message_goes_out_once_and_is_in_ledger_and_log(
    shop: Workspace, relay: Relay, posted: Posted
) -> None:
    posted(ADA)
    assert posting.post_due() == 1
    assert posting.post_due() == 0
    [taken] = relay.taken
    mail = taken.mail
    assert (taken.sender, taken.to) == ("ciao@example.org", ADA)
    assert mail["From"] == "Bottega Prova <ciao@example.org>"
    assert mail["Subject"] == "How was it?"
    assert mail["List-Unsubscribe"] == "<https://cx.example.org/choices/token/leave>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"].startswith(f"<{_one().id.hex}@")
    assert taken.part("plain").splitlines() == ["How was it?", ".", ".. two dots"]
    assert "<p>How was it?</p>" in taken.part("html")
    assert _one().state == "sent"
    assert _one().body == ""
    [entry] = Ledger(shop).latest(people=[f"email:{ADA}"])
    assert (entry.state, str(entry.reason)) == ("sent", "was sent")
    rows = history(served.log(), f"email:{ADA}").to_pylist()
    [sent] = [each for each in rows if each["kind"] == "message"]
    assert (sent["direction"], sent["channel"], sent["about"]) == ("out", "email", "survey:nps")
    assert sent["text"] is None


def test_what_is_posted_twice_is_one_message(shop: Workspace, relay: Relay, posted: Posted) -> None:
    number = posted(ADA)
    [reserved] = Ledger(shop).reserved()
    wish, reservation, until = reserved.wish, reserved.id, reserved.until
    decision = contacts.Decision(wish, "send", until, Phrase("now"), reservation)
    assert post_for(decision, ADA) == number
    posting.post_due()
    assert len(relay.taken) == 1


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_who_says_later_is_asked_later(relay: Relay, posted: Posted, where: str) -> None:
    answers = iter(["451 4.7.1 Greylisted, try again", None])
    setattr(relay, where, lambda _to: next(answers))
    posted(ADA)
    assert posting.post_due() == 0
    assert (_one().state, _one().tries, _one().sent_at) == ("queued", 1, None)
    assert "Greylisted" in _one().answer
    assert posting.post_due() == 0, "not before its time"
    assert posting.post_due(_later(120)) == 1
    assert len(relay.taken) == 1
    assert _one().state == "sent"


@pytest.mark.parametrize(
    "answer", ["550 relay not permitted", "554 5.7.1 Relay access denied", "550 Authenticate first"]
)
def test_a_server_that_does_not_know_us_is_no_fault_of_an_address(
    shop: Workspace, relay: Relay, posted: Posted, answer: str
) -> None:
    relay.rcpt = lambda _to: answer
    posted(ADA)
    assert posting.post_due() == 0
    assert (_one().state, _one().answer) == ("queued", answer)
    assert suppression.find(ADA) is None
    relay.rcpt = lambda _to: None
    assert posting.post_due(_later(120)) == 1


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ("550 5.1.1 No such user", True),
        ("550 no such mailbox", True),
        ("550 Rejected: listed by a blocklist", False),
        ("550 5.7.1 Rejected by policy", False),
        ("552 5.2.2 Mailbox full", False),
    ],
)
def test_who_refuses_for_good_is_not_asked_again(
    shop: Workspace, relay: Relay, posted: Posted, answer: str, gone: bool
) -> None:
    relay.rcpt = lambda _to: answer
    posted(ADA)
    assert posting.post_due() == 0
    assert _one().state == "failed"
    assert posting.post_due(_later()) == 0
    assert relay.asked == [ADA]
    [entry] = Ledger(shop).latest()
    assert entry.state == "failed"
    assert answer in str(entry.reason)
    assert (suppression.find(ADA) is not None) == gone
    assert not [
        r for r in history(served.log(), f"email:{ADA}").to_pylist() if r["kind"] == "message"
    ]


def test_one_refusal_leaves_the_others_alone(relay: Relay, posted: Posted) -> None:
    relay.rcpt = lambda to: "550 5.1.1 none" if to.startswith("b") else None
    for name in "abc":
        posted(f"{name}@example.org")
    assert posting.post_due() == 2
    assert sorted(each.to[0] for each in relay.taken) == ["a", "c"]


@pytest.mark.parametrize("answer", ["450 4.7.0 Too fast", "553 5.7.1 Sender not owned by user"])
def test_a_server_that_does_not_take_our_sender_rests_and_no_message_is_at_fault(
    relay: Relay, posted: Posted, answer: str
) -> None:
    relay.mail = lambda _sender: answer
    posted(ADA)
    posted("bob@example.org")
    assert posting.post_due() == 0
    assert set(Message.objects.values_list("state", "tries")) == {("queued", 0)}
    fares = Fares.objects.get()
    assert answer in str(posting.phrases.read(fares.trouble))
    assert fares.rests_until is not None
    assert posting.post_due() == 0
    relay.mail = lambda _sender: None
    assert posting.post_due(fares.rests_until + timedelta(seconds=1)) == 2
    assert Fares.objects.get().trouble is None


def test_a_server_that_is_not_there_is_waited_for(
    posted: Posted, relay: Relay, settings: Any
) -> None:
    settings.EMAIL_PORT = 1
    posted(ADA)
    assert posting.post_due() == 0
    assert _one().tries == 0
    assert "cannot be reached" in str(posting.phrases.read(Fares.objects.get().trouble))
    settings.EMAIL_PORT = relay.port
    assert posting.post_due(_later(60)) == 1


def test_nothing_goes_to_who_withdrew_meanwhile(
    shop: Workspace, relay: Relay, posted: Posted, agree: Callable[..., None]
) -> None:
    posted(ADA)
    agree(f"email:{ADA}", given=False)
    assert posting.post_due() == 0
    assert not relay.taken
    assert _one().state == "stopped"
    [entry] = Ledger(shop).latest()
    assert str(entry.reason) == "does not want to be written to about this"


def test_a_reservation_that_ended_goes_back_and_comes_again(
    shop: Workspace, relay: Relay, posted: Posted
) -> None:
    relay.rcpt = lambda _to: "450 later"
    posted(ADA)
    posting.post_due()
    Message.objects.update(until=_later(-1))
    relay.rcpt = lambda _to: None
    assert posting.post_due(_later(3600)) == 0
    assert (_one().state, _one().told) == ("waiting", True)
    assert not relay.taken
    [entry] = Ledger(shop).latest()
    assert entry.state == "waiting"
    [decision] = Ledger(shop).settle([], contacts.load(shop), datetime.now(UTC))
    assert decision.outcome == "send"
    assert actions.go_on(Ledger(shop).reserved()) == 1
    assert actions.go_on(Ledger(shop).reserved()) == 0
    assert posting.post_due() == 1
    assert len(relay.taken) == 1


def test_paused_nothing_goes(relay: Relay, posted: Posted) -> None:
    posted(ADA)
    actions.pause(None)
    assert posting.post_due() == 0
    actions.resume(None)
    assert posting.post_due() == 1


def test_a_server_that_does_not_answer_the_last_line_leaves_it_unsure(
    shop: Workspace, relay: Relay, posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("percorso.app.outbox.handing_over.ANSWER_S", 0.2)
    import time

    relay.data = lambda _to: time.sleep(1)  # type: ignore[func-returns-value]
    posted(ADA)
    assert posting.post_due() == 1
    assert _one().state == "unsure"
    assert posting.post_due(_later()) == 0
    [entry] = Ledger(shop).latest()
    assert entry.state == "sent", "it may have gone out, so it counts"
    actions.send_again(None, _one().id)
    relay.data = lambda _to: None
    monkeypatch.setattr("percorso.app.outbox.handing_over.ANSWER_S", 20)
    assert posting.post_due() == 1
    assert _one().state == "sent"
    ids = {each.mail["Message-ID"] for each in relay.taken}
    assert len(ids) == 1, "whoever gets it twice can see that it is one"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("ada+news@example.org", "ada+news@example.org"),
        ("Ada.Bianchi@Example.ORG", "Ada.Bianchi@example.org"),
        ("ciao@bücher.example", "ciao@xn--bcher-kva.example"),
        ("ciao@città.example", "ciao@xn--citt-3na.example"),
        ("o'brien_1%x@example.org", "o'brien_1%x@example.org"),
        (" ada@example.org ", "ada@example.org"),
    ],
)
def test_addresses_of_odd_forms_are_written_to(
    relay: Relay, posted: Posted, given: str, written: str
) -> None:
    posted(given)
    assert posting.post_due() == 1
    assert [each.to for each in relay.taken] == [written]


@pytest.mark.parametrize(
    "given",
    [
        *("", "ada", "@example.org", "ada@", "ada@localhost", "ada@127.0.0.1", "a@b@c.org "[:6]),
        *("ada@example.org\r\nRCPT TO:<eve@example.org>", "ada bianchi@example.org", "a..b@x.org"),
        *("<ada@example.org>", "ada@exa mple.org", f"{'a' * 65}@example.org", "ada@-x-.org"),
        *("ada,eve@example.org", "ada@example.org,eve@example.org", "ada\0@example.org"),
        *('"ada bianchi"@example.org', f"a@{'b' * 250}.org", "ada@example..org"),
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(addresses.AddressError):
        addresses.read(given)


def test_letters_beyond_ascii_before_the_at_need_a_server_that_takes_them(
    relay: Relay, posted: Posted, settings: Any
) -> None:
    posted("josé@example.org")
    assert posting.post_due() == 0
    assert "SMTPUTF8" in _one().answer
    with relays.running(utf8=True) as other:
        settings.EMAIL_PORT = other.port
        posted("zoé@example.org")
        assert posting.post_due() == 1
        assert other.taken[0].to == "zoé@example.org"


@pytest.mark.parametrize(
    "words", ["Hi\r\nBcc: eve@example.org", "Hi\nX: y", "a\u2028Bcc: x", "Ciao\x00\x0b"]
)
def test_no_name_and_no_subject_adds_a_header(relay: Relay, posted: Posted, words: str) -> None:
    Sender.objects.update(name=words[:80])
    posted(ADA, subject=words)
    assert posting.post_due() == 1
    [taken] = relay.taken
    assert taken.mail["Bcc"] is None
    assert taken.mail["X"] is None
    assert taken.to == ADA
    assert len(taken.mail.get_all("From")) == 1


def test_a_subject_in_any_letters_arrives(relay: Relay, posted: Posted) -> None:
    subject = "Com’è andata? 😀 " + "è" * 150
    posted(ADA, subject=subject)
    posting.post_due()
    assert relay.taken[0].mail["Subject"] == subject
    assert max(len(line) for line in relay.taken[0].raw.split(b"\r\n")) <= 998


@pytest.fixture
def unsure(posted: Posted) -> Message:
    """Return a message of which nobody knows whether it went out, and that is sent once more."""
    posted(ADA, carries="invitation")
    Message.objects.update(state="sending", sent_at=_later(-600))
    posting.settle_interrupted()
    posting.telling.tell()
    actions.send_again(None, _one().id)
    return _one()


def _in_the_end(workspace: Workspace) -> tuple[str, str]:
    """Return how the message stands, and why, in words; and see that nothing waits for it."""
    message = _one()
    assert message.told
    assert not actions.returned("wish:"), "its link may have arrived and stays"
    [entry] = Ledger(workspace).latest()
    assert entry.state == "sent", "it may have gone out, so it counts"
    return message.state, str(phrases.read(message.why))


FIRST_TIME = "It may have gone out the first time; it was not sent once more: "


def test_what_cannot_be_sent_again_in_time_ends_and_can_be_tried_another_day(
    shop: Workspace, relay: Relay, unsure: Message
) -> None:
    relay.rcpt = lambda _to: "450 later"
    assert posting.post_due() == 0
    assert _one().state == "queued"
    relay.rcpt = lambda _to: None
    Message.objects.update(until=_later(-1))
    assert posting.post_due() == 0
    assert _in_the_end(shop) == ("unsure", f"{FIRST_TIME}the mail server did not take it in time")
    assert _one().sent_at == unsure.went_at
    page = queries.message(unsure.id)
    assert page
    assert page.again
    actions.send_again(None, unsure.id)
    assert posting.post_due() == 1
    assert (_one().state, len(relay.taken)) == ("sent", 1)


def test_what_is_refused_the_second_time_may_have_gone_out_the_first(
    shop: Workspace, relay: Relay, unsure: Message
) -> None:
    relay.rcpt = lambda _to: "550 5.7.1 not from you"
    assert posting.post_due() == 0
    state, why = _in_the_end(shop)
    assert state == "unsure"
    assert why.startswith(f"{FIRST_TIME}the mail server refused it: ")
    assert not _one().body


@pytest.mark.parametrize("how", ["stop", "those", "paused", "withdrawn"])
def test_what_is_not_sent_again_after_all_ends(
    shop: Workspace, relay: Relay, unsure: Message, agree: Callable[..., None], how: str
) -> None:
    if how == "stop":
        actions.stop(None, unsure.id)
    elif how == "those":
        actions.stop_those("wish:")
    elif how == "paused":
        actions.give_back("wish:", Phrase("the rule or campaign is paused"))
    else:
        agree(f"email:{ADA}", given=False)
    assert posting.post_due() == 0
    assert not relay.taken
    state, why = _in_the_end(shop)
    assert state == "unsure"
    assert why.startswith(FIRST_TIME)


def test_what_waits_for_the_budget_ends_with_its_wish(
    shop: Workspace, relay: Relay, posted: Posted
) -> None:
    posted(ADA, carries="invitation")
    Message.objects.update(until=_later(-1))
    posting.post_due()
    posting.tidy()
    assert _one().state == "waiting", "the budget has not decided yet"
    [decision] = Ledger(shop).settle([], contacts.load(shop), _later(30 * 86_400))
    assert decision.outcome == "never"
    posting.tidy()
    assert posting.post_due() == 0
    assert (_one().state, _one().body) == ("stopped", "")
    assert str(phrases.read(_one().why)) == "expired before it could be sent"
    assert list(actions.returned("wish:").values()) == ["invitation"]
    [entry] = Ledger(shop).latest()
    assert entry.state == "never"


def test_what_waits_for_a_wish_that_nobody_knows_any_more_ends(
    shop: Workspace, relay: Relay, posted: Posted
) -> None:
    posted(ADA)
    Message.objects.update(until=_later(-1))
    posting.post_due()
    Ledger(shop).erase([f"email:{ADA}"], _later())
    posting.tidy()
    assert (_one().state, str(phrases.read(_one().why))) == (
        "stopped",
        "the wish to write to them is over",
    )
