"""How long each kind of data is kept: ``retention.toml``, and what goes when that time is over.

    [[rule]]
    kinds = ["view", "search"]
    months = 14
    then = "delete"

    [[rule]]
    kinds = ["order", "payment", "delivery"]
    months = 120
    then = "anonymise"
    keep = ["carrier"]

    [[rule]]
    store = "quarantine"
    months = 6

A rule is about kinds of interactions (``["*"]``: all that no rule names) or about a store:
``quarantine``, ``inbox`` or ``contacts`` (who was written to; never less than what the contact
budget counts back). ``anonymise`` leaves the figures without the person, with the
properties named by ``keep``. Consents are the proof of what was allowed: ``*`` does not reach them.
Without the file nothing goes.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from percorso import durable_file
from percorso.contacts import Ledger, load
from percorso.i18n import gettext as _
from percorso.labels import toml
from percorso.privacy.erasing import draining_stopped
from percorso.privacy.errors import PrivacyError
from percorso.vocabulary import KINDS
from percorso.workspace import Workspace

if TYPE_CHECKING:
    from percorso.log import Log

FILE: Final = "retention.toml"
EVERYTHING_ELSE: Final = "*"
STORES: Final = ("quarantine", "inbox", "contacts")
THEN: Final = ("delete", "anonymise")
#: Rows that were made anonymous begin with this, and are nobody's any more.
_NOBODYS: Final = "gone:"
#: Kinds that prove something or say who somebody is; only a rule that names them reaches them.
_NAMED_ONLY: Final = ("consent", "profile")
_MOST_MONTHS: Final = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What goes ``months`` after it happened. Either ``kinds`` or ``store`` is given."""

    kinds: tuple[str, ...] = ()
    store: str = ""
    months: int
    then: str = "delete"
    keep: tuple[str, ...] = ()

    def before(self, now: datetime) -> datetime:
        """Return the time before which things go: calendar months, whole days."""
        year, month = divmod(now.year * 12 + now.month - 1 - self.months, 12)
        last = (
            datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC) - timedelta(1)
        ).day
        return datetime(year, month + 1, min(now.day, last), tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Going:
    """What a rule takes: rows, of how many customers, the oldest and the latest."""

    rule: Rule
    rows: int
    customers: int
    first: datetime | None = None
    last: datetime | None = None


def rules(workspace: Workspace) -> tuple[Rule, ...]:
    """Return the company's rules. Raises PrivacyError that names the rule and the value."""
    file = workspace.path / FILE
    if not file.exists():
        return ()
    try:
        return read_rules(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise PrivacyError(_("{file} is not UTF-8.").format(file=file)) from error


def text(workspace: Workspace) -> str:
    """Return the file as it is written, empty where there is none."""
    file = workspace.path / FILE
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def changed_at(workspace: Workspace) -> datetime | None:
    """Return when the file was written last; None where there is none."""
    try:
        written = (workspace.path / FILE).stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(written, UTC)


def write_rules(workspace: Workspace, written: str) -> tuple[Rule, ...]:
    """Check rules and put them in the place of the ones before. Raises PrivacyError."""
    found = read_rules(written)
    durable_file.write(workspace.path / FILE, written.replace("\r\n", "\n"))
    return found


def read_rules(written: str) -> tuple[Rule, ...]:
    """Read rules. Raises PrivacyError."""
    try:
        given = tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        raise PrivacyError(f"{FILE}: {toml.wrong(error)}") from error
    unknown = sorted({*given} - {"rule"})
    listed = given.get("rule", [])
    if unknown or not isinstance(listed, list):
        raise PrivacyError(
            _("{file}: unknown entry {name!r}; it holds [[rule]] only.").format(
                file=FILE, name=unknown[0] if unknown else "rule"
            )
        )
    found = tuple(_rule(number, each) for number, each in enumerate(listed, 1))
    seen: set[str] = set()
    for number, rule in enumerate(found, 1):
        for name in (*rule.kinds, *([rule.store] if rule.store else ())):
            if name in seen:
                _wrong(number, "kinds", name, _("each kind or store in one rule only"))
            seen.add(name)
    return found


def dry_run(log: "Log", now: datetime | None = None) -> tuple[Going, ...]:
    """Return what each rule would take now. Nothing is changed."""
    now = now or datetime.now(UTC)
    every = rules(log.workspace)
    return tuple(_going(log, each, every, now) for each in every)


def apply(log: "Log", now: datetime | None = None) -> tuple[Going, ...]:
    """Take what has been kept for long enough; return what went. It cannot be undone."""
    now = now or datetime.now(UTC)
    every = rules(log.workspace)
    gone = []
    for rule in every:
        going = _going(log, rule, every, now)
        if going.rows:
            _take(log, rule, every, now)
        gone.append(going)
    return tuple(gone)


def contacts_before(workspace: Workspace, rule: Rule, now: datetime) -> datetime:
    """Return before when contacts go: what a limit of the contact budget counts stays.

    Raises ContactsError where the budget cannot be read.
    """
    return min(rule.before(now), now - timedelta(days=load(workspace).longest))


def _take(log: "Log", rule: Rule, every: Iterable[Rule], now: datetime) -> None:
    before = rule.before(now)
    if rule.store == "quarantine":
        from percorso.log.quarantine import Quarantine

        Quarantine(log.workspace).erase_before(before)
    elif rule.store == "contacts":
        Ledger(log.workspace).forget_before(contacts_before(log.workspace, rule, now))
    elif rule.store == "inbox":
        from contextlib import closing

        from percorso.live.inbox import open_inbox

        limit = int(before.timestamp() * 1_000_000)
        with draining_stopped(log), closing(open_inbox(log.workspace)) as inbox:
            inbox.erase(lambda each: each if each.received_at >= limit else None)
    else:
        keep = rule.keep if rule.then == "anonymise" else None
        log.forget(_chooser(_kinds(rule, every), before), keep=keep)


def _going(log: "Log", rule: Rule, every: Iterable[Rule], now: datetime) -> Going:
    before = rule.before(now)
    if rule.store == "quarantine":
        from percorso.log.quarantine import Quarantine

        return Going(rule, Quarantine(log.workspace).count_before(before), 0)
    if rule.store == "contacts":
        over = Ledger(log.workspace).over_before(contacts_before(log.workspace, rule, now))
        return Going(rule, over, 0)
    if rule.store == "inbox":
        return Going(rule, _old_events(log, before), 0)
    import pyarrow as pa
    import pyarrow.compute as pc

    choose = _chooser(_kinds(rule, every), before)
    rows, customers = 0, set[str]()
    times: list[Any] = []
    if log.files():
        for batch in log.read(["id", "customer", "kind", "at", "received_at"]):
            table = pa.Table.from_batches([batch])
            chosen = table.filter(choose(table))
            if chosen.num_rows:
                rows += chosen.num_rows
                customers.update(str(each) for each in pc.unique(chosen["customer"]).to_pylist())
                ends = pc.min_max(chosen["at"])
                times += [ends["min"].as_py(), ends["max"].as_py()]
    return Going(rule, rows, len(customers), min(times, default=None), max(times, default=None))


def _old_events(log: "Log", before: datetime) -> int:
    from contextlib import closing

    from percorso.live.inbox import is_there, open_inbox

    if not is_there(log.workspace):
        return 0
    limit = int(before.timestamp() * 1_000_000)
    with closing(open_inbox(log.workspace)) as inbox:
        return sum(
            each.events
            for batch in inbox.kept(0, requests=10_000_000)
            for each in batch.received
            if each.received_at < limit
        )


def _chooser(kinds: tuple[str, ...], before: datetime) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    from percorso.log.schema import TIME

    wanted = pa.array(kinds, pa.string())
    limit: Any = pa.scalar(before, TIME)

    def choose(rows: pa.Table) -> Any:
        old: Any = pc.and_(
            pc.is_in(rows["kind"].cast(pa.string()), value_set=wanted),
            pc.less(rows["at"], limit),
        )
        return pc.and_not(old, pc.starts_with(rows["customer"].cast(pa.string()), _NOBODYS))

    return choose


def _kinds(rule: Rule, every: Iterable[Rule]) -> tuple[str, ...]:
    if EVERYTHING_ELSE not in rule.kinds:
        return rule.kinds
    named = {kind for each in every for kind in each.kinds}
    return tuple(kind for kind in KINDS if kind not in named and kind not in _NAMED_ONLY)


def _rule(number: int, given: Any) -> Rule:
    if not isinstance(given, dict):
        raise PrivacyError(_("{file}: rule {n} must be a table.").format(file=FILE, n=number))
    for name in given:
        if name not in ("kinds", "store", "months", "then", "keep"):
            _wrong(number, name, given[name], "kinds, store, months, then, keep")
    kinds, store = _what(number, given.get("kinds", []), given.get("store", ""))
    months: Any = given.get("months")
    if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= _MOST_MONTHS:
        _wrong(
            number, "months", months, _("a whole number from 1 to {most}").format(most=_MOST_MONTHS)
        )
    then = given.get("then", "delete")
    if then not in THEN or (store and then != "delete"):
        _wrong(number, "then", then, "delete" if store else ", ".join(THEN))
    keep = given.get("keep", [])
    if not isinstance(keep, list) or not all(isinstance(each, str) for each in keep):
        _wrong(number, "keep", keep, _("a list of names of properties"))
    return Rule(kinds=kinds, store=store, months=months, then=then, keep=tuple(keep))


def _what(number: int, kinds: Any, store: Any) -> tuple[tuple[str, ...], str]:
    """Return the kinds, or else the store, that a rule is about."""
    if not isinstance(kinds, list) or bool(kinds) == bool(store):
        _wrong(number, "kinds", kinds, _("a list of kinds, or else a store"))
    for kind in kinds:
        if kind != EVERYTHING_ELSE and kind not in KINDS:
            _wrong(number, "kinds", kind, ", ".join(KINDS))
    if store and store not in STORES:
        _wrong(number, "store", store, ", ".join(STORES))
    return tuple(kinds), store


def _wrong(number: int, field: str, value: Any, allowed: str) -> None:
    raise PrivacyError(
        _("{file}: rule {n}, {field}: {value!r} will not do. It may be: {allowed}.").format(
            file=FILE, n=number, field=field, value=value, allowed=allowed
        )
    )
