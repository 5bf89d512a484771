"""What is written down before anybody sends, and what becomes of it."""

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contacts.test_deciding import DAY, HOUR, NOW, OPEN, contact, wish

from percorso.contacts import Contact, Ledger, next_allowed
from percorso.vocabulary import Phrase
from percorso.workspace import Workspace

BUDGET = replace(OPEN, between_surveys=30)
BROKEN = Phrase("the mail server said no")


@pytest.fixture
def ledger(workspace):
    return Ledger(workspace)


def outcomes(decisions):
    return {each.wish.id: each.outcome for each in decisions}


def sent(ledger, at=NOW):
    for each in ledger.reserved():
        assert ledger.sent(each.id, at)


def test_nothing_was_written_and_nothing_is_there(ledger, workspace):
    assert (ledger.reserved(), ledger.record("nps"), ledger.counts("nps")) == ((), (), {})
    assert (ledger.history(["a"]), ledger.erase(["a"], NOW)) == ((), 0)
    assert not workspace.contacts.exists()


def test_what_was_decided_stands_whoever_asks_again(ledger, workspace):
    (first,) = ledger.settle([wish()], BUDGET, NOW)
    assert first.outcome == "send"
    (again,) = Ledger(workspace).settle([wish()], BUDGET, NOW)
    assert (again.outcome, str(again.reason)) == ("wait", "is on its way")
    (reservation,) = ledger.reserved()
    assert (reservation.id, reservation.wish) == (first.reservation, wish())
    assert ledger.sent(reservation.id, NOW + HOUR)
    assert not ledger.sent(reservation.id, NOW + HOUR)
    (after,) = ledger.settle([wish()], BUDGET, NOW + DAY)
    assert (after.outcome, str(after.reason)) == ("never", "was sent")
    assert ledger.history(["a"]) == (Contact("a", "survey", "nps", NOW + HOUR),)


def test_who_waits_is_weighed_when_the_time_comes_without_being_named_again(ledger):
    (waits,) = ledger.settle([wish(at=NOW + DAY)], BUDGET, NOW)
    assert waits.outcome == "wait"
    assert ledger.settle((), BUDGET, NOW + DAY - HOUR) == ()
    (goes,) = ledger.settle((), BUDGET, NOW + DAY)
    assert (goes.outcome, goes.wish) == ("send", wish(at=NOW + DAY))


def test_another_budget_has_all_weighed_again(ledger):
    ledger.settle([wish("1"), wish("2", campaign="csat")], BUDGET, NOW)
    sent(ledger)
    assert outcomes(ledger.settle((), BUDGET, NOW + HOUR)) == {"2": "wait"}
    assert ledger.settle((), BUDGET, NOW + 2 * HOUR) == ()
    assert outcomes(ledger.settle((), OPEN, NOW + 2 * HOUR)) == {"2": "send"}


def test_what_failed_does_not_count_once_it_is_given_back(ledger):
    budget = replace(OPEN, between_surveys=30, an_hour=1)
    ledger.settle([wish("1", priority=1), wish("2", campaign="csat"), wish("3", "b")], budget, NOW)
    (held,) = ledger.reserved()
    # It is under way for an hour, and still holds the company's place.
    assert outcomes(ledger.settle((), budget, NOW + HOUR)) == {"3": "wait"}
    assert ledger.failed(held.id, BROKEN, NOW + HOUR)
    assert not ledger.failed(held.id, BROKEN, NOW + HOUR)
    assert outcomes(ledger.settle((), budget, NOW + HOUR)) == {"2": "send"}
    (first, second) = (ledger.record(each)[0] for each in ("nps", "csat"))
    assert (first.state, str(first.reason), first.at) == ("failed", str(BROKEN), None)
    assert second.state == "reserved"


def test_what_failed_for_now_is_tried_again_when_it_may(ledger):
    (first,) = ledger.settle([wish()], BUDGET, NOW)
    assert ledger.failed(first.reservation, BROKEN, NOW, again=NOW + HOUR)
    assert outcomes(ledger.settle([wish()], BUDGET, NOW)) == {"w": "wait"}
    (second,) = ledger.settle((), BUDGET, NOW + HOUR)
    assert second.outcome == "send"
    assert second.reservation != first.reservation
    assert not ledger.sent(first.reservation, NOW + HOUR)
    assert ledger.sent(second.reservation, NOW + HOUR)


def test_what_went_out_after_all_counts(ledger):
    (first,) = ledger.settle([wish()], BUDGET, NOW)
    ledger.failed(first.reservation, BROKEN, NOW)
    assert ledger.sent(first.reservation, NOW + HOUR)
    assert ledger.history(["a"])[0].at == NOW + HOUR


def test_what_went_out_after_all_counts_though_its_wish_is_over(ledger):
    (first,) = ledger.settle([wish(lasts=2 * HOUR)], BUDGET, NOW)
    ledger.failed(first.reservation, BROKEN, NOW, again=NOW + HOUR)
    ledger.settle((), BUDGET, NOW + 3 * HOUR)
    assert ledger.record("nps")[0].state == "never"
    assert ledger.sent(first.reservation, NOW + 3 * HOUR)
    assert ledger.history(["a"])[0].at == NOW + 3 * HOUR


@pytest.mark.parametrize("name", ["a\0b", "50%25", "%00", "a%b", "è", '"', "'; --"])
def test_a_person_of_any_name_is_found_again(ledger, name):
    ledger.settle([wish(f"1:{name}", name)], BUDGET, NOW)
    sent(ledger)
    assert [each.person for each in ledger.history([name])] == [name]
    assert outcomes(ledger.settle([wish(f"1:{name}", name)], BUDGET, NOW)) == {f"1:{name}": "never"}
    assert outcomes(ledger.settle([wish("2", name)], BUDGET, NOW + DAY)) == {"2": "wait"}
    assert ledger.erase([name], NOW) == 2
    assert ledger.history([name]) == ()


def test_a_time_without_a_zone_is_refused(ledger):
    with pytest.raises(ValueError, match="no zone"):
        ledger.settle([wish()], BUDGET, NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no zone"):
        Contact("a", "survey", "nps", NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no zone"):
        next_allowed(BUDGET, NOW.replace(tzinfo=None))


def test_a_wish_of_the_end_of_time_is_over_and_breaks_nothing(ledger):
    last = datetime.max.replace(tzinfo=UTC)
    (found,) = ledger.settle([wish(at=last, lasts=0 * DAY)], BUDGET, NOW)
    assert (found.outcome, str(found.reason)) == (
        "never", "expires before it can be sent: not wanted before then",
    )  # fmt: skip


def test_what_was_sent_before_it_was_reserved_by_the_clock_was_sent_then(ledger):
    (first,) = ledger.settle([wish()], BUDGET, NOW)
    ledger.sent(first.reservation, NOW - DAY)
    assert ledger.history(["a"])[0].at == NOW


def test_a_person_of_several_references_is_one(ledger):
    ledger.settle([wish("1", "user:1"), wish("2", "b")], BUDGET, NOW)
    sent(ledger)
    joined = [("email:a", "user:1")]
    found = ledger.settle(
        [wish("3", "email:a", campaign="csat")], BUDGET, NOW + DAY, same=lambda _names: joined
    )
    assert outcomes(found) == {"3": "wait"}
    assert "was asked one day ago" in str(found[0].reason)
    # A join that is taken back leaves each with their own.
    found = ledger.settle([wish("4", "email:a", campaign="ces")], BUDGET, NOW + DAY)
    assert outcomes(found) == {"4": "wait", "3": "send"}
    assert [each.person for each in ledger.history(["email:a", "user:1"])] == ["user:1", "email:a"]


def test_who_is_who_is_asked_of_all_that_are_weighed(ledger):
    ledger.settle([wish("1", "user:1", at=NOW + DAY)], BUDGET, NOW)
    asked = []
    ledger.settle([wish("2", "b")], BUDGET, NOW + DAY, same=lambda names: asked.append(names) or [])
    assert asked == [{"user:1", "b"}]


def test_contacts_from_elsewhere_count(ledger):
    (found,) = ledger.settle([wish()], BUDGET, NOW, elsewhere=[contact(12)])
    assert (found.outcome, found.until) == ("wait", NOW + 18 * DAY)


def test_company_limits_count_everybody(ledger):
    budget = replace(OPEN, an_hour=2)
    ledger.settle([wish("1", "a"), wish("2", "b")], budget, NOW)
    sent(ledger, NOW + timedelta(minutes=10))
    late = ledger.settle([wish("3", "c")], budget, NOW + HOUR)
    assert [(each.outcome, each.until) for each in late] == [("wait", NOW + timedelta(minutes=70))]


def test_what_is_declined_is_recorded_in_words_and_never_sent(ledger):
    ledger.settle([wish("1", at=NOW + DAY), wish("2", "b")], BUDGET, NOW)
    why = Phrase("did not agree to be asked")
    ledger.decline([(wish(each, each), why) for each in "123"], NOW)
    assert [(each.wish, each.state) for each in ledger.record("nps")] == [
        ("1", "never"), ("2", "reserved"), ("3", "never"),
    ]  # fmt: skip
    assert outcomes(ledger.settle([wish("1"), wish("3")], BUDGET, NOW + DAY)) == {
        "1": "never", "3": "never",
    }  # fmt: skip


def test_the_record_says_what_became_of_each(ledger):
    ledger.settle([wish(str(n), f"p{n}", at=NOW + n * DAY) for n in range(4)], BUDGET, NOW)
    assert ledger.counts("nps") == {"reserved": 1, "waiting": 3}
    (later,) = ledger.record("nps", "waiting", limit=1, offset=1)
    assert (later.wish, later.person, later.until) == ("2", "p2", NOW + 2 * DAY)
    assert str(later.reason) == "not wanted before then"
    assert ledger.record("csat") == ()


def test_what_a_wrong_clock_dated_ahead_can_be_dated_now(ledger):
    ledger.settle([wish("1", at=NOW)], OPEN, NOW + 50 * DAY)
    sent(ledger, NOW + 50 * DAY)
    assert ledger.redate(NOW) == 1
    (found,) = ledger.settle([wish("2", campaign="csat")], BUDGET, NOW)
    assert found.until == NOW + 30 * DAY


def test_an_erased_person_is_in_no_byte_and_counts_for_the_company(ledger, workspace):
    budget = replace(OPEN, an_hour=2)
    name = "email:ada.lovelace@example.org"
    ledger.settle([wish(f"order-1:{name}", name), wish("2", "b")], budget, NOW)
    ledger.settle([wish(f"order-2:{name}", name, campaign="csat", at=NOW + DAY)], budget, NOW)
    ledger.sent(ledger.reserved()[1].id, NOW)
    assert ledger.erase([name], NOW + timedelta(minutes=1)) == 2
    files = [*workspace.path.glob("contacts.sqlite*")]
    assert files
    assert not any(b"lovelace" in each.read_bytes() for each in files)
    (first, second) = ledger.record("nps")
    assert (first.person, first.wish, first.state) == ("", "", "sent")
    assert second.person == "b"
    assert ledger.reserved() == ()
    (found,) = ledger.settle([wish("3", "c")], budget, NOW + timedelta(minutes=30))
    assert found.outcome == "wait"


def test_a_transaction_that_breaks_leaves_nothing(ledger, monkeypatch):
    def broken(*_given, **_named):
        raise OSError("the disk is full")

    monkeypatch.setattr("percorso.contacts.settling.write_down", broken)
    with pytest.raises(OSError, match="full"):
        ledger.settle([wish()], BUDGET, NOW)
    monkeypatch.undo()
    assert ledger.reserved() == ()
    assert outcomes(ledger.settle([wish()], BUDGET, NOW)) == {"w": "send"}


def work(folder, wishes, budget, begin, found):
    """Settle all wishes, a few at a time, and say which are ours to send."""
    ledger = Ledger(Workspace.open(folder))
    begin.wait(60)
    mine = []
    for first in range(0, len(wishes), 10):
        decided = ledger.settle(wishes[first : first + 10], budget, datetime.now(UTC))
        mine += [each.wish.id for each in decided if each.outcome == "send"]
    found.put(mine)


def test_two_processes_settle_the_same_wishes_and_none_is_sent_twice(workspace):
    begun = datetime.now(UTC)
    wishes = [
        wish(f"{n:03}", f"p{n // 2}", campaign=f"c{n % 2}", at=begun - DAY) for n in range(120)
    ]
    budget = replace(OPEN, between_surveys=30, an_hour=50)
    context = multiprocessing.get_context("spawn")
    begin, found = context.Barrier(2), context.Queue()
    given = str(workspace.path), wishes, budget, begin, found
    processes = [context.Process(target=work, args=given, daemon=True) for _ in range(2)]
    for each in processes:
        each.start()
    taken = [found.get(timeout=60) for _ in processes]
    for each in processes:
        each.join(60)
    ids = [*taken[0], *taken[1]]
    assert len(ids) == len(set(ids)) == 50
    people = [each.wish.person for each in Ledger(workspace).reserved()]
    assert len(people) == len(set(people)) == 50
