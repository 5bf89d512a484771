"""A person who came in by every road of a real server is in no byte of its workspace afterwards.

The roads: an imported file with a row that goes to quarantine, events received live (one of them
rejected, one that no rule knows), a mailbox, a contact that staff wrote down, a note, a segment's
name, a correction, a join by a person, a consent by a link, a request, messages told to another
system whose answer is kept, and the pages that show all of it. The search for what is left is the
test's own.
"""

import gzip
import json
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pyarrow.parquet as pq
import pytest
from tests import imap as imaps
from tests import web as webs
from tests.server import Server, inside, start
from tests.server import wait_for as wait_so_long
from tests.web import Answer, Web

from percorso.identity import answer
from percorso.log import Log, open_log
from percorso.log.facts import key_of
from percorso.text.corrections import corrections
from percorso.workspace import Settings, Workspace

pytestmark = pytest.mark.xdist_group("serving")

EMAIL: Final = "adalgisa.brambilla@example.org"
PHONE: Final = "+393336120485"
DEVICE: Final = "5e0cbd3a-77aa-4c1e-9b1f-adalgisa0001"
USER: Final = "cliente-adalgisa-0042"
ORDER: Final = "ORD-778899-AB"
#: What must be nowhere afterwards, whatever its capitals.
STRINGS: Final = (
    EMAIL,
    PHONE,
    PHONE.removeprefix("+39"),
    DEVICE,
    USER,
    ORDER,
    "Adalgisa Brambilla",
    "adalgisa",
    "Via delle Magnolie 1234",
    "zumbrofalco",  # a word that she alone wrote
    "il corriere cantava sotto la finestra",
    "preferisce essere chiamata di sera",
)
HER_WORDS: Final = "Lo zumbrofalco è arrivato rotto e il corriere cantava sotto la finestra"
OTHERS: Final = 60
#: Seconds: where other tests keep the machine busy, each step takes its time.
PATIENCE: Final = 240


def wait_for(condition: Callable[[], object]) -> None:
    """Return once ``condition`` holds."""
    wait_so_long(condition, PATIENCE)


def csv() -> str:
    """Return answers of many customers, two of hers; one of hers cannot be read."""
    lines = ["Data;Cliente;Voto NPS;Commento;Nome;Indirizzo;Ordine"]
    words = ("Consegna lenta e pacco rotto", "Gentili in negozio", "Il sito si blocca sempre")
    lines += [
        f"{1 + n % 28:02}/03/2026 10:20;cliente{n}@example.org;{n % 11};{words[n % 3]} {n};"
        f"Cliente {n};Via Roma {n};ORD-{n}"
        for n in range(OTHERS)
    ]
    her = f"Adalgisa Brambilla;Via delle Magnolie 1234;{ORDER}"
    lines += [f"02/03/2026 11:00;{EMAIL};2;{HER_WORDS};{her}", f"31/02/2026 12:00;{EMAIL};3;;{her}"]
    return "\n".join(lines) + "\n"


def events() -> list[dict[str, Any]]:
    now = datetime.now(UTC).isoformat()
    traits = {
        "email": EMAIL,
        "phone": PHONE,
        "firstName": "Adalgisa",
        "lastName": "Brambilla",
        "address": {"street": "Via delle Magnolie 1234", "city": "Lodi"},
    }
    return [
        {"type": "page", "name": "Casa", "anonymousId": DEVICE, "messageId": "m1"},
        {"type": "identify", "userId": USER, "anonymousId": DEVICE, "traits": traits,
         "messageId": "m2"},
        {"type": "track", "event": "Order Completed", "userId": USER, "messageId": "m3",
         "timestamp": now, "properties": {"order_id": ORDER, "total": 12.5, "currency": "EUR"}},
        {"type": "track", "event": "Gioco Vinto", "userId": USER, "messageId": "m4",
         "properties": {"nome": "Adalgisa Brambilla"}},
        # No event: a track needs its name, and is kept among what was rejected.
        {"type": "track", "userId": USER, "messageId": "m5", "properties": {"mail": EMAIL}},
        {"type": "page", "name": "Casa", "userId": "altro-1", "messageId": "m6"},
    ]  # fmt: skip


def letter() -> bytes:
    message = EmailMessage()
    message["From"] = f"Adalgisa Brambilla <{EMAIL}>"
    message["To"] = "shop@example.org"
    message["Subject"] = f"Reso dell'ordine {ORDER}"
    message["Date"] = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    message["Message-ID"] = "<adalgisa-1@example.org>"
    message.set_content(f"Buongiorno, {HER_WORDS}. Chiamatemi al {PHONE}.")
    return message.as_bytes()


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of every file as they lie, and as they read where they are packed."""
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = file.relative_to(folder).as_posix()
        try:
            raw = file.read_bytes()
        except FileNotFoundError:
            continue
        yield name, name.encode()
        yield name, raw
        if raw.startswith(b"PAR1"):
            yield name, repr(pq.ParquetFile(file).read().to_pydict()).encode()
        elif raw.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
                names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in names.fetchall():
                    yield (
                        name,
                        repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode(),
                    )
        elif raw.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(file) as packed:
                for each in packed.namelist():
                    yield name, packed.read(each)
        elif raw.startswith(b"\x1f\x8b"):
            yield name, gzip.decompress(raw)


def found(folder: Path) -> dict[str, set[str]]:
    """Return which strings are in which files: in UTF-8, and in two or four bytes a letter."""
    hits: dict[str, set[str]] = {}
    for name, data in everything(folder):
        forms = [data.lower()]
        forms += [data.replace(b"\0" * zeros, b"").lower() for zeros in (1, 3) if b"\0" in data]
        for each in STRINGS:
            if any(each.lower().encode() in form for form in forms):
                hits.setdefault(each, set()).add(name)
    return hits


@dataclass
class Staff:
    """An administrator at the pages of a real server."""

    server: Server
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        session = inside(
            self.server,
            "from django.test import Client\n"
            "from percorso.app.accounts.models import User\n"
            "user = User.objects.create_user('me@example.org', None, name='Me',"
            " role='administrator')\n"
            "client = Client()\n"
            "client.force_login(user, 'allauth.account.auth_backends.AuthenticationBackend')\n"
            "print(client.cookies['percorso_session'].value)",
        )
        self.http = httpx.Client(
            base_url=self.server.url,
            cookies={"percorso_session": session},
            headers={"accept-language": "en"},
            timeout=120,
            follow_redirects=True,
        )
        self.get("/privacy/")

    def get(self, address: str, **query: str) -> str:
        answered = self.http.get(address, params=query)
        assert answered.status_code == 200, (address, answered.status_code, answered.text[:2000])
        return answered.text

    def post(self, address: str, data: dict[str, str], **more: Any) -> httpx.Response:
        token = self.http.cookies["percorso_csrf"]
        answered = self.http.post(address, data=data, headers={"X-CSRFToken": token}, **more)
        assert answered.status_code == 200, (address, answered.status_code, answered.text[:2000])
        return answered


ALLOWED: Final = {"PERCORSO_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8"}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


@pytest.fixture(scope="module")
def imap() -> Iterator[imaps.Imap]:
    with imaps.running() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("proof")
    workspace = Workspace.create(folder / "company", Settings(company="Prova", language="en"))
    running = start(workspace, folder, environment=ALLOWED)
    yield running
    running.stop()


def rows(log: Log) -> list[dict[str, Any]]:
    return log.read().read_all().to_pylist()


def by_every_road(server: Server, staff: Staff, web: Web, imap: imaps.Imap) -> Log:
    """Let her come in everywhere, and return the log."""
    log = open_log(server.workspace)
    # Told to another system, which says back what it was told.
    told = web.answer("/hook", lambda asked: Answer(200, asked.body))
    box = {
        "host": "127.0.0.1", "port": imap.port, "encryption": "none", "user": imap.user(),
        "password": imaps.PASSWORD,
    }  # fmt: skip
    imap.put(str(box["user"]), letter())
    key = inside(
        server,
        "from percorso.app.sources import actions as sources\n"
        "from percorso.app.webhooks import actions as hooks, noticing\n"
        "from percorso.app.connectors import actions as connectors\n"
        f"hooks.add(None, {told!r}, ['interaction.received', 'customer.merged', 'score.given'],"
        " with_words=True)\n"
        "noticing.notice()\n"
        "print(sources.add(None, 'web'))\n"
        f"connectors.add(None, 'Posta', 'mailbox', {box!r})",
    ).splitlines()[0]
    # A file, with a row that cannot be read.
    sent = staff.post("/data/upload", {}, files={"files": ("risposte.csv", csv().encode())})
    wait_for(lambda: "Ready to import" in staff.get(sent.url.path))
    staff.post(sent.url.path, {"do": "import"})
    # Live.
    answered = httpx.post(f"{server.url}/v1/batch", auth=(key, ""), json={"batch": events()})
    assert answered.status_code == 200, answered.text
    # Staff writes down a call.
    staff.get("/sources/log/")
    staff.post(
        "/sources/log/",
        {"what": "call_in", "reason": "complained", "customer": PHONE, "notes": HER_WORDS},
    )
    staff.get("/sources/rejected/")

    def sources() -> set[str]:
        return {each["source"] for each in rows(log)} if log.files() else set()

    wait_for(lambda: {"web", "Posta"} <= sources() and len(rows(log)) > OTHERS)
    wait_for(lambda: any((each["text"] or "").startswith("Lo zum") for each in rows(log)))
    wait_for(lambda: {USER, EMAIL} <= {each.partition(":")[2] for each in her(log)})
    return log


def her(log: Log) -> tuple[str, ...]:
    return log.identity.references_of(log.identity.customer_of(f"email:{EMAIL}"))


def said_and_seen(server: Server, staff: Staff, log: Log, web: Web) -> None:
    """Let people say things about her, and look at every page that shows her."""
    answer(log, (f"email:{EMAIL}", "user:altro-1"), same=True, who="me@example.org")
    customer = log.identity.customer_of(f"email:{EMAIL}")
    page = f"/customers/{key_of(log, customer)}/"
    staff.get(page)
    staff.post(f"{page}notes/", {"text": "Adalgisa preferisce essere chiamata di sera"})
    staff.post("/segments/save/", {"as": f"Amici di {EMAIL}", "rule": "orders >= 1"})
    link = re.search(
        r'value="http://[^/]+(/choices/[^"]+)"',
        staff.post("/privacy/person/link", {"who": customer}).text,
    )
    assert link
    with httpx.Client(base_url=server.url, follow_redirects=True, timeout=120) as customers:
        seen = re.search(r'name="words" value="([^"]+)"', customers.get(link[1]).text)
        assert seen
        given = {"marketing": "on", "words": seen[1]}
        assert customers.post(link[1], data=given).status_code == 200
        assert customers.post(f"{link[1]}/ask", data={"kind": "erase"}).status_code == 200
    text = next(each for each in rows(log) if (each["text"] or "").startswith("Lo zum"))
    wait_for(lambda: "zumbrofalco" in staff.get("/voice/texts/"))

    def is_corrected() -> bool:
        # What is being read again meanwhile cannot be corrected: it is said, and tried again.
        staff.post("/voice/texts/correct", {"id": text["id"], "sentiment": "positive"})
        return bool(corrections(log))

    wait_for(is_corrected)
    for address in (
        "/", "/customers/", "/voice/", "/voice/topics/", "/voice/factors/", "/voice/needs/",
        "/journeys/", "/problems/", "/data/", "/data/quarantine", "/segments/", "/sources/live/",
        "/sources/unmapped/", "/customers/duplicates/", "/settings/webhooks/", "/privacy/",
        page,
    ):  # fmt: skip
        staff.get(address)
    staff.get("/customers/", q=EMAIL)
    staff.get("/voice/texts/", q="zumbrofalco")
    staff.post("/privacy/person/copy", {"who": customer, "language": "it"})
    # The other system was told, and its answer is kept.
    wait_for(lambda: any(EMAIL.encode() in each.body for each in web.asked))


def test_who_came_in_by_every_road_is_in_no_byte_afterwards(
    server: Server, web: Web, imap: imaps.Imap
) -> None:
    staff = Staff(server)
    with closing(staff.http):
        _prove(server, staff, web, imap)


def _prove(server: Server, staff: Staff, web: Web, imap: imaps.Imap) -> None:
    log = by_every_road(server, staff, web, imap)
    said_and_seen(server, staff, log, web)
    before = found(server.workspace.path)
    assert set(before) == set(STRINGS)
    places = {each.split("/")[0] for files in before.values() for each in files}
    assert places >= {
        "log", "derived", "identity.sqlite", "inbox.sqlite", "quarantine.sqlite", "app.sqlite",
        "segments.toml",
    }, places  # fmt: skip
    others = log.summary().interactions

    customer = log.identity.customer_of(f"email:{EMAIL}")
    staff.get("/privacy/person", who=customer)
    going = staff.post("/privacy/person/erase", {"who": customer, "again": customer})
    wait_for(lambda: "Nothing of them was found afterwards" in staff.get(going.url.path))
    # What was told to others meanwhile, and pages that are looked at again, bring nothing back.
    for address in ("/customers/", "/voice/", "/voice/topics/", "/privacy/", "/settings/activity/"):
        assert "adalgisa" not in staff.get(address).lower()
    time.sleep(3)
    assert found(server.workspace.path) == {}
    assert "adalgisa" not in server.printed.lower()
    given = json.loads(staff.get(f"{going.url.path}.json"))
    removed = {each["name"]: each["removed"] for each in given["places"]}
    assert not given["left"]
    for place in (
        "inbox", "log", "quarantine", "written", "customers.Note", "webhooks.Message",
        "privacy.PreferenceLink", "privacy.Request", "corrections", "readings",
    ):  # fmt: skip
        assert removed[place] >= 1, (place, removed)
    assert log.summary().interactions >= OTHERS
    assert log.summary().interactions < others

    # She comes back: nobody knows her.
    log.append(_coming_back())
    assert her(log) == (f"email:{EMAIL}",)
    new = log.identity.customer_of(f"email:{EMAIL}")
    page = staff.get(f"/customers/{key_of(log, new)}/")
    assert "chiamata di sera" not in page
    assert ORDER not in page
    assert "1 interaction" in staff.get("/privacy/person", who=new)
    assert not any(each.last for each in _consents(log, new))


def _consents(log: Log, customer: str) -> tuple[Any, ...]:
    from percorso.privacy.consents import consents

    return consents(log, customer)


def _coming_back() -> Any:
    from percorso.log.schema import as_table
    from percorso.vocabulary import Interaction

    now = datetime.now(UTC)
    return as_table(
        [
            Interaction(
                id="back-1", at=now, received_at=now, customer=f"email:{EMAIL}", kind="view",
                touchpoint="website", source="till",
            )
        ]
    )  # fmt: skip
