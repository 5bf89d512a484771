"""No sequence of rules, campaigns, edits, zones and changes of clocks invites too often, or twice.

As the company does it: rounds that ask and post, to a real mail server that now and then says
"later". Each mail is judged by the budget it was decided by; see ``tests.contacts.checker``.
"""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MethodType
from typing import Any

import pytest
from tests.app.mailing import OPEN, happened
from tests.app.surveys.sending.test_rounds import GIVEN
from tests.contacts.cases import edited
from tests.contacts.checker import Gone, complaints
from tests.relay import Relay, Taken

from percorso import contacts
from percorso.app import company as served
from percorso.app.outbox import actions as outbox
from percorso.app.outbox import posting
from percorso.app.outbox.models import Message
from percorso.app.surveys.sending import actions, rounds
from percorso.app.surveys.sending.models import Campaign, Rule, Sending
from percorso.contacts import Budget, Ledger, Limit
from percorso.surveys import Surveys, ready
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

SURVEYS = ("nps", "csat")
MAILS = tuple(f"email:c{n}@example.org" for n in range(5))
#: A day or so before clocks are changed, and where.
BEGINNINGS = (
    ("Europe/Rome", datetime(2025, 3, 29, 6, tzinfo=UTC)),
    ("Europe/Rome", datetime(2025, 10, 25, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2025, 3, 8, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2025, 11, 1, 12, tzinfo=UTC)),
)
ZONES = ("Europe/Rome", "America/New_York", "Australia/Lord_Howe")
#: The budget that each begins with, and what it is edited to be like, in part.
LOOSE = replace(OPEN, same_survey=1)
BUDGETS = (
    LOOSE,
    replace(OPEN, total=Limit(1, 2), same_survey=3, an_hour=2, a_day=4),
    replace(OPEN, survey=Limit(2, 4), between_surveys=1, same_survey=2, quiet_from=time(20, 30),
            quiet_until=time(9)),
    replace(LOOSE, an_hour=1, quiet_from=time(1), quiet_until=time(4),
            weekdays=frozenset({0, 1, 2, 3, 6}),
            closed=tuple((day, day) for day in (date(2025, 3, 31), date(2025, 11, 3)))),
)  # fmt: skip
MINUTES = (1, 10, 29, 61, 180, 700, 1440, 2900)


class Shop:
    """A company at a time that a test sets."""

    def __init__(self, relay: Relay, chance: random.Random, now: datetime) -> None:
        self.relay, self.chance, self.now = relay, chance, now
        self.budgets: dict[str, Budget] = {}
        self.at: list[datetime] = []
        relay.data = self._answer

    def live(self, steps: int) -> None:
        """Let things happen at random; whatever waits is asked and posted again and again."""
        events = {
            self.order: 7, self.later: 10, self.post: 3, self.edit: 3, self.add: 2,
            self.rest: 1, self.end: 1, self.move: 1,
        }  # fmt: skip
        for _ in range(4):
            self.add()
        for event in self.chance.choices([*events], [*events.values()], k=steps):
            event()

    def _answer(self, _to: str) -> str | None:
        if self.chance.random() < 0.2:
            return "451 4.3.0 later"
        self.at.append(self.now)
        return None

    def order(self) -> None:
        people = self.chance.sample(MAILS, 3)
        happened(*people, kind=self.chance.choice(["delivery", "order"]), at=self.now)

    def later(self) -> None:
        """Let time pass; then there is a round, and mostly what is decided is posted at once."""
        self.now += self.chance.choice(MINUTES) * timedelta(minutes=1)
        self._ask()
        if self.chance.random() < 0.7:
            self.post()

    def _ask(self) -> None:
        rounds.ask_due(self.now)
        place = served.workspace()
        for each in Ledger(place).reserved():
            self.budgets.setdefault(each.id, contacts.load(place))

    def post(self) -> None:
        posting.post_due(self.now)

    def edit(self) -> None:
        budget = contacts.load(served.workspace())
        outbox.save_budget(None, edited(budget, BUDGETS, self.chance))

    def move(self) -> None:
        place = served.workspace()
        place.change(replace(place.settings, zone=self.chance.choice(ZONES)))

    def add(self) -> None:
        given: dict[str, Any] = {
            **GIVEN,
            "survey": self.chance.choice(SURVEYS),
            "kind": self.chance.choice(["delivery", "order"]),
            "delay_hours": self.chance.choice([0, 0, 5, 30]),
            "priority": self.chance.randrange(3),
        }
        (actions.add_campaign if self.chance.random() < 0.4 else actions.add_rule)(None, given)

    def rest(self) -> None:
        for each in self._some():
            (actions.resume if each.paused_at else actions.pause)(None, each)

    def end(self) -> None:
        for each in self._some():
            actions.end(None, each)

    def _some(self) -> list[Sending]:
        have: list[Sending] = [*Rule.objects.order_by("pk"), *Campaign.objects.order_by("pk")]
        return self.chance.sample(have, min(1, len(have)))

    def gone(self) -> list[Gone]:
        """Return the mails that the server took, in the order in which they were decided."""
        found = {}
        for taken, at in zip(self.relay.taken, self.at, strict=True):
            message = _message(taken)
            assert message.reservation not in found
            found[message.reservation] = Gone(
                message.wish, (taken.to,), taken.to, "survey", message.campaign, at, at,
                self.budgets[message.reservation],
            )  # fmt: skip
        return [found[each] for each in self.budgets if each in found]


def _message(taken: Taken) -> Message:
    number = re.match(r"<(\w+)@", taken.mail["Message-ID"])
    assert number is not None
    return Message.objects.get(id=number[1])


def _links(relay: Relay) -> list[str]:
    links = [re.findall(r"/s/i/([\w.~-]+)", each.part("plain")) for each in relay.taken]
    return [one for [one] in links]


@pytest.fixture
def world(
    shop: Workspace, relay: Relay, agree: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, int], Shop]:
    """Return what lets a company live for so many steps, as a seed has it."""
    surveys = Surveys(shop)
    for each in SURVEYS:
        surveys.add(ready(each, each))
        surveys.publish(each)

    def live(seed: int, steps: int) -> Shop:
        chance = random.Random(seed)
        zone, now = BEGINNINGS[seed % len(BEGINNINGS)]
        made = Shop(relay, chance, now)
        monkeypatch.setattr("django.utils.timezone.now", MethodType(lambda self: self.now, made))
        shop.change(replace(shop.settings, zone=zone))
        contacts.save(shop, contacts.as_toml(LOOSE))
        agree(*MAILS, at=now - timedelta(days=1))
        made.live(steps)
        return made

    return live


def _judge(world: Callable[[int, int], Shop], relay: Relay, seed: int, steps: int) -> None:
    lived = world(seed, steps)
    assert complaints(lived.gone()) == []
    links = _links(relay)
    assert len(links) == len(set(links)) > 0, "a company that invites nobody proves nothing"


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_invited_more_than_the_budget_allows(
    world: Callable[[int, int], Shop], relay: Relay, seed: int
) -> None:
    _judge(world, relay, seed, 30)


@pytest.mark.slow  # two dozen companies take minutes
@pytest.mark.parametrize("seed", range(100, 124))
def test_nobody_is_invited_more_in_two_dozen_companies(
    world: Callable[[int, int], Shop], relay: Relay, seed: int
) -> None:
    _judge(world, relay, seed, 100)
