"""Bringing a file in, in a real browser with a real worker: preview, progress, result, mending."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.everybody import wrong_on
from tests.log.rows import add, rows
from tests.server import Server

from percorso.log import open_log
from percorso.workspace import Settings, Workspace

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def shop(start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Return a server over a company that has little: what is brought in changes all answers."""
    place = tmp_path_factory.mktemp("importing") / "company"
    company = Workspace.create(place, Settings(company="Bottega Prova"))
    add(open_log(company), rows(10))
    return start_server(company)


ANSWERS = """\
Data;Cliente;Voto NPS;Commento
01/03/2026 10:20;C-100;9;Gentilissimi
02/03/2026 11:00;C-101;3;Arrivata tardi
31/02/2026 12:00;C-102;7;
04/03/2026 17:40;C-104;10;<b>Ottimo</b>
"""
WORDS = {
    "en": {
        "look": "Look at the files",
        "ready": "Ready to import",
        "import": "Import",
        "added": "3 interactions added",
        "mend": "See why, and mend them",
        "one": "Mend row",
        "when": "When",
        "again": "Mend and import",
        "in": "The row is in the log now.",
    },
    "it": {
        "look": "Esamina i file",
        "ready": "Pronto per l’importazione",
        "import": "Importa",
        "added": "3 interazioni aggiunte",
        "mend": "Vedi perché e correggi",
        "one": "Correggi riga",
        "when": "Quando",
        "again": "Correggi e importa",
        "in": "La riga ora è nel registro.",
    },
}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("it", 390)])
def test_from_a_file_to_the_log_and_a_row_mended(
    open_page: OpenPage, shop: Server, tmp_path: Path, language: str, width: int
) -> None:
    words = WORDS[language]
    file = tmp_path / f"answers-{language}.csv"
    file.write_text(ANSWERS.replace("C-", f"{language}-"), encoding="utf-8")
    page = open_page("/data/", language=language, width=width, at=shop)
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name=words["look"]).click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(words["ready"], timeout=60_000)
    expect(page.get_by_text("<b>Ottimo</b>")).to_be_visible()
    assert wrong_on(page) == []
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("button", name=words["import"], exact=True)).to_be_in_viewport()
    page.get_by_role("button", name=words["import"], exact=True).click()
    expect(heading).to_have_text(words["added"], timeout=60_000)

    page.get_by_role("link", name=words["mend"]).click()
    page.get_by_role("link", name=re.compile(f"answers-{language}")).first.click()
    mend = page.get_by_role("link", name=words["one"])
    expect(mend).to_be_visible()
    assert wrong_on(page) == []
    mend.click()
    expect(page.get_by_label(words["when"])).to_be_visible()
    assert wrong_on(page) == []
    page.get_by_label(words["when"]).fill("28/02/2026 12:00")
    page.get_by_role("button", name=words["again"]).click()
    expect(page.get_by_text(words["in"])).to_be_visible()


def test_files_can_be_dropped(open_page: OpenPage, shop: Server) -> None:
    page = open_page("/data/", at=shop)
    dropped = page.evaluate_handle(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["a,b\\n1,2\\n"], "dropped.csv", {type: "text/csv"}));
          return carried;
        }"""
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    assert page.evaluate("document.getElementById('files').files[0].name") == "dropped.csv"


def test_it_works_without_scripts(
    browser: Browser, shop: Server, cookies_of: Callable[[Server], Any]
) -> None:
    context = browser.new_context(
        java_script_enabled=False, storage_state=cookies_of(shop), base_url=shop.url
    )
    page = context.new_page()
    page.goto("/data/")
    page.locator("#files").set_input_files(
        {
            "name": "plain.csv",
            "mimeType": "text/csv",
            "buffer": ANSWERS.replace("C-", "plain-").encode(),
        }
    )
    page.locator("form[enctype] button").click()
    # The page refreshes itself.
    page.locator("button[name=do][value=import]").wait_for(timeout=60_000)
    page.locator("button[name=do][value=import]").click()
    page.locator(".scores").wait_for(timeout=60_000)
    expect(page.locator(".lede")).to_contain_text("plain.csv")
    context.close()


def test_an_empty_company_leads_to_its_first_file(
    empty_server: Server, open_page: OpenPage
) -> None:
    page = open_page("/data/", at=empty_server)
    expect(page.get_by_role("heading", level=1)).to_have_text("No data yet")
    expect(page.get_by_role("heading", name="Bring your first files")).to_be_visible()
    for path in ("/", "/journeys/", "/problems/", "/data/quarantine", "/data/sources"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
