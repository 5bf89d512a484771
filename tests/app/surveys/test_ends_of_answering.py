"""Where answering ends: the page of thanks, and what a link says that opens nothing."""

import pytest
from django.test import Client
from tests.app.surveys.asking import fields, invite, publish, send, shown, t

from percorso.app.surveys.models import Door
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

OFFERS = {"text": t("Vuoi sentirci?", "Shall we call you?"), "offers_contact": True}


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en-GB,en;q=0.9"})


def a_door(kind: str) -> str:
    given = {"survey": "visit", "touchpoint": "Shop", "channel": "store"}
    return f"/s/{Door.objects.create(code=f'a-{kind}', kind=kind, **given).code}"


def test_who_asked_to_be_contacted_is_not_offered_it_again(
    company: Workspace, customer: Client
) -> None:
    publish(company, layout="all", endings=[OFFERS])
    link = invite()
    done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "2"}))
    assert "Shall we call you?" in done
    asked = shown(customer.post("/s/call-back", fields(done)))
    assert "will get in touch with you" in asked
    assert "Shall we call you?" not in asked


def test_a_wrong_way_to_be_reached_is_where_one_goes_on(
    company: Workspace, customer: Client
) -> None:
    publish(company, layout="all", endings=[OFFERS])
    path = a_door("link")
    done = shown(send(customer, path, shown(customer.get(path)), {"nps": "2"}))
    given = {**fields(done), "reach.name": "Ada", "reach.email": "nobody"}
    refused = shown(customer.post("/s/call-back", given))
    assert "<title>To mend: Thank you" in refused
    [field] = [each for each in refused.split("<input") if "autofocus" in each]
    assert 'name="reach.email"' in field


def test_the_address_of_being_contacted_opened_again_is_no_empty_page(
    company: Workspace, customer: Client
) -> None:
    answer = customer.get("/s/call-back")
    assert answer.status_code == 410
    assert "your answer is safe" in shown(answer)


def test_nobody_is_asked_to_close_the_website_a_widget_is_in(
    company: Workspace, customer: Client
) -> None:
    publish(company, layout="all")
    for path, said in ((a_door("link"), True), (f"{a_door('widget')}?widget", False)):
        done = shown(send(customer, path, shown(customer.get(path)), {"nps": "9"}))
        assert "Thank you" in done
        assert ("You can close this page" in done) == said


def test_a_closed_door_says_that_the_survey_is_over_and_not_to_open_a_message(
    customer: Client, company: Workspace
) -> None:
    for path in ("/s/nodoor", "/s/nodoor?widget"):
        closed = shown(customer.get(path))
        assert "This survey is not open" in closed
        assert "message" not in closed
    assert "open the link in the message once more" in shown(customer.get("/s/i/notoken"))


def test_what_does_not_work_is_said_in_the_other_language_too(
    customer: Client, company: Workspace
) -> None:
    for path in ("/s/nodoor", "/s/i/notoken"):
        assert 'href="?lang=it"' in shown(customer.get(path))
        assert "Se hai già risposto" in shown(customer.get(f"{path}?lang=it"))
    assert 'href="?widget&lang=it"' in shown(customer.get("/s/nodoor?widget"))


def test_a_logo_keeps_the_background_it_was_drawn_for(company: Workspace, customer: Client) -> None:
    theme = {"light": {"background": "#fffaf2"}, "dark": {"background": "#1d0d10"}}
    dark = {"text": "#f6e9e0", "accent": "#e7b9a0", "on_accent": "#2a1216", **theme["dark"]}
    publish(company, theme={**theme, "dark": dark})
    page = shown(customer.get(a_door("link")))
    look = page.split('<link rel="stylesheet" href="')[2].partition('"')[0]
    light, _media, night = customer.get(look).content.decode().partition("@media")
    assert "--paper:#fffaf2" in light
    assert "--paper" not in night
