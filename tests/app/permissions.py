"""The permission table: for every address, the least role that may look at it and change it.

It is written by hand and apart from the marks in the code, so that a wrong mark is found. A new
address fails the tests until somebody has decided on it here: one line, ``look`` for GET and
``change`` for POST; NOBODY where the address takes no such request at all (whoever may look is
then told 405). Addresses of the API are in API, by method and path: the scope its token needs.
"""

from dataclasses import dataclass
from typing import Final

from percorso.app.ui.access import Role

VIEWER, AGENT, ANALYST = Role.VIEWER, Role.AGENT, Role.ANALYST
CX_MANAGER, ADMINISTRATOR = Role.CX_MANAGER, Role.ADMINISTRATOR
NOBODY: Final = None

#: What anybody may see, and why.
PUBLIC: Final[dict[str, str]] = {
    "ui:health": "says ok and nothing else",
    "webhooks:receive": "takes a message that is signed",
    "counter:page": "asks whoever scanned a shop's code how it was: takes a signed link",
    "ui:robots": "keeps search engines out",
    "accounts:welcome": "takes a signed link",
    "accounts:join": "takes a secret link",
    "accounts:preferences": "sets a cookie",
    "account_login": "signing in",
    "account_logout": "signing out",
    "mfa_authenticate": "the second step of signing in: after the password, else back to it",
    "mfa_login_webauthn": "signing in with a passkey",
    "account_reset_password": "asking for a link",
    "account_reset_password_done": "says to look at the e-mail",
    "account_reset_password_from_key": "takes a secret link",
    "account_reset_password_from_key_done": "says that it is done",
    "preferences:page": "a customer's own choices: takes a signed link",
    "preferences:leave": "a customer's own choices: takes a signed link",
    "preferences:ask": "a customer's own requests: takes a signed link",
    "answering:door": "asks whoever knows a door's code",
    "answering:invitation": "asks whoever was sent the link: takes its token",
    "answering:call_back": "takes how to reach somebody who answered: takes a signed page",
    "answering:look": "the colours of a survey that is asked",
    "answering:logo": "the logo of a survey that is asked",
    "survey_widget": "the script that shows a survey on a website",
    "api:openapi-json": "describes the API; holds nothing of the company",
    "api:api-root": "says that there is nothing",
}


@dataclass(frozen=True)
class Row:
    """The least role that may look, and the least that may change something."""

    look: Role | None
    change: Role | None = NOBODY


TABLE: Final[dict[str, Row]] = {
    # Everybody's analyses
    "home": Row(VIEWER),
    "rest": Row(VIEWER),
    "journeys:funnel": Row(VIEWER),
    "surveys:preview": Row(VIEWER, VIEWER),
    "surveys:preview_look": Row(VIEWER),
    "surveys:door": Row(VIEWER),
    "surveys:door_code": Row(VIEWER),
    "journeys:graph": Row(VIEWER),
    "journeys:ideal": Row(VIEWER),
    "journeys:ideal_csv": Row(VIEWER),
    "journeys:stops": Row(VIEWER),
    "journeys:table": Row(VIEWER),
    "journeys:table_csv": Row(VIEWER),
    "journeys:variants": Row(VIEWER),
    "journeys:variants_csv": Row(VIEWER),
    "touchpoints:begin": Row(NOBODY, CX_MANAGER),
    "touchpoints:change_want": Row(NOBODY, CX_MANAGER),
    "touchpoints:consistency": Row(VIEWER),
    "touchpoints:consistency_csv": Row(VIEWER),
    "touchpoints:csv": Row(VIEWER),
    "touchpoints:delete": Row(NOBODY, CX_MANAGER),
    "touchpoints:edit": Row(CX_MANAGER, CX_MANAGER),
    "touchpoints:list": Row(VIEWER),
    "touchpoints:new": Row(CX_MANAGER, CX_MANAGER),
    "touchpoints:one": Row(VIEWER),
    "touchpoints:want": Row(NOBODY, CX_MANAGER),
    "problems:csv": Row(VIEWER),
    "problems:list": Row(VIEWER),
    "problems:problem": Row(VIEWER),
    "problems:met": Row(VIEWER),
    # Customers: viewers see what happened, not to whom
    "customers:answer": Row(NOBODY, ANALYST),
    "customers:csv": Row(ANALYST),
    "customers:customer": Row(VIEWER),
    "customers:list": Row(VIEWER),
    "customers:note": Row(NOBODY, AGENT),
    "customers:pairs": Row(ANALYST),
    "customers:remove_note": Row(NOBODY, AGENT),
    "customers:undo": Row(NOBODY, ANALYST),
    "segments:build": Row(VIEWER),
    "segments:delete": Row(NOBODY, ANALYST),
    "segments:list": Row(VIEWER),
    "segments:save": Row(NOBODY, ANALYST),
    # The voice: texts are masked for viewers
    "voice:change": Row(NOBODY, ANALYST),
    "voice:correct": Row(NOBODY, ANALYST),
    "voice:factors": Row(VIEWER),
    "voice:factors_csv": Row(VIEWER),
    "voice:needs": Row(VIEWER),
    "voice:needs_csv": Row(VIEWER),
    "voice:overview": Row(VIEWER),
    "voice:read_again": Row(NOBODY, ANALYST),
    "voice:texts": Row(VIEWER),
    "voice:texts_csv": Row(ANALYST),
    "voice:topic": Row(VIEWER),
    "voice:topics": Row(VIEWER),
    "voice:topics_csv": Row(VIEWER),
    # Data: counts and reasons for viewers, rows for analysts
    "intake:export": Row(ANALYST),
    "intake:group": Row(ANALYST, ANALYST),
    "intake:home": Row(VIEWER),
    "intake:import": Row(VIEWER, ANALYST),
    "intake:quarantine": Row(VIEWER),
    "intake:row": Row(ANALYST, ANALYST),
    "intake:sources": Row(VIEWER),
    "intake:upload": Row(NOBODY, ANALYST),
    # Surveys: making them, and where they are asked
    "surveys:act": Row(NOBODY, CX_MANAGER),
    "surveys:ask": Row(VIEWER, CX_MANAGER),
    "surveys:endings": Row(CX_MANAGER, CX_MANAGER),
    "surveys:list": Row(VIEWER),
    "surveys:look": Row(CX_MANAGER, CX_MANAGER),
    "surveys:new": Row(CX_MANAGER, CX_MANAGER),
    "surveys:one": Row(VIEWER, CX_MANAGER),
    "surveys:question": Row(CX_MANAGER, CX_MANAGER),
    "surveys:settings": Row(CX_MANAGER, CX_MANAGER),
    "surveys:try": Row(VIEWER),
    "surveys:versions": Row(VIEWER),
    # Live sources, the rules for what they send, connectors
    "sources:list": Row(VIEWER),
    "sources:one": Row(VIEWER, CX_MANAGER),
    "sources:add": Row(CX_MANAGER, CX_MANAGER),
    "sources:act": Row(NOBODY, CX_MANAGER),
    "sources:counter": Row(CX_MANAGER),
    "sources:counter_code": Row(CX_MANAGER),
    "sources:live": Row(ANALYST),
    "sources:event": Row(ANALYST),
    "sources:rejected": Row(ANALYST),
    "sources:settle": Row(NOBODY, ANALYST),
    "sources:unmapped": Row(ANALYST),
    "sources:rules": Row(VIEWER, CX_MANAGER),
    "sources:new_rule": Row(CX_MANAGER, CX_MANAGER),
    "connectors:list": Row(VIEWER),
    "connectors:beside": Row(VIEWER),
    "connectors:add": Row(CX_MANAGER, CX_MANAGER),
    "connectors:one": Row(CX_MANAGER, CX_MANAGER),
    "connectors:act": Row(NOBODY, CX_MANAGER),
    "contacts:log": Row(AGENT, AGENT),
    # One's own account
    "accounts:me": Row(VIEWER),
    "account_change_password": Row(VIEWER, VIEWER),
    "account_reauthenticate": Row(VIEWER, VIEWER),
    "accounts:devices": Row(VIEWER),
    "accounts:end_device": Row(NOBODY, VIEWER),
    "accounts:end_other_devices": Row(NOBODY, VIEWER),
    "mfa_activate_totp": Row(VIEWER, VIEWER),
    "mfa_add_webauthn": Row(VIEWER, VIEWER),
    "mfa_deactivate_totp": Row(VIEWER, VIEWER),
    "mfa_download_recovery_codes": Row(VIEWER),
    "mfa_edit_webauthn": Row(VIEWER, VIEWER),
    "mfa_generate_recovery_codes": Row(VIEWER, VIEWER),
    "mfa_index": Row(VIEWER),
    "mfa_list_webauthn": Row(VIEWER),
    "mfa_reauthenticate": Row(VIEWER, VIEWER),
    "mfa_reauthenticate_webauthn": Row(VIEWER, VIEWER),
    "mfa_remove_webauthn": Row(VIEWER, VIEWER),
    "mfa_view_recovery_codes": Row(VIEWER),
    # The company
    "accounts:company": Row(ADMINISTRATOR, ADMINISTRATOR),
    "audit:trail": Row(ADMINISTRATOR),
    "audit:export": Row(ADMINISTRATOR),
    # Customers' rights
    "privacy:home": Row(CX_MANAGER),
    "privacy:person": Row(AGENT),
    "privacy:consent": Row(NOBODY, AGENT),
    "privacy:link": Row(NOBODY, AGENT),
    "privacy:copy": Row(NOBODY, CX_MANAGER),
    "privacy:erase": Row(NOBODY, ADMINISTRATOR),
    "privacy:close": Row(NOBODY, CX_MANAGER),
    "privacy:certificates": Row(CX_MANAGER),
    "privacy:certificate": Row(CX_MANAGER),
    "privacy:certificate_file": Row(CX_MANAGER),
    "privacy:record": Row(CX_MANAGER),
    "privacy:data_map": Row(CX_MANAGER),
    "privacy:retention": Row(CX_MANAGER, ADMINISTRATOR),
    "api_guide": Row(ADMINISTRATOR),
    "tokens:list": Row(ADMINISTRATOR, ADMINISTRATOR),
    "tokens:revoke": Row(NOBODY, ADMINISTRATOR),
    "people:change": Row(NOBODY, ADMINISTRATOR),
    "people:list": Row(ADMINISTRATOR, ADMINISTRATOR),
    "people:withdraw": Row(NOBODY, ADMINISTRATOR),
    "webhooks:act": Row(NOBODY, ADMINISTRATOR),
    "webhooks:act_on_hook": Row(NOBODY, ADMINISTRATOR),
    "webhooks:add_hook": Row(NOBODY, ADMINISTRATOR),
    "webhooks:home": Row(ADMINISTRATOR, ADMINISTRATOR),
    "webhooks:one": Row(ADMINISTRATOR, ADMINISTRATOR),
    "webhooks:sent": Row(ADMINISTRATOR, ADMINISTRATOR),
}

#: The scope that each operation of the API needs. A session opens none of them.
API: Final[dict[tuple[str, str], str]] = {
    ("GET", "/api/v1/figures"): "read:figures",
    ("GET", "/api/v1/report"): "read:figures",
    ("GET", "/api/v1/problems"): "read:figures",
    ("GET", "/api/v1/segments"): "read:figures",
    ("GET", "/api/v1/customers"): "read:customers",
    ("GET", "/api/v1/customers/{customer}"): "read:customers",
    ("GET", "/api/v1/customers/{customer}/interactions"): "read:customers",
    ("POST", "/api/v1/customers/{customer}/notes"): "write:customers",
    ("GET", "/api/v1/customers/{customer}/consents"): "privacy",
    ("POST", "/api/v1/customers/{customer}/consents"): "privacy",
    ("POST", "/api/v1/customers/{customer}/choices-link"): "privacy",
    ("GET", "/api/v1/customers/{customer}/data"): "privacy",
    ("POST", "/api/v1/erasures"): "privacy",
    ("GET", "/api/v1/erasures/{id}"): "privacy",
    ("POST", "/api/v1/texts/read"): "read:figures",
    ("POST", "/api/v1/interactions"): "write:interactions",
}
