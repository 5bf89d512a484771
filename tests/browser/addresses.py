"""The addresses of the application's pages, and which test looks at each of them with axe-core.

A new page belongs into one of these lists, or into a test that looks at it beside what it does,
named in ELSEWHERE: ``tests/app/test_looked_at.py`` says which page nobody looks at.
"""

from collections.abc import Mapping
from typing import Any, Final

#: Of a company that has much to tell.
ANALYSES: Final = (
    "/",
    "/journeys/",
    "/journeys/table/",
    "/journeys/variants/",
    "/journeys/funnel/",
    "/journeys/stops/",
    "/journeys/ideal/",
    "/problems/",
    "/customers/",
    "/customers/duplicates/",
    "/segments/",
    "/segments/build/?rule=orders+%3E+1",
    "/segments/build/?by=text&rule=orders+%3E%3E+1",
    "/voice/",
    "/voice/texts/",
    "/voice/factors/",
    "/voice/topics/",
    "/voice/needs/",
    "/data/",
    "/data/quarantine",
    "/data/sources",
)
#: Pages that a page of ANALYSES leads to: where, and which link.
LED_TO: Final = (
    ("/problems/", "main a[href^='/problems/']:not([href*='csv']):not([href^='/problems/?'])"),
    ("/customers/", "main tbody a[href^='/customers/']"),
)
#: The names of the pages that are led to.
LED_TO_NAMES: Final = ("problems:problem", "customers:customer")
#: Before one is signed in, and whoever a link was sent to: with what it answers.
OUTSIDE: Final = (
    ("/sign-in", 200),
    ("/reset", 200),
    ("/reset/sent", 200),
    ("/reset/1-set-password/", 200),
    ("/reset/done", 200),
    ("/welcome/x", 410),
    ("/invitation/x", 410),
    ("/choices/x", 410),
    ("/nothing", 404),
)
#: Pages that are looked at beside what they do, by the test's module.
ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "test_maps": (
        "maps:map",
        "maps:compare",
        "maps:steps",
        "maps:beliefs",
        "maps:new_belief",
        "maps:belief",
        "maps:drafts",
        "maps:draft",
        "maps:entry",
        "maps:shares",
        "maps:shared",
    ),
    "test_touchpoints": (
        "touchpoints:list",
        "touchpoints:new",
        "touchpoints:one",
        "touchpoints:edit",
        "touchpoints:consistency",
    ),
    "test_survey_builder": (
        "surveys:list",
        "surveys:new",
        "surveys:one",
        "surveys:question",
        "surveys:settings",
        "surveys:endings",
        "surveys:look",
        "surveys:try",
        "surveys:ask",
        "surveys:versions",
        "surveys:results",
        "surveys:people",
        "surveys:split",
        "surveys:pyramid",
        "surveys:pmf",
    ),
    "test_importing": ("intake:import", "intake:group", "intake:row"),
    "test_passkeys": (
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
    ),
    "test_survey_pages": ("answering:door", "answering:invitation", "answering:call_back"),
}


def pages_of(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the addresses of the busy company's pages."""
    hook = f"/settings/webhooks/{given['hook']}"
    return (
        "/sources/",
        "/sources/add",
        "/sources/source/till",
        "/sources/source/till/counter?place=Brera",
        "/sources/live/",
        f"/sources/live/{given['event']}",
        "/sources/rejected/",
        "/sources/rules/",
        "/sources/unmapped/",
        "/sources/unmapped/rule?source=till&call=track&name=Scontrino",
        "/sources/connectors/",
        "/sources/connectors/add/feed",
        f"/sources/connectors/{given['connector']}",
        "/sources/log/",
        f"/here/{given['counter']}",
        f"/customers/{given['customer']}/",
        "/surveys/sending/",
        "/surveys/contact/",
        "/surveys/new/file/",
        "/surveys/visit/sending/",
        "/surveys/visit/sending/new/campaign/",
        f"/surveys/sending/rule/{given['rule']}/",
        f"/surveys/sending/campaign/{given['campaign']}/",
        f"/surveys/visit/doors/{given['door']}/",
        "/outbox/",
        "/outbox/budget/",
        "/outbox/sender/",
        "/outbox/silent/",
        f"/outbox/message/{given['message']}",
        "/privacy/",
        "/privacy/person?who=email:c1%40example.org",
        "/privacy/certificates/",
        f"/privacy/certificates/{given['certificate']}",
        "/privacy/record",
        "/privacy/retention",
        given["choices"],
        f"{given['choices']}/leave",
        "/settings/people/",
        "/settings/activity/",
        "/settings/tokens/",
        "/settings/api/",
        "/settings/webhooks/",
        hook,
        f"{hook}/{given['sent']}",
        "/settings/company",
        "/settings/me",
        "/settings/password",
        "/settings/security/",
        "/settings/security/confirm",
        "/settings/devices",
        "/settings/security/passkeys",
    )
