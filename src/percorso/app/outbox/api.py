"""The record of contacts for programs: for each customer and survey, sent, or why not."""

from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from percorso.app import company
from percorso.app.api.asked import refuse_others
from percorso.app.api.auth import Token, caller
from percorso.app.api.fields import Number
from percorso.app.api.frame import ERRORS, router
from percorso.app.api.problems import Problem, WrongField, broken
from percorso.app.outbox import actions, queries, told
from percorso.contacts import STATES
from percorso.log.selection import Selection

operations = router("Contacts")

MOST: Final = 500
_MOMENT: Final = {"examples": ["2026-01-31", "2026-01-31T09:30:00Z"]}


class ContactKept(Schema):
    """What became of the wish to write to a customer, and why, in words.

    `key` and `reference` are empty where the customer was erased. `outcome` is waiting, reserved
    (on its way), sent, failed or never; `state` says more of a message that was written (bounced,
    complained, unsure). `server_said` are the words of the other mail server.
    """

    key: str
    reference: str
    name: str
    survey: str
    purpose: str
    outcome: str
    state: str
    why: str
    server_said: str
    sent_at: datetime | None
    weighed_again_at: datetime | None
    decided_at: datetime


class ContactsKept(Schema):
    """Some entries of the record, the last to come first, and where to go on (`before`)."""

    contacts: list[ContactKept]
    before: int | None


class WhichContacts(Schema):
    """Which entries. All that is given must fit."""

    survey: Annotated[
        str | None, Field(max_length=200, description="The id of a survey: see /surveys.")
    ] = None
    outcome: Annotated[str | None, Field(json_schema_extra={"enum": list(STATES)})] = None
    customer: Annotated[
        str | None,
        Field(max_length=200, description="Any reference of theirs, such as `user:42`."),
    ] = None
    since: Annotated[
        str | None,
        Field(description="Decided from this day or moment on.", json_schema_extra=_MOMENT),
    ] = None
    until: Annotated[
        str | None,
        Field(description="Decided before this day or moment.", json_schema_extra=_MOMENT),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    before: Annotated[
        Number | None, Field(description="`before` of the answer before this one.")
    ] = None


@operations.get(
    "/contacts",
    response={200: ContactsKept, **ERRORS},
    auth=Token("read:customers"),
    summary="The record of contacts",
)
def contacts(request: HttpRequest, which: Query[WhichContacts]) -> Any:
    """Return for each customer and survey: sent, or why not, the last to come first.

    Ask again with the `before` of an answer until it is null: what comes meanwhile is not among
    them. What is taken is noted in the trail. Scope: `read:customers`.
    """
    refuse_others(request, WhichContacts.model_fields)
    if which.outcome is not None and which.outcome not in STATES:
        rule = _("must be one of: {allowed}").format(allowed=", ".join(STATES))
        wrong = WrongField(field="query.outcome", rule=rule, value=which.outcome[:200])
        raise Problem(422, broken(1), [wrong])
    period = _period(which)
    found = queries.lines(
        campaign=which.survey or "",
        state=which.outcome or "",
        people=_references(which.customer),
        since=period.since,
        until=period.until,
        before=which.before,
        limit=which.limit,
    )
    by = caller(request)
    actions.note_export(by.person, which.survey or "", which.outcome or "", by.name)
    more = len(found) == which.limit
    return {
        "contacts": [told.said(each) for each in found],
        "before": found[-1].number if more else None,
    }


def _period(which: WhichContacts) -> Selection:
    """Return the period that is asked for. Raises SelectionError."""
    given = {"since": which.since, "until": which.until}
    zone = company.workspace().settings.zone_info
    return Selection.from_query({name: each for name, each in given.items() if each}, zone)


def _references(customer: str | None) -> tuple[str, ...] | None:
    if customer is None:
        return None
    return (customer, *company.log().identity.references_of(customer))
