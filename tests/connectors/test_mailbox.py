"""A mailbox on a real IMAP server: what becomes a message, in which thread, and what does not."""

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest
from tests.imap import PASSWORD, Imap

from percorso import connectors, net
from percorso.connectors import CUT_OFF, ConnectorError, Fetched, MailboxSettings, Skip
from percorso.connectors.mailbox import imap as imap_client
from percorso.vocabulary import Interaction, violations

HERE = net.Guard.parse("127.0.0.0/8")
NOW = datetime.now(UTC).replace(microsecond=0)


def letter(**given: Any) -> bytes:
    headers = {
        "From": "Ada Rossi <ada@example.org>",
        "To": "shop@example.org",
        "Subject": "Pacco",
        "Date": format_datetime(NOW - timedelta(hours=2)),
        "Message-ID": "<first@example.org>",
    }
    body = given.pop("body", "Il pacco non è arrivato.")
    html = given.pop("html", None)
    headers |= {name.replace("_", "-"): value for name, value in given.items()}
    message = EmailMessage()
    for name, value in headers.items():
        if value:
            message[name] = value
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def settings(imap: Imap, user: str, **other: Any) -> MailboxSettings:
    given = {
        "host": "127.0.0.1", "port": imap.port, "encryption": "none", "user": user,
        "password": PASSWORD, "own": ["@shop.example.org", "shop@example.org"],
    }  # fmt: skip
    read = connectors.read("mailbox", given | other)
    assert isinstance(read, MailboxSettings)
    return read


def run(chosen: MailboxSettings, state: Any = None) -> Fetched:
    return connectors.run(chosen, state or {}, source="Post", guard=HERE, now=NOW)


@pytest.fixture
def user(imap: Imap) -> str:
    """Return a user whose mailbox is empty."""
    return imap.user()


def one(fetched: Fetched) -> Interaction:
    (only,) = fetched.interactions
    assert not violations(only)
    return only


def test_what_a_customer_writes_becomes_a_message(imap: Imap, user: str) -> None:
    imap.put(user, letter())
    got = one(run(settings(imap, user)))
    assert (got.kind, got.channel, got.direction) == ("message", "email", "in")
    assert (got.customer, got.name) == ("email:ada@example.org", "Pacco")
    assert got.text == "Il pacco non è arrivato."
    assert got.at == NOW - timedelta(hours=2)
    assert got.about is not None
    assert got.about.startswith("thread:")
    assert (got.source, got.touchpoint) == ("Post", "E-mail")


def test_a_run_goes_on_where_the_last_one_ended_and_repeats_nothing(imap: Imap, user: str) -> None:
    chosen = settings(imap, user)
    imap.put(user, letter())
    first = run(chosen)
    second = run(chosen, first.state)
    assert (second.interactions, second.unchanged) == ((), True)
    imap.put(user, letter(Message_ID="<second@example.org>", body="E allora?"))
    third = run(chosen, second.state)
    assert one(third).text == "E allora?"
    # Without its state it brings the same again, under the same ids.
    again = run(chosen)
    assert [each.id for each in again.interactions] == [one(first).id, one(third).id]


def test_the_mailbox_is_left_as_it_is(imap: Imap, user: str) -> None:
    imap.put(user, letter())
    run(settings(imap, user))
    with imap.signed_in(user) as client:
        client.select("INBOX", readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_a_folder_that_was_made_anew_is_read_anew(imap: Imap, user: str) -> None:
    chosen = settings(imap, user, folders=["Anew"])
    imap.put(user, letter(), folder="Anew")
    state = dict(run(chosen).state)
    with imap.signed_in(user) as client:
        client.delete("Anew")
    time.sleep(1.1)  # UIDVALIDITY counts seconds
    imap.put(user, letter(Message_ID="<other@example.org>", body="Nuova"), folder="Anew")
    assert one(run(chosen, state)).text == "Nuova"


def test_replies_are_in_one_thread_whatever_programs_leave_out(imap: Imap, user: str) -> None:
    chosen = settings(imap, user)
    imap.put(user, letter())
    first = run(chosen)
    imap.put(
        user,
        letter(Message_ID="<b@example.org>", References="<first@example.org> <x@shop.example.org>"),
    )
    second = run(chosen, first.state)
    # This one names only the message it answers.
    imap.put(user, letter(Message_ID="<c@example.org>", In_Reply_To="<b@example.org>"))
    third = run(chosen, second.state)
    imap.put(user, letter(Message_ID="<d@example.org>"))
    fourth = run(chosen, third.state)
    assert one(first).about == one(second).about == one(third).about
    assert one(fourth).about != one(first).about


def test_what_the_company_sent_is_a_message_to_the_customer(imap: Imap, user: str) -> None:
    imap.put(user, letter())
    imap.put(
        user,
        letter(
            From="Negozio <info@shop.example.org>",
            To="Ada <ADA@example.org>",
            Message_ID="<answer@shop.example.org>",
            In_Reply_To="<first@example.org>",
            body="Arriva domani.\n\n> Il pacco non è arrivato.",
        ),
        folder="Sent",
    )
    came, went = run(settings(imap, user, folders=["INBOX", "Sent"])).interactions
    assert (went.direction, went.customer, went.text) == (
        "out", "email:ada@example.org", "Arriva domani.",
    )  # fmt: skip
    assert went.about == came.about


def test_a_form_on_the_website_writes_for_a_customer(imap: Imap, user: str) -> None:
    imap.put(user, letter(From="Sito <web@shop.example.org>", Reply_To="ugo@example.org"))
    got = one(run(settings(imap, user)))
    assert (got.customer, got.direction) == ("email:ugo@example.org", "in")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"From": "a@shop.example.org", "To": "b@shop.example.org"}, Skip.OWN),
        ({"Auto_Submitted": "auto-replied"}, Skip.AUTOMATIC),
        ({"X_Autoreply": "yes"}, Skip.AUTOMATIC),
        ({"From": "MAILER-DAEMON@example.org"}, Skip.AUTOMATIC),
        ({"From": "no-reply@example.org"}, Skip.AUTOMATIC),
        ({"Return_Path": "<>"}, Skip.AUTOMATIC),
        ({"List_Unsubscribe": "<https://example.org/u>"}, Skip.BULK),
        ({"Precedence": "bulk"}, Skip.BULK),
        ({"From": ""}, Skip.UNREADABLE),
        ({"From": "nobody"}, Skip.UNREADABLE),
        ({"Subject": "", "body": ""}, Skip.EMPTY),
    ],
)
def test_what_no_customer_wrote_is_counted_and_left_out(
    imap: Imap, user: str, headers: dict[str, str], why: Skip
) -> None:
    imap.put(user, letter(**headers))
    got = run(settings(imap, user))
    assert (got.interactions, got.skipped, got.read) == ((), {why: 1}, 1)


def test_a_time_that_makes_no_sense_is_when_it_came(imap: Imap, user: str) -> None:
    came = NOW - timedelta(days=1)
    for number, said in enumerate(
        ["Mon, 01 Jan 2096 00:00:00 +0000", "yesterday", "Thu, 01 Jan 1970 00:00:00 +0000", ""]
    ):
        imap.put(user, letter(Date=said, Message_ID=f"<{number}@e.org>"), at=came.timestamp())
    got = run(settings(imap, user)).interactions
    assert {each.at for each in got} == {came}
    assert len(got) == 4


def test_the_first_run_goes_back_as_far_as_was_said(imap: Imap, user: str) -> None:
    imap.put(user, letter(), at=(NOW - timedelta(days=20)).timestamp())
    imap.put(user, letter(Message_ID="<n@example.org>"), at=(NOW - timedelta(days=2)).timestamp())
    assert len(run(settings(imap, user, days=10)).interactions) == 1
    assert len(run(settings(imap, user, days=30)).interactions) == 2


def test_many_messages_come_a_part_at_a_time(imap: Imap, user: str) -> None:
    imap.put(
        user,
        *(letter(Message_ID=f"<{n}@example.org>", body=f"n. {n}") for n in range(25)),
    )
    chosen = settings(imap, user)
    first = run(chosen)
    assert (len(first.interactions), first.more) == (20, True)
    second = run(chosen, first.state)
    assert (len(second.interactions), second.more) == (5, False)
    assert {each.text for each in (*first.interactions, *second.interactions)} == {
        f"n. {number}" for number in range(25)
    }


def test_a_letter_that_ends_the_program_each_time_is_left_out(imap: Imap, user: str) -> None:
    imap.put(user, *(letter(Message_ID=f"<{n}@example.org>", body=f"n. {n}") for n in range(3)))
    chosen = settings(imap, user)
    alone = run(chosen, {CUT_OFF: 2})
    assert [each.text for each in alone.interactions] == ["n. 0"]
    assert alone.more
    left = run(chosen, {**alone.state, CUT_OFF: 4})
    assert (left.interactions, left.skipped, left.more) == ((), {Skip.UNREADABLE: 1}, True)
    rest = run(chosen, left.state)
    assert [each.text for each in rest.interactions] == ["n. 2"]


def test_a_server_that_drips_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_client, "RUN_S", 1.0)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connected, _address = listening.accept()
            with connected, contextlib.suppress(OSError):
                while not ended.wait(0.05):
                    connected.sendall(b"*")

        dripping = threading.Thread(target=drip)
        dripping.start()
        begun = time.monotonic()
        chosen = connectors.read(
            "mailbox",
            {"host": "127.0.0.1", "port": listening.getsockname()[1], "encryption": "none",
             "user": "u", "password": "p"},
        )  # fmt: skip
        with pytest.raises(ConnectorError, match="in time"):
            connectors.run(chosen, {}, source="Post", guard=HERE)
        taken = time.monotonic() - begun
        ended.set()
        dripping.join()
    assert taken < 10


@pytest.mark.parametrize("port", [22, 25, 80, 6379, 4143])
def test_ports_of_other_services_are_not_asked(port: int) -> None:
    given = {"host": "imap.example.org", "port": port, "user": "u", "password": "p"}
    with pytest.raises(ConnectorError, match="mailboxes"):
        connectors.run(connectors.read("mailbox", given), {}, source="Post", guard=net.Guard())


HOSTILE = {
    "no headers": b"\r\n\r\nhello",
    "nothing": b"x",
    "endless header": b"From: a@example.org\r\nSubject: " + b"x" * 300_000 + b"\r\n\r\nhi",
    "broken words": b"From: a@example.org\r\nSubject: =?utf-8?B?/////w==?= =?x?Q?=ZZ?=\r\n\r\nhi",
    "unknown charset": b"From: a@example.org\r\nMessage-ID: <u@e>\r\nContent-Type: text/plain; "
    b"charset=no-such\r\n\r\ncitt\xe0",
    "deep": b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"
    + b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
        for n in range(3000)
    ),
    "broken base64": b"From: a@example.org\r\nMessage-ID: <b@e>\r\nContent-Transfer-Encoding: "
    b"base64\r\n\r\n!!!!",
    "headers in names": b"From: =?utf-8?Q?a=40example.org=0D=0ABcc:_x?= <a@example.org>\r\n"
    b"Message-ID: <h@e>\r\n\r\nhi",
    "many addresses": b"From: " + b"a@example.org, " * 20_000 + b"\r\nMessage-ID: <m@e>\r\n\r\nhi",
    "nul": b"From: a@example.org\r\nMessage-ID: <z@e>\r\n\r\nbefore\x01\x02after",
    "html": b"From: a@example.org\r\nMessage-ID: <html@e>\r\nContent-Type: text/html\r\n\r\n"
    + b"<div>" * 50_000
    + b"<script>alert(1)</script>words<a href='javascript:x'>link</a>",
    "quotes": b"From: a@example.org\r\nMessage-ID: <q@e>\r\n\r\n" + b"On x " * 60_000,
    "lines": b"From: a@example.org\r\nMessage-ID: <l@e>\r\n\r\n" + b"On a\r\n" * 100_000,
}


def test_hostile_messages_stop_nothing_and_cost_little(imap: Imap, user: str) -> None:
    imap.put(user, *HOSTILE.values(), letter(body="La buona"))
    begun = time.process_time()
    got = run(settings(imap, user))
    assert time.process_time() - begun < 15
    assert got.read == len(HOSTILE) + 1
    assert len(got.interactions) + sum(got.skipped.values()) == got.read
    assert not [broken for each in got.interactions for broken in violations(each)]
    assert any(each.text == "La buona" for each in got.interactions)
    assert any("words" in (each.text or "") for each in got.interactions)
    assert not any("alert" in (each.text or "") for each in got.interactions)


def test_what_is_attached_is_not_read(imap: Imap, user: str) -> None:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "ada@example.org", "<att@example.org>"
    message.set_content("Ecco la foto.")
    message.add_attachment(b"x" * 3_000_000, maintype="image", subtype="jpeg", filename="a.jpg")
    message.add_attachment("secret notes", filename="notes.txt")
    imap.put(user, message.as_bytes())
    assert one(run(settings(imap, user))).text == "Ecco la foto."


def test_markup_is_read_where_there_is_no_plain_text(imap: Imap, user: str) -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Buongiorno,</p>"
        "<p>il libro &egrave; rovinato.<br>Come faccio?</p>"
        '<div class="gmail_quote">Il gio 5 mar ha scritto: <blockquote>vecchio</blockquote></div>'
    )
    message = EmailMessage()
    message["From"], message["Message-ID"] = "ada@example.org", "<html@example.org>"
    message.set_content(html, subtype="html")
    imap.put(user, message.as_bytes())
    text = one(run(settings(imap, user))).text
    assert text == "Buongiorno,\n\nil libro è rovinato.\nCome faccio?"


def test_what_the_receiving_server_says_of_the_sender_is_kept(imap: Imap, user: str) -> None:
    imap.put(
        user, letter(Authentication_Results="mx.example.org; spf=fail; dmarc=fail (p=none) x=y")
    )
    assert one(run(settings(imap, user))).properties == {"dmarc": "fail"}


def test_folders_have_any_name(imap: Imap, user: str) -> None:
    imap.put(user, letter(), folder="&AMg-_Vero_&-_Giusto")
    chosen = settings(imap, user, folders=["È_Vero_&_Giusto"])
    assert one(run(chosen)).name == "Pacco"
    with pytest.raises(ConnectorError, match=r"no folder Nessuna .*È_Vero_&_Giusto"):
        run(settings(imap, user, folders=["Nessuna"]))


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_certificates_are_checked(
    imap: Imap, user: str, encryption: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.put(user, letter())
    port = imap.tls_port if encryption == "tls" else imap.port
    chosen = settings(imap, user, encryption=encryption, port=port, host="localhost")
    with pytest.raises(ConnectorError, match="cannot be trusted"):
        run(chosen)
    monkeypatch.setenv("SSL_CERT_FILE", str(imap.certificate))
    assert one(run(chosen)).name == "Pacco"


def test_a_wrong_password_is_said_and_not_shown(imap: Imap, user: str) -> None:
    with pytest.raises(ConnectorError, match="user or the password") as failed:
        run(settings(imap, user, password="s3cret-wrong"))
    assert "s3cret" not in str(failed.value)
    assert "s3cret" not in repr(settings(imap, user, password="s3cret-wrong"))


def test_private_addresses_are_not_read_unless_allowed(imap: Imap, user: str) -> None:
    with pytest.raises(ConnectorError, match="private network"):
        connectors.run(settings(imap, user, port=143), {}, source="Post", now=NOW)
