"""Some test of tests/browser looks with axe-core at every page there is."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.urls import resolve
from tests.app.permissions import NOBODY, PUBLIC, TABLE
from tests.browser.addresses import ANALYSES, ELSEWHERE, LED_TO_NAMES, OUTSIDE, pages_of

BROWSER: Final = Path(__file__).parent.parent / "browser"
SOME_UUID: Final = "00000000-0000-0000-0000-000000000001"
#: What the addresses of the busy company's pages are made of.
GIVEN: Final = defaultdict(
    lambda: "1",
    choices="/choices/x",
    **dict.fromkeys(("hook", "connector", "certificate", "message"), SOME_UUID),
)
#: What is no page, and why.
NO_PAGE: Final = {
    "a file": (
        "api:openapi-json",
        "audit:export",
        "answering:logo",
        "answering:look",
        "customers:csv",
        "intake:export",
        "journeys:ideal_csv",
        "journeys:table_csv",
        "journeys:variants_csv",
        "maps:csv",
        "maps:pdf",
        "maps:png",
        "mfa_download_recovery_codes",
        "outbox:csv",
        "privacy:certificate_file",
        "privacy:data_map",
        "problems:csv",
        "sources:counter_code",
        "survey_widget",
        "surveys:definition",
        "surveys:door_code",
        "surveys:preview_look",
        "surveys:responses_csv",
        "surveys:results_csv",
        "touchpoints:consistency_csv",
        "touchpoints:csv",
        "ui:robots",
        "voice:factors_csv",
        "voice:needs_csv",
        "voice:texts_csv",
        "voice:topics_csv",
    ),
    "a part of a page that is looked at with it": (
        "connectors:beside",
        "problems:met",
        "rest",
        "surveys:mail",
        "surveys:preview",
    ),
    "answers programs": ("api:api-root", "mfa_login_webauthn", "ui:health", "webhooks:receive"),
    "shows nothing of its own: it sends on": (
        "account_logout",
        "accounts:preferences",
        "preferences:ask",
    ),
    "needs some 150 different texts, of which topics are made: takes minutes": ("voice:topic",),
    "needs an authenticator app; the same form as its neighbours": (
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
    ),
}


def _looked_at() -> Iterator[str]:
    """Return the names of the pages that are looked at."""
    for address in (*ANALYSES, *pages_of(GIVEN), *(each for each, _ in OUTSIDE)):
        if address != "/nothing":
            yield str(resolve(address.partition("?")[0]).view_name)
    yield from LED_TO_NAMES
    for names in ELSEWHERE.values():
        yield from names


def test_every_page_is_looked_at() -> None:
    """A new page belongs into tests/browser/addresses.py, so that axe-core looks at it."""
    there = {*PUBLIC, *(name for name, row in TABLE.items() if row.look is not NOBODY)}
    seen, left_out = set(_looked_at()), {name for names in NO_PAGE.values() for name in names}
    assert there - seen - left_out == set()
    # Nor does a list name what is there no more, or is looked at after all.
    assert (seen | left_out) - there == set()
    assert seen & left_out == set()


def test_where_pages_are_said_to_be_looked_at_they_are() -> None:
    for module in ELSEWHERE:
        text = (BROWSER / f"{module}.py").read_text(encoding="utf-8")
        assert "axe_playwright_python" in text or "tests.browser.everybody" in text, module
