"""A survey with every type of question, people to ask, and hands that fill in pages."""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from percorso.app.inbox import inbox
from percorso.app.surveys import actions
from percorso.app.surveys.actions import Invited
from percorso.live import ready_rows
from percorso.live.inbox import Inbox
from percorso.surveys import Surveys
from percorso.surveys.reading import from_plain
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace


def t(it: str, en: str) -> dict[str, str]:
    return {"it": it, "en": en}


ENDS = {"low": t("Per niente", "Not at all"), "high": t("Moltissimo", "Very much")}
PMF = {
    "very": t("Molto deluso", "Very disappointed"),
    "somewhat": t("Un po’ deluso", "Somewhat disappointed"),
    "not": t("Non deluso", "Not disappointed"),
    "no_longer_use": t("Non la uso più", "I no longer use it"),
}


def option(name: str, it: str, en: str) -> dict[str, Any]:
    return {"id": name, "text": t(it, en)}


EVERY_TYPE: list[dict[str, Any]] = [
    {
        "type": "nps",
        "id": "nps",
        "required": True,
        "text": t("Ci consiglieresti?", "Recommend?"),
        **ENDS,
    },
    {"type": "csat", "id": "csat", "text": t("Soddisfatto?", "Satisfied?"), **ENDS},
    {"type": "ces", "id": "ces", "text": t("È stato facile?", "Was it easy?"), **ENDS},
    {"type": "pmf", "id": "pmf", "text": t("Senza di noi?", "Without us?"), "answers": PMF},
    {
        "type": "pyramid",
        "id": "pyramid",
        "text": t("La tua visita", "Your visit"),
        "needs": {"text": t("Hai trovato ciò che cercavi?", "Did you find it?"), **ENDS},
        "ease": {"text": t("È stato facile?", "Was it easy?"), **ENDS},
        "enjoyment": {"text": t("È stato piacevole?", "Was it pleasant?"), **ENDS},
    },
    {"type": "open", "id": "why", "text": t("Perché?", "Why?"), "longest": 500},
    {
        "type": "choice",
        "id": "how",
        "text": t("Come ci hai trovato?", "How did you find us?"),
        "options": [option("friend", "Da un amico", "A friend"), option("web", "Sul web", "Web")],
    },
    {
        "type": "multiple",
        "id": "genres",
        "text": t("Che cosa leggi?", "What do you read?"),
        "most": 2,
        "options": [
            option("novels", "Romanzi", "Novels"),
            option("essays", "Saggi", "Essays"),
            option("comics", "Fumetti", "Comics"),
        ],
    },
    {"type": "rating", "id": "stars", "text": t("Un voto", "A rating"), "points": 5, **ENDS},
    {
        "type": "matrix",
        "id": "shop",
        "text": t("In negozio", "In the shop"),
        "rows": [
            option("staff", "Il personale", "The staff"),
            option("choice", "La scelta", "The choice"),
        ],
        **ENDS,
    },
    {"type": "date", "id": "visit", "text": t("Quando?", "When?"), "earliest": "2020-01-01"},
    {"type": "contact", "id": "reach", "text": t("Ti ricontattiamo?", "May we get in touch?")},
    {
        "type": "consent",
        "id": "news",
        "text": t("Sì, scrivetemi.", "Yes, write to me."),
        "purpose": "marketing",
    },
]
#: An answer to each of them, as fields of a form.
ANSWERS: dict[str, list[str]] = {
    "nps": ["9"], "csat": ["4"], "ces": ["6"], "pmf": ["very"],
    "pyramid.needs": ["5"], "pyramid.ease": ["4"], "pyramid.enjoyment": ["3"],
    "why": ["Perché siete gentili"], "how": ["friend"], "genres": ["novels", "comics"],
    "stars": ["5"], "shop.staff": ["5"], "shop.choice": ["2"], "visit": ["2026-01-31"],
    "reach.name": ["Ada"], "reach.email": ["ada@example.org"], "news": ["yes"],
}  # fmt: skip


def publish(company: Workspace, name: str = "visit", **changes: Any) -> None:
    """Publish a survey: two languages, one question (NPS, and why), if nothing else is said."""
    given = {
        "id": name,
        "title": t("La tua visita", "Your visit"),
        "languages": ["it", "en"],
        "questions": [EVERY_TYPE[0], EVERY_TYPE[5]],
        "layout": "one",
        **changes,
    }
    surveys = Surveys(company)
    surveys.add(from_plain(given))
    surveys.publish(name)


def invite(reference: str = "email:ada@example.org", survey: str = "visit", **more: Any) -> Invited:
    given = {
        "touchpoint": "Delivery",
        "campaign": "spring",
        "expires_at": timezone.now() + timedelta(days=14),
        **more,
    }
    return actions.invite(survey, reference, **given)


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def send(client: Client, path: str, page: str, given: Mapping[str, Any] | None = None) -> Any:
    """Press the button of a page, with its fields filled in."""
    return client.post(path, {**fields(page), **(given or {})})


def shown(page: Any) -> str:
    return html.unescape(page.content.decode())


def received(given: Inbox | None = None) -> list[Interaction]:
    """Return the rows that wait in the inbox."""
    batch = (given or inbox()).take()
    return [
        row
        for each in batch.received
        if each.call == ready_rows.CALL
        for row in ready_rows.unpack(each.body)
    ]


def by_name(rows: Iterable[Interaction]) -> dict[str, Interaction]:
    return {str(each.name): each for each in rows}
