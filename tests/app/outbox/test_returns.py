"""What comes back to a real mailbox: not delivered, unwanted, and what is neither."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings as DjangoSettings
from tests import imap as imaps
from tests.imap import PASSWORD, Imap
from tests.relay import Relay

from percorso.app import company as served
from percorso.app.outbox import actions, posting, reports, returns, suppression
from percorso.app.outbox.errors import OutboxError
from percorso.app.outbox.models import Message, Sender, Suppressed
from percorso.app.outbox.models import Relay as Fares
from percorso.contacts import Ledger
from percorso.log.history import history
from percorso.net import Guard
from percorso.workspace import Workspace

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("imap")]

Posted = Callable[..., Any]
ADA = "ada@example.org"


@pytest.fixture(scope="module")
def imap() -> Iterator[Imap]:
    with imaps.running() as started:
        yield started


@pytest.fixture
def user(imap: Imap, shop: Workspace, settings: DjangoSettings) -> str:
    """Return the user of a mailbox that returns come to."""
    settings.NETWORK_GUARD = Guard.parse("127.0.0.0/8")
    user = imap.user()
    actions.save_sender(
        None,
        {
            "name": "Bottega Prova",
            "address": "ciao@example.org",
            "returns_to": "returns@example.org",
            "own_returns": True,
            "mailbox": {
                "host": "127.0.0.1",
                "port": imap.port,
                "user": user,
                "encryption": "none",
                "folder": "INBOX",
            },
            "password": PASSWORD,
        },
    )
    return user


@pytest.fixture
def sent(relay: Relay, posted: Posted, user: str) -> Message:
    """Return a message that went out."""
    posted(ADA)
    assert posting.post_due() == 1
    return Message.objects.get()


def _dsn(
    original: str,
    *,
    to: str = "returns@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 User unknown",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """Return a report as RFC 3464 has it, in the form Postfix gives it."""
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B/mx"

This is a MIME-encapsulated message.

--B/mx
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B/mx
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4Q

Final-Recipient: rfc822; {ADA}
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--B/mx
Content-Type: {returned}

Return-Path: <returns@example.org>
{original}Subject: How was it?

--B/mx--
""".replace("\n", "\r\n").encode()


def _arf(original: str, kind: str = "abuse", mail_from: str = "") -> bytes:
    """Return a complaint as RFC 5965 has it."""
    return f"""From: <complaints@isp.example.org>
To: <returns@example.org>
Subject: FW: How was it?
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain

This is an email abuse report.
--part
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
{mail_from}
--part
Content-Type: message/rfc822

From: ciao@example.org
{original}Subject: How was it?

How was it?
--part--
""".replace("\n", "\r\n").encode()


def _id_of(message: Message) -> str:
    return f"Message-ID: <{message.id.hex}@example.org>\n"


def _tag_of(message: Message) -> str:
    return f"returns+{message.id.hex}@example.org"


def test_each_message_has_a_return_address_of_its_own(relay: Relay, sent: Message) -> None:
    assert relay.taken[0].sender == _tag_of(sent)


@pytest.mark.parametrize("by", ["id in headers", "id in message", "address"])
def test_mail_that_comes_back_is_said_and_not_sent_again(
    shop: Workspace, imap: Imap, user: str, sent: Message, by: str
) -> None:
    given = {
        "id in headers": _dsn(_id_of(sent)),
        "id in message": _dsn(_id_of(sent), returned="message/rfc822"),
        "address": _dsn("", to=_tag_of(sent)),
    }
    imap.put(user, given[by])
    assert returns.read_returns() == 1
    assert returns.read_returns() == 0
    sent.refresh_from_db()
    assert sent.state == "bounced"
    assert "User unknown" in str(returns.phrases.read(sent.why))
    found = suppression.find(ADA)
    assert found is not None
    assert found.why == "bounced"
    rows = history(served.log(), f"email:{ADA}").to_pylist()
    assert [each["name"] for each in rows if each["kind"] == "message"] == [
        "survey sent",
        "survey bounced",
    ]
    assert Ledger(shop).counts("nps") == {"sent": 1}


def test_a_complaint_is_heard(imap: Imap, user: str, sent: Message) -> None:
    imap.put(user, _arf(_id_of(sent)))
    assert returns.read_returns() == 1
    sent.refresh_from_db()
    assert sent.state == "complained"
    assert suppression.why_not([ADA], "survey")[ADA] is not None
    assert suppression.why_not([ADA], "marketing")[ADA] is not None
    assert suppression.why_not([ADA], "service")[ADA] is None, "a contract is kept"


def test_a_complaint_that_hides_the_message_is_known_by_its_return_address(
    imap: Imap, user: str, sent: Message
) -> None:
    imap.put(user, _arf("", mail_from=f"Original-Mail-From: <{_tag_of(sent)}>"))
    assert returns.read_returns() == 1
    sent.refresh_from_db()
    assert sent.state == "complained"


def test_what_is_no_return_changes_nothing(imap: Imap, user: str, sent: Message) -> None:
    holiday = (
        f"From: {ADA}\r\nTo: {_tag_of(sent)}\r\nSubject: On holiday\r\n"
        "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
    )
    imap.put(
        user,
        holiday.encode(),
        _dsn(_id_of(sent), action="delayed", status="4.4.1", said="smtp; 451 wait"),
        _dsn(_id_of(sent), action="delivered", status="2.0.0", said="smtp; 250 ok"),
        _arf(_id_of(sent), "not-spam"),
        _dsn(f"Message-ID: <{uuid.uuid4().hex}@example.org>\n"),
        _dsn("Message-ID: <somebody-elses@example.net>\n"),
    )
    assert returns.read_returns() == 0
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert suppression.find(ADA) is None


def test_a_full_mailbox_is_given_up_at_the_third_time(
    imap: Imap, user: str, relay: Relay, posted: Posted
) -> None:
    given = {"status": "5.2.2", "said": "smtp; 552 5.2.2 Mailbox full"}
    for number in range(3):
        posted(f"x{number}@example.org")
        posting.post_due()
    for number, message in enumerate(Message.objects.order_by("made_at")):
        Message.objects.filter(id=message.id).update(address=ADA)
        assert suppression.find(ADA) is None, number
        imap.put(user, _dsn(_id_of(message), **given))
        assert returns.read_returns() == 1
    assert suppression.find(ADA) is not None


def test_many_are_read_on_from_where_it_stopped(
    imap: Imap, user: str, sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "AT_ONCE", 3)
    imap.put(user, *[b"From: a@example.org\r\n\r\nHello\r\n"] * 7, _dsn(_id_of(sent)))
    assert [returns.read_returns() for _ in range(4)] == [0, 0, 1, 0]


def test_a_mailbox_that_does_not_open_is_said_and_sends_go_on(
    user: str, relay: Relay, posted: Posted
) -> None:
    sender = Sender.objects.get()
    assert sender.mailbox is not None
    sender.mailbox = {**sender.mailbox, "port": 1}
    sender.save()
    assert returns.read_returns() == 0
    assert Fares.objects.get().returns_trouble is not None
    posted(ADA)
    assert posting.post_due() == 1


def test_a_kept_password_does_not_go_to_another_server(user: str) -> None:
    sender = Sender.objects.get()
    assert sender.mailbox is not None
    given = {"name": "B", "address": "ciao@example.org", "password": ""}
    actions.save_sender(None, {**given, "mailbox": {**sender.mailbox, "folder": "Returns"}})
    with pytest.raises(OutboxError, match="password"):
        actions.save_sender(None, {**given, "mailbox": {**sender.mailbox, "host": "evil.example"}})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff" * 1000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n" * 100,
        b"Content-Type: multipart/report; boundary=x\r\n" * 500 + b"\r\n--x\r\n" * 5000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type:" + b" abuse" * 100_000,
    ],
)
def test_hostile_reports_do_no_harm(raw: bytes) -> None:
    found = reports.read(raw)
    assert found is None or not found.messages


def test_many_addresses_are_looked_up_at_once(
    shop: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many = [f"person-{number}@example.org" for number in range(300)]
    suppression.suppress(many[7], Suppressed.Why.BY_HAND)
    with django_assert_num_queries(1):
        silent = suppression.why_not([*many, "nobody"], "survey")
    assert [each for each in many if silent[each] is not None] == [many[7]]
    assert silent["nobody"] is not None
