"""Words of a survey, and of those who answer it, are words wherever they are shown.

On answering pages: ``test_hostile_answers``. Here: results, builder, sending, messages, maps, the
report, files.
"""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.app.mailing import agree, relay, shop
from tests.app.surveys.asking import EVERY_TYPE, invite
from tests.app.surveys.test_hostile_answers import doubled
from tests.relay import Relay

from percorso.app import company as served
from percorso.app.outbox import posting
from percorso.app.surveys.models import Door
from percorso.app.surveys.sending import actions as sending
from percorso.app.surveys.sending import rounds
from percorso.charts import journey_map as drawing
from percorso.journey_map import build, map_rows
from percorso.log.schema import as_table
from percorso.log.selection import Selection
from percorso.report import as_html
from percorso.report import build as build_report
from percorso.surveys import Response, Survey, known_rows
from percorso.surveys.reading import from_plain, to_json
from percorso.touchpoints import Registry
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
__all__ = ["agree", "relay", "shop"]
EVIL = "=cmd|' /C calc'!A0\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7919*7919}}"
TELLTALE = ("<script>alert", "<img src=x", 'A0"><', "62710561")
SURVEY_PAGES = (
    *("one", "versions", "try", "ask", "settings", "endings", "look", "sending", "results"),
    *("people", "pmf", "pyramid", "preview", "mail"),
)


def hostile() -> Survey:
    """Return a survey with every type of question, all of whose words are hostile."""
    words = {"it": EVIL, "en": EVIL}

    def all_of(given: Any) -> Any:
        if isinstance(given, dict):
            return (
                words if given.keys() == words.keys() else {k: all_of(v) for k, v in given.items()}
            )
        return [all_of(each) for each in given] if isinstance(given, list) else given

    definition = {
        "id": "visit",
        "languages": ["it", "en"],
        "title": words,
        "intro": words,
        "questions": all_of(EVERY_TYPE),
        "endings": [{"text": words, "offers_contact": True}],
        "links": [{"kind": "other", "text": words, "address": "https://example.org/a"}],
    }
    # No page publishes such words: whoever writes files can.
    return from_plain({**doubled(definition), "published": True})


def answered(survey: Survey) -> Iterator[Interaction]:
    """Give an order of 40 customers, and what they answered at a place of a hostile name."""
    for n in range(40):
        at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=n)
        customer = f"email:c{n}@example.org"
        yield Interaction(
            id=f"o{n}", at=at, customer=customer, kind="order", source="till", touchpoint=EVIL
        )
        given = {
            "nps": 9 if n % 2 else 3, "csat": 4, "pmf": "very", "why": f"{EVIL} {n}",
            "pyramid": {"needs": 5, "ease": 2, "enjoyment": 2}, "how": "friend",
            "genres": ("novels",),
            "stars": 4, "shop": {"staff": 5, "choice": 1}, "reach": {"name": EVIL, "email": EVIL},
        }  # fmt: skip
        response = Response(
            id=f"r{n}", customer=customer, at=at + timedelta(hours=2), language="en",
            touchpoint=EVIL, channel="store", properties={"campaign": EVIL, "place": EVIL},
        )  # fmt: skip
        yield from known_rows(survey, given, response)


@pytest.fixture
def asked(shop: Workspace) -> Survey:
    survey = hostile()
    (shop.surveys / "visit").mkdir(parents=True)
    (shop.surveys / "visit" / "1.json").write_bytes(to_json(survey))
    served.log().append(as_table(answered(survey)))
    return survey


def harmless(text: str, where: str, *, has: bool = True) -> None:
    for each in TELLTALE:
        assert each not in text, (where, each)
    if has:
        assert "script&gt;alert(1)" in text, where


def test_on_the_pages_of_the_company(asked: Survey, client_of: As) -> None:
    client = client_of("administrator")
    door = Door.objects.create(
        code="door", survey="visit", kind="qr", touchpoint=EVIL[:200], place=EVIL[:100],
        channel="store",
    )  # fmt: skip
    invite(touchpoint=EVIL, campaign=EVIL[:40], facts={"first_name": EVIL})
    addresses = [reverse(f"surveys:{each}", args=["visit"]) for each in SURVEY_PAGES]
    addresses += [reverse("surveys:question", args=["visit", each.id]) for each in asked.questions]
    addresses += [
        f"{reverse('surveys:split', args=['visit'])}?question={each}&by={by}"
        for each in ("nps", "pyramid", "shop")
        for by in ("touchpoint", "campaign", "version")
    ]
    addresses += [
        reverse("surveys:list"),
        reverse("surveys:all_sending"),
        reverse("surveys:door", args=["visit", door.code]),
        reverse("surveys:door_code", args=["visit", door.code, "svg"]),
        *(reverse(each) for each in ("maps:map", "maps:steps", "touchpoints:list")),
        *(reverse(each) for each in ("touchpoints:consistency", "journeys:graph", "home")),
        *(reverse(each) for each in ("customers:list", "voice:texts", "outbox:record")),
    ]
    shown = 0
    for address in addresses:
        page = client.get(f"{address}{'&' if '?' in address else '?'}period=all", follow=True)
        assert page.status_code == 200, address
        text = page.content.decode()
        harmless(text, address, has=False)
        shown += "script&gt;alert(1)" in text
    assert shown > 30, shown


def test_in_the_report(asked: Survey) -> None:
    harmless(as_html(build_report(served.log()), "en"), "report", has=False)


def test_in_the_drawn_map(asked: Survey) -> None:
    log = served.log()
    found = build(log, Registry(log.workspace), Selection())
    assert any("alert(1)" in str(row) for row in map_rows(found))
    drawn = drawing.svg(found, EVIL, [EVIL])
    names = {each.tag.rpartition("}")[2] for each in ET.fromstring(drawn).iter()}
    assert names <= {
        "svg",
        "g",
        "rect",
        "text",
        "tspan",
        "line",
        "circle",
        "path",
        "title",
        "style",
    }
    assert drawing.pdf(drawn).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "address",
    [
        "/surveys/visit/results.csv",
        "/surveys/visit/responses.csv",
        "/maps/map.csv",
        "/touchpoints/touchpoints.csv",
    ],
)
def test_in_files_for_a_spreadsheet(asked: Survey, client_of: As, address: str) -> None:
    answer = client_of("administrator").get(f"{address}?period=all")
    assert answer.status_code == 200, address
    content = answer.getvalue().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert any("alert(1)" in cell for cell in cells)
    for cell in cells:
        assert not cell.startswith(("=", "@", "\t", "\r", "+")), cell
        assert not cell.startswith("-") or _number(cell), cell


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_in_the_message(asked: Survey, agree: Callable[..., None], relay: Relay) -> None:
    """A subject may hold what ends a line: it adds no header and no part."""
    ends = "Hello\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\u2028x\0"
    agree("email:c1@example.org")
    given = {
        "name": EVIL[:80], "survey": "visit", "segment": "", "share": 1.0, "priority": 0,
        "wanted_days": 7, "open_days": 30, "touchpoint": EVIL[:100],
        "subject": {"it": ends, "en": ends}, "opening": {"it": doubled(EVIL), "en": doubled(EVIL)},
        "starts_at": datetime.now(UTC) - timedelta(minutes=1),
    }  # fmt: skip
    sending.add_campaign(None, given)
    rounds.ask_due()
    posting.post_due()
    [taken] = relay.taken
    assert taken.mail["Bcc"] is None
    assert set(taken.mail.keys()).isdisjoint({"bcc", "Bcc"})
    assert "\n" not in str(taken.mail["Subject"])
    harmless(taken.part("html"), "message")
    assert "<script>alert(1)</script>" in taken.part("plain"), "plain text is text"
    assert Path(taken.mail["From"].addresses[0].domain).name == "example.org"
