"""What results need that is not in the log: who was asked, and how often questions were shown.

Whoever has them gives them as they are: any objects with these names will do.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Asked(Protocol):
    """An invitation. ``sent_on`` is the day in the company's zone.

    ``reference`` names the customer as the log does, and is empty where nobody in particular was
    asked; of an anonymous survey it is never looked at. ``answered`` says that they answered, not
    what. ``response`` is the id of the response to it, where that is known: without it an answer
    is of the latest invitation before it, and of an anonymous survey there is none. ``open_until``
    is the last day on which its link is good, None where nobody knows.
    """

    @property
    def reference(self) -> str: ...
    @property
    def campaign(self) -> str: ...
    @property
    def touchpoint(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def sent_on(self) -> date: ...
    @property
    def answered(self) -> bool: ...
    @property
    def response(self) -> str: ...
    @property
    def open_until(self) -> date | None: ...


class Counted(Protocol):
    """How often a question of a version was shown, and how often it was answered then."""

    @property
    def version(self) -> int: ...
    @property
    def question(self) -> str: ...
    @property
    def shown(self) -> int: ...
    @property
    def answered(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation, where nothing else stands for it: see Asked."""

    reference: str = ""
    sent_on: date
    answered: bool
    campaign: str = ""
    touchpoint: str = ""
    channel: str = ""
    language: str = ""
    response: str = ""
    open_until: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """How often a question was shown and answered, where nothing else says it: see Counted."""

    version: int
    question: str
    shown: int
    answered: int
