"""Who somebody is, in all that is held: references, and the strings that name them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.identity import normal
from percorso.identity.gathering import read_properties
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
#: What is looked for of a text: a stretch of this many characters, without marks that are escaped.
_STRETCH: Final = 48
_LEAST_STRETCH: Final = 24
_MOST_TEXTS: Final = 200
_PLAIN: Final = re.compile(r"[^\"\\\x00-\x1f]{24,}")
_COUNTRY: Final = "IT"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as they are written down.

    ``references`` are all that belong to them, ``names`` strings that name them and nobody else
    (an e-mail, a telephone, a long reference), ``phrases`` stretches of what they wrote and their
    whole name: others may have written the same. ``ids`` are of their interactions.
    """

    customer: str
    references: tuple[str, ...]
    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    interactions: int = 0

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
    for form, read in (
        ("email", normal.email),
        ("phone", normal.phone),
        ("fiscal", normal.fiscal_code),
        ("card", normal.card),
    ):
        value = read(given.removeprefix(f"{form}:"))
        if value:
            candidates |= {f"{form}:{value}", f"{form}:{given.removeprefix(f'{form}:')}"}
    if "@" in given:
        candidates.add(f"email:{given.removeprefix('email:').lower()}")
    found = {
        log.identity.customer_of(reference)
        for reference in candidates
        if len(log.identity.references_of(reference)) > 1
    }
    found |= {log.identity.customer_of(each) for each in _in_log(log, candidates, given)}
    return tuple(sorted(found))


def gather(log: "Log", customer: str, *, also: Iterable[str] = ()) -> Person:
    """Return all that names the customer ``customer`` belongs to; ``also`` are more references."""
    references = tuple(sorted({*log.identity.references_of(customer), *also}))
    names: dict[str, None] = {}
    phrases: dict[str, None] = {}
    for reference in references:
        names.update(dict.fromkeys(_of_reference(reference)))
    rows = 0
    for row in rows_of(log, references, ("kind", "text", "properties")):
        rows += 1
        if row["properties"]:
            _read_facts(row["kind"], row["properties"], names, phrases)
        if row["text"] and len(phrases) < _MOST_TEXTS:
            phrases.update(dict.fromkeys(_stretch(row["text"])))
    return Person(
        customer=log.identity.customer_of(customer),
        references=references,
        names=tuple(each for each in names if len(each) >= _LEAST),
        phrases=tuple(each for each in phrases if each not in names),
        interactions=rows,
    )


def rows_of(
    log: "Log", references: Iterable[str], columns: Iterable[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the log stored under these references, oldest first in each bucket."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    from percorso.log.schema import bucket_of

    wanted = pa.array(sorted(references), pa.string())
    for bucket in sorted({int(each) for each in bucket_of(wanted).to_numpy()}):
        if not log.files(bucket):
            continue
        reader = log.read(columns, bucket, where=ds.field("customer").isin(wanted))
        for batch in reader:
            yield from batch.to_pylist()


def _in_log(log: "Log", candidates: set[str], given: str) -> set[str]:
    """Return the references among ``candidates`` that rows have, and those of an order's number."""
    found = {row["customer"] for row in rows_of(log, candidates, ["customer"])}
    order = normal.order(given)
    if not found and order and any(each.isdigit() for each in order) and log.files():
        import pyarrow as pa
        import pyarrow.dataset as ds

        numbers = pa.array(sorted({given, f"order:{order}", f"order:{given}"}), pa.string())
        rows = log.read(["customer"], where=ds.field("about").isin(numbers)).read_all()
        found = set(rows["customer"].unique().to_pylist())
    return found


def _of_reference(reference: str) -> Iterator[str]:
    form, _colon, bare = reference.partition(":")
    if len(reference) >= _LEAST and (bare or len(reference) >= _LEAST_BARE or "@" in reference):
        yield reference
    if bare and (form in _TELLING_FORMS or "@" in bare or len(bare) >= _LEAST_BARE):
        yield bare
        if form == "phone":
            yield from _phones(bare)


def _phones(number: str) -> Iterator[str]:
    """Yield a telephone number with and without its country, where the rest is long enough."""
    yield number
    if number.startswith("+39") and len(number) >= 11:
        yield number[3:]


def _read_facts(kind: str, stored: str, names: dict[str, None], phrases: dict[str, None]) -> None:
    try:
        properties = json.loads(stored)
    except ValueError:
        return
    if not isinstance(properties, dict):
        return
    whole: dict[str, str] = {}
    for field, value, shown in read_properties(properties, kind, _COUNTRY):
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
