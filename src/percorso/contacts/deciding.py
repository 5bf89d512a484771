"""Who is written to now, who waits, and who is not written to, all wishes weighed together.

What holds after any number of decisions, whenever the messages then go out: no stretch of time of
the length of a limit holds more contacts than the limit says, nobody is asked the same survey
again within its days, and nothing goes out in quiet hours or on a closed day. That a contact counts
as *now* until it went out, and also where it is dated later than now (somebody set the clock back),
is what makes this so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from percorso.contacts import words
from percorso.contacts.calendar import FURTHEST, closing, first_open, why_closed
from percorso.contacts.model import (
    Budget,
    Contact,
    ContactPurpose,
    Decision,
    Limit,
    Wish,
    in_utc,
)
from percorso.contacts.windows import Window
from percorso.vocabulary import Phrase

#: How soon a wish is looked at again that only waits for what may yet be given back.
LOOK_AGAIN: Final = timedelta(hours=1)
#: How long what was decided may be under way.
LONGEST: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


def decide(
    wishes: Iterable[Wish], history: Iterable[Contact], budget: Budget, now: datetime
) -> tuple[Decision, ...]:
    """Return what becomes of each wish, in the order they were given.

    ``history`` holds all contacts of the persons wished for, and those of everybody in the last
    day. The outcome does not depend on the order of either. What waits and is more important keeps
    its place: nothing less important is sent that would take it. Raises ValueError where two
    wishes have one id, and where ``now`` has no zone.
    """
    given = list(wishes)
    if len({each.id for each in given}) < len(given):
        raise ValueError("Two wishes have one id.")
    weighing = _Weighing(history, budget, in_utc(now))
    found = {each.id: weighing.decide(each) for each in sorted(given, key=lambda wish: wish.rank)}
    return tuple(found[each.id] for each in given)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A window that holds a wish, and how it is said that it does, at a moment."""

    window: Window
    say: Callable[[datetime], Phrase]


@dataclass(frozen=True, slots=True)
class _Earliest:
    """The first moment a wish may be sent; None where it expires before. ``why`` not now."""

    at: datetime | None
    why: Phrase


class _Weighing:
    def __init__(self, history: Iterable[Contact], budget: Budget, now: datetime) -> None:
        self._budget = budget
        self._now = now
        #: What went out, and what may yet be given back or not come to be.
        self._sent: dict[str, list[Contact]] = defaultdict(list)
        self._soft: dict[str, list[Contact]] = defaultdict(list)
        known = list(map(self._counted, history))
        for each in known:
            (self._soft if each.pending else self._sent)[each.person].append(each)
        self._company = tuple(self._company_rules(known))
        self._company_sent = tuple(self._company_rules(c for c in known if not c.pending))
        self._openings: dict[tuple[ContactPurpose, datetime], datetime | None] = {}
        self._closings: dict[ContactPurpose, datetime] = {}

    def decide(self, wish: Wish) -> Decision:
        """Decide one wish; those before it in rank have been."""
        if wish.expires_at <= self._now:
            return Decision(wish, "never", None, words.EXPIRED)
        soft = self._soft[wish.person]
        earliest = self._earliest(wish, [*self._sent[wish.person], *soft], self._company)
        if earliest.at == self._now:
            return self._send(wish)
        if earliest.at is not None:
            soft.append(Contact(wish.person, wish.purpose, wish.campaign, earliest.at))
            return Decision(wish, "wait", earliest.at, earliest.why)
        surely = self._earliest(wish, self._sent[wish.person], self._company_sent)
        if surely.at is None:
            return Decision(wish, "never", None, words.too_late(surely.why))
        until = min(self._now + LOOK_AGAIN, wish.expires_at)
        return Decision(wish, "wait", until, earliest.why)

    def _send(self, wish: Wish) -> Decision:
        self._soft[wish.person].append(
            Contact(wish.person, wish.purpose, wish.campaign, self._now, pending=True)
        )
        for rule in self._company:
            rule.window.add(self._now)
        until = min(self._closes(wish.purpose), wish.expires_at)
        return Decision(wish, "send", until, words.NOW)

    def _counted(self, contact: Contact) -> Contact:
        """Return a contact at the time it counts: what is dated later happened by now anyway."""
        at = self._now if contact.pending else min(contact.at, self._now)
        return replace(contact, at=at)

    def _earliest(
        self, wish: Wish, contacts: list[Contact], company: tuple[_Rule, ...]
    ) -> _Earliest:
        rules = [*self._rules(wish, contacts)]
        if self._budget.holds(wish.purpose, "company"):
            rules.extend(company)
        wanted = max(wish.wanted_at, self._now)
        if wanted > self._now + FURTHEST:
            return _Earliest(None, words.TO_COME)
        why = self._why(wish, rules, wanted)
        moment: datetime | None = wanted
        while moment is not None and moment < wish.expires_at:
            opened = self._opens(wish.purpose, moment)
            if opened is None:
                break
            moment = max((rule.window.free(opened) for rule in rules), default=opened)
            if moment == opened:
                return _Earliest(opened if opened < wish.expires_at else None, why)
        return _Earliest(None, why)

    def _why(self, wish: Wish, rules: list[_Rule], wanted: datetime) -> Phrase:
        """Say what keeps a wish longest from the moment it is wanted."""
        longest, why = wanted, None
        for rule in rules:
            free = rule.window.free(wanted)
            if free > longest:
                longest, why = free, rule.say(wanted)
        if why is None and wanted > self._now:
            return words.TO_COME
        return why or why_closed(self._budget, wanted, wish.purpose) or words.NOW

    def _rules(self, wish: Wish, contacts: list[Contact]) -> Iterator[_Rule]:
        """Yield what a person's contacts allow."""
        budget, purpose = self._budget, wish.purpose
        alike = [each for each in contacts if each.purpose == purpose]
        if purpose == "survey":
            same = [each for each in alike if each.campaign == wish.campaign]
            yield self._held(same, Limit(1, budget.same_survey), words.same_survey)
            if budget.between_surveys:
                limit = Limit(1, budget.between_surveys)
                yield self._held(alike, limit, words.surveys_apart)
        own = budget.of(purpose)
        if own is not None:
            yield self._held(alike, own, words.had_enough(words.HAD[purpose]))
        if budget.total is not None and budget.holds(purpose, "total"):
            yield self._held(contacts, budget.total, words.had_enough(words.HAD["total"]))

    def _held(self, contacts: list[Contact], limit: Limit, said: words.Had) -> _Rule:
        """Return a person's limit as a rule. ``said`` says it of those that went out."""
        span = limit.days * _DAY

        def say(moment: datetime) -> Phrase:
            past = [
                each.at
                for each in contacts
                if not each.pending and moment - span < each.at <= self._now
            ]
            if len(past) >= limit.most:
                return said(limit, len(past), max(past), self._now)
            planned = any(each.at > self._now for each in contacts)
            return words.PLANNED if planned else words.PENDING

        return _Rule(Window(limit.most, span, (each.at for each in contacts)), say)

    def _company_rules(self, contacts: Iterable[Contact]) -> Iterator[_Rule]:
        times = [each.at for each in contacts]
        for most, span, message in (
            (self._budget.an_hour, _HOUR, words.COMPANY_HOUR),
            (self._budget.a_day, _DAY, words.COMPANY_DAY),
        ):
            if most is not None:
                yield _Rule(Window(most, span, times), partial(_company_says, message, most))

    def _opens(self, purpose: ContactPurpose, moment: datetime) -> datetime | None:
        key = purpose, moment
        if key not in self._openings:
            self._openings[key] = first_open(self._budget, moment, purpose, self._now + FURTHEST)
        return self._openings[key]

    def _closes(self, purpose: ContactPurpose) -> datetime:
        if purpose not in self._closings:
            last = self._now + LONGEST
            self._closings[purpose] = closing(self._budget, self._now, purpose, last) or last
        return self._closings[purpose]


def _company_says(message: str, most: int, _moment: datetime) -> Phrase:
    return Phrase(message, {"most": most})
