"""Who was asked by the demo company stands in the application's database as if it had asked."""

import time

import pytest

from percorso.app.surveys import demo, queries
from percorso.app.surveys.models import Invitation
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
