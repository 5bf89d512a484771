"""What becomes of wishes, and the words for it."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from percorso.contacts import Budget, Contact, Limit, Wish, decide
from percorso.i18n import in_language
from percorso.labels import phrase

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)  # a Wednesday, 11:00 in Rome
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OPEN = Budget(
    total=None, survey=None, marketing=None, between_surveys=0, same_survey=1, a_day=None,
    an_hour=None, quiet_from=None, quiet_until=None, weekdays=frozenset(range(7)), holidays="",
)  # fmt: skip


def wish(id_="w", person="a", purpose="survey", campaign="nps", at=NOW, lasts=60 * DAY, **more):
    return Wish(id_, person, purpose, campaign, at, at + lasts, **more)


def contact(days, person="a", purpose="survey", campaign="csat", **more):
    return Contact(person, purpose, campaign, NOW - days * DAY, **more)


def one(wished, history=(), budget=OPEN):
    (found,) = decide([wished], history, budget, NOW)
    return found.outcome, found.until, str(found.reason)


def test_what_nothing_holds_is_sent_until_it_closes():
    assert one(wish()) == ("send", NOW + 7 * DAY, "may be sent now")
    assert one(wish(lasts=DAY))[1] == NOW + DAY
    assert one(wish(), budget=Budget())[1] == datetime(2026, 3, 4, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "budget", "days", "said"),
    [
        ([contact(12)], {"between_surveys": 30}, 18,
         "was asked 12 days ago; at least 30 days between two surveys"),
        ([contact(1)], {"between_surveys": 2}, 1,
         "was asked one day ago; at least 2 days between two surveys"),
        ([contact(0.5)], {"between_surveys": 1}, 0.5,
         "was asked less than a day ago; at least one day between two surveys"),
        ([contact(150, campaign="nps"), contact(40)], {"same_survey": 180}, 30,
         "was asked this 150 days ago; the same survey not again within 180 days"),
        ([contact(3), contact(5)], {"survey": Limit(2, 30)}, 25,
         "surveys: had 2 messages in 30 days; at most 2"),
        ([contact(3), contact(5, purpose="service"), contact(6, purpose="marketing")],
         {"total": Limit(3, 7)}, 1, "had 3 messages in 7 days; at most 3"),
        ([contact(0.01, person="b"), contact(0.02, person="c")], {"an_hour": 2}, 1 / 24 - 0.02,
         "the company’s limit of messages an hour is reached: 2"),
        ([contact(0.4, person="b")], {"a_day": 1}, 0.6,
         "the company’s limit of messages a day is reached: 1"),
    ],
)  # fmt: skip
def test_who_had_enough_waits_as_long_as_it_takes(history, budget, days, said):
    budget = replace(OPEN, **budget)
    assert one(wish(), history, budget) == ("wait", NOW + days * DAY, said)
    # One moment before, it expires.
    late = one(wish(lasts=days * DAY), history, budget)
    assert late == ("never", None, f"expires before it can be sent: {said}")


def test_reasons_of_the_calendar():
    assert one(wish(), budget=replace(Budget(), weekdays=frozenset({3})))[2] == (
        "no messages on Wednesdays"
    )
    day = NOW.date()
    closed = one(wish(), budget=replace(Budget(), closed=((day, day),)))
    assert closed[1:] == (
        datetime(2026, 3, 5, 8, tzinfo=UTC),
        "a day on which the company is closed",
    )
    (night,) = decide([wish()], (), Budget(), NOW + 10 * HOUR)
    assert str(night.reason) == "quiet hours, from 20:00 to 09:00"
    (feast,) = decide([wish()], (), Budget(), datetime(2026, 4, 6, 10, tzinfo=UTC))
    assert str(feast.reason).startswith("a public holiday: ")


def test_what_is_wanted_later_waits_and_what_is_over_is_over():
    assert one(wish(at=NOW + DAY)) == ("wait", NOW + DAY, "not wanted before then")
    assert one(wish(at=NOW - 9 * DAY, lasts=9 * DAY)) == (
        "never", None, "expired before it could be sent",
    )  # fmt: skip


def test_of_two_that_want_one_person_the_more_important_goes_and_the_other_waits_for_it():
    budget = replace(OPEN, between_surveys=30)
    wishes = [wish("1"), wish("2", campaign="csat", priority=1)]
    first, second = decide(wishes, (), budget, NOW)
    assert (second.outcome, first.outcome) == ("send", "wait")
    assert str(first.reason) == "another message to them is on its way"
    # Where it could not go out in time, it is over only when the other was really sent.
    brief = [wish("1", lasts=DAY), wish("2", campaign="csat", priority=1)]
    assert decide(brief, (), budget, NOW)[0].outcome == "wait"
    sent = [contact(0)]
    assert decide(brief[:1], sent, budget, NOW)[0].outcome == "never"


def test_what_is_less_important_does_not_take_a_place_that_is_planned():
    budget = replace(OPEN, between_surveys=30)
    important = wish("2", campaign="csat", at=NOW + 5 * DAY, priority=1)
    first, second = decide([wish("1"), important], (), budget, NOW)
    assert (first.outcome, first.until) == ("wait", NOW + 35 * DAY)
    assert str(first.reason) == "something more important is planned for them"
    assert second.until == NOW + 5 * DAY
    # If it is no more important, whoever was wanted earlier goes.
    alike = replace(important, priority=0)
    assert decide([wish("1"), alike], (), budget, NOW)[0].outcome == "send"
    # Nor if there is time for both.
    far = replace(important, wanted_at=NOW + 30 * DAY, expires_at=NOW + 90 * DAY)
    assert decide([wish("1"), far], (), budget, NOW)[0].outcome == "send"


def test_who_is_written_to_does_not_depend_on_the_order_they_come_in():
    budget = replace(OPEN, an_hour=7, between_surveys=3)
    wishes = [
        wish(f"{n:02}", f"p{n % 9}", campaign=f"c{n % 3}", priority=n % 4, at=NOW - n * HOUR)
        for n in range(40)
    ]
    history = [contact(n % 5, f"p{n}") for n in range(9)]
    expected = {each.wish.id: each for each in decide(wishes, history, budget, NOW)}
    assert sum(each.outcome == "send" for each in expected.values()) > 0
    for seed in range(5):
        random.Random(seed).shuffle(wishes)
        random.Random(seed).shuffle(history)
        found = decide(wishes, history, budget, NOW)
        assert [each.wish for each in found] == wishes
        assert {each.wish.id: each for each in found} == expected


def test_service_messages_are_not_held_by_the_total_and_count_in_it():
    budget = replace(OPEN, total=Limit(1, 7))
    had = [contact(2, purpose="service")]
    assert one(wish(purpose="service"), had, budget)[0] == "send"
    assert one(wish(purpose="marketing"), had, budget)[:2] == ("wait", NOW + 5 * DAY)
    held = replace(budget, service_free_of=frozenset())
    assert one(wish(purpose="service"), had, held)[0] == "wait"


def test_what_is_dated_in_the_future_counts_as_now():
    budget = replace(OPEN, between_surveys=30)
    assert one(wish(), [contact(-400)], budget)[1] == NOW + 30 * DAY


def test_what_is_under_way_for_long_counts_as_now():
    budget = replace(OPEN, between_surveys=3)
    found = one(wish(), [contact(400, pending=True)], budget)
    assert found == ("wait", NOW + 3 * DAY, "another message to them is on its way")


def test_wishes_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="has no zone"):
        wish(at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="is none of"):
        wish(purpose="profiling")
    with pytest.raises(ValueError, match="one id"):
        decide([wish(), wish(person="b")], (), OPEN, NOW)
    with pytest.raises(ValueError, match="no zone"):
        decide([wish()], (), OPEN, NOW.replace(tzinfo=None))


def test_the_last_day_of_time_is_no_trouble():
    last = datetime.max.replace(tzinfo=UTC)
    never_over = Wish("w", "a", "survey", "nps", NOW, last)
    assert one(never_over)[0] == "send"
    assert Wish("w", "a", "survey", "nps", NOW.astimezone(timezone(HOUR)), last) == never_over


def test_reasons_are_said_in_italian():
    (found,) = decide([wish()], [contact(12)], replace(OPEN, between_surveys=30), NOW)
    with in_language("it"):
        assert phrase(found.reason) == (
            "ha ricevuto un sondaggio 12 giorni fa; almeno 30 giorni tra un sondaggio e l’altro"
        )
