"""Who was written to: taken out with the person, and kept as long as the company says."""

from datetime import UTC, datetime, timedelta

import pytest

from percorso import privacy
from percorso.contacts import Budget, Ledger, Wish
from percorso.log import Log, open_log
from percorso.log.schema import as_table
from percorso.privacy import retention
from percorso.vocabulary import Interaction
from percorso.workspace import Workspace

ADA, BOB = "email:ada@example.org", "email:bob@example.org"
OPEN = Budget(quiet_from=None, quiet_until=None, weekdays=frozenset(range(7)), holidays="")


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


@pytest.fixture
def ledger(log: Log) -> Ledger:
    now = datetime.now(UTC)
    log.append(
        as_table(
            Interaction(
                id=each, at=now, customer=each, kind="order", source="till", touchpoint="shop"
            )
            for each in (ADA, BOB)
        )
    )
    made = Ledger(log.workspace)
    wishes = [
        Wish(f"wish:{each}", each, "survey", "nps", now, now + timedelta(days=7))
        for each in (ADA, BOB)
    ]
    made.settle(wishes, OPEN, now)
    for each in made.reserved():
        made.sent(each.id, now)
    return made


def test_an_erasure_takes_the_person_out_and_leaves_the_hour(log: Log, ledger: Ledger) -> None:
    certificate = privacy.erase(log, ADA, who="test")
    assert certificate.clean
    assert {each.name: each.removed for each in certificate.places}["contacts"] == 1
    assert [each.person for each in ledger.latest()] == [BOB, ""]
    assert ledger.counts("nps") == {"sent": 2}


def test_contacts_go_when_their_time_is_over_but_not_while_a_limit_counts_them(
    log: Log, ledger: Ledger
) -> None:
    retention.write_rules(log.workspace, '[[rule]]\nstore = "contacts"\nmonths = 1\n')
    now = datetime.now(UTC)
    for days, left in ((100, 2), (179, 2), (181, 0)):
        [going] = retention.dry_run(log, now + timedelta(days=days))
        assert going.rows == 2 - left
        retention.apply(log, now + timedelta(days=days))
        assert len(ledger.latest()) == left, days
