"""What the customers of Libreria Aurora let their data be used for: what they ticked, and later.

Whoever the bookshop asked had agreed to be asked; some withdrew after the last time. Of the others
some refused and some left the form as it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso.demo import company
from percorso.demo.asking import Invitation
from percorso.log.purposes import Policy
from percorso.vocabulary import Interaction

if TYPE_CHECKING:
    import pyarrow as pa

#: What data are given for.
_FORMS: Final = ("signup", "order")
_SURVEY, _MARKETING = "survey", "marketing"
#: Shares: of who was never asked, yes and no to surveys; yes and no to news; who withdraws later.
_TO_SURVEYS: Final = (0.45, 0.30)
_TO_NEWS: Final = (0.52, 0.36)
_WITHDRAW: Final = 0.12
_LONGEST: Final = timedelta(days=20)
_SIGN_UP: Final = company.TOUCHPOINTS["signup"]
_CARD: Final = company.TOUCHPOINTS["card"]
#: Where the link is by which somebody withdraws.
_LEAVE: Final = company.TOUCHPOINTS["newsletter"]


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody said of a purpose, when and where; ``at`` is in UTC."""

    reference: str
    purpose: str
    given: bool
    at: datetime
    language: str
    place: company.Touchpoint


def draw(
    rng: np.random.Generator,
    table: "pa.Table",
    references: Sequence[str],
    english: Sequence[int],
    invitations: Sequence[Invitation],
) -> tuple[Consent, ...]:
    """Return what each customer with a name said, in the order of customers."""
    last_asked = {each.reference: each.sent_at for each in invitations}
    forms = _places(table, invitations)
    end = max(table["at"][-1].as_py(), *last_asked.values())
    found: list[Consent] = []
    for number, reference in enumerate(references):
        # Drawn for everybody, so that who is there changes nothing for the others.
        luck = rng.random(4).tolist()
        form = forms.get(reference)
        if form is None:
            continue
        language = ("it", "en")[english[number]]
        asked = last_asked.get(reference)
        at, place = form
        agreed = True if asked else _answer(luck[0], _TO_SURVEYS)
        news = _answer(luck[1], _TO_NEWS)
        for purpose, given in ((_SURVEY, agreed), (_MARKETING, news)):
            if given is not None:
                found.append(Consent(reference, purpose, given, at, language, place))
        gone = (asked or at) + timedelta(hours=1) + luck[3] * _LONGEST
        if agreed and luck[2] < _WITHDRAW and gone < end:
            found.append(Consent(reference, _SURVEY, False, gone, language, _LEAVE))
    return tuple(found)


def rows(consents: Iterable[Consent], policy: Policy, seed: int) -> Iterator[Interaction]:
    """Yield what the log has of consents, with the words of the company's policy as the proof."""
    for number, each in enumerate(consents):
        terms = policy.terms(each.purpose)
        yield Interaction(
            id=f"aurora-{seed}-consent-{number:05}",
            at=each.at,
            received_at=each.at + timedelta(seconds=60),
            customer=each.reference,
            kind="consent",
            name="given" if each.given else "withdrawn",
            source=each.place.source,
            touchpoint=each.place.name,
            channel=each.place.channel,
            language=each.language,
            properties={
                "purpose": each.purpose,
                "given": each.given,
                "basis": terms.basis,
                "words": terms.words(each.language),
                "words_version": terms.version,
                "how": "preference page" if each.place is _LEAVE else "form",
                "by": "",
            },
        )


def _answer(luck: float, shares: tuple[float, float]) -> bool | None:
    """Return yes, no, or that the form was left as it was."""
    yes, no = shares
    return True if luck < yes else False if luck < yes + no else None


def _places(
    table: "pa.Table", asked: Sequence[Invitation]
) -> dict[str, tuple[datetime, company.Touchpoint]]:
    """Return when and where each customer with a name filled in a form.

    That is when they signed up or first bought; where they were asked before that, when the log
    first sees them.
    """
    import pyarrow.compute as pc

    first_asked: dict[str, datetime] = {}
    for each in asked:
        first_asked.setdefault(each.reference, each.sent_at)
    compute: Any = pc
    named = table.filter(compute.invert(compute.starts_with(table["customer"], "anon:")))
    found: dict[str, tuple[datetime, company.Touchpoint]] = {}
    columns = (named[name].to_pylist() for name in ("customer", "kind", "at", "channel"))
    seen: dict[str, tuple[datetime, company.Touchpoint]] = {}
    for customer, kind, at, channel in zip(*columns, strict=True):
        place = at, _CARD if channel == "store" else _SIGN_UP
        seen.setdefault(customer, place)
        if kind in _FORMS:
            found.setdefault(customer, place)
    for customer, place in seen.items():
        form = found.setdefault(customer, place)
        if customer in first_asked and first_asked[customer] <= form[0]:
            found[customer] = place
    return found
