"""The control room, the journeys and the problems, asked as a browser asks."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.test import Client
from pytest_django import Settings as DjangoSettings

from percorso import metrics
from percorso.app import company as served
from percorso.app import results
from percorso.log import open_log
from percorso.log.schema import SCHEMA
from percorso.workspace import Workspace

NASTY = '<img src=x onerror="alert(1)">'
FORMULA = "=cmd|' /C calc'!A0"
PAGES = (
    "/",
    "/journeys/",
    "/journeys/table/",
    "/journeys/variants/",
    "/journeys/funnel/",
    "/journeys/stops/",
    "/journeys/ideal/",
    "/problems/",
)


@pytest.fixture
def shop(small_demo: Workspace, company: Workspace, settings: DjangoSettings) -> Workspace:
    """Serve a small Libreria Aurora."""
    settings.WORKSPACE = small_demo
    return small_demo


@pytest.fixture
def viewer(client_of: Callable[[str], Client]) -> Client:
    return client_of("viewer")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    results.forget()
    yield
    results.forget()


@pytest.mark.parametrize("path", [*PAGES, "/journeys/table.csv", "/problems/problems.csv"])
def test_a_stranger_sees_nothing(path: str, client: Client, shop: Workspace, db: None) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert "/login" in answer["Location"] or "sign" in answer["Location"]


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_company_is_told_what_to_do(path: str, viewer: Client) -> None:
    page = viewer.get(path).content.decode()
    assert "There is nothing in the log yet" in page
    assert 'href="/data/"' in page


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_both_languages(
    path: str, language: str, viewer: Client, shop: Workspace
) -> None:
    viewer.cookies["django_language"] = language
    answer = viewer.get(path, {"period": "all"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in page
    assert "style=" not in page  # the Content-Security-Policy would drop it
    assert "None" not in re.sub(r"<[^>]+>", " ", page)


def test_the_scores_are_the_librarys(viewer: Client, shop: Workspace) -> None:
    page = viewer.get("/", {"period": "all"}).content.decode()
    scores = metrics.scores(served.log())
    assert f'<div class="value">{round(scores["nps"].value or 0)} ' in page
    assert f"n {scores['nps'].n:,}" in page
    kept = metrics.promises.summary(served.log()).kept_share
    assert f'<div class="value">{round(kept.value or 0)}% ' in page
    version = served.log().version
    assert f"From version {version} of the log" in page


def test_the_same_link_gives_the_same_page(viewer: Client, shop: Workspace) -> None:
    def body(path: str) -> str:
        page = viewer.get(path).content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)

    for path in ("/?period=365&segment=repeat", "/journeys/?period=all&channel=website&top=10"):
        first = body(path)
        results.forget()
        assert body(path) == first


def test_htmx_gets_the_content_and_a_clean_address(viewer: Client, shop: Workspace) -> None:
    whole = viewer.get("/", {"period": "all", "channel": ""})
    part = viewer.get("/", {"period": "all", "channel": ""}, headers={"HX-Request-Type": "partial"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert part["HX-Push-Url"] == "/?period=all"
    assert "HX-Request-Type" in part["Vary"]
    restored = viewer.get(
        "/", headers={"HX-Request-Type": "partial", "HX-History-Restore-Request": "true"}
    )
    assert "<html" in restored.content.decode()


def test_htmx_gets_what_is_quick_first_and_the_rest_later(viewer: Client, shop: Workspace) -> None:
    asks = {"period": "90", "segment": "repeat"}  # of no other test: answers are kept
    partial = {"HX-Request-Type": "partial"}
    quick = viewer.get("/", asks, headers=partial).content.decode()
    assert 'class="scores"' in quick
    assert 'id="problems-title"' not in quick
    [address] = re.findall(r'hx-get="(/rest/[^"]*)" hx-trigger="load"', quick)
    rest = viewer.get(html.unescape(address), headers=partial).content.decode()
    assert 'id="problems-title"' in rest
    assert "<html" not in rest
    # What is there already comes at once, and the same as for a browser without script.
    whole = viewer.get("/", asks, headers=partial).content.decode()
    assert 'hx-trigger="load"' not in whole
    [lede] = re.findall(r'<p class="lede" id="lede">(.*?)</p>', whole)
    assert f'hx-swap-oob="true">{lede}</p>' in rest
    assert rest.split('<p class="lede"')[0].strip() in whole
    assert 'id="problems-title"' in viewer.get("/", {"segment": "one_purchase"}).content.decode()
    # Nobody is left with half a page.
    assert viewer.get("/rest/?period=365").status_code == 404


def test_a_slip_in_the_address_is_said_not_feared(viewer: Client, shop: Workspace) -> None:
    page = viewer.get("/", {"period": "banana", "since": "yesterday", "channel": "pigeon"})
    assert page.status_code == 200
    assert "banana" in page.content.decode()
    for query in (
        {"top": "x", "least": "-4", "at": NASTY, "to": NASTY, "ideal": "nobody"},
        {"top": "9" * 30, "period": "custom", "until": "1969-01-01"},
        {"touchpoint": NASTY, "property.x": NASTY, "phase": NASTY, "segment": NASTY},
    ):
        answer = viewer.get("/journeys/", query)
        assert answer.status_code == 200
        assert NASTY not in answer.content.decode()


def test_a_period_without_data_says_so(viewer: Client, shop: Workspace) -> None:
    query = {"period": "custom", "since": "1990-01-01", "until": "1990-02-01"}
    for path in ("/", "/journeys/"):
        page = viewer.get(path, query).content.decode()
        assert "Nothing here in this period" in page


def test_picking_a_touchpoint_leads_on_without_script(viewer: Client, shop: Workspace) -> None:
    page = viewer.get("/journeys/", {"period": "all"}).content.decode()
    links = re.findall(r'<a href="([^"]+)"[^>]*class="node', page)
    assert len(links) >= 10
    picked = viewer.get("/journeys/" + links[0].replace("&amp;", "&")).content.decode()
    assert "Only journeys that pass here" in picked
    assert picked.count('class="node') == page.count('class="node')
    only = re.search(r'href="(\?[^"]*touchpoint=[^"]*)"', picked)
    assert only
    narrowed = viewer.get("/journeys/" + only[1].replace("&amp;", "&"))
    assert "Clear the filter" in narrowed.content.decode()


def test_what_is_picked_leads_to_its_problems(viewer: Client, shop: Workspace) -> None:
    viewer.get("/problems/?period=all")
    phone = "/journeys/?period=all&at=Carrello+da+telefono"
    picked = viewer.get(phone).content.decode()
    links = re.findall(r'href="(/problems/[^"]+)">[^<]*<span class="bad"', picked)
    assert links, "giving up on the phone is a problem of this touchpoint"
    shown = viewer.get(links[0].replace("&amp;", "&")).content.decode()
    assert "What shows it" in shown
    elsewhere = viewer.get("/journeys/?period=all&at=Instagram").content.decode()
    assert "Instagram" in elsewhere
    assert links[0] not in elsewhere


def test_the_funnel_counts_what_the_library_counts(viewer: Client, shop: Workspace) -> None:
    from percorso import journeys
    from percorso.log.steps import open_steps

    steps = ["Scheda del libro", "Ordine online"]
    found = journeys.funnel(open_steps(served.log()), steps, timedelta(days=14))
    page = viewer.get(
        "/journeys/funnel/", {"period": "all", "step": steps, "within": "14"}
    ).content.decode()
    for each in found.steps:
        assert f"<b>{each.customers:,}</b>" in page
    assert 'value="14"' in page


def test_problems_lead_to_their_evidence_and_to_the_journeys(
    viewer: Client, shop: Workspace
) -> None:
    page = viewer.get("/problems/", {"period": "all"}).content.decode()
    addresses = re.findall(r'href="(/problems/[0-9a-f]+/\?period=all)"', page)
    assert addresses
    evidence = viewer.get(addresses[0]).content.decode()
    assert "What shows it" in evidence
    assert evidence.count('class="side-row"') >= 2
    explorer = re.search(r'href="(/journeys/\?[^"]+at=[^"]+)"', evidence)
    assert explorer
    assert viewer.get(explorer[1].replace("&amp;", "&")).status_code == 200


def test_what_a_problem_costs_stands_with_its_interval(viewer: Client, shop: Workspace) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(
                viewer.get("/problems/problems.csv", {"period": "all"}).content.decode("utf-8-sig")
            )
        )
    )
    low, high = (float(rows[0][f"score_lost_{end}"]) for end in ("low", "high"))
    customers = int(rows[0]["customers"])
    assert 0 < low < float(rows[0]["score_lost"]) < high
    one = f"{low:.1f}\xa0–\u2060\xa0{high:.1f}"
    together = f"{customers * low:,.0f}\xa0–\u2060\xa0{customers * high:,.0f}"
    for address in ("/", "/problems/"):
        page = viewer.get(address, {"period": "all"}).content.decode()
        assert one in page
        assert together in page
    evidence = re.search(r'href="(/problems/[0-9a-f]+/\?period=all)"', page)
    assert evidence
    assert together in viewer.get(evidence[1]).content.decode()


def test_a_problem_that_is_there_no_more_is_no_dead_end(viewer: Client, shop: Workspace) -> None:
    page = viewer.get("/problems/0123456789abcdef/")
    assert page.status_code == 200
    assert "This is no problem here and now." in page.content.decode()


@pytest.fixture
def hostile(company: Workspace) -> Workspace:
    """Return a company whose customers write tags and formulas."""
    rows = []
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(40):
        for step, (place, kind) in enumerate(
            ((NASTY, "view"), (FORMULA, "order"), ("Survey", "answer"))
        ):
            at = start + timedelta(days=number, hours=step)
            rows.append(
                dict.fromkeys(SCHEMA.names)
                | {
                    "id": f"{number}-{step}",
                    "at": at,
                    "received_at": at,
                    "customer": f"user:{number}",
                    "kind": kind,
                    "touchpoint": place,
                    "channel": "website",
                    "direction": "in",
                    "scale": "csat" if kind == "answer" else None,
                    "score": 2.0 if kind == "answer" else None,
                    "text": NASTY if kind == "answer" else None,
                    "source": "test",
                    "properties": "{}",
                }
            )
    open_log(company).append(pa.Table.from_pylist(rows, schema=SCHEMA))
    return company


def test_what_customers_wrote_is_text_on_every_page(viewer: Client, hostile: Workspace) -> None:
    for path in PAGES:
        query = {"period": "all", "at": NASTY, "step": [NASTY, FORMULA], "touchpoint": NASTY}
        page = viewer.get(path, query).content.decode()
        assert "<img" not in page
        assert "onerror=&quot;" in page or "&lt;img" in page


def test_exports_are_safe_in_a_spreadsheet(viewer: Client, hostile: Workspace) -> None:
    for path in ("table.csv", "variants.csv", "ideal.csv"):
        answer = viewer.get(f"/journeys/{path}", {"period": "all"})
        assert answer["Content-Type"].startswith("text/csv")
        text = answer.content.decode("utf-8-sig")
        assert not re.search(r"(^|,)\"?=cmd", text, re.MULTILINE)
    table = viewer.get("/journeys/table.csv", {"period": "all"}).content.decode("utf-8-sig")
    assert "'=cmd" in table
    assert len(table.splitlines()) == 3  # the header and the two transitions


def test_the_worker_prepares_what_the_pages_show_first(
    viewer: Client, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.prepare(served.log())

    def refuse(*_: object) -> None:
        raise AssertionError("worked out while somebody waits")

    monkeypatch.setattr(results, "_to_disk", refuse)
    for path in ("/", "/journeys/", "/journeys/variants/", "/journeys/stops/", "/problems/"):
        assert viewer.get(path).status_code == 200


def test_each_view_of_a_section_has_a_title_of_its_own_also_when_swapped_in(viewer: Client) -> None:
    paths = [path for path in PAGES if path.startswith("/journeys/")]
    paths += [f"/voice/{each}" for each in ("", "texts/", "factors/", "topics/", "needs/")]
    paths += [f"/maps/{each}" for each in ("", "compare/", "next-steps/", "to-be/")]
    titles = [_title(viewer.get(path).content.decode()) for path in paths]
    assert len(set(titles)) == len(titles), titles
    assert any(each.startswith("As a table · Journeys · ") for each in titles)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    parts = [viewer.get(path, headers=headers).content.decode() for path in paths]
    assert [_title(part) for part in parts] == titles
    assert all(
        len(re.findall(r"<title>", viewer.get(path).content.decode())) == 1 for path in paths
    )


def _title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found
    return found.group(1).strip()
