"""The pages of rules and campaigns: made, tried without sending, paused, ended; the message."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.app.mailing import happened
from tests.relay import Relay

from percorso import labels
from percorso.app.surveys.sending import rounds, words
from percorso.app.surveys.sending.models import Campaign, Rule
from percorso.contacts import Ledger
from percorso.i18n import in_language
from percorso.surveys import Surveys, ready
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
GIVEN: dict[str, Any] = {
    "name": "Dopo la consegna",
    "segment": "",
    "share": "100",
    "priority": "0",
    "wanted_days": "7",
    "open_days": "30",
    "touchpoint": "",
    "kind": "delivery",
    "only_at": "",
    "delay": "2",
    "unit": "24",
    "subject_it": "Com’è andata?",
    "opening_en": "Hello {first_name|there},",
}


@pytest.fixture(autouse=True)
def survey(shop: Workspace) -> None:
    surveys = Surveys(shop)
    surveys.add(ready("nps", "nps"))
    surveys.publish("nps")
    happened(*(f"email:c{n}@example.org" for n in range(6)))


def test_a_rule_is_made_changed_paused_and_ended(
    shop: Workspace, relay: Relay, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    made = client.post("/surveys/nps/sending/new/rule/", {**GIVEN, "do": "save"})
    rule = Rule.objects.get()
    assert made["Location"] == f"/surveys/sending/rule/{rule.pk}/"
    assert (rule.delay_hours, rule.share, rule.subject) == (48, 1.0, {"it": "Com’è andata?"})
    page = client.get(made["Location"]).content.decode()
    assert "Dopo la consegna" in page
    client.post(made["Location"], {**GIVEN, "do": "save", "delay": "5", "unit": "1"})
    rule.refresh_from_db()
    assert rule.delay_hours == 5
    do = f"{made['Location']}do"
    client.post(do, {"do": "pause"})
    assert "paused" in client.get("/surveys/nps/sending/").content.decode()
    client.post(do, {"do": "resume"})
    client.post(do, {"do": "end"})
    assert not Rule.objects.exists()
    assert client.get(made["Location"]).status_code == 404


def test_pages_of_sending_name_the_survey_as_people_do(
    shop: Workspace, relay: Relay, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    title = Surveys(shop).get("nps").title["en"]
    made = client.post("/surveys/nps/sending/new/rule/", {**GIVEN, "do": "save"})
    pages = ("/surveys/sending/", "/surveys/nps/sending/", "/surveys/nps/sending/new/rule/")
    for each in (*pages, made["Location"]):
        page = client.get(each).content.decode()
        assert ">nps<" not in page
        assert html.escape(title) in page


@pytest.mark.parametrize("kind", ["rule", "campaign"])
def test_trying_says_whom_it_would_ask_and_writes_nothing(
    shop: Workspace, relay: Relay, agree: Callable[..., None], client_of: ClientOf, kind: str
) -> None:
    agree("email:c0@example.org", "email:c1@example.org")
    client = client_of("cx_manager")
    given = {**GIVEN, "delay": "0", "do": "try"}
    page = client.post(f"/surveys/nps/sending/new/{kind}/", given)
    tried = page.context["tried"]
    assert (tried.total, tried.send, tried.never) == (6, 2, 4)
    assert "did not agree to be asked" in page.content.decode()
    assert not Rule.objects.exists()
    assert not Campaign.objects.exists()
    assert not Ledger(shop).overview()
    assert rounds.ask_due() == 0


def test_a_campaign_that_was_made_is_seen_and_offers_no_change(
    shop: Workspace, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    client.post("/surveys/nps/sending/new/campaign/", {**GIVEN, "do": "save"})
    page = client.get(f"/surveys/sending/campaign/{Campaign.objects.get().pk}/").content.decode()
    assert "A campaign is sent as it was made." in page
    assert "<fieldset disabled>" in page
    assert 'value="try"' not in page
    assert 'value="end"' in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"share": "0"}, "share"),
        ({"share": "101"}, "share"),
        ({"kind": "profile"}, "kind"),
        ({"segment": "nobody"}, "segment"),
        ({"delay": "-1"}, "delay"),
        ({"delay": "8760"}, "delay"),
        ({"opening_it": "Ciao {nome|}"}, "opening_it"),
        ({"opening_it": "Ciao {first_name}"}, "opening_it"),
        ({"opening_it": "Ciao {"}, "opening_it"),
        ({"name": ""}, "name"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    shop: Workspace, client_of: ClientOf, changed: dict[str, str], field: str
) -> None:
    given = {**GIVEN, **changed, "do": "save"}
    answer = client_of("cx_manager").post("/surveys/nps/sending/new/rule/", given)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Rule.objects.exists()


def test_the_message_is_shown_as_it_arrives_and_only_framed_by_us(
    shop: Workspace, client_of: ClientOf
) -> None:
    client = client_of("cx_manager")
    hostile = "<script>alert(1)</script> {first_name|x}"
    page = client.get(
        "/surveys/nps/sending/mail", {"language": "it", "subject": hostile, "opening": hostile}
    )
    shown = page.content.decode()
    assert "<script" not in shown
    assert "Ada" in shown
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    text = client.get("/surveys/nps/sending/mail", {"language": "en", "as": "text"})
    assert "Answer here:" in text.content.decode()


def test_a_message_whose_question_needs_the_page_says_what_it_is_about(
    shop: Workspace, client_of: ClientOf
) -> None:
    surveys = Surveys(shop)
    surveys.add(ready("pyramid", "pyramid"))
    surveys.publish("pyramid")
    client = client_of("cx_manager")
    for kind in ("html", "text"):
        given = {"language": "en", "as": kind, "subject": "Hello"}
        bare = client.get("/surveys/pyramid/sending/mail", given).content.decode()
        assert "Your experience with us" in bare
        opened = {**given, "opening": "Tell us, please."}
        page = client.get("/surveys/pyramid/sending/mail", opened).content.decode()
        assert "Your experience with us" not in page


def test_viewers_see_that_surveys_are_sent_and_not_to_whom(
    shop: Workspace, client_of: ClientOf
) -> None:
    client_of("cx_manager").post("/surveys/nps/sending/new/rule/", {**GIVEN, "do": "save"})
    viewer = client_of("viewer")
    assert "Dopo la consegna" in viewer.get("/surveys/sending/").content.decode()
    assert viewer.get("/surveys/sending/rule/1/").status_code == 403
    assert viewer.get("/surveys/nps/sending/new/rule/").status_code == 403


def test_segments_are_called_as_everywhere(shop: Workspace, client_of: ClientOf) -> None:
    client = client_of("cx_manager")
    form = client.get("/surveys/nps/sending/new/rule/").content.decode()
    assert '<option value="repeat">More than one purchase</option>' in form
    given = {**GIVEN, "segment": "repeat"}
    tried = client.post("/surveys/nps/sending/new/rule/", {**given, "do": "try"}).content.decode()
    assert "not in the segment “More than one purchase”" in html.unescape(tried)
    client.post("/surveys/nps/sending/new/rule/", {**given, "do": "save"})
    assert (
        '<td data-label="Whom">More than one purchase'
        in client.get("/surveys/sending/").content.decode()
    )
    with in_language("it"):
        assert labels.phrase(words.outside("repeat")) == "non è nel segmento “Più di un acquisto”"
    assert str(words.outside("Lost")) == "not in the segment “Lost”"
