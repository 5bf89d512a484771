"""Who was asked by the demo company stands in the application's database as if it had asked."""

import time
from datetime import UTC, datetime

import pytest
from pytest_django import Settings as DjangoSettings

from percorso.app import company as served
from percorso.app.surveys import demo, queries
from percorso.app.surveys.models import Invitation
from percorso.app.surveys.sending import trial
from percorso.app.surveys.sending.models import Campaign
from percorso.demo.generator import generate_all
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db


def test_invitations_and_counters_are_those_of_the_company(company: Workspace) -> None:
    asking = generate_all(seed=7, customers=400).asking
    assert demo.write(asking)
    for survey in ("la-libreria", "ordine-online", "senza-di-noi"):
        mine = [each for each in asking.invitations if each.survey == survey]
        seen = queries.invitations(survey)
        zone = company.settings.zone_info
        assert sorted((each.reference, each.sent_on, each.answered) for each in seen) == sorted(
            (each.reference, each.sent_at.astimezone(zone).date(), each.answered) for each in mine
        )
        counts = [each for each in asking.counts if each.survey == survey]
        assert sum(each.shown for each in queries.drop_off(survey)) == sum(
            each.shown for each in counts
        )
    # Links that nobody was sent cannot be guessed, and are of the past.
    digests = Invitation.objects.values_list("digest", flat=True)
    assert len(set(digests)) == len(asking.invitations)


def test_nothing_is_added_where_somebody_was_asked_before(company: Workspace) -> None:
    asking = generate_all(seed=7, customers=200).asking
    assert demo.write(asking)
    before = Invitation.objects.count()
    assert not demo.write(asking)
    assert Invitation.objects.count() == before


def test_writing_five_thousand_customers_is_quick(company: Workspace) -> None:
    asking = generate_all(seed=7).asking
    began = time.process_time()
    assert demo.write(asking)
    # Measured at 0.9 s: of the process, so that a busy machine does not matter.
    assert time.process_time() - began < 3


def test_a_dry_run_in_the_demo_has_people_to_ask_and_several_reasons_why_not(
    small_demo: Workspace, settings: DjangoSettings
) -> None:
    settings.WORKSPACE = small_demo
    # A Tuesday at eleven.
    now = datetime(2026, 11, 3, 10, tzinfo=UTC)
    campaign = Campaign(name="All", survey="la-libreria", share=0.8, starts_at=now)
    tried = trial.run(served.log(), campaign, now)
    reasons = {why: n for _outcome, why, n in tried.reasons}
    assert tried.send > 100
    for why in (
        "did not agree to be asked",
        "no e-mail address of theirs is known",
        "not among those drawn at random",
    ):
        assert reasons[why] > 5, reasons
