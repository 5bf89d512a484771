"""What those outside see where nothing can be done: whose page it is, both languages, what next."""

import pytest
from django.test import Client
from tests.app.surveys.asking import shown

from percorso.app import company as served
from percorso.app.privacy import actions as privacy
from percorso.app.privacy import preferences
from percorso.app.sources import actions as sources
from percorso.app.sources import contacts
from percorso.app.sources.contacts import counter_token
from percorso.live import InboxError
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

SPENT = ("/choices/x", "/here/x", "/maps/shared/x/", "/s/nothing/else", "/choices/")


@pytest.fixture
def customer(company: Workspace) -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.mark.parametrize("path", SPENT)
def test_an_address_that_opens_nothing_says_whose_it_is_in_both_languages(
    customer: Client, path: str
) -> None:
    page = shown(customer.get(path))
    assert "Bottega Prova" in page
    assert "Percorso" not in page
    assert 'href="/"' not in page, "the first page is for those who can sign in"
    assert '<html lang="en"' in page
    other = shown(customer.get(f"{path}?lang=it"))
    assert '<html lang="it"' in other
    assert 'lang="it" aria-current="true"' in other


def test_what_goes_wrong_on_our_side_says_what_a_customer_can_do(
    customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_token: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(preferences.links, "link_of", fails)
    customer.raise_request_exception = False
    answer = customer.get("/choices/x?lang=it")
    assert answer.status_code == 500
    assert "riprova tra un minuto" in shown(answer)
    assert "log" not in shown(answer)


def test_a_shops_code_that_is_old_says_where_to_go_on(customer: Client) -> None:
    sources.add(None, "till")
    link = f"/here/{counter_token('till', 'Brera')}"
    assert "A press on one of these sends it" in shown(customer.get(link))
    sources.close(None, "till")
    gone = customer.get(link)
    assert gone.status_code == 410
    assert "scan that" in shown(gone)


def test_what_was_written_at_a_counter_is_not_lost_where_it_could_not_be_kept(
    customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise InboxError("full")

    sources.add(None, "till")
    link = f"/here/{counter_token('till', 'Brera')}"
    wrong = customer.post(link, {"words": "A long wait & a smile"})
    assert wrong.status_code == 422
    assert "A long wait & a smile</textarea>" in shown(wrong)
    monkeypatch.setattr(contacts, "_put", full)
    busy = customer.post(link, {"words": "A long wait & a smile", "score": "2"})
    assert busy.status_code == 503
    assert "A long wait & a smile</textarea>" in shown(busy)


def test_a_mail_program_that_opens_the_address_to_leave_is_asked_first(customer: Client) -> None:
    """RFC 8058, 3.2: who follows the address gets a page, and looking at it changes nothing."""
    path = privacy.standing_link("email:ada@example.org")
    version = served.log().version
    page = shown(customer.get(f"{path}/leave"))
    assert "News and offers" in page
    assert f'action="{path}/leave?lang=en"' in page
    assert served.log().version == version
    left = customer.post(f"{path}/leave?lang=en", follow=True)
    assert "You said no to everything" in shown(left)


def test_the_address_that_asks_for_a_copy_opened_again_leads_back(customer: Client) -> None:
    path = privacy.standing_link("email:ada@example.org")
    assert customer.get(f"{path}/ask").headers["Location"] == path


def test_a_link_that_is_spent_names_who_can_help(customer: Client) -> None:
    page = shown(customer.get("/choices/x"))
    assert "There is a new one in the latest message" in page
    assert "Or write to Bottega Prova" in page
