"""Answering by a link of one's own and through a door: kept once, and nothing by looking."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from tests.app.surveys.asking import (
    ANSWERS,
    EVERY_TYPE,
    by_name,
    fields,
    invite,
    publish,
    received,
    send,
    shown,
    t,
)

from percorso.app import company as the_company
from percorso.app.accounts.models import User
from percorso.app.api.limits import Limit
from percorso.app.inbox import inbox
from percorso.app.surveys import actions, queries
from percorso.app.surveys.answering import counting, known, views
from percorso.app.surveys.errors import AskingError
from percorso.app.surveys.models import Door, Invitation, Unfinished
from percorso.live import InboxError
from percorso.live.draining import Drainer
from percorso.surveys import Surveys
from percorso.vocabulary.references import PASSING
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Client:
    return Client(headers={"accept-language": "en-GB,en;q=0.9"})


def a_door(kind: str = "qr", **more: object) -> Door:
    by = User.objects.filter(email="maker@example.org").first() or User.objects.create_user(
        "maker@example.org", "x", name="Maker", role="cx_manager"
    )
    given = {"touchpoint": "Shop", "place": "Brera", **more}
    return actions.open_door(by, "visit", kind, **given)  # type: ignore[arg-type]


# By invitation


def test_an_invited_person_answers_page_by_page_and_it_is_in_the_log(
    asks: Workspace, customer: Client
) -> None:
    link = invite()
    first = customer.get(link.path)
    assert "Recommend?" in shown(first)
    assert "Why?" not in shown(first)
    second = send(customer, link.path, shown(first), {"nps": "9"})
    assert "Why?" in shown(second)
    last = send(customer, link.path, shown(second), {"why": "Kind people"})
    assert "Thank you" in shown(last)
    Drainer(the_company.log(), inbox()).drain()
    rows = {each["name"]: each for each in the_company.log().read().read_all().to_pylist()}
    assert rows["nps"]["score"] == 9
    assert rows["nps"]["scale"] == "nps"
    assert rows["nps"]["customer"] == "email:ada@example.org"
    assert rows["nps"]["touchpoint"] == "Delivery"
    assert rows["nps"]["channel"] == "email"
    assert rows["why"]["text"] == "Kind people"
    assert rows["why"]["about"] == "survey:visit"
    assert '"campaign":"spring"' in rows["why"]["properties"]
    assert Invitation.objects.get().used
    assert not Unfinished.objects.exists()
    assert queries.invited("visit").answered == 1
    # Which answer is of which invitation is known: results need it where somebody is asked again.
    [asked] = queries.invitations("visit")
    assert f'"response":"{asked.response}"' in rows["nps"]["properties"]


def test_of_an_anonymous_survey_no_invitation_says_a_response(asks: Workspace) -> None:
    publish(asks, "hidden", anonymous=True)
    invite(survey="hidden")
    assert [each.response for each in queries.invitations("hidden")] == [""]


def test_every_type_of_question_becomes_rows(company: Workspace, customer: Client) -> None:
    publish(company, questions=EVERY_TYPE, layout="all")
    link = invite()
    page = shown(customer.get(link.path))
    for each in EVERY_TYPE:
        assert each["text"]["en"] in page
    assert "Thank you" in shown(send(customer, link.path, page, ANSWERS))
    rows = by_name(received())
    assert set(rows) == {
        "nps", "csat", "ces", "pmf", "pyramid.needs", "pyramid.ease", "pyramid.enjoyment", "why",
        "how", "genres", "stars", "shop.staff", "shop.choice", "visit", "reach", "news",
    }  # fmt: skip
    assert (rows["pmf"].scale, rows["pmf"].score) == ("pmf", 3)
    assert rows["genres"].properties["choices"] == ["novels", "comics"]
    assert rows["shop.choice"].properties["value"] == 2
    assert rows["visit"].properties["day"] == "2026-01-31"
    assert rows["reach"].properties["contact"] == {"name": "Ada", "email": "ada@example.org"}
    consent = rows["news"]
    assert consent.kind == "consent"
    assert consent.properties["words"] == "Yes, write to me."
    assert consent.properties["words_version"] == "visit/1"
    assert consent.properties["given"] is True


def test_a_consent_that_was_given_holds(company: Workspace, customer: Client) -> None:
    from percorso.privacy import consents

    publish(company, questions=[EVERY_TYPE[12]], layout="all")
    link = invite()
    send(customer, link.path, shown(customer.get(link.path)), {"news": "yes"})
    Drainer(the_company.log(), inbox()).drain()
    assert consents.may(the_company.log(), "email:ada@example.org", "marketing")


def test_looking_keeps_nothing(asks: Workspace, customer: Client) -> None:
    """Programs that check mail follow every link, with whatever it carries."""
    link = invite()
    for _robot in range(5):
        for query in ("", "?nps=0", "?nps=10&why=spam", "?sheet=x&nps=3"):
            assert customer.get(link.path + query).status_code == 200
            assert customer.head(link.path + query).status_code == 200
    assert received() == []
    assert not Invitation.objects.get().used
    assert not Unfinished.objects.exists()


def test_what_was_pressed_in_the_message_is_filled_in_and_waits_to_be_confirmed(
    asks: Workspace, customer: Client
) -> None:
    link = invite()
    page = shown(customer.get(f"{link.path}?nps=9"))
    assert re.search(r'value="9" checked', page)
    assert len(re.findall(" checked", page)) == 1
    assert "Nothing is sent until you press the button" in page
    assert "Confirm" in page
    assert " checked" not in shown(customer.get(f"{link.path}?nps=11"))
    second = send(customer, link.path, page, {"nps": "9"})
    send(customer, link.path, shown(second))
    assert by_name(received())["nps"].score == 9


def test_an_invitation_is_answered_once(asks: Workspace, customer: Client) -> None:
    link = invite()
    page = shown(customer.get(link.path))
    second = shown(send(customer, link.path, page, {"nps": "9"}))
    assert send(customer, link.path, second).status_code == 200
    for again in (page, second):
        refused = send(customer, link.path, again, {"nps": "0"})
        assert refused.status_code == 410
    assert customer.get(link.path).status_code == 410
    assert [row.score for row in received()] == [9]


def test_two_who_send_the_same_page_at_once_are_one_response(
    asks: Workspace, customer: Client
) -> None:
    """Between keeping the answers and marking the invitation a second one may come in."""
    link = invite()
    second = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "9"}))
    send(customer, link.path, second, {"why": "first"})
    Invitation.objects.update(used=False)
    send(customer, link.path, second, {"why": "second"})
    Drainer(the_company.log(), inbox()).drain()
    rows = the_company.log().read().read_all().to_pylist()
    assert {each["name"]: each["text"] for each in rows} == {"nps": None, "why": "first"}


def test_somebody_goes_on_later_where_they_left_off(asks: Workspace, customer: Client) -> None:
    link = invite()
    send(customer, link.path, shown(customer.get(link.path)), {"nps": "7"})
    assert Unfinished.objects.get().answers == {"nps": 7}
    elsewhere = Client(headers={"accept-language": "en"})
    page = shown(elsewhere.get(link.path))
    assert "Why?" in page
    send(elsewhere, link.path, page, {"why": "Later"})
    assert by_name(received())["nps"].score == 7


def test_back_and_language_keep_what_was_said(asks: Workspace, customer: Client) -> None:
    link = invite()
    second = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "7"}))
    italian = shown(send(customer, link.path, second, {"why": "Half", "language": "it"}))
    assert "Perché?" in italian
    assert "Half" in italian
    back = shown(send(customer, link.path, italian, {"why": "Half done", "back": "yes"}))
    assert re.search(r'value="7" checked', back)
    again = shown(send(customer, link.path, back, {"nps": "3"}))
    assert "Half done" in again
    send(customer, link.path, again, {"why": "Done"})
    rows = by_name(received())
    assert (rows["nps"].score, rows["why"].text, rows["why"].language) == (3, "Done", "it")


def test_answers_that_rest_are_sent_in_and_added_to_later(
    asks: Workspace, customer: Client
) -> None:
    link = invite()
    send(customer, link.path, shown(customer.get(link.path)), {"nps": "7"})
    assert known.send_rested() == 0
    tomorrow = timezone.now() + timedelta(hours=25)
    assert known.send_rested(tomorrow) == 1
    assert known.send_rested(tomorrow) == 0
    assert [row.score for row in received()] == [7]
    page = shown(customer.get(link.path))
    send(customer, link.path, page, {"why": "Later"})
    Drainer(the_company.log(), inbox()).drain()
    rows = the_company.log().read().read_all().to_pylist()
    assert sorted(each["name"] for each in rows) == ["nps", "why"]
    assert Invitation.objects.get().used


def test_what_expired_unfinished_is_kept_once_and_let_go_of(
    asks: Workspace, customer: Client
) -> None:
    link = invite(expires_at=timezone.now() + timedelta(hours=2))
    send(customer, link.path, shown(customer.get(link.path)), {"nps": "7"})
    assert known.send_rested(timezone.now() + timedelta(days=2)) == 1
    assert not Unfinished.objects.exists()


def test_mistakes_stand_beside_the_question_and_lose_nothing(
    company: Workspace, customer: Client
) -> None:
    publish(company, questions=EVERY_TYPE, layout="all")
    link = invite()
    page = shown(customer.get(link.path))
    # How many may be chosen is said before anybody errs.
    assert "Please choose at most 2." in page
    given = {**ANSWERS, "nps": [], "why": ["Words"], "reach.email": ["nobody"]}
    given |= {"visit": ["2019-12-31"], "genres": ["novels", "essays", "comics"]}
    answer = send(customer, link.path, page, given)
    assert answer.status_code == 422
    again = shown(answer)
    assert "An answer is needed here." in again
    assert 'href="#q-nps-0"' in again
    assert 'href="#q-reach.email"' in again
    assert "Please write an address such as" in again
    assert "Please choose 1 Jan 2020 or later." in again
    # Once among what is to mend and once beside the question: the hint would say it a third time.
    assert again.count("Please choose at most 2.") == 2
    assert "Words" in again
    assert re.search(r'value="comics" checked', again)
    assert received() == []
    assert send(customer, link.path, again, ANSWERS).status_code == 200


def test_the_same_page_says_no_to_every_link_that_does_not_work(
    asks: Workspace, customer: Client
) -> None:
    used, old, other = invite(), invite(expires_at=timezone.now() - timedelta(1)), invite()
    page = shown(customer.get(used.path))
    second = shown(send(customer, used.path, page, {"nps": "9"}))
    send(customer, used.path, second)
    forged = "/s/i/" + "x" * 24
    closed = a_door()
    actions.close_door(User.objects.get(), closed.code)
    # Of a link of one's own, and of a door: an address says which of them it is.
    for paths in (
        (used.path, old.path, forged, other.path[:-1]),
        (f"/s/{closed.code}", "/s/abcdefghjk"),
    ):
        pages = set()
        for path in paths:
            for answer in (customer.get(path), send(customer, path, second, {"nps": "1"})):
                assert answer.status_code == 410
                pages.add(answer.content)
        assert len(pages) == 1
    assert len(received()) == 1


def test_a_page_of_one_person_is_worth_nothing_at_anothers_link(
    asks: Workspace, customer: Client
) -> None:
    mine, theirs = invite(), invite("email:bruno@example.org")
    page = shown(customer.get(mine.path))
    answer = send(customer, theirs.path, page, {"nps": "0"})
    assert answer.status_code == 410
    assert received() == []
    assert not Unfinished.objects.exists()


def test_nobody_is_invited_to_what_was_never_published(company: Workspace) -> None:
    from percorso.surveys import ready

    Surveys(company).add(ready("nps", "draft"))
    with pytest.raises(AskingError, match="never published"):
        invite(survey="draft")
    with pytest.raises(AskingError, match="never published"):
        invite(survey="nothing")


def test_answers_keep_the_version_they_were_begun_with(asks: Workspace, customer: Client) -> None:
    link = invite()
    first = shown(customer.get(link.path))
    surveys = Surveys(asks)
    from percorso.surveys import state
    from percorso.surveys.reading import from_plain, to_plain

    latest = surveys.get("visit")
    changed = {**to_plain(latest), "questions": [EVERY_TYPE[1]]}
    surveys.save(from_plain(changed), instead_of=state(latest))
    surveys.publish("visit")
    second = shown(send(customer, link.path, first, {"nps": "9"}))
    assert "Why?" in second
    send(customer, link.path, second)
    assert by_name(received())["nps"].properties["version"] == 1
    assert "Satisfied?" in shown(customer.get(invite().path))


def test_where_the_inbox_is_full_the_answer_stays_on_the_page(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invite()
    second = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "9"}))

    def full(*_rows: object) -> None:
        raise InboxError("full")

    with monkeypatch.context() as patched:
        patched.setattr(known, "_put", full)
        answer = send(customer, link.path, second, {"why": "Kept"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Kept" in shown(answer)
    assert not Invitation.objects.get().used
    send(customer, link.path, shown(answer), {"why": "Kept"})
    assert by_name(received())["why"].text == "Kept"


# Through a door


def test_whoever_comes_through_a_door_is_nobody_in_particular(
    asks: Workspace, customer: Client
) -> None:
    door = a_door()
    path = f"/s/{door.code}"
    for score in ("9", "2"):
        second = send(customer, path, shown(customer.get(path)), {"nps": score})
        send(customer, path, shown(second))
    rows = received()
    assert [row.score for row in rows] == [9, 2]
    assert len({row.customer for row in rows}) == 2
    assert all(row.customer.startswith(PASSING) for row in rows)
    assert {row.channel for row in rows} == {"store"}
    assert {row.properties["place"] for row in rows} == {"Brera"}
    assert {row.properties["door"] for row in rows} == {door.code}


def test_a_page_that_is_sent_twice_is_one_response(asks: Workspace, customer: Client) -> None:
    path = f"/s/{a_door().code}"
    second = shown(send(customer, path, shown(customer.get(path)), {"nps": "9"}))
    for _time in range(3):
        assert send(customer, path, second, {"why": "Once"}).status_code == 200
    Drainer(the_company.log(), inbox()).drain()
    assert len(the_company.log().read().read_all()) == 2


def test_a_closed_door_lets_nobody_in(asks: Workspace, customer: Client) -> None:
    door = a_door()
    page = shown(customer.get(f"/s/{door.code}"))
    by = User.objects.get()
    assert actions.close_door(by, door.code)
    assert not actions.close_door(by, door.code)
    assert send(customer, f"/s/{door.code}", page, {"nps": "9"}).status_code == 410
    assert actions.reopen_door(by, door.code)
    assert customer.get(f"/s/{door.code}").status_code == 200


def test_what_a_visitor_left_half_done_is_kept(asks: Workspace, customer: Client) -> None:
    path = f"/s/{a_door().code}"
    send(customer, path, shown(customer.get(path)), {"nps": "9"})
    assert known.send_rested(timezone.now() + timedelta(hours=25)) == 1
    assert [row.score for row in received()] == [9]
    assert not Unfinished.objects.exists()


def test_a_kiosk_goes_back_to_its_first_page_by_itself(asks: Workspace, customer: Client) -> None:
    path = f"/s/{a_door('kiosk').code}"
    first = customer.get(path)
    assert "Refresh" not in first
    assert 'class="kiosk"' in shown(first)
    second = send(customer, f"{path}?kiosk", shown(first), {"nps": "9"})
    assert second["Refresh"].endswith(f"url={path}?kiosk")
    assert "Start over" in shown(second)
    done = send(customer, f"{path}?kiosk", shown(second))
    assert done["Refresh"] == f"12; url={path}?kiosk"
    assert "http-equiv" not in shown(done)


def test_a_kiosk_leaves_time_to_say_how_to_be_reached(company: Workspace, customer: Client) -> None:
    ending = {"text": t("Rimediamo", "We put it right"), "offers_contact": True}
    publish(company, layout="all", endings=[ending])
    path = f"/s/{a_door('kiosk').code}"
    done = send(customer, path, shown(customer.get(path)), {"nps": "2"})
    assert done["Refresh"] == f"180; url={path}?kiosk"
    given = fields(shown(done))
    refused = customer.post("/s/call-back?kiosk", {**given, "reach.email": "nobody"})
    assert refused["Refresh"] == f"180; url={path}?kiosk"
    taken = customer.post("/s/call-back?kiosk", {**given, "reach.phone": "+39 02 1234567"})
    assert taken["Refresh"] == f"12; url={path}?kiosk"
    [following] = re.findall(r'class="again"><a href="([^"]*)"', shown(taken))
    assert following == f"{path}?kiosk"
    assert "Recommend?" in shown(customer.get(following))


def test_only_a_website_that_was_named_may_frame_a_widget(
    asks: Workspace, customer: Client
) -> None:
    widget = a_door("widget", websites=["https://www.example.org", "shop.example.org"])
    answer = customer.get(f"/s/{widget.code}?widget")
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors https://www.example.org https://shop.example.org;" in f"{policy};"
    assert "X-Frame-Options" not in answer
    other = customer.get(f"/s/{a_door('qr').code}?widget")
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
    assert other["X-Frame-Options"] == "DENY"
    for wrong in ("javascript:alert(1)", "https://a b", "https://a;script-src *", "*", "data:x"):
        with pytest.raises(AskingError, match="no website"):
            a_door("widget", websites=[wrong])


def test_the_page_of_thanks_offers_everybody_what_the_survey_says(
    company: Workspace, customer: Client
) -> None:
    publish(
        company,
        layout="all",
        endings=[
            {
                "text": t("Rimediamo", "We put it right"),
                "show_if": "nps <= 6",
                "offers_contact": True,
            },
            {"text": t("Grazie", "Good to hear")},
        ],
        links=[{"kind": "review", "text": t("Recensisci {company}", "Review {company}"),
                "address": "https://example.org/r"}],
    )  # fmt: skip
    for score, words, offered in (("2", "We put it right", True), ("10", "Good to hear", False)):
        link = invite()
        done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": score}))
        assert words in done
        assert ("Yes, please contact me" in done) == offered
        # Nobody is asked for a review because of what they said.
        assert "Review Bottega Prova" in done


def test_who_wants_to_be_contacted_is_in_the_log(company: Workspace, customer: Client) -> None:
    publish(
        company,
        layout="all",
        endings=[{"text": t("Rimediamo", "We put it right"), "offers_contact": True}],
    )
    link = invite()
    done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "2"}))
    assert "get in touch with you" in shown(customer.post("/s/call-back", fields(done)))
    row = by_name(received())["asks to be contacted"]
    assert (row.kind, row.customer, row.about) == (
        "message",
        "email:ada@example.org",
        "survey:visit",
    )

    path = f"/s/{a_door().code}"
    done = shown(send(customer, path, shown(customer.get(path)), {"nps": "2"}))
    refused = customer.post("/s/call-back", {**fields(done), "reach.email": "nobody"})
    assert refused.status_code == 422
    assert "Please write an address" in shown(refused)
    customer.post("/s/call-back", {**fields(done), "reach.phone": "+39 02 1234567"})
    found = [each for each in received() if each.name == "asks to be contacted"]
    assert found[-1].properties["contact"] == {"phone": "+39 02 1234567"}
    assert found[-1].customer.startswith(PASSING)


def test_a_survey_is_shown_in_the_language_of_the_browser(asks: Workspace) -> None:
    link = invite()
    italian, english = "Ci consiglieresti?", "Recommend?"
    accepted_in = {"it-IT,it": italian, "de,en;q=0.5": english, "ja": italian, ";;": italian}
    for accepted, words in accepted_in.items():
        page = Client(headers={"accept-language": accepted}).get(link.path)
        assert words in shown(page)
    page = shown(Client(headers={"accept-language": "it"}).get(f"{link.path}?lang=en"))
    assert 'lang="en"' in page
    assert "Recommend?" in page
    asked_in = invite(language="it")
    assert "Ci consiglieresti?" in shown(
        Client(headers={"accept-language": "en"}).get(asked_in.path)
    )


def test_known_facts_stand_in_the_words_and_are_escaped(
    company: Workspace, customer: Client
) -> None:
    nps = {
        **EVERY_TYPE[0],
        "text": t("Ciao {first_name|a te}", "Hello {first_name|there}, {company}"),
    }
    publish(company, questions=[nps])
    known_one = invite(facts={"first_name": "Ada <b>", "password": "x"})
    assert "Hello Ada &lt;b&gt;, Bottega Prova" in customer.get(known_one.path).content.decode()
    assert "Hello there" in shown(customer.get(invite().path))


def test_questions_are_counted_as_they_are_shown_and_answered(
    asks: Workspace, customer: Client
) -> None:
    path = f"/s/{a_door().code}"
    second = send(customer, path, shown(customer.get(path)), {"nps": "9"})
    customer.get(path)
    customer.head(path)
    send(customer, path, shown(second))
    counting.write()
    found = {each.question: (each.shown, each.answered) for each in queries.drop_off("visit")}
    assert found == {"nps": (2, 1), "why": (1, 0)}


def test_too_many_from_one_address_wait(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ANSWERS", Limit(3, 600))
    path = f"/s/{a_door().code}"
    page = shown(customer.get(path))
    codes = {send(customer, path, page, {"nps": "9"}).status_code for _time in range(4)}
    assert codes == {200, 429}


def test_a_preview_works_and_keeps_nothing(
    asks: Workspace, client_of: "object", customer: Client
) -> None:
    assert customer.get("/surveys/visit/preview/").status_code == 302
    viewer = client_of("viewer")  # type: ignore[operator]
    page = viewer.get("/surveys/visit/preview/")
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    # In a landmark, as all of a page is: who goes by landmarks would not come by it otherwise.
    assert re.search(r"<header [^>]*>This is a test: [^<]+</header>", shown(page))
    path = "/surveys/visit/preview/?version=1"
    second = send(viewer, path, shown(page), {"nps": "9"})
    assert "Why?" in shown(second)
    assert "Thank you" in shown(send(viewer, path, shown(second), {"why": "x"}))
    assert received() == []
    assert not Unfinished.objects.exists()
    assert "background" in viewer.get("/surveys/visit/preview.css?version=1").content.decode()
    assert viewer.get("/surveys/nothing/preview/").status_code == 404


def test_a_door_has_a_page_to_print_with_its_code(asks: Workspace, client_of: "object") -> None:
    door = a_door()
    viewer = client_of("viewer")  # type: ignore[operator]
    page = shown(viewer.get(f"/surveys/visit/doors/{door.code}/"))
    assert "Brera" in page
    assert f"http://testserver/s/{door.code}" in page
    picture = viewer.get(f"/surveys/visit/doors/{door.code}/code.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg")
    saved = viewer.get(f"/surveys/visit/doors/{door.code}/code.png?save")
    assert saved.content.startswith(b"\x89PNG")
    assert viewer.get(f"/surveys/other/doors/{door.code}/").status_code == 404
    snippet = shown(viewer.get(f"/surveys/visit/doors/{a_door('widget').code}/"))
    assert "/percorso-survey.js" in snippet


def test_a_count_that_cannot_be_written_costs_nobody_an_answer(
    asks: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_given: object) -> None:
        raise OperationalError("database is locked")

    path = f"/s/{a_door().code}"
    with monkeypatch.context() as held:
        held.setattr(counting, "_add", locked)
        held.setattr(counting, "_EVERY_S", 0.0)
        page = send(customer, path, shown(customer.get(path)), {"nps": "9"})
        assert "Thank you" in shown(send(customer, path, shown(page), {"why": "Kind people"}))
    counting.write()
    counted = {each.question: (each.shown, each.answered) for each in queries.drop_off("visit")}
    assert counted == {"nps": (1, 1), "why": (1, 1)}


def test_a_call_back_that_cannot_be_kept_says_so(
    company: Workspace, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = {"text": t("Rimediamo", "We put it right"), "offers_contact": True}
    publish(company, layout="all", endings=[ending])
    link = invite()
    done = shown(send(customer, link.path, shown(customer.get(link.path)), {"nps": "2"}))

    def full(_rows: object) -> None:
        raise InboxError("full")

    monkeypatch.setattr(known, "send_also", full)
    answer = customer.post("/s/call-back", fields(done))
    assert answer.status_code == 503
    assert "could not be kept" in shown(answer)
    assert "Many answers" not in shown(answer)


def test_a_widget_says_what_does_not_work_where_it_stands(
    asks: Workspace, customer: Client
) -> None:
    framed = customer.get("/s/nodoor?widget")
    assert framed.status_code == 410
    assert "frame-ancestors https: http:" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "<form" not in shown(framed)
    assert customer.get("/s/nodoor")["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("address", "limited"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", ""),
    ],
)
def test_a_line_has_one_limit_however_many_addresses(address: str, limited: str) -> None:
    assert views.caller(address) == limited
