"""After a backup was restored: whoever was erased since it was made is erased again."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from percorso.i18n import gettext as _
from percorso.live.references import of_device, of_user
from percorso.privacy.certificates import Certificate, Register, RestoreList
from percorso.privacy.erasing import begin, finish
from percorso.privacy.errors import PrivacyError
from percorso.privacy.places import Place

if TYPE_CHECKING:
    from percorso.log import Log

_NAMED = ("email", "phone", "customer", "user_id", "userId")


def apply(
    log: "Log",
    given: RestoreList | None = None,
    *,
    who: str = "",
    also: Sequence[Place] = (),
) -> tuple[Certificate, ...]:
    """Erase everybody who is in the list and here again; return their certificates.

    ``given`` is a list that was kept apart from the backup; its entries join those of the
    workspace. Only what was received until somebody was erased goes: who came back since is a new
    customer. Raises PrivacyError where the list was made with another key.
    """
    register = Register(log.workspace)
    if given is not None:
        if given.key != register.key_mark():
            raise PrivacyError(
                _(
                    "The list was made with another key than this workspace's privacy.key. Give "
                    "the key that was kept with the list."
                )
            )
        register.take(given)
    erased: dict[str, datetime] = {}
    for entry in register.restore_list().entries:
        erased[entry.hash] = max(entry.at, erased.get(entry.hash, entry.at))
    done = []
    for customer, (references, until) in sorted(_in_log(log, register, erased).items()):
        task = begin(log, customer, who=who, until=until, references=references)
        done.append(finish(log, task, also=also))
    # Whoever is in the log took what is theirs elsewhere along.
    while erased and (left := _elsewhere_erased(log, register, erased)):
        name, until = left
        task = begin(log, name, who=who, until=until)
        certificate = finish(log, task, also=also)
        done.append(certificate)
        if not certificate.removed:
            break
    return tuple(done)


def _in_log(
    log: "Log", register: Register, erased: dict[str, datetime]
) -> dict[str, tuple[list[str], datetime]]:
    """Return the customers that hold a reference of the list from before they were erased."""
    found: dict[str, tuple[list[str], datetime]] = {}
    if not erased:
        return found
    first = _first_received(log)
    belonging = log.identity.customers()
    for reference in {*first, *belonging, *belonging.values()}:
        at = erased.get(register.hash(reference))
        if at is None or (reference in first and first[reference] > at):
            continue
        customer = belonging.get(reference, reference)
        references, until = found.get(customer, ([], at))
        found[customer] = ([*references, reference], max(until, at))
    return found


def _elsewhere_erased(
    log: "Log", register: Register, erased: dict[str, datetime]
) -> tuple[str, datetime] | None:
    """Return somebody of the list who waits in the inbox or the quarantine, if anybody does."""
    for name, received in _elsewhere(log):
        at = erased.get(register.hash(name))
        if at is not None and received <= at:
            return (f"email:{name}" if "@" in name and ":" not in name else name), at
    return None


def _first_received(log: "Log") -> dict[str, datetime]:
    """Return when the first row of each reference was received."""
    import pyarrow as pa

    first: dict[str, datetime] = {}
    for batch in log.read(["customer", "received_at"]) if log.files() else ():
        table = pa.Table.from_batches([batch])
        grouped = table.group_by("customer").aggregate([("received_at", "min")])
        names: list[Any] = grouped["customer"].to_pylist()
        times: list[Any] = grouped["received_at_min"].to_pylist()
        for name, at in zip(names, times, strict=True):
            first[name] = min(at, first.get(name, at))
    return first


def _elsewhere(log: "Log") -> Iterator[tuple[str, datetime]]:
    """Yield what may be a reference in the quarantine and in the inbox, and when it came."""
    from percorso.live.inbox import is_there, open_inbox
    from percorso.log.quarantine import Quarantine

    if log.workspace.quarantine.exists():
        for row in Quarantine(log.workspace).list(limit=1_000_000):
            for cell in row.raw.values():
                if cell:
                    yield str(cell).strip(), row.at
    if is_there(log.workspace):
        with closing(open_inbox(log.workspace)) as inbox:
            for batch in inbox.kept(0, requests=10_000_000):
                for received in batch.received:
                    at = datetime.fromtimestamp(received.received_at / 1e6, UTC)
                    for name in _named(received.body):
                        yield name, at


def _named(body: bytes) -> Iterator[str]:
    try:
        whole: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    events = whole.get("batch", [whole]) if isinstance(whole, dict) else []
    for each in events:
        if isinstance(each, dict):
            if each.get("userId"):
                yield of_user(str(each["userId"]))
            if each.get("anonymousId"):
                yield of_device(str(each["anonymousId"]))
            traits = each.get("traits")
            if isinstance(traits, dict):
                yield from (str(traits[name]) for name in _NAMED if traits.get(name))
