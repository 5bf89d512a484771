"""From an empty company to a score: all of it by browser, a mail server and HTTP as they are.

A survey in two languages, customers from a file, messages through a real SMTP server, answers by
real HTTP while robots follow every link, the score with its interval, the record of who was not
asked, one who leaves; and all of it in the log.
"""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from tests import relay as relays
from tests.browser.conftest import become_administrator
from tests.relay import Relay, Taken
from tests.server import Server, free_port, inside, start, wait_for

from percorso.workspace import Settings, Workspace


@dataclass(frozen=True)
class Size:
    """How many customers, how many of them agreed, may be asked in an hour, answer."""

    customers: int
    agreed: int
    an_hour: int
    answers: int
    robots: int = 5


SMALL = Size(customers=40, agreed=36, an_hour=30, answers=20)
WHOLE = Size(customers=500, agreed=480, an_hour=450, answers=100)


@pytest.fixture
def relay() -> Iterator[Relay]:
    with relays.running() as started:
        yield started


@pytest.fixture
def server(tmp_path: Path, relay: Relay) -> Iterator[Server]:
    workspace = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova"))
    port = free_port()
    environment = {
        "PERCORSO_URL": f"http://127.0.0.1:{port}",
        "PERCORSO_EMAIL_URL": relay.url,
    }
    running = start(workspace, tmp_path, port=port, environment=environment)
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with browser.new_context(base_url=server.url, locale="en-GB") as context:
        context.set_default_timeout(60_000)
        made = context.new_page()
        become_administrator(made, server)
        yield made


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SMALL, id="small"),
        # 500 messages and 100 answers of two pages each, through a server of two processes.
        pytest.param(WHOLE, id="whole", marks=pytest.mark.slow),
    ],
)
def test_from_an_empty_company_to_a_score(
    page: Page, server: Server, relay: Relay, tmp_path: Path, size: Size
) -> None:
    customers_from_a_file(page, tmp_path, size)
    survey_in_two_languages(page)
    sender_and_budget(page, size)
    send_to_everybody(page)
    wait_for(lambda: len(relay.taken) >= size.an_hour, 300)

    # Everybody once, in their language, and no more than the budget allows.
    assert len(relay.taken) == size.an_hour
    assert len({each.to for each in relay.taken}) == size.an_hour
    assert {each.mail["Content-Language"] for each in relay.taken} == {"it", "en"}
    assert {each.mail["Subject"] for each in relay.taken} == {
        "Ci consiglieresti?",
        "Would you recommend us?",
    }

    # Robots follow every link of five messages: nothing of it counts.
    for taken in relay.taken[: size.robots]:
        for link in links_of(taken):
            assert get(link)[0] in (200, 302)
    # Answers by HTTP, as a browser without a script sends them.
    for number, taken in enumerate(relay.taken[: size.answers]):
        answer(taken, score=10 if number % 2 else 4, why=f"Because of {number}")
    answered = "from percorso.app.surveys.models import Invitation as I; print(I.objects.filter(used=True).count())"  # noqa: E501
    assert inside(server, answered) == str(size.answers)

    # One leaves, by the button of the mail program (RFC 8058).
    leaves = relay.taken[size.answers]
    leave = str(leaves.mail["List-Unsubscribe"]).strip("<>")
    assert post(leave, {"List-Unsubscribe": "One-Click"})[0] == 200

    wait_for(lambda: count(server, "kind == 'answer' and scale == 'nps'") == size.answers)
    assert count(server, "kind == 'message' and direction == 'out'") == size.an_hour
    assert count(server, "kind == 'consent' and name == 'withdrawn'") > 0
    assert who_may(server, f"email:{leaves.to}") == "False"

    the_score(page, size)
    the_record(page, size, leaves)


def customers_from_a_file(page: Page, folder: Path, size: Size) -> None:
    lines = ["email,first_name,last_name,date,survey_consent,lingua"]
    for n in range(size.customers):
        said = "yes" if n < size.agreed else "no"
        language = "it" if n % 2 else "en"
        lines.append(f"c{n:03}@example.org,Ada,Rossi,2026-01-0{1 + n % 9} 10:00,{said},{language}")
    file = folder / "customers.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    page.goto("/data/")
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="Look at the files").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ready to import", timeout=90_000)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(f"{2 * size.customers:,} interactions added"), timeout=120_000
    )


def survey_in_two_languages(page: Page) -> None:
    page.goto("/surveys/new/")
    page.locator("#start-nps").check()
    page.get_by_text("Choose its short name").click()
    page.get_by_label("Short name").fill("after-delivery")
    page.get_by_role("button", name="Make it").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is being asked")).to_be_visible()


def sender_and_budget(page: Page, size: Size) -> None:
    page.goto("/outbox/")
    expect(page.get_by_text("Nobody said yet who writes")).to_be_visible()
    page.get_by_role("link", name="Say who writes").click()
    page.get_by_label("Name", exact=True).fill("Bottega Prova")
    page.get_by_label("Address", exact=True).fill("ciao@example.org")
    page.get_by_role("button", name="Save").click()
    page.goto("/outbox/budget/")
    page.get_by_label("Messages in 60 minutes").fill(str(size.an_hour))
    # Whatever day and hour the test is run.
    for field in ("quiet_from", "quiet_until", "holidays"):
        page.locator(f"#id_{field}").fill("")
    for box in page.locator("[name=weekdays]").all():
        box.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The contact budget was changed")).to_be_visible()


def send_to_everybody(page: Page) -> None:
    page.goto("/surveys/after-delivery/sending/")
    page.get_by_role("link", name="Ask once").click()
    page.get_by_role("button", name="See whom it would ask").click()
    expect(page.get_by_role("heading", name="Whom it would ask now")).to_be_visible()
    expect(page.get_by_role("cell", name="did not agree to be asked")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The campaign begins in the next seconds.")).to_be_visible()


def the_score(page: Page, size: Size) -> None:
    """See the score with its interval: half promoters and half detractors are a score of 0."""
    page.goto("/surveys/after-delivery/results/")
    content = page.locator("#content")
    expect(content).to_contain_text("NPS")
    expect(content).to_contain_text(re.compile(rf"\b{size.answers}\b"))


def the_record(page: Page, size: Size, leaves: Taken) -> None:
    """See who was not asked and why; and find the one who left."""
    page.goto("/outbox/")
    row = page.get_by_role("row", name=re.compile("^after-delivery"))
    cells = [each.inner_text() for each in row.get_by_role("cell").all()]
    waiting, refused = size.agreed - size.an_hour, size.customers - size.agreed
    assert cells == [str(n) for n in (size.an_hour, 0, waiting, 0, refused)]
    page.get_by_label("State").select_option("waiting")
    page.get_by_role("button", name="Show").click()
    limit = f"the company’s limit of messages an hour is reached: {size.an_hour}"
    expect(page.get_by_text(limit).first).to_be_visible()
    page.goto(f"/outbox/?{urlencode({'q': leaves.to})}")
    expect(page.get_by_text("was sent", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ada Rossi").first.click()
    expect(page.get_by_text(leaves.to).first).to_be_visible()
    # What is known of the journey is drawn from the same log.
    page.goto("/maps/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


# As programs do it


class _Form(HTMLParser):
    """The form of an answering page: where it goes, and what is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.choices: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type")
        if tag == "form" and self.action is None:
            self.action = given.get("action") or ""
        elif tag == "input" and kind == "hidden":
            self.fields[name] = given.get("value") or ""
        elif tag == "input" and kind == "radio":
            self.choices.add(name)
        elif tag == "textarea":
            self.texts.append(name)


def links_of(taken: Taken) -> list[str]:
    return [unescape(each) for each in re.findall(r'href="([^"]+)"', taken.part("html"))]


def answer(taken: Taken, *, score: int, why: str) -> None:
    """Follow the link of a score and send page after page, to the thanks."""
    link = next(each for each in links_of(taken) if each.endswith(f"?nps={score}"))
    host = re.match(r"https?://[^/]+", link)
    assert host is not None
    status, body = get(link)
    assert status == 200
    given = {"nps": str(score)}
    for _page in range(6):
        form = _Form()
        form.feed(body)
        if form.action is None or not (form.choices or form.texts):
            return
        given.update(dict.fromkeys(form.texts, why))
        sent = {name: given[name] for name in (*form.choices, *form.texts) if name in given}
        status, body = post(host[0] + form.action, {**form.fields, **sent})
        assert status == 200, body
    raise AssertionError("no end")


def get(url: str) -> tuple[int, str]:
    return _asked(urllib.request.Request(url))


def post(url: str, given: dict[str, str]) -> tuple[int, str]:
    return _asked(urllib.request.Request(url, data=urlencode(given).encode()))


def _asked(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=60) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def count(server: Server, condition: str) -> int:
    """Return how many rows of the log meet a condition on their fields."""
    found = inside(
        server,
        "from percorso.app import company\n"
        "rows = company.log().interactions()\n"
        "rows = rows.select('kind', 'name', 'scale', 'direction').to_pyarrow().to_pylist()\n"
        f"print(sum(1 for row in rows if eval({condition!r}, {{}}, row)))",
    )
    return int(found)


def who_may(server: Server, customer: str) -> str:
    return inside(
        server,
        "from percorso.app import company\nfrom percorso.privacy import consents\n"
        f"print(consents.may(company.log(), {customer!r}, 'survey'))",
    )
