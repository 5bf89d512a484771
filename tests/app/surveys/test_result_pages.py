"""The results of a survey on its pages: figures with intervals, who may see what, files."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from percorso.app.audit.models import Entry
from percorso.app.surveys.models import Invitation, Shown
from percorso.app.surveys.results import who_answered
from percorso.cli import main
from percorso.estimation import proportion
from percorso.i18n import in_language
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.survey_results.model import GroupRate
from percorso.surveys import (
    AnonymousResponse,
    Response,
    Surveys,
    anonymous_rows,
    known_rows,
    ready,
    release,
)
from percorso.surveys.reading import from_plain, to_plain
from percorso.vocabulary import Interaction
from percorso.workspace import SETTINGS_FILE, Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
NASTY = '<script>alert("x")</script> =SUM(A1)'
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log with the answers to four surveys."""
    place = Workspace.create(tmp_path_factory.mktemp("results") / "company")
    surveys = Surveys(place)
    for name, kind in (
        ("after", "nps"),
        ("levels", "pyramid"),
        ("small", "pyramid"),
        ("miss", "pmf"),
    ):
        surveys.add(ready(kind, name))
        surveys.publish(name)
    hidden = to_plain(ready("nps", "hidden")) | {"anonymous": True}
    hidden["endings"] = [hidden["endings"][-1]]
    surveys.add(from_plain(hidden))
    surveys.publish("hidden")
    rows: list[Interaction] = []
    for n in range(60):
        customer = f"user:{n}"
        what = {"nps": 10 if n % 3 else 2, "why": NASTY if n % 2 else "Tutto bene"}
        rows += _rows(surveys, "after", what, customer, n, "store" if n % 2 else "website")
    for n in range(40):
        level = {"needs": 5, "ease": 2 if n % 4 else 5, "enjoyment": 2 if n % 4 else 5}
        shop = {"place": "Brera" if n % 4 else "Navigli"}
        rows += _rows(surveys, "levels", {"pyramid": level}, f"user:{n}", n, "store", shop)
    for n in range(6):
        every = dict.fromkeys(("needs", "ease", "enjoyment"), 5 if n % 2 else 2)
        rows += _rows(surveys, "small", {"pyramid": every}, f"user:{n}", 0, "store")
    for n in range(80):
        pmf = "very" if n % 10 < 7 else "not"
        given = {"pmf": pmf, "benefit": f"I come for the advice {n}"}
        rows += _rows(surveys, "miss", given, f"user:{n}", n, "store")
    for n in range(3):
        rows += _rows(surveys, "miss", {"pmf": "no_longer_use"}, f"user:{200 + n}", n, "email")
    about = AnonymousResponse(date(2026, 3, 9), "it", "Shop")
    secret = surveys.get("hidden")
    rows += release([anonymous_rows(secret, {"nps": 9, "why": f"W{n}"}, about) for n in range(8)])
    open_log(place).append(as_table(rows))
    return place.path


def _rows(
    surveys: Surveys,
    name: str,
    given: dict[str, Any],
    customer: str,
    n: int,
    channel: str,
    properties: dict[str, str] | None = None,
) -> tuple[Interaction, ...]:
    response = Response(
        id=f"{name}{n}{customer[5:]}",
        customer=customer,
        at=FIRST + timedelta(hours=n),
        # By language alone is there anything to compare of this one.
        language="it" if name == "miss" and n % 2 else "en",
        touchpoint="Delivery",
        channel=channel,
        properties=properties or {},
    )
    return known_rows(surveys.get(name), given, response)


@pytest.fixture(autouse=True)
def _asked(log: Log, db: None) -> None:
    """Have invited 100, of whom 60 answered, and counted what was seen."""
    Invitation.objects.bulk_create(
        Invitation(
            survey="after",
            digest=str(n),
            reference=f"user:{n}",
            touchpoint="Delivery",
            channel="email",
            language="it" if n % 2 else "en",
            used=n < 60,
            counted=n < 60,
            expires_at=FIRST + timedelta(days=90),
        )
        for n in range(100)
    )
    Invitation.objects.update(made_at=FIRST - timedelta(days=1))
    for name, shown, answered in (("nps", 80, 60), ("why", 60, 45)):
        Shown.objects.create(
            survey="after",
            version=1,
            question=name,
            day=FIRST.date(),
            shown=shown,
            answered=answered,
        )


def said(answer: Any) -> str:
    words = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


def page(client: Client, name: str, survey: str = "after", **query: str) -> Any:
    answer = client.get(reverse(f"surveys:{name}", args=[survey]), {"period": "all", **query})
    assert answer.status_code == 200
    return answer


def table(answer: Any) -> list[dict[str, str]]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_the_answers_with_their_rate_and_where_people_stop(client_of: As) -> None:
    words = said(page(client_of("viewer"), "results"))
    # 40 promoters and 20 detractors of 60.
    assert re.search(r"NPS promoters minus detractors 33 \d+ –\u2060 \d+", words)
    assert "60 of 100 invitations were answered." in words
    # Wilson's interval of 60 in 100.
    assert re.search(r"60% 50 –\u2060 69", words)
    assert re.search(r"What is the main reason for your score\? 60 45 75%", words)
    assert "25%" in words, "lost since the question before"
    assert "{company}" not in words


def test_what_customers_wrote_is_shown_as_they_wrote_it_and_does_nothing(client_of: As) -> None:
    for role in ("viewer", "administrator"):
        answer = page(client_of(role), "results")
        assert "<script>alert(" not in answer.content.decode()


def test_who_did_not_answer_is_held_against_what_is_known(client_of: As) -> None:
    words = said(page(client_of("viewer"), "people"))
    assert "Response rate" in words
    assert "Who did not answer" in words
    # What is known of people stands once: with the facts.
    assert "Language of the invitation" in words
    assert "By language" not in words
    assert "By segment" not in words


def sent(number: int, age: timedelta) -> None:
    """Have sent so many invitations of another campaign so long ago; 6 were answered."""
    late = Invitation.objects.bulk_create(
        Invitation(
            survey="after",
            digest=f"late{n}",
            reference=f"user:{1000 + n}",
            campaign="autumn",
            touchpoint="Delivery",
            channel="email",
            language="it" if n % 2 else "en",
            used=n < 6,
            counted=n < 6,
            expires_at=timezone.now() + timedelta(days=20),
        )
        for n in range(number)
    )
    ids = [each.id for each in late]
    Invitation.objects.filter(id__in=ids).update(made_at=timezone.now() - age)
    Invitation.objects.exclude(id__in=ids).update(campaign="spring")


def test_who_was_invited_just_now_has_not_refused(client_of: As) -> None:
    """Of a sending of today is said that it waits: nine of ten answers took four days, at most."""
    sent(300, timedelta())
    for name in ("people", "results"):
        words = said(page(client_of("viewer"), name))
        assert "60 of 100 invitations were answered." in words
        assert "Invited in the last 4 days, and not counted yet: 300." in words
        assert "autumn" not in words
    address = reverse("surveys:ask", args=["after"])
    assert 'name="rate" value="60"' in client_of("viewer").get(address).content.decode()


def test_who_was_invited_a_week_ago_and_is_silent_counts(client_of: As) -> None:
    sent(301, timedelta(days=8))
    words = said(page(client_of("viewer"), "people"))
    assert "66 of 401 invitations were answered." in words
    assert "not counted yet" not in words
    assert re.search(r"autumn 301 6 2% .{3,20} differs", words)


def test_a_score_by_channel_is_tested_against_the_others(client_of: As) -> None:
    client = client_of("viewer")
    words = said(page(client, "split", question="nps", by="channel"))
    assert "NPS by channel" in words
    assert re.search(r"Website .{5,40}? 30 ", words)
    for by in ("month", "segment", "version", "language", "touchpoint", "place"):
        page(client, "split", question="nps", by=by)
    words = said(page(client, "split", "levels", question="pyramid", part="ease", by="channel"))
    assert "Easy by channel" in words


def test_every_score_can_be_split_by_the_shop_it_was_given_in(client_of: As) -> None:
    client = client_of("viewer")
    words = said(page(client, "split", "levels", question="pyramid", part="ease", by="place"))
    assert "Easy by place" in words
    # Where pyramids break in the one, they stand in the other.
    assert re.search(r"Brera .100 .{5,60}? 30 ", words)
    assert re.search(r"Navigli \+?100 .{5,60}? 10 ", words)


@pytest.mark.parametrize(
    ("survey", "first"),
    [("after", "question=nps&by=channel"), ("miss", "question=pmf&by=language")],
)
def test_scores_begin_by_the_first_that_has_groups_and_the_address_says_by_what(
    client_of: As, survey: str, first: str
) -> None:
    client = client_of("viewer")
    address = reverse("surveys:split", args=[survey])
    for asked in ("?period=all", "?period=all&by=nonsense&question=gone"):
        answer = client.get(address + asked)
        assert (answer.status_code, answer["Location"]) == (302, f"{address}?period=all&{first}")
    chosen = f"{address}?period=all&question={first[9:12]}&by=version"
    shown = client.get(chosen)
    assert shown.status_code == 200, "what was chosen stays, whatever it has"
    # Another filter keeps the choice: the form carries it along, and so does the address after it.
    assert '<input type="hidden" name="by" value="version">' in shown.content.decode()
    part = client.get(chosen, headers={"HX-Request-Type": "partial", "HX-Request": "true"})
    assert part["HX-Push-Url"] == chosen


def test_scores_of_nobody_are_said_to_be_of_nobody(client_of: As) -> None:
    client = client_of("administrator")
    words = said(page(client, "split", question="nps", by="channel", touchpoint="Nowhere"))
    assert "Nobody answered in this part of the log" in words


@pytest.mark.parametrize(
    ("period", "saw", "words"),
    [
        ({"period": "all"}, 1111, "Seen since the beginning."),
        ({"since": "2026-03-02", "until": "2026-03-02"}, 80, "Seen from 2 Mar 2026 to 2 Mar 2026."),
        ({"since": "2026-03-02"}, 1080, "Seen since 2 Mar 2026."),
        ({"until": "2026-03-02"}, 111, "Seen until 2 Mar 2026."),
        ({"period": "all", "channel": "store"}, 1111, "only the period of the filter holds here"),
    ],
)
def test_where_people_stop_is_of_the_whole_period(
    client_of: As, period: dict[str, str], saw: int, words: str
) -> None:
    for days, shown in ((-1, 31), (1, 1000)):
        day = (FIRST + timedelta(days=days)).date()
        Shown.objects.create(survey="after", version=1, question="nps", day=day, shown=shown)
    answer = client_of("administrator").get(reverse("surveys:results", args=["after"]), period)
    assert words in said(answer)
    assert re.search(rf"a friend or colleague\? {saw:,} ", said(answer))


@pytest.mark.parametrize(
    ("since", "saw"), [(None, 1111), ("2026-03-02", 1080), ("2026-03-03", 1000)]
)
def test_the_terminal_counts_the_same_days_as_the_page(
    log: Log,
    since: str | None,
    saw: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The tests' database is in memory; the command looks for a file.
    there = str(log.workspace.path / SETTINGS_FILE)
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", there)
    for days, shown in ((-1, 31), (1, 1000)):
        day = (FIRST + timedelta(days=days)).date()
        Shown.objects.create(survey="after", version=1, question="nps", day=day, shown=shown)
    given = ["--since", since] if since else []
    place = str(log.workspace.path)
    with pytest.raises(SystemExit):
        main(["survey", "results", "after", "--dir", place, "--json", *given])
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert {each["question"]: each["shown"] for each in steps}["nps"] == saw


def test_where_people_stop_in_an_anonymous_survey_is_of_whole_months(client_of: As) -> None:
    month = FIRST.date().replace(day=1)
    Shown.objects.create(survey="hidden", version=1, question="nps", day=month, shown=70)
    address = reverse("surveys:results", args=["hidden"])
    words = said(client_of("administrator").get(address, {"since": "2026-03-05"}))
    assert "Seen since 1 Mar 2026. What people see of an anonymous survey is counted by" in words
    assert re.search(r"a friend or colleague\? 70 ", words)


def test_the_pyramid_says_where_it_breaks(client_of: As) -> None:
    words = said(page(client_of("viewer"), "pyramid", "levels"))
    assert "The pyramid breaks at “Easy”" in words
    drawn = [words.index(f" {each} How ") for each in ("Enjoyable", "Easy", "Needs met")]
    assert drawn == sorted(drawn), "the foot is drawn last"


def test_of_a_pyramid_that_few_rated_no_more_is_said_than_can_be_told(client_of: As) -> None:
    words = said(page(client_of("viewer"), "pyramid", "small"))
    assert "Answered by 6 people, on 2 Mar 2026." in words
    assert "Where it breaks most often cannot be told yet." in words
    assert words.count("Too few to tell whether it stands on the level below.") == 2
    assert "Good here for" not in words


def test_would_they_miss_it_is_held_to_the_line(client_of: As) -> None:
    words = said(page(client_of("viewer"), "pmf", "miss"))
    # 56 of 80 who still use it.
    assert re.search(r"70% \d+ –\u2060 \d+ would be very disappointed above the line of 40%", words)
    assert "What they would miss" in words
    assert "Blame" not in words
    # Three left: the list of answers hides them, and so does the sentence.
    assert "no longer use it" not in words.replace("I no longer use it", "")


def test_the_filter_narrows_all_of_it(client_of: As) -> None:
    words = said(page(client_of("administrator"), "results", channel="website"))
    assert "Answered by 30 people" in words
    nobody = said(
        page(
            client_of("administrator"),
            "results",
            since="2020-01-01",
            until="2020-02-01",
            period="custom",
        )
    )
    assert "Nobody answered in this part of the log" in nobody


def test_a_survey_without_answers_says_what_to_do(client_of: As, log: Log) -> None:
    surveys = Surveys(log.workspace)
    surveys.add(ready("csat", "new-one"))
    words = said(page(client_of("cx_manager"), "results", "new-one"))
    assert "Nobody has answered yet" in words
    assert client_of("viewer").get(reverse("surveys:results", args=["none"])).status_code == 404
    assert client_of("viewer").get(reverse("surveys:pmf", args=["after"])).status_code == 404


def test_the_figures_as_a_file_hide_what_is_of_few(client_of: As) -> None:
    rows = table(
        client_of("viewer").get(reverse("surveys:results_csv", args=["miss"]), {"period": "all"})
    )
    by = {(each["question"], each["figure"], each["answer"]): each for each in rows}
    share = by["pmf", "pmf", ""]
    assert float(share["value"]) == pytest.approx(70)
    assert float(share["low"]) < 70 < float(share["high"])
    # Three no longer use it: so few are not told.
    gone = by["pmf", "share", "no_longer_use"]
    assert (gone["answers"], gone["value"]) == ("", "")
    after = table(
        client_of("viewer").get(reverse("surveys:results_csv", args=["after"]), {"period": "all"})
    )
    assert (after[0]["figure"], after[0]["answers"], after[0]["people"]) == (
        "response_rate",
        "60",
        "100",
    )


def test_how_few_answered_is_on_no_page_and_in_no_file(client_of: As, log: Log) -> None:
    """Three answer a survey of which two words are known: nothing says that they are three."""
    surveys = Surveys(log.workspace)
    surveys.add(ready("nps", "rare"))
    surveys.publish("rare")
    given = {"nps": 10, "why": "Tutto bene"}
    rows = [row for n in range(3) for row in _rows(surveys, "rare", given, f"user:{n}", 0, "store")]
    log.append(as_table(rows))
    client = client_of("viewer")
    words = said(page(client, "results", "rare"))
    assert words.count("fewer than 5 people") == 4
    assert not re.search(r"\b3 (people|answers|texts|are not read)", words)
    address = reverse("surveys:results_csv", args=["rare"])
    counts = [(each["answers"], each["people"]) for each in table(client.get(address))]
    assert {number for each in counts for number in each} <= {"", "0"}


def test_of_a_group_of_which_few_answered_it_is_not_said_how_many() -> None:
    groups = [
        GroupRate("email", 40, 3, proportion(3, 40), None),
        GroupRate("store", 1200, 0, proportion(0, 1200), None),
    ]
    with in_language("en"):
        shown = who_answered.rate_groups(groups, "channel")
    assert [(each.invited, each.answered) for each in shown] == [("40", "few"), ("1,200", "0")]


def test_responses_are_for_analysts_and_taking_them_is_written_down(client_of: As) -> None:
    address = reverse("surveys:responses_csv", args=["after"])
    assert client_of("viewer").get(address).status_code == 403
    assert client_of("agent").get(address).status_code == 403
    rows = table(client_of("analyst").get(address, {"period": "all"}))
    assert len(rows) == 60
    found = {each["customer"]: each for each in rows}
    assert (found["user:1"]["nps"], found["user:0"]["why"]) == ("10", "Tutto bene")
    assert found["user:1"]["why"].startswith("<script>"), "as it was written, a cell of words"
    assert not any(each["why"].startswith("=") for each in rows)
    assert Entry.objects.filter(action="survey.exported", subject="after").count() == 1


def test_of_an_anonymous_survey_a_file_says_no_more_than_the_day(client_of: As) -> None:
    rows = table(
        client_of("analyst").get(
            reverse("surveys:responses_csv", args=["hidden"]), {"period": "all"}
        )
    )
    assert len(rows) == 8
    assert set(rows[0]) == {
        "response", "day", "version", "language", "channel", "touchpoint", "nps", "why",
    }  # fmt: skip
    assert {each["day"] for each in rows} == {"2026-03-09"}
    words = said(page(client_of("administrator"), "people", "hidden"))
    assert "Nobody was invited by name" in words
    # Nor can its score be split by what is of a person.
    for survey, offered in (("after", True), ("hidden", False)):
        split = page(client_of("viewer"), "split", survey, question="nps", by="channel")
        for by in ("segment", "place", "campaign"):
            assert (f"by={by}" in split.content.decode()) == offered


def test_results_begin_with_all_answers_however_old_they_are(client_of: As) -> None:
    client = client_of("viewer")
    whole = reverse("surveys:results", args=["after"]) + "?period=all"
    for begin in (reverse("surveys:list"), reverse("surveys:one", args=["after"])):
        assert f'href="{whole}"' in client.get(begin).content.decode()
