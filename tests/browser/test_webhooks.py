"""A webhook is added, tried, looked into and removed, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.server import Server

Open = Callable[..., Page]


def test_a_webhook_is_added_tried_and_removed(empty_server: Server, open_page: Open) -> None:
    page = open_page("/settings/webhooks/", language="it", at=empty_server)
    # A port of this machine that nobody listens at: it may not be asked in any case.
    page.get_by_label("Indirizzo").fill("https://127.0.0.1:9443/hook")
    page.get_by_label("A che cosa serve").fill("CRM")
    page.locator("input[value='score.given']").check()
    page.get_by_role("button", name="Aggiungi", exact=True).click()
    expect(page.locator("#secret")).to_have_value(re.compile("^whsec_"))

    page.get_by_role("button", name="Invia un messaggio di prova").click()
    expect(page.locator("pre")).to_contain_text("percorso.test")
    # The page follows by itself.
    expect(page.locator("tbody tr")).to_contain_text("127.0.0.1", timeout=60_000)

    page.get_by_role("link", name="CRM").click()
    expect(page.locator("#secret")).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Togli").click()
    page.wait_for_url("**/settings/webhooks/")
    expect(page.get_by_role("link", name="CRM")).to_have_count(0)
