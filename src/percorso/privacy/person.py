"""Who somebody is, in all that is held: references, and the strings that name them."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.identity import normal
from percorso.identity.gathering import FORMS, READERS, read_properties
from percorso.identity.settings import load
from percorso.log.history import known, stored
from percorso.privacy import passing
from percorso.privacy.errors import PrivacyError

if TYPE_CHECKING:
    from percorso.log import Log

#: Facts whose value is one person's own. A name or a street may be somebody else's too.
_TELLING: Final = ("email", "phone", "fiscal_code", "card")
#: Forms of a reference whose value tells by itself.
_TELLING_FORMS: Final = ("email", "phone", "fiscal", "card")
#: A bare number or word shorter than this may as well be a price or a product.
_LEAST_BARE: Final = 12
_LEAST: Final = 5
_LEAST_PHONE: Final = 8
#: What is looked for of a text: a stretch of this many characters, without marks that are escaped.
_STRETCH: Final = 48
_LEAST_STRETCH: Final = 24
_MOST_TEXTS: Final = 200
_PLAIN: Final = re.compile(r"[^\"\\\x00-\x1f]{24,}")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as they are written down.

    ``references`` are all that belong to them, ``names`` strings that name them and nobody else
    (an e-mail, a telephone, a long reference), ``telling`` those of them that are an address or a
    number of the person, and not what a sender called them. ``phrases`` are stretches of what they
    wrote and their whole name: others may have written the same.
    """

    customer: str
    references: tuple[str, ...]
    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    interactions: int = 0
    telling: tuple[str, ...] = ()

    @property
    def strings(self) -> tuple[str, ...]:
        return (*self.names, *self.phrases)


def find(log: "Log", text: str) -> tuple[str, ...]:
    """Return the customers that ``text`` may mean: a reference, an e-mail, a phone, an order.

    The customers are by their canonical names, sorted; none where nothing is held under it.
    """
    given = text.strip()
    if not given:
        raise PrivacyError(_("Say whom: a reference, an e-mail address, a telephone number."))
    candidates = {given, *(f"{form}:{given}" for form in ("user", "anon"))}
    country = load(log.workspace).country
    for form in _TELLING_FORMS:
        value = READERS[FORMS[form]](given.removeprefix(f"{form}:"), country)
        if value:
            candidates |= {f"{form}:{value}", f"{form}:{given.removeprefix(f'{form}:')}"}
    if "@" in given:
        candidates.add(f"email:{given.removeprefix('email:').lower()}")
    held = known(log, candidates) or _of_an_order(log, given) or passing.of(log, given, country)
    return tuple(sorted({log.identity.customer_of(each) for each in held}))


def gather(log: "Log", customer: str, *, also: Iterable[str] = ()) -> Person:
    """Return all that names the customer ``customer`` belongs to; ``also`` are more references.

    What somebody who passed by left under their address or number is theirs too.
    """
    references = tuple(sorted({*log.identity.references_of(customer), *also}))
    telling: dict[str, None] = {}
    called: dict[str, None] = {}
    phrases: dict[str, None] = {}
    for reference in references:
        form, _colon, bare = reference.partition(":")
        tells = form in _TELLING_FORMS or "@" in reference
        names = telling if tells else called
        names.update(dict.fromkeys(_of_reference(reference, form, bare, tells=tells)))
    country = load(log.workspace).country
    rows = _read_rows(log, references, country, telling, phrases)
    left = passing.theirs(log, references, telling, country)
    for each in left:
        telling.update(dict.fromkeys(each.strings))
        if each.phone:
            telling.update(dict.fromkeys(_phones(each.phone)))
        if " " in each.name:
            phrases[each.name] = None
    more = {each.reference for each in left}.difference(references)
    for reference in sorted(more):
        bare = reference.partition(":")[2]
        called.update(dict.fromkeys(_of_reference(reference, "anon", bare, tells=False)))
    rows += _read_rows(log, more, country, telling, phrases)
    return Person(
        customer=log.identity.customer_of(customer),
        references=tuple(sorted({*references, *more})),
        names=tuple(each for each in {**telling, **called} if len(each) >= _LEAST),
        phrases=tuple(each for each in phrases if each not in telling and each not in called),
        interactions=rows,
        telling=tuple(each for each in telling if len(each) >= _LEAST),
    )


def _read_rows(
    log: "Log",
    references: Iterable[str],
    country: str,
    telling: dict[str, None],
    phrases: dict[str, None],
) -> int:
    """Add what the rows of these references tell; return how many there are."""
    rows = 0
    for row in rows_of(log, references, ("kind", "text", "properties")):
        rows += 1
        if row["properties"]:
            _read_facts(row["kind"], row["properties"], country, telling, phrases)
        if row["text"] and len(phrases) < _MOST_TEXTS:
            phrases.update(dict.fromkeys(_stretch(row["text"])))
    return rows


def rows_of(
    log: "Log", references: Iterable[str], columns: Iterable[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the log stored under these references."""
    for batch in stored(log, references, columns):
        yield from batch.to_pylist()


def _of_an_order(log: "Log", given: str) -> set[str]:
    """Return the references that rows about the order of this number are stored under."""
    order = normal.order(given)
    if not order or not any(each.isdigit() for each in order) or not log.files():
        return set()
    import pyarrow as pa
    import pyarrow.dataset as ds

    numbers = pa.array(sorted({given, f"order:{order}", f"order:{given}"}), pa.string())
    rows = log.read(["customer"], where=ds.field("about").isin(numbers)).read_all()
    return {str(each) for each in rows["customer"].unique().to_pylist()}


def _of_reference(reference: str, form: str, bare: str, *, tells: bool) -> Iterator[str]:
    if len(reference) >= _LEAST and (bare or tells or _is_own(reference)):
        yield reference
    if bare and (tells or _is_own(bare)):
        yield bare
        if form == "phone":
            yield from _phones(bare)


def _is_own(word: str) -> bool:
    """Say whether what a sender called somebody is hardly a word or a price of its own."""
    return len(word) >= _LEAST_BARE and any(each.isdigit() for each in word)


def _phones(number: str) -> Iterator[str]:
    """Yield a telephone number with and without its country, where the rest is long enough."""
    import phonenumbers

    yield number
    with suppress(phonenumbers.NumberParseException):
        own = phonenumbers.national_significant_number(phonenumbers.parse(number))
        if len(own) >= _LEAST_PHONE:
            yield own


def _read_facts(
    kind: str, given: str, country: str, names: dict[str, None], phrases: dict[str, None]
) -> None:
    try:
        properties = json.loads(given)
    except ValueError:
        return
    if not isinstance(properties, dict):
        return
    whole: dict[str, str] = {}
    for field, value, shown in read_properties(properties, kind, country):
        if field in _TELLING:
            names[value] = names[shown] = None
            if field == "phone":
                names.update(dict.fromkeys(_phones(value)))
        elif field in ("first_name", "last_name"):
            whole[field] = shown
            if " " in shown:
                phrases[shown] = None
        elif field == "street" and len(shown) >= _LEAST_BARE:
            phrases[shown] = None
    if len(whole) == 2 and whole["first_name"] != whole["last_name"]:
        phrases[f"{whole['first_name']} {whole['last_name']}"] = None
        phrases[f"{whole['last_name']} {whole['first_name']}"] = None


def _stretch(text: str) -> tuple[str, ...]:
    """Return the longest stretch of a text that is written the same in every file."""
    found = max(_PLAIN.findall(text), key=len, default="")
    # Not the very beginning: many texts begin alike.
    start = max(0, min(len(found) - _STRETCH, 8))
    stretch = found[start : start + _STRETCH]
    return (stretch,) if len(stretch) >= _LEAST_STRETCH else ()
