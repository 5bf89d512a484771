"""Pages that everybody sees alike are made once: nobody finds on them what is another's."""

import msgspec
import pytest
from django.test import Client
from tests.app.surveys.asking import EVERY_TYPE, fields, invite, publish, received, send, shown, t
from tests.app.surveys.test_answering import a_door

from percorso.app.surveys.answering.made_once import MadeOnce
from percorso.app.surveys.answering.sheets import unseal
from percorso.surveys import Surveys, ready, state
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

GREETED = {
    **EVERY_TYPE[0],
    "text": t("Ciao {first_name|a te} a {shop|casa}", "Hello {first_name|there} at {shop|home}"),
}


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en-GB,en;q=0.9"})


def without_sheet(page: str) -> str:
    return page.replace(fields(page)["sheet"], "")


def test_each_visitor_has_a_response_of_their_own_on_the_same_page(
    company: Workspace, customer: Client
) -> None:
    publish(company, layout="all")
    path = f"/s/{a_door().code}"
    pages = [shown(customer.get(path)) for _visitor in range(3)]
    assert len({without_sheet(page) for page in pages}) == 1
    assert len({unseal(fields(page)["sheet"]).response for page in pages}) == 3
    for page in pages:
        assert "Thank you" in shown(send(customer, path, page, {"nps": "9"}))
    assert len({row.customer for row in received()}) == 3


def test_what_somebody_said_is_on_no_page_of_another(company: Workspace, customer: Client) -> None:
    publish(company, layout="all", questions=[GREETED, EVERY_TYPE[5]])
    path = f"/s/{a_door(place='Brera').code}"
    first = shown(customer.get(path))
    wrong = shown(send(customer, path, first, {"nps": "99", "why": "A secret of mine"}))
    assert "A secret of mine" in wrong
    filled = shown(customer.get(f"{path}?nps=7"))
    assert "Nothing is sent until you press the button" in filled
    theirs = shown(customer.get(invite(facts={"first_name": "Ada"}).path))
    assert "Hello Ada" in theirs
    assert "knows of you as a customer" in theirs
    again = shown(customer.get(path))
    assert without_sheet(again) == without_sheet(first)
    assert "Hello there at Brera" in again


def test_every_door_language_and_frame_has_its_own_page(
    company: Workspace, customer: Client
) -> None:
    publish(company, layout="all", questions=[GREETED])
    one, other = a_door(place="Brera"), a_door("kiosk", place="Isola")
    for _time in range(2):
        assert "Hello there at Brera" in shown(customer.get(f"/s/{one.code}"))
        assert "Ciao a te a Brera" in shown(customer.get(f"/s/{one.code}?lang=it"))
        assert "Hello there at Isola" in shown(customer.get(f"/s/{other.code}"))
        assert 'class="widget"' in shown(customer.get(f"/s/{one.code}?widget"))
        assert 'class="kiosk"' in shown(customer.get(f"/s/{one.code}?kiosk"))
        assert f'action="/s/{one.code}"' in shown(customer.get(f"/s/{one.code}"))


def test_a_new_version_is_seen_at_once(company: Workspace, customer: Client) -> None:
    publish(company, layout="all")
    path = f"/s/{a_door().code}"
    assert "Recommend?" in shown(customer.get(path))
    surveys = Surveys(company)
    latest = surveys.get("visit")
    changed = msgspec.structs.replace(latest, title=t("Un'altra", "Another one"))
    surveys.save(changed, instead_of=state(latest))
    surveys.publish("visit")
    assert "Another one" in shown(customer.get(path))


def test_each_page_of_thanks_carries_whose_answers_it_thanks_for(
    company: Workspace, customer: Client
) -> None:
    sorry = {"text": t("Rimediamo", "We put it right"), "show_if": "nps <= 6"}
    publish(
        company,
        layout="all",
        endings=[{**sorry, "offers_contact": True}, {"text": t("Bene", "Good to hear")}],
    )
    path = f"/s/{a_door().code}"
    carried = []
    for score, words in (("2", "We put it right"), ("9", "Good to hear"), ("3", "We put it right")):
        done = shown(send(customer, path, shown(customer.get(path)), {"nps": score}))
        assert words in done
        carried.append(fields(done).get("after"))
    assert carried[1] is None
    assert len({*carried}) == 3
    taken = customer.post("/s/call-back", {"after": carried[2], "reach.phone": "+39 02 1234567"})
    assert taken.status_code == 200
    rows = received()
    [asking] = [row for row in rows if row.name == "asks to be contacted"]
    assert asking.customer == rows[2].customer


def test_what_is_made_once_belongs_to_one_survey_and_the_oldest_goes() -> None:
    made: list[str] = []
    kept = MadeOnce[str](2)
    one, other = ready("nps", "one"), ready("nps", "one")

    def make(name: str) -> str:
        made.append(name)
        return name

    assert kept.get(one, "a", lambda: make("one a")) == "one a"
    # Alike, and not the same: whoever publishes anew has another.
    assert kept.get(other, "a", lambda: make("other a")) == "other a"
    assert kept.get(one, "a", lambda: make("again")) == "one a"
    kept.get(one, "b", lambda: make("one b"))
    assert kept.get(other, "a", lambda: make("anew")) == "anew"
    assert made == ["one a", "other a", "one b", "anew"]
