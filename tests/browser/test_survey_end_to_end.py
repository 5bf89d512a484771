"""From an empty company to a score: all of it by browser, a mail server and HTTP as they are.

A survey in two languages, customers from a file, messages through a real SMTP server, answers by
real HTTP while robots follow every link, the score with its interval, the record of who was not
asked, one who leaves and is not asked again; and all of it in the log, the report and the map.
"""

import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from tests import relay as relays
from tests.browser.conftest import become_administrator
from tests.browser.following import answer, get, links_of, post
from tests.relay import Relay, Taken
from tests.server import Server, free_port, inside, start, wait_for

from percorso import labels
from percorso.contacts import Ledger
from percorso.log import open_log
from percorso.privacy import consents
from percorso.surveys import Surveys
from percorso.surveys.rows import wording
from percorso.workspace import Settings, Workspace

#: What ten customers answer: five of them promoters, three detractors.
SCORES = (10, 4, 9, 7, 10, 0, 8, 9, 6, 10)
#: What stands open, and what is over, of those who were asked (see ``never_counted``).
STATE = """
import json
from percorso.app.surveys.models import Invitation, Unfinished
print(json.dumps({
    "used": sorted(Invitation.objects.filter(used=True).values_list("reference", flat=True)),
    "unused": Invitation.objects.filter(used=False).count(),
    "unfinished": Unfinished.objects.count(),
}))
"""
#: The customers and the reasons on a page of the record.
RECORD = """
[...document.querySelectorAll('tbody tr:has(td.about)')].map(row => [
    'email:' + row.querySelector('th').innerText.match(/\\S+@\\S+/)[0],
    row.querySelector('td[data-label=Why] > span').innerText,
])
"""


@dataclass(frozen=True)
class Size:
    """How many customers, how many of them agreed, may be asked in an hour, answer."""

    customers: int
    agreed: int
    an_hour: int
    answers: int
    robots: int = 5

    @property
    def refused(self) -> int:
        return self.customers - self.agreed


@dataclass(frozen=True)
class Given:
    """An answer as it was given: by whom, in which language."""

    to: str
    language: str
    score: int
    why: str


SMALL = Size(customers=50, agreed=44, an_hour=36, answers=20)
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
        made.on("dialog", lambda dialog: dialog.accept())
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
    customers_from_files(page, tmp_path, size)
    survey_in_two_languages(page, "nps", "after-delivery")
    sender_and_budget(page, size)
    reasons = send_to_everybody(page, "after-delivery", "delivery")
    assert reasons["did not agree to be asked"] == size.refused
    wait_for(lambda: len(relay.taken) >= size.an_hour, 300)

    # Everybody once, in their language, and no more than the budget allows.
    assert len(relay.taken) == size.an_hour
    assert len({each.to for each in relay.taken}) == size.an_hour
    assert {each.mail["Content-Language"] for each in relay.taken} == {"it", "en"}
    assert {each.mail["Subject"] for each in relay.taken} == {
        "Ci consiglieresti?",
        "Would you recommend us?",
    }
    given = answers_and_robots(relay.taken, size)
    leaves = relay.taken[size.answers]
    # One leaves, by the button of the mail program (RFC 8058).
    leave = str(leaves.mail["List-Unsubscribe"]).strip("<>")
    assert post(leave, {"List-Unsubscribe": "One-Click"})[0] == 200

    in_the_log(server, size, given, leaves)
    the_score(page, size, given)
    the_map(page, given)
    the_report(server, tmp_path, given)
    the_record(page, server, size, leaves)
    nobody_who_left_is_asked_again(page, server, relay, size, leaves)


def customers_from_files(page: Page, folder: Path, size: Size) -> None:
    """Import the customers, and an order of each that came the day before yesterday."""
    people = ["email,first_name,last_name,date,survey_consent,lingua"]
    orders = ["order_id,customer_email,order_date,total,delivered_at"]
    today = datetime.now(UTC).date()
    ordered, came = (today - timedelta(days=days) for days in (5, 2))
    for n in range(size.customers):
        email, said = f"c{n:03}@example.org", "yes" if n < size.agreed else "no"
        language = "it" if n % 2 else "en"
        people.append(f"{email},Ada,Rossi,2026-01-0{1 + n % 9} 10:00,{said},{language}")
        orders.append(f"A{n:03},{email},{ordered} 10:00,20.50,{came} 16:00")
    for name, lines in (("customers.csv", people), ("orders.csv", orders)):
        file = folder / name
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        page.goto("/data/")
        page.locator("#files").set_input_files(file)
        page.get_by_role("button", name="Look at the files").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ready to import", timeout=90_000)
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            re.compile(f"{2 * size.customers:,} interactions added"), timeout=120_000
        )


def survey_in_two_languages(page: Page, ready: str, name: str) -> None:
    page.goto("/surveys/new/")
    page.locator(f"#start-{ready}").check()
    page.get_by_text("Choose its short name").click()
    page.get_by_label("Short name").fill(name)
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is published: from now on")).to_be_visible()


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


def send_to_everybody(page: Page, survey: str, touchpoint: str = "") -> dict[str, int]:
    """Ask all customers once; return how many the dry run would not ask now, by why."""
    page.goto(f"/surveys/{survey}/sending/")
    page.get_by_role("link", name="Ask once").click()
    page.locator("summary", has_text="More").click()
    page.get_by_label("Touchpoint").fill(touchpoint)
    page.get_by_role("button", name="See whom it would ask").click()
    expect(page.get_by_role("heading", name="Whom it would ask now")).to_be_visible()
    reasons = {}
    for row in page.locator("table.reasons tr").all():
        why, n = row.locator("td").all_inner_texts()
        reasons[why] = int(n)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The campaign begins in the next seconds.")).to_be_visible()
    return reasons


def answers_and_robots(taken: Sequence[Taken], size: Size) -> list[Given]:
    """Answer by HTTP, as a browser without a script does; robots follow the others' links."""
    robots = taken[size.answers + 1 : size.answers + 1 + size.robots]
    assert len(robots) == size.robots
    for each in robots:
        for link in links_of(each):
            assert get(link)[0] in (200, 302)
    given = []
    for number, each in enumerate(taken[: size.answers]):
        score = SCORES[number % len(SCORES)]
        language = str(each.mail["Content-Language"])
        answer(each, score=score, why=f"Because of {number}")
        given.append(Given(each.to, language, score, f"Because of {number}"))
    return given


# Where all of it is to be found


def in_the_log(server: Server, size: Size, given: Sequence[Given], leaves: Taken) -> None:
    """Find each answer once, with its wording; of robots and of those who did not answer none."""
    log = open_log(server.workspace)

    def rows(kind: str) -> list[dict[str, Any]]:
        return [each for each in log.read().read_all().to_pylist() if each["kind"] == kind]

    wait_for(lambda: len(rows("answer")) == 2 * size.answers)
    wait_for(lambda: not consents.may(log, f"email:{leaves.to}", "survey"))
    survey = Surveys(server.workspace).get("after-delivery", 1)
    words = {each.id: wording(each) for each in survey.questions}
    found = [{**each, **as_dict(each["properties"])} for each in rows("answer")]
    scores = {
        (each["customer"], each["language"], each["score"], each["wording"])
        for each in found
        if each["scale"] == "nps"
    }
    assert scores == {(f"email:{e.to}", e.language, e.score, words["nps"]) for e in given}
    texts = {
        (each["customer"], each["language"], each["text"], each["wording"])
        for each in found
        if each["text"]
    }
    assert texts == {(f"email:{e.to}", e.language, e.why, words["why"]) for e in given}
    for each in found:
        assert (each["survey"], each["version"], each["about"], each["touchpoint"]) == (
            "after-delivery", 1, "survey:after-delivery", "delivery")  # fmt: skip
        assert each["campaign"] == "campaign:1"
    assert len({each["response"] for each in found}) == size.answers
    sent = [each for each in rows("message") if each["direction"] == "out"]
    assert len({each["customer"] for each in sent}) == len(sent) == size.an_hour
    # Robots, like whoever did not answer, used nothing and left nothing.
    state = as_dict(inside(server, STATE))
    assert state["used"] == sorted(f"email:{each.to}" for each in given)
    assert (state["unused"], state["unfinished"]) == (size.an_hour - size.answers, 0)
    left = {each["customer"] for each in rows("consent") if each["name"] == "withdrawn"}
    never_agreed = {f"email:c{n:03}@example.org" for n in range(size.agreed, size.customers)}
    assert left == {f"email:{leaves.to}", *never_agreed}


def as_dict(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def net_score(given: Sequence[Given]) -> tuple[str, str]:
    """Return the score and its interval as the pages write them, worked out by hand.

    Of the answers as 100, 0 or -100 with a worst, a middle and a best one added: the normal
    interval of their mean (docs/concepts/uncertainty.md).
    """
    points = [100 if e.score >= 9 else -100 if e.score <= 6 else 0 for e in given]
    padded = [*points, -100, 0, 100]
    middle = sum(padded) / len(padded)
    half = 1.959964 * math.sqrt(sum((each - middle) ** 2 for each in padded)) / len(padded)
    score = sum(points) / len(points)
    low, high = middle - half, middle + half
    words = f"{signed(low)} to {signed(high)}" if low < 0 else f"{low:.0f} – {high:.0f}"
    return signed(score), words.replace("–", "–\u2060").replace(" ", "\xa0")


def signed(value: float) -> str:
    return f"{value:.0f}".replace("-", "−")


def the_score(page: Page, size: Size, given: Sequence[Given]) -> None:
    """See the score with its interval, as worked out here, and how many are asked still."""
    score = page.locator(".scores .score").first
    value, interval = net_score(given)

    def is_seen() -> bool:
        page.goto("/surveys/after-delivery/results/?period=all")
        shown = score.locator(".value").all_inner_texts()
        return shown == [f"{value} {interval}"]

    # What answers are worked out from may stand still for a moment after they came.
    wait_for(is_seen, 60)
    expect(score.locator(".name")).to_contain_text("NPS")
    expect(score.locator(".value")).to_have_text(f"{value} {interval}")
    # Whoever was written to a minute ago has not refused.
    waiting = f"Invited in the last 7 days, and not counted yet: {size.an_hour}."
    expect(page.locator("main")).to_contain_text(waiting)


def the_map(page: Page, given: Sequence[Given]) -> None:
    """See the score where it belongs: the delivery of a first order is of the purchase."""
    page.goto("/maps/?period=all&scale=nps")
    expect(page.locator("#phase-purchase")).to_be_visible()  # it is worked out first
    value, interval = net_score(given)
    for phase in page.locator("section.phase").all():
        score = phase.locator(".of-score")
        if phase.locator("#phase-purchase").count():
            expect(score.locator("b")).to_have_text(value)
            expect(score.locator(".range")).to_have_text(f"[{interval}]")
            expect(score.locator(".n")).to_contain_text(str(len(given)))
        else:
            expect(score).to_contain_text("too few answers")
    expect(page.locator("#purchase-touchpoints")).to_contain_text("delivery")


def the_report(server: Server, folder: Path, given: Sequence[Given]) -> None:
    """Find the score in the report that is made as a page."""
    made = folder / "report.html"
    given_to = ("--dir", str(server.workspace.path), "--lang", "en", "--html", str(made))
    done = subprocess.run(
        [sys.executable, "-m", "percorso.cli", "report", *given_to],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    html = made.read_text(encoding="utf-8")
    value, interval = net_score(given)
    card = re.search(r'<article class="score">\s*<h3>NPS.*?</article>', html, re.DOTALL)
    assert card is not None
    assert f"<span>n {len(given)}</span>" in card[0]
    assert f'<p class="value">{value} <small>{interval}</small></p>' in card[0]


def the_record(page: Page, server: Server, size: Size, leaves: Taken) -> None:
    """See what became of everybody, in words; and find the one who left."""
    page.goto("/outbox/")
    row = page.get_by_role("row", name=re.compile("^Would you recommend us"))
    cells = [each.inner_text() for each in row.get_by_role("cell").all()]
    waiting = size.agreed - size.an_hour
    assert cells == [str(n) for n in (size.an_hour, 0, waiting, 0, size.refused)]
    named = named_in_the_record(page, "after-delivery")
    assert sorted(named) == [f"email:c{n:03}@example.org" for n in range(size.customers)]
    limit = f"the company’s limit of messages an hour is reached: {size.an_hour}"
    assert Counter(named.values()) == {
        "was sent": size.an_hour,
        limit: waiting,
        "did not agree to be asked": size.refused,
    }
    entries = Ledger(server.workspace).latest(campaign="after-delivery", limit=size.customers + 1)
    assert {each.person: labels.phrase(each.reason) for each in entries} == named
    page.goto(f"/outbox/?{urlencode({'q': leaves.to})}")
    expect(page.get_by_text("was sent", exact=True)).to_be_visible()
    # Called by name, or before the names were gathered by the reference.
    page.locator("main tbody th a").last.click()
    expect(page.get_by_text(leaves.to).first).to_be_visible()


def named_in_the_record(page: Page, campaign: str) -> dict[str, str]:
    """Return everybody on the pages of the record, with why."""
    found: dict[str, str] = {}
    query = {"campaign": campaign}
    for number in range(1, 100):
        page.goto(f"/outbox/?{urlencode({**query, 'page': number})}")
        for who, why in page.evaluate(RECORD):
            assert who not in found
            found[who] = why
        if not page.locator("a[rel=next]").count():
            return found
    raise AssertionError("no end")


def nobody_who_left_is_asked_again(
    page: Page, server: Server, relay: Relay, size: Size, leaves: Taken
) -> None:
    """Begin another campaign: with those who never agreed, the one who left is not asked."""
    survey_in_two_languages(page, "ces", "was-it-easy")
    reasons = send_to_everybody(page, "was-it-easy")
    assert reasons["did not agree to be asked"] == size.refused + 1
    ledger = Ledger(server.workspace)

    def record() -> dict[str | None, str]:
        found = ledger.latest(campaign="was-it-easy", limit=size.customers + 1)
        return {each.person: labels.phrase(each.reason) for each in found}

    wait_for(lambda: len(record()) == size.customers)
    assert record()[f"email:{leaves.to}"] == "did not agree to be asked"
    assert [each.mail["Subject"] for each in relay.to(leaves.to)] == [leaves.mail["Subject"]]
