"""Fewer than 5 customers are shown to no viewer: not on a page, not in a file, by no filter."""

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from tests.app.permissions import TABLE, VIEWER
from tests.log.rows import START, add, row
from tests.text.readings_kept import PLAIN, factor

from percorso import labels
from percorso.app import results
from percorso.i18n import in_language
from percorso.log import open_log
from percorso.segments import Catalogue
from percorso.text import kept
from percorso.text.model import MODEL
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

KIOSK: Final = "Chiosco raro"
SOURCE: Final = "rarafonte"
SEGMENT: Final = "Pochi"
#: When the few came: nobody else did anything then.
LATER: Final = 60 * 24 * 60
WORDS: Final = "La zebra e arrivata rotta"
#: What only the few did, or are in.
with in_language("en"):
    RARE: Final = (
        KIOSK,
        SOURCE,
        SEGMENT,
        labels.channel("store"),
        labels.language("fr"),
        labels.metric("csat"),
        labels.factor("security"),
        labels.emotion("betrayal"),
        labels.fate("unmet"),
    )
#: Every way a page can be narrowed to them.
NARROWED: Final[dict[str, dict[str, str]]] = {
    "touchpoint": {"touchpoint": KIOSK},
    "channel": {"channel": "store"},
    "segment": {"segment": SEGMENT},
    "period": {
        "since": (START + timedelta(minutes=LATER)).date().isoformat(),
        "until": (START + timedelta(minutes=LATER, days=1)).date().isoformat(),
    },
}
#: Pages about one customer, one text or one import each: they say what happened, never to whom.
ONE_EACH: Final = {"customers:list", "voice:texts"}
#: One of each kind of page and file.
SOME: Final = {"home", "journeys:table_csv", "problems:list", "voice:overview", "customers:list"}
#: Pages for which these filters mean nothing.
OF_THE_COMPANY: Final = re.compile(
    r"^(intake|sources|connectors|accounts|account_|mfa_|segments:|maps:(drafts|new_belief)"
    r"|touchpoints:(list|csv)|surveys:|outbox:)"
)


def _done_by_many(n: int) -> list[Interaction]:
    who, order, at = f"user:{n}", f"order:{n}", n * 10
    return [
        row(f"v{n}", who, at),
        row(
            f"o{n}", who, at + 1, kind="order", touchpoint="Cassa", amount=20.0, currency="EUR",
            about=order,
        ),
        row(
            f"p{n}", who, at + 2, kind="promise", name="delivery", touchpoint="Cassa", about=order,
            due_at=START + timedelta(days=9),
        ),
        row(
            f"d{n}", who, at + 3, kind="delivery", touchpoint="Corriere", channel="courier",
            about=order,
        ),
        row(
            f"n{n}", who, at + 4, kind="answer", touchpoint="Domanda", channel="survey",
            scale="nps", score=float(6 + n % 5),
        ),
    ]  # fmt: skip


def _done_by_few(n: int) -> list[Interaction]:
    who, order = f"user:few{n}", f"order:few{n}"

    def there(id_: str, minutes: int, **more: Any) -> Interaction:
        place = {"touchpoint": KIOSK, "channel": "store", "source": SOURCE}
        return row(f"few{id_}{n}", who, LATER + minutes, **{**place, **more})

    return [
        there("h", 0, touchpoint="home page", channel="website", source="test"),
        *(there(f"v{k}", 1 + k, kind="visit") for k in range(7)),
        there("o", 9, kind="order", amount=777.0, currency="EUR", about=order),
        there(
            "p", 10, kind="promise", name="delivery", about=order,
            due_at=START + timedelta(minutes=LATER + 20),
        ),
        there("a", 30, kind="answer", scale="csat", score=1.0, about=order),
    ]  # fmt: skip


def _texts() -> Iterator[tuple[Interaction, dict[str, Any]]]:
    late = {"sentiment": "negative", "factors": [factor("speed", "negative")]}
    for n in range(30):
        said = row(f"t{n}", f"user:{n}", n * 10 + 5, kind="review", text=f"Tardi, {n}")
        yield said, {**late, "emotions": ["frustration"]}
    for n in range(3):
        said = row(
            f"fewt{n}", f"user:few{n}", LATER + 40, kind="review", text=f"{WORDS}, {n}",
            touchpoint=KIOSK, channel="store", source=SOURCE,
        )  # fmt: skip
        blamed = [factor("security", "negative")]
        yield said, {**late, "language": "fr", "emotions": ["betrayal"], "factors": blamed}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log of 30 customers and of 3 more, who alone are in everything that is rare."""
    place = Workspace.create(tmp_path_factory.mktemp("few") / "company")
    log = open_log(place)
    texts = list(_texts())
    add(log, [each for n in range(30) for each in _done_by_many(n)])
    add(log, [each for n in range(3) for each in _done_by_few(n)])
    add(log, [said for said, _ in texts])
    readings = kept.readings(log)
    read = [
        {**PLAIN, **reading, "id": said.id, "customer": said.customer, "model": MODEL.version}
        for said, reading in texts
    ]
    readings.append(pa.Table.from_pylist(read, schema=readings.schema), log.version)
    Catalogue(place).save(SEGMENT, 'channel "store"', who="ada@example.org")
    return place.path


@pytest.fixture(autouse=True)
def _company(made: Path, company: Workspace) -> Iterator[None]:
    results.forget()
    shutil.copytree(made, company.path, dirs_exist_ok=True)
    yield
    results.forget()


@pytest.fixture
def viewer(client_of: Callable[[str], Client]) -> Client:
    return client_of("viewer")


def _addresses() -> dict[str, str]:
    """Return every page and file that a viewer may see and that is not about one thing."""
    found = {}
    for name, who in TABLE.items():
        if who.look == VIEWER:
            try:
                found[name] = reverse(name)
            except NoReverseMatch:
                continue
    return found


ADDRESSES = _addresses()


class _Blocks(HTMLParser):
    """Takes a page apart into what is read together: a row, an item, a term with its figure."""

    whole = ("tr", "li", "g")
    begin = ("p", "div", "h1", "h2", "h3", "option", "section", "dt", "header", "table", "svg", "a")

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[list[str]] = [[]]
        self.inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.inside and tag in (*self.whole, *self.begin):
            self.blocks.append([])
        self.inside += tag in self.whole
        said = dict(attrs)
        self.blocks[-1] += [said[name] or "" for name in ("aria-label", "title") if name in said]

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in self.whole

    def handle_data(self, data: str) -> None:
        self.blocks[-1].append(data)


def told(page: str) -> list[str]:
    """Return the blocks of a page that name what only the few did."""
    parser = _Blocks()
    # What the page stands on says how large the whole log is, and names the filter.
    parser.feed(re.sub(r'<p class="source provenance">.*?</p>', "", page, flags=re.DOTALL))
    blocks = [" ".join(" ".join(each).split()) for each in parser.blocks]
    return [each for each in blocks if any(word in each for word in RARE)]


def read(client: Client, address: str, **query: Any) -> str:
    # A map that takes seconds is waited for.
    answer = client.get(f"{address}?{urlencode({**query, 'wait': '1'}, doseq=True)}")
    assert answer.status_code in (200, 302, 404), (address, answer.status_code)
    content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content.decode(errors="replace")


def _figures(block: str) -> list[str]:
    """Return the figures in a block that may count customers.

    The scale of CSAT, when a segment was saved and how many touchpoints there are do not.
    """
    none = (
        r"[Ff]ewer than 5|\(4-5 of 5\)|\(1 to 5\)|@example\.org · \d+ \w+ \d{4}"
        r"|\d+ touchpoints, with"
    )
    return re.findall(r"\d+", re.sub(none, "", block))


def test_their_figures_are_on_no_page_and_in_no_file(viewer: Client) -> None:
    assert {"home", "voice:factors_csv", "intake:sources", "journeys:table"} <= set(ADDRESSES)
    queries: dict[str, list[dict[str, Any]]] = {
        "journeys:funnel": [{"step": ["home page", KIOSK]}],
        "journeys:graph": [{"at": KIOSK}, {"least": "1", "top": "200"}],
        "voice:factors": [{"by": by} for by in ("touchpoint", "channel", "phase", "month")],
        "voice:factors_csv": [{"by": by} for by in ("touchpoint", "channel", "phase")],
    }
    for name, address in ADDRESSES.items():
        if name in ONE_EACH:
            continue
        for query in [{}, *queries.get(name, [])]:
            page = read(viewer, address, period="all", **query)
            assert WORDS[:8] not in page, name
            if name.endswith("csv"):
                lines = ["; ".join(each) for each in csv.reader(io.StringIO(page))]
                blocks = [each for each in lines if any(word in each for word in RARE)]
            else:
                blocks = told(page)
            for block in blocks:
                assert not _figures(block), (name, query, block)


def test_an_agent_sees_them(client_of: Callable[[str], Client]) -> None:
    agent = client_of("agent")
    shown = [_figures(each) for each in told(read(agent, ADDRESSES["intake:sources"]))]
    assert any("3" in each for each in shown)
    assert "zebra" in read(agent, ADDRESSES["voice:texts"], **NARROWED["channel"])
    home = read(agent, ADDRESSES["home"], **NARROWED["touchpoint"])
    assert "Nobody fits" not in home


@pytest.mark.parametrize("by", NARROWED)
def test_no_filter_comes_near_them(viewer: Client, by: str) -> None:
    for name, address in ADDRESSES.items():
        if OF_THE_COMPANY.match(name) or name == "rest":
            continue
        # One filter is tried on every page, the others where each slice asks.
        if by != "touchpoint" and name not in SOME:
            continue
        page = read(viewer, address, period="" if by == "period" else "all", **NARROWED[by])
        assert "zebra" not in page, name
        if name.endswith(("pdf", "png")):
            assert viewer.get(address, NARROWED[by]).status_code == 404, name
        elif name.endswith("csv"):
            assert len(page.splitlines()) == 1, (name, page)
        elif name.startswith("customers:"):
            # It has filters of its own, and no touchpoint or period among them.
            assert by in ("touchpoint", "period") or "Fewer than 5 customers fit" in page, name
        else:
            assert "Nobody fits, or fewer than 5 customers" in page, name
            assert not [each for each in told(page) if _figures(each)], name


@pytest.mark.parametrize(
    "sought",
    [{"language": "fr"}, {"factor": "security"}, {"emotion": "betrayal"}, {"q": "zebra"}],
)
def test_no_search_of_texts_comes_near_them(viewer: Client, sought: dict[str, str]) -> None:
    page = read(viewer, ADDRESSES["voice:texts"], period="all", **sought)
    assert WORDS not in page


def test_none_and_few_look_the_same(viewer: Client) -> None:
    """One could go on asking until one knows."""

    def shown(touchpoint: str) -> str:
        page = read(viewer, ADDRESSES["home"], period="all", touchpoint=touchpoint)
        content = re.sub(r"<form class=\"filters.*?</form>", "", page, flags=re.DOTALL)
        content = re.sub(r"(csrfmiddlewaretoken\" value|nonce)=\"[^\"]*\"", "", content)
        return content.replace(touchpoint, "").replace(urlencode({"": touchpoint})[1:], "")

    assert shown(KIOSK) == shown("Mai visto")


def _only(company: Workspace, rows: list[Interaction]) -> None:
    """Make a log of these alone."""
    shutil.rmtree(company.path / "log")
    shutil.rmtree(company.path / "derived", ignore_errors=True)
    results.forget()
    add(open_log(company), rows)


def test_many_answers_of_one_customer_are_no_score(company: Workspace, viewer: Client) -> None:
    rows = [each for n in range(12) for each in _done_by_many(n) if each.kind != "answer"]
    rows += [row(f"x{n}", f"user:{n}", 1900, kind="visit", touchpoint="Negozio") for n in range(8)]
    for n in range(7):
        at = {"touchpoint": "Domanda", "channel": "survey"}
        rows += [
            row(f"y{n}", "user:0", 2000 + n * 3, kind="visit", touchpoint="Negozio"),
            row(f"a{n}", "user:0", 2001 + n * 3, kind="answer", scale="csat", score=1.0, **at),
        ]
    _only(company, rows)
    for query in ({"at": "Negozio"}, {"at": "Corriere", "to": "Negozio"}, {}):
        page = read(viewer, ADDRESSES["journeys:graph"], period="all", **query)
        assert "Negozio" in page
        # In a label that is not seen, and on the card.
        assert "score after 1" not in page, query
        assert not re.search(r"score after 1|Negozio [^a-z]*\b1\.0\b", _text(page)), query
    assert "1.0" not in _text(read(viewer, ADDRESSES["journeys:table"], period="all"))
    lines = csv.DictReader(io.StringIO(read(viewer, ADDRESSES["journeys:table_csv"], period="all")))
    passed = [each for each in lines if each["to"] == "Negozio"]
    assert passed
    assert not any(each[name] for each in passed for name in ("score_after", "low", "high", "n"))


def _text(page: str) -> str:
    """Return what is read on a page: not its scripts, its styles and its marks."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_nothing_beside_them_tells_how_few_they_are(company: Workspace, viewer: Client) -> None:
    """Of 100 promises three were late; three of 100 customers wrote a review."""
    rows = [each for n in range(100) for each in _done_by_many(n) if each.kind != "answer"]
    late = [each for each in rows if each.kind == "delivery"][:3]
    rows = [each for each in rows if each not in late]
    for n in range(3):
        rows += [
            row(f"l{n}", f"user:{n}", 60 * 24 * 12, kind="delivery", about=f"order:{n}"),
            row(f"r{n}", f"user:{n}", 60 * 24 * 20, kind="review", text="bello"),
        ]
    _only(company, rows)
    page = read(viewer, ADDRESSES["home"], period="all")
    said = _text(page)
    assert "late too few to show" in said
    assert "Advocacy fewer than 5" in said
    assert not re.search(r"\b(9[46-9]|[1-6])%", said)
    assert "100 made" not in said
    whole, few = re.findall(r'<path class="[^"]*" d="M([^"]+)"', page)[3::2]
    assert whole.startswith("300.0 8.0H")  # as high as can be: 100 of 100 bought
    assert few.startswith("500.0 120.0H")  # no higher than nobody


def test_a_log_of_few_is_not_counted(company: Workspace, viewer: Client) -> None:
    _only(company, [row(f"i{n}", f"user:{n % 3}", n) for n in range(9)])
    for name in ("home", "intake:home", "journeys:graph", "problems:list", "customers:list"):
        page = read(viewer, ADDRESSES[name], period="all")
        assert "ewer than 5 customers" in page, name
        assert not re.search(r"\b[39] (interactions|customers)", page), name
