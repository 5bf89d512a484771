"""How people who passed by said they can be reached: an address or a number beside an answer.

Nobody proved that it is theirs, so it joins them with nobody. Whoever asks what is held under that
address, or wants it erased, means what was left with it too.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from percorso.identity.gathering import READERS
from percorso.log.history import known
from percorso.vocabulary.references import PASSING

if TYPE_CHECKING:
    from percorso.log import Log


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody left: ``email`` and ``phone`` as they are compared, ``given`` as written."""

    reference: str
    email: str = ""
    phone: str = ""
    name: str = ""
    given: tuple[str, str] = ("", "")

    @property
    def strings(self) -> tuple[str, ...]:
        """Return the address and the number, as written and as they are compared."""
        return tuple(dict.fromkeys(each for each in (self.email, self.phone, *self.given) if each))


def left(log: "Log", country: str) -> tuple[Left, ...]:
    """Return all that was left by people who passed by."""
    if not log.files():
        return ()
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    customer: Any = ds.field("customer")
    # A range: files that hold nobody of them are passed over.
    end = PASSING[:-1] + chr(ord(PASSING[-1]) + 1)
    holds: Any = pc.match_substring(ds.field("properties"), '"contact"')
    where = (customer >= PASSING) & (customer < end) & holds
    found = (
        _read(row["customer"], row["properties"], country)
        for batch in log.read(["customer", "properties"], where=where)
        for row in batch.to_pylist()
    )
    return tuple(each for each in found if each is not None)


def of(log: "Log", text: str, country: str) -> set[str]:
    """Return the customers that left an e-mail address or a telephone number, or may have.

    Where the address is a customer's, that is them; whoever left several is one of their names.
    """
    email = READERS["email"](text.removeprefix("email:"), country)
    phone = READERS["phone"](text.removeprefix("phone:"), country)
    all_left = left(log, country)
    matching = [
        each
        for each in all_left
        if (email and each.email == email) or (phone and each.phone == phone)
    ]
    customers = _customers(log, matching)
    found: set[str] = set()
    seen: set[str] = set()
    for each in matching:
        if each.email in customers:
            found.add(customers[each.email])
        elif each.reference not in seen:
            found.add(each.reference)
            own = _theirs(log, all_left, [each.reference], (), country)
            seen |= {one.reference for one in own}
    return found


def theirs(
    log: "Log", references: Iterable[str], telling: Iterable[str], country: str
) -> tuple[Left, ...]:
    """Return what a person left who has these references, addresses and numbers.

    Several may share a telephone: what was left under it is theirs where an e-mail says nothing
    else. Another customer's address or number is not among what is returned.
    """
    return _theirs(log, left(log, country), references, telling, country)


def _theirs(
    log: "Log",
    all_left: Iterable[Left],
    references: Iterable[str],
    telling: Iterable[str],
    country: str,
) -> tuple[Left, ...]:
    own = {*references}
    told = [*telling]
    emails = {READERS["email"](each, country) or "" for each in told if "@" in each} - {""}
    phones = {each for each in told if each.startswith("+")}
    near = _near(all_left, own, emails | phones)
    customers = {log.identity.customer_of(each) for each in own}
    others = {each for each, whose in _customers(log, near).items() if whose not in customers}
    found = [_without(each, others) for each in near]
    while True:
        emails |= {each.email for each in found if each.reference in own}
        phones |= {each.phone for each in found if each.reference in own}
        emails, phones = emails - {""}, phones - {""}
        more = {
            each.reference
            for each, whole in zip(found, near, strict=True)
            if each.email in emails or (each.phone in phones and not (emails and whole.email))
        } - own
        if not more:
            return tuple(each for each in found if each.reference in own)
        own |= more


def _near(all_left: Iterable[Left], own: set[str], values: set[str]) -> tuple[Left, ...]:
    """Return what may be one person's, by all that it shares: who else has it is asked of these."""
    near: list[Left] = []
    rest = [*all_left]
    while True:
        more = [
            each
            for each in rest
            if each.reference in own or not values.isdisjoint({each.email, each.phone} - {""})
        ]
        if not more:
            return tuple(near)
        near += more
        values = values.union(*({each.email, each.phone} - {""} for each in more))
        taken = {*more}
        rest = [each for each in rest if each not in taken]


def _customers(log: "Log", all_left: Iterable[Left]) -> dict[str, str]:
    """Return the addresses and numbers that customers are known by, and whose each is."""
    called = {
        f"{form}:{written.lower()}": value
        for each in all_left
        for form, value, given in zip(
            ("email", "phone"), (each.email, each.phone), each.given, strict=True
        )
        for written in (value, given)
        if value
    }
    return {called[each]: log.identity.customer_of(each) for each in known(log, called)}


def _without(one: Left, others: set[str]) -> Left:
    """Return what was left without the address or the number of another customer."""
    return replace(
        one,
        email="" if one.email in others else one.email,
        phone="" if one.phone in others else one.phone,
        given=(
            "" if one.email in others else one.given[0],
            "" if one.phone in others else one.given[1],
        ),
    )


def _read(reference: str, properties: str, country: str) -> Left | None:
    try:
        contact = json.loads(properties).get("contact")
    except (ValueError, AttributeError):
        return None
    if not isinstance(contact, dict):
        return None
    name, email, phone = (str(contact.get(each, "")).strip() for each in ("name", "email", "phone"))
    return Left(
        reference,
        READERS["email"](email, country) or "",
        READERS["phone"](phone, country) or "",
        name,
        (email, phone),
    )
