"""The pages of the journey maps: the map, personas, beliefs, drafts, links, files."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from percorso import demo
from percorso.app import company as served
from percorso.app.audit.models import Entry
from percorso.app.holdings import named
from percorso.app.maps import links
from percorso.app.maps.models import SharedMap
from percorso.journey_map import MAP_COLUMNS, Drafts
from percorso.log import Log
from percorso.segments import Catalogue
from percorso.touchpoints import Registry
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
PHONE = "Carrello da telefono"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo company; its texts are not read, which takes long and is tested elsewhere."""
    return demo.make(tmp_path_factory.mktemp("maps") / "aurora", customers=900).path


def page_of(client: Client, name: str, query: str = "", *args: str) -> str:
    """Return a page once its map is there, as a browser without script comes to it."""
    return whole(client, reverse(f"maps:{name}", args=args) + query)


def whole(client: Client, address: str) -> str:
    """Return a page, or the one it goes on to by itself once its map is worked out."""
    response = client.get(address, headers={"accept-language": "en"})
    assert response.status_code == 200, response.content[:300]
    html = response.content.decode()
    later = re.search(r'<meta http-equiv="refresh" content="0; url=(\?[^"]*)">', html)
    return html if not later else whole(client, address.partition("?")[0] + unescape(later[1]))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def cell(html: str, id_: str) -> str:
    begun = html.index(f'id="{id_}"')
    ends = [at for mark in ('class="cell ', "</section>") if (at := html.find(mark, begun)) > 0]
    return words(html[begun : min(ends)])


def test_the_map_has_all_phases_and_lanes_with_what_is_behind_them(
    shared: Log, client_of: ClientOf
) -> None:
    html = page_of(client_of("viewer"), "map", "?period=all")
    assert re.findall(r'id="phase-(\w+)"', html) == [
        "awareness", "consideration", "activation", "purchase", "loyalty", "advocacy",
    ]  # fmt: skip
    hard = cell(html, "activation-effort")
    assert f"Begun again: {PHONE}" in hard
    assert re.search(r"\d+%\s\[\d+\s–\u2060\s\d+\]", hard)
    assert re.search(r"\d+ customers", hard)
    assert "Confirmed by data Pagare dal telefono è faticoso." in cell(html, "activation-pains")
    assert "Denied by data" in cell(html, "activation-needs")
    assert "Spedizioni" in cell(html, "purchase-owner")
    # The same as a table.
    assert html.count("<tr><td>") > 60


def test_a_phase_in_the_filter_leaves_the_map_whole(shared: Log, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    whole = page_of(viewer, "map", "?period=all")
    narrowed = page_of(viewer, "map", "?period=all&phase=loyalty")
    assert cell(whole, "activation-doing") == cell(narrowed, "activation-doing")


def test_the_map_of_a_persona_against_a_past_period(shared: Log, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    html = page_of(viewer, "map", "?period=90&segment=repeat&against=before&scale=nps")
    assert "What differs from the period before" in html
    assert "corrected together (Holm)" in html
    # Held against more than the log holds: said, not guessed.
    assert "does not reach back" in page_of(viewer, "map", "?period=all&against=year")


def test_a_map_that_nobody_asked_for_before_comes_after_its_page(
    log: Log, client_of: ClientOf
) -> None:
    viewer, here = client_of("viewer"), reverse("maps:map")
    partial = {"HX-Request-Type": "partial"}
    query = {"period": "90", "channel": "website"}
    first = viewer.get(here, query, headers=partial)
    html = first.content.decode()
    assert "Nobody has asked for this map before" in html
    assert "phase-awareness" not in html
    [later] = re.findall(r'hx-get="(\?[^"]*wait=1)"', html)
    then = viewer.get(here + later.replace("&amp;", "&"), headers=partial)
    assert 'id="phase-awareness"' in then.content.decode()
    assert "HX-Push-Url" not in then
    # Once it is there nobody waits.
    again = viewer.get(here, query, headers=partial)
    assert 'id="phase-awareness"' in again.content.decode()
    pair = {"period": "90", "segment": "repeat", "other": "one_purchase"}
    two = viewer.get(reverse("maps:compare"), pair, headers=partial).content.decode()
    assert "Nobody has asked for this map before" in two
    assert "other=one_purchase" in re.findall(r'hx-get="(\?[^"]*wait=1)"', two)[0]


def test_a_link_to_a_map_that_nobody_asked_for_before_shows_its_page_at_once(
    log: Log, client_of: ClientOf
) -> None:
    manager, here = client_of("cx_manager"), reverse("maps:map")
    first = manager.get(here, {"period": "30", "channel": "website"}).content.decode()
    # With script the page asks for it; without, the browser goes on, or one presses.
    [asked] = set(re.findall(r'(?:hx-get|href)="(\?[^"]*wait=1)"', first))
    assert f'<noscript><meta http-equiv="refresh" content="0; url={asked}"></noscript>' in first
    assert "Nobody has asked for this map before" in first
    assert "phase-awareness" not in first
    then = manager.get(here + unescape(asked)).content.decode()
    assert 'id="phase-awareness"' in then
    assert "http-equiv" not in then
    # What leads on from there does not wait; nor does whoever comes again.
    assert "wait=1" not in then[then.index("<main") :]
    again = manager.get(here, {"period": "30", "channel": "website"}).content.decode()
    assert 'id="phase-awareness"' in again
    draft = Drafts(log.workspace).make("Tomorrow", segment="one_purchase", who="ada")
    there = reverse("maps:draft", args=[draft.id])
    assert "Nobody has asked for this map before" in manager.get(there).content.decode()
    assert 'id="phase-awareness"' in page_of(manager, "draft", "", draft.id)


def test_a_shared_map_that_nobody_asked_for_before_shows_its_page_at_once(
    log: Log, client_of: ClientOf
) -> None:
    manager, reader = client_of("cx_manager"), Client()
    query = "period=90&segment=repeat&other=one_purchase"
    manager.post(reverse("maps:share"), {"title": "Two", "days": "7", "query": query})
    shared = SharedMap.objects.get()
    link = links.path_of(shared)
    first = reader.get(f"{link}?lang=it").content.decode()
    assert 'content="0; url=?lang=it&amp;wait=1"' in first
    assert 'id="phase-awareness"' not in first
    assert "<script" not in first
    shared.refresh_from_db()
    assert shared.last_read_at is None
    then = whole(reader, f"{link}?lang=it")
    assert 'lang="it"' in then
    assert 'id="phase-awareness"' in then
    shared.refresh_from_db()
    assert shared.last_read_at is not None
    assert "http-equiv" not in reader.get(link).content.decode()


def test_a_shared_map_without_a_title_is_called_so_in_its_readers_language(
    shared: Log, client_of: ClientOf
) -> None:
    manager, reader = client_of("cx_manager"), Client()
    manager.post(reverse("maps:share"), {"title": " ", "days": "7", "query": "period=all"})
    link = links.path_of(SharedMap.objects.get())
    assert "<h1>Mappa del percorso</h1>" in whole(reader, f"{link}?lang=it")
    assert "<h1>Journey map</h1>" in whole(reader, f"{link}?lang=en")
    assert "Journey map" in page_of(manager, "shares")


def test_two_personas_side_by_side(shared: Log, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    html = page_of(viewer, "compare", "?period=all&segment=repeat&other=one_purchase")
    assert "More than one purchase beside One purchase" in words(html)
    assert "certain" in html
    # A difference of shares says what it is in.
    assert re.search(r"\+\d+ points \[\d+ –\u2060 \d+\]", words(html))
    # What a table calls certain is listed as what differs, who comes into a phase too.
    listed, tables = html.split('class="sides"')
    certain = re.findall(r'<tr class="certain"><th scope="row">([^<]+)', tables.split("folds")[0])
    assert "Customers in this phase" in certain
    for title in set(certain):
        assert words(listed).count(title) >= certain.count(title), title
    assert "Choose two" in page_of(viewer, "compare", "?segment=repeat&other=repeat")
    assert "Choose two" in page_of(viewer, "compare", "?other=<script>alert(1)</script>")


def test_next_steps_by_phase(shared: Log, client_of: ClientOf) -> None:
    html = page_of(client_of("viewer"), "steps", "?period=all")
    assert "Carrello da computer" in html
    assert "With another next step" in html


def test_a_viewer_is_shown_nothing_of_fewer_than_five(shared: Log, client_of: ClientOf) -> None:
    html = page_of(client_of("viewer"), "map", "?period=custom&since=2024-11-01&until=2024-11-01")
    for number in re.findall(r"\b(\d+) customers", words(html)):
        assert int(number) >= 5


def test_an_empty_company_is_told_what_to_do(company: Workspace, client_of: ClientOf) -> None:
    manager = client_of("cx_manager")
    for name in ("map", "compare", "steps"):
        assert "There is nothing in the log yet" in page_of(manager, name)
    assert "No beliefs yet" in page_of(manager, "beliefs")
    # What is to be can be written before anything is.
    manager.post(reverse("maps:drafts"), {"name": "Tomorrow", "segment": ""})
    [draft] = Drafts(company).all()
    assert "Tomorrow" in page_of(manager, "draft", "", draft.id)
    assert client_of("viewer").get(reverse("maps:pdf")).status_code == 404


def test_a_file_of_drafts_that_somebody_broke_is_said(
    company: Workspace, client_of: ClientOf
) -> None:
    (company.path / "maps.toml").write_text("[[draft", encoding="utf-8")
    viewer = client_of("viewer")
    assert "cannot be read" in page_of(viewer, "drafts")
    assert "cannot be read" in page_of(viewer, "draft", "", "abcdefgh")


def test_a_broken_file_of_touchpoints_takes_only_what_is_written_off_the_map(
    log: Log, client_of: ClientOf
) -> None:
    viewer = client_of("viewer")
    assert "Spedizioni" in page_of(viewer, "map", "?period=all")
    log.workspace.touchpoints.write_text("[[touchpoint]]\nname = 3", encoding="utf-8")
    html = page_of(viewer, "map", "?period=all")
    assert "their file cannot be read" in html
    assert "touchpoint 1: name: expected str, found int" in words(html)
    assert f"Begun again: {PHONE}" in cell(html, "activation-effort")
    assert "Spedizioni" not in cell(html, "purchase-owner")
    for name in ("compare", "steps"):
        page_of(viewer, name, "?period=all&other=repeat")
    assert PHONE in viewer.get(reverse("maps:csv") + "?period=all").content.decode()
    assert viewer.get(reverse("maps:png") + "?period=all").status_code == 200
    assert "cannot be read" in page_of(viewer, "beliefs")


def test_a_server_begun_with_a_broken_file_says_which(
    log: Log, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.workspace.touchpoints.write_text(f"x = {'9' * 5000}", encoding="utf-8")
    monkeypatch.setattr(log, "_rules", None)
    answer = client_of("viewer").get(reverse("maps:map"))
    assert answer.status_code == 503
    assert "touchpoints.toml cannot be read" in answer.content.decode()


# Beliefs


def form(**more: str) -> dict[str, str]:
    return {
        "text": "Chi viene a un incontro compra",
        "about": "opportunity",
        "measure": "kind:order",
        "direction": "higher",
        "where_touchpoint": "Incontro in libreria",
        **more,
    }


def test_a_belief_is_written_judged_changed_and_deleted(log: Log, client_of: ClientOf) -> None:
    manager = client_of("cx_manager")
    there = reverse("maps:new_belief")
    answer = manager.post(there, form(phase="awareness"), follow=True)
    shown = words(answer.content.decode())
    assert "Chi viene a un incontro compra" in shown
    made = next(
        each for each in Registry(log.workspace).beliefs() if each.text.endswith("incontro compra")
    )
    assert made.by == "cx_manager@example.org"
    assert made.claim is not None
    assert made.claim.where == (("touchpoint", "Incontro in libreria"),)
    page = page_of(manager, "belief", "", made.id)
    state = re.search(r'name="state" value="(\w+)"', page)
    assert state is not None
    address = reverse("maps:belief", args=[made.id])
    manager.post(address, form(text="Changed", state=state[1]))
    # Somebody else's change is not lost: the state is no longer the one that was loaded.
    again = manager.post(address, form(text="Lost", state=state[1]))
    assert "Somebody else changed this" in again.content.decode()
    changed = Registry(log.workspace).belief(made.id)
    assert changed is not None
    assert changed.text == "Changed"
    manager.post(reverse("maps:delete_belief", args=[made.id]))
    assert Registry(log.workspace).belief(made.id) is None
    did = set(Entry.objects.values_list("action", flat=True))
    assert {"belief.written", "belief.changed", "belief.deleted"} <= did


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": ""}, "This field is required"),
        ({"measure": "magic"}, "magic is not one of the available choices"),
        ({"where_touchpoint": ""}, "Say where"),
        ({"property_name": "region"}, "takes a name and a value"),
        ({"evidence_kind": "observation"}, "Say both"),
    ],
)
def test_a_belief_that_makes_no_sense_is_said(
    shared: Log, client_of: ClientOf, given: dict[str, str], said: str
) -> None:
    before = Registry(shared.workspace).beliefs()
    answer = client_of("cx_manager").post(reverse("maps:new_belief"), form(**given))
    assert said in answer.content.decode()
    assert Registry(shared.workspace).beliefs() == before


def test_what_the_form_cannot_say_of_a_claim_stays(log: Log, client_of: ClientOf) -> None:
    from percorso.touchpoints import Belief, Claim

    where = (("touchpoint", "Cassa in negozio"), ("touchpoint", "Libraio in negozio"))
    registry = Registry(log.workspace)
    made = registry.save_belief(
        Belief(id="", text="In shop", about="emotion",
               claim=Claim(measure="csat", direction="higher", where=where)),
        who="ada",
    )  # fmt: skip
    manager = client_of("cx_manager")
    assert "Libraio in negozio" in page_of(manager, "belief", "", made.id)
    manager.post(
        reverse("maps:belief", args=[made.id]),
        form(text="In the shop", about="emotion", measure="csat",
             where_touchpoint="Cassa in negozio"),
    )  # fmt: skip
    kept = registry.belief(made.id)
    assert kept is not None
    assert kept.text == "In the shop"
    assert kept.claim is not None
    assert kept.claim.where == where


def test_a_viewer_reads_beliefs_and_changes_none(shared: Log, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    assert "Write a belief" not in page_of(viewer, "beliefs")
    assert viewer.post(reverse("maps:new_belief"), form()).status_code == 403


# Drafts


def test_a_draft_is_made_written_moved_and_deleted(log: Log, client_of: ClientOf) -> None:
    manager = client_of("cx_manager")
    manager.post(reverse("maps:drafts"), {"name": "Phones at ease", "segment": "repeat"})
    [draft] = Drafts(log.workspace).all()
    entry, act = (reverse(f"maps:{name}", args=[draft.id]) for name in ("entry", "act"))
    for text in ("<b>Three</b> steps", "No account"):
        manager.post(entry, {"phase": "activation", "lane": "effort", "text": text})
    [first, second] = Drafts(log.workspace).all()[0].entries
    manager.post(act, {"do": "down", "entry": first.id})
    manager.post(act, {"do": "aim", "phase": "activation", "metric": "ces", "value": "6,5"})
    html = page_of(manager, "draft", "?period=all", draft.id)
    there = cell(html, "activation-effort")
    assert there.index("No account") < there.index("&lt;b&gt;Three&lt;/b&gt; steps")
    assert "CES to reach: 6.5" in words(html)
    assert "not yet: " in words(html)
    assert f"Begun again: {PHONE}" in there
    there = {"phase": "loyalty", "lane": "needs", "before": ""}
    answer = manager.post(act, {"do": "put", "entry": first.id, **there})
    assert answer["Location"].endswith("#loyalty-needs")
    assert "Three" in cell(page_of(manager, "draft", "?period=all", draft.id), "loyalty-needs")
    manager.post(act, {"do": "remove", "entry": second.id})
    manager.post(act, {"do": "rename", "name": "Phones", "segment": "no such segment"})
    [draft] = Drafts(log.workspace).all()
    assert (draft.name, draft.segment, len(draft.entries)) == ("Phones", "", 1)
    bad = manager.post(entry, {"phase": "x", "lane": "effort", "text": "y"})
    assert "is not known" in bad.content.decode()
    manager.post(act, {"do": "delete"})
    assert Drafts(log.workspace).all() == ()
    assert manager.get(reverse("maps:draft", args=[draft.id])).status_code == 404


# Links


@pytest.fixture
def link(shared: Log, client_of: ClientOf) -> str:
    client_of("cx_manager").post(
        reverse("maps:share"),
        {"title": "For the <board>", "days": "7", "query": "period=365"},
    )
    return links.path_of(SharedMap.objects.get())


def test_a_link_shows_the_map_to_whoever_has_it(link: str, shared: Log) -> None:
    html = whole(Client(), link)
    answer = Client().get(link, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "For the &lt;board&gt;" in html
    assert PHONE in html
    # Nothing leads on or changes anything but the language.
    assert set(re.findall(r'<a [^>]*href="([^"#]*)', html)) <= {"?lang=it", "?lang=en", ""}
    assert "<form" not in html
    assert "<script" not in html
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert 'lang="it"' in Client().get(f"{link}?lang=it").content.decode()
    # The address decides, whatever is added to it.
    more = whole(Client(), f"{link}?lang=en&period=30&segment=repeat&scale=nps")
    assert cell(more, "loyalty-doing") == cell(html, "loyalty-doing")


def test_a_link_is_to_the_map_that_was_looked_at_or_to_none(log: Log, client_of: ClientOf) -> None:
    manager, share = client_of("cx_manager"), reverse("maps:share")
    for query in ("property.region=Centro", "segment=nosuch", "period=x"):
        said = manager.post(share, {"days": "7", "query": query}, follow=True).content.decode()
        assert "cannot be narrowed like this map" in said
    assert not SharedMap.objects.exists()
    catalogue = Catalogue(log.workspace)
    catalogue.save("often", 'channel "website"', who="ada")
    manager.post(share, {"days": "7", "query": "period=365&segment=often"})
    link = links.path_of(SharedMap.objects.get())
    assert Client().get(link).status_code == 200
    # Once the persona is gone, everybody's map must not stand below its title.
    catalogue.delete("often")
    assert Client().get(link).status_code == 410


def test_two_personas_are_shared_side_by_side_for_reading(log: Log, client_of: ClientOf) -> None:
    manager, share = client_of("cx_manager"), reverse("maps:share")
    catalogue = Catalogue(log.workspace)
    catalogue.save("often", 'channel "website"', who="ada")
    query = "period=all&segment=repeat&other=often"
    assert "Share by link" in page_of(manager, "compare", f"?{query}")
    manager.post(share, {"title": "Two", "days": "7", "query": query})
    link = links.path_of(SharedMap.objects.get())
    html = whole(Client(), link)
    assert "What differs from often" in html
    assert "Side by side" in html
    assert re.search(r"More than one purchase: [\d,]+ customers? · often: [\d,]+", words(html))
    assert set(re.findall(r'<a [^>]*href="([^"#]*)', html)) <= {"?lang=it", "?lang=en", ""}
    for pressed in ("<form", "<button", "<script", "<select"):
        assert pressed not in html
    # Another map must not stand below the title once a persona is gone.
    catalogue.delete("often")
    assert Client().get(link).status_code == 410


def test_two_personas_that_not_everybody_may_see_are_not_shared(
    log: Log, client_of: ClientOf
) -> None:
    manager = client_of("cx_manager")
    Catalogue(log.workspace).save("who", 'trait "city" = "Milano"', who="ada")
    for query in ("segment=repeat&other=who", "segment=repeat&other=nosuch"):
        said = manager.post(
            reverse("maps:share"), {"title": "x", "days": "7", "query": query}, follow=True
        )
        assert "cannot be narrowed like this map" in said.content.decode()
    assert not SharedMap.objects.exists()


def test_a_draft_whose_persona_is_gone_says_so_and_shows_nobody_else(
    log: Log, client_of: ClientOf
) -> None:
    manager = client_of("cx_manager")
    catalogue, drafts = Catalogue(log.workspace), Drafts(served.workspace())
    catalogue.save("often", 'channel "website"', who="ada")
    draft = drafts.make("Tomorrow", segment="often", who="ada")
    drafts.write(draft.id, "purchase", "pains", "We tell first", who="ada")
    manager.post(reverse("maps:share"), {"title": "T", "days": "30", "draft": draft.id})
    link = links.path_of(SharedMap.objects.get())
    reader = Client()
    before = whole(reader, link)
    assert re.search(r"\d customers", cell(before, "purchase-doing"))
    assert "was deleted" not in before
    catalogue.delete("often")
    for html in (
        whole(reader, link),
        page_of(manager, "draft", "", draft.id),
    ):
        assert "This map is for the persona “often”" in html
        assert "We tell first" in cell(html, "purchase-pains")
        assert not re.search(r"\d customers", cell(html, "purchase-doing"))
        assert PHONE not in html
    assert "Another persona can be chosen" in page_of(manager, "draft", "", draft.id)


def test_a_link_opens_nothing_once_withdrawn_expired_or_forged(
    link: str, client_of: ClientOf
) -> None:
    manager, reader = client_of("cx_manager"), Client()
    made = SharedMap.objects.get()
    token = link.rstrip("/").rsplit("/", 1)[1]
    forged = [
        token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
        signing.dumps(made.id.hex, salt="another"),
        signing.dumps("0" * 32, salt="percorso.maps.shared"),
        signing.dumps(7, salt="percorso.maps.shared"),
        "x" * 3000,
    ]
    for each in forged:
        assert reader.get(reverse("maps:shared", args=[each])).status_code == 410
    assert "Withdraw" in page_of(manager, "shares")
    manager.post(reverse("maps:withdraw", args=[made.id]))
    assert reader.get(link).status_code == 410
    assert "withdrawn" in page_of(manager, "shares")
    SharedMap.objects.update(withdrawn_at=None)
    assert reader.get(link).status_code == 200
    SharedMap.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert reader.get(link).status_code == 410
    assert set(Entry.objects.values_list("action", flat=True)) >= {"map.shared", "map.withdrawn"}


def test_a_shared_draft_shows_what_is_to_be_and_nothing_to_press(
    log: Log, client_of: ClientOf
) -> None:
    manager = client_of("cx_manager")
    drafts = Drafts(served.workspace())
    draft = drafts.make("Tomorrow", segment="repeat", who="ada")
    drafts.write(draft.id, "purchase", "pains", "We tell first", who="ada")
    manager.post(reverse("maps:share"), {"title": "T", "days": "30", "draft": draft.id})
    link = links.path_of(SharedMap.objects.get())
    html = whole(Client(), link)
    assert "We tell first" in cell(html, "purchase-pains")
    assert "<form" not in html
    assert "<button" not in html
    manager.post(reverse("maps:act", args=[draft.id]), {"do": "delete"})
    assert Client().get(link).status_code == 410


def test_links_are_made_for_known_times_of_drafts_that_are_there(
    shared: Log, client_of: ClientOf
) -> None:
    manager = client_of("cx_manager")
    for given in ({"days": "3650"}, {"days": "x"}, {"days": "7", "draft": "nosuchdraft"}):
        manager.post(reverse("maps:share"), {"title": "x", **given})
    assert not SharedMap.objects.exists()
    assert client_of("analyst").post(reverse("maps:share"), {"days": "7"}).status_code == 403


def test_somebody_who_asks_too_often_waits(link: str) -> None:
    reader = Client()
    answers = [reader.get(reverse("maps:shared", args=["x"])).status_code for _ in range(70)]
    assert answers[-1] == 429
    assert reader.get(link).status_code == 429


def test_links_are_in_the_record_of_what_is_held() -> None:
    assert "maps.sharedmap" in named()


# Files


def test_the_map_as_a_table_of_values(shared: Log, client_of: ClientOf) -> None:
    answer = client_of("viewer").get(reverse("maps:csv") + "?period=all&against=before")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == ",".join(MAP_COLUMNS)
    assert any(line.startswith("activation,effort,again,") for line in lines)
    assert any(",belief,confirmed," in line for line in lines)


@pytest.mark.parametrize(("name", "begins"), [("pdf", b"%PDF-"), ("png", b"\x89PNG\r\n")])
def test_the_map_as_a_picture(shared: Log, client_of: ClientOf, name: str, begins: bytes) -> None:
    answer = client_of("viewer").get(reverse(f"maps:{name}") + "?period=all")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert len(answer.content) > 20_000
    assert f"percorso-journey-map.{name}" in answer["Content-Disposition"]
