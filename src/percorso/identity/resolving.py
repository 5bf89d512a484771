"""Finding who is who: exact joins, then probable ones, decided together and kept as rows."""

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.identity import exact, gathering, people
from percorso.identity.candidates import Candidates, evidence_of
from percorso.identity.database import database, take
from percorso.identity.deciding import Apart, Decided
from percorso.identity.model import IdentityError, Resolved, Settings
from percorso.identity.settings import load
from percorso.log.errors import LogBusyError
from percorso.log.joins import EXACT, PERSON, Changes, Question, in_order
from percorso.log.lock import exclusive
from percorso.log.state import IDENTITY, digest, is_whole

if TYPE_CHECKING:
    from percorso.identity.probable import Scored
    from percorso.log import Log

#: Who makes the joins that no person makes.
WHO: Final = "percorso"
#: Seconds to wait for another search.
_WAIT: Final = 600.0
_ATTEMPTS: Final = 3
#: A search that nobody asked for begins when this many times as long as the last took have passed.
_PAUSES: Final = 20
_STATE: Final = "resolved.json"
_LOCK: Final = "identity.lock"


def resolve(log: "Log", *, incremental: bool = True) -> Resolved:
    """Search the log for references that are one customer, and keep what was found.

    Exact joins are worked out from all facts. Likeness is compared between all customers, or, where
    ``incremental``, between those that something new is known of and all. What people said stands.
    Joins that the facts no longer support are taken back. Raises IdentityError where the settings
    make no sense, and LogBusyError where another search does not end.
    """
    begun = time.perf_counter()
    settings = load(log.workspace)
    log.workspace.derived.mkdir(parents=True, exist_ok=True)
    with exclusive(log.workspace.derived / _LOCK, _WAIT):
        for _attempt in range(_ATTEMPTS):
            try:
                found = _Search(log, settings, incremental=incremental).run()
            except _ChangedError:
                gathering.discard(log)
                continue
            seconds = time.perf_counter() - begun
            _write_state(log, settings, found, seconds)
            return Resolved(found.joined, found.undone, found.to_ask, round(seconds, 3))
    raise IdentityError(
        _("Customers were erased, or merged, at every attempt. Try again when that is done.")
    )


def due(log: "Log") -> bool:
    """Say whether a search is worth its time: something changed, and the last is long enough ago.

    That is so when as many times as long as the last took have passed that searching takes a
    twentieth of the time at most. It costs some milliseconds, and loads nothing.
    """
    state = _read_state(log)
    if gathering.stored_version(log) is None:
        # Nobody searched yet, or an earlier edition did, which gathered other facts.
        return True
    if state.get("version") == log.version and state.get("settings") == _stamp(load(log.workspace)):
        return False
    waited = time.time() - float(state.get("at", 0.0))
    return not 0 <= waited < _PAUSES * float(state.get("seconds", 0.0))


def resolve_new(log: "Log") -> Resolved | None:
    """Search where it is ``due``; None where it is not, or where another search is under way.

    For the worker, after each import and drain. Changed settings compare everybody again.
    """
    if not due(log):
        return None
    same = _read_state(log).get("settings") == _stamp(load(log.workspace))
    with suppress(LogBusyError):
        return resolve(log, incremental=same)
    return None


def _read_state(log: "Log") -> dict[str, Any]:
    try:
        state = json.loads((log.workspace.derived / IDENTITY / _STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write_state(log: "Log", settings: Settings, found: "_Search", seconds: float) -> None:
    state = {
        "version": found.version,
        "said_at": found.said_at,
        "settings": _stamp(settings),
        "seconds": round(seconds, 3),
        "at": time.time(),
    }
    # The folder may be thrown away meanwhile: then the next search begins anew.
    with suppress(FileNotFoundError):
        (log.workspace.derived / IDENTITY / _STATE).write_text(json.dumps(state), encoding="utf-8")


def _stamp(settings: Settings) -> str:
    return digest(repr(settings))


class _ChangedError(Exception):
    """What was read holds no longer: customers were erased, or merged, meanwhile."""


def _texts(table: Any, name: str) -> list[str]:
    texts: list[str] = table[name].to_pylist()
    return texts


class _Search:
    """One search. ``joined``, ``undone`` and ``to_ask`` say what it did."""

    def __init__(self, log: "Log", settings: Settings, *, incremental: bool) -> None:
        self.log = log
        self.settings = settings
        self.incremental = incremental
        self.joined = self.undone = self.to_ask = 0
        self.version = self.said_at = 0

    def run(self) -> "_Search":
        snapshot = self.log.snapshot()
        gathered = gathering.gather(self.log, self.settings.country)
        self.version = gathered.version
        state = _read_state(self.log)
        # A search that was cut off gathered facts, and compared nobody by them.
        self.incremental = self.incremental and state.get("version") == gathered.since
        self.new = gathered.new if self.incremental else None
        before = self.said_at = self.log.identity.said_at
        if self._nothing_is_new(gathered, state):
            return self
        self.standing = self.log.identity.standing()
        with database(self.log, gathered.files) as connection:
            changes = self._find(connection)
        with self.log.writing():
            if not is_whole(self.log, snapshot):
                raise _ChangedError
            # What somebody answered meanwhile is looked at before anything is kept.
            if not self.log.identity.change(changes, who=WHO, as_of=before):
                raise _ChangedError
            self.said_at = self.log.identity.said_at
        self.joined, self.undone = len(changes.add), len(changes.undo)
        self.to_ask = self.log.identity.count()["questions"]
        return self

    def _nothing_is_new(self, gathered: gathering.Gathered, state: dict[str, Any]) -> bool:
        """Say whether a search would find what the last one did: visitors come and say nothing."""
        asked = (_stamp(self.settings), self.said_at)
        if self.incremental and (state.get("settings"), state.get("said_at")) == asked:
            return gathered.same
        return not gathered.files and not self.said_at

    def _find(self, connection: Any) -> Changes:
        exact.find(connection, self.settings)
        answers = [each for each in self.log.identity.answers() if not each.same]
        self.apart = Apart(
            [(each.one, each.other) for each in answers], people.fiscal_codes(connection)
        )
        candidates = self._exact_candidates(connection)
        decided = candidates.decide(self.apart)
        questions: list[Question] | None = None
        asked_of: list[str] | None = None
        if self.settings.probable:
            self._gather_people(connection, candidates, decided)
            scored = self._score(connection)
            candidates.add_probable(self.standing, scored, self.settings, keep_all=self._partly)
            decided = candidates.decide(self.apart)
            questions = self._questions(scored, decided)
            if self._partly:
                asked_of = _texts(take(connection, "SELECT customer FROM touched"), "customer")
        else:
            questions = []
        return candidates.changes(decided, self.standing, questions, asked_of)

    @property
    def _partly(self) -> bool:
        return self.new is not None

    def _exact_candidates(self, connection: Any) -> "Candidates":
        candidates = Candidates(self.standing)
        candidates.add_standing(self.standing, PERSON)
        by_keys = exact.edges(connection, links=False)
        candidates.add_edges(by_keys)
        exact.without_shared_browsers(connection, candidates.decide(self.apart).people())
        candidates.add_edges(exact.edges(connection, links=True))
        kept = exact.supported(connection, self.standing)
        candidates.add_standing(self.standing, EXACT, kept["number"])
        return candidates

    def _gather_people(self, connection: Any, candidates: "Candidates", decided: Decided) -> None:
        """Gather what is known of each customer: who is one, but for likeness, is taken as one.

        Where only part is compared, what was found alike before is one too.
        """
        if self._partly:
            candidates = candidates.copy()
            candidates.add_probable(self.standing, [], self.settings, keep_all=True)
            decided = candidates.decide(self.apart)
        people.gather(connection, candidates.belonging(decided))
        if self.new is not None:
            people.touched_by(connection, self.new.select(["reference"]))

    def _score(self, connection: Any) -> "list[Scored]":
        if not people.pair_up(connection, only_touched=self._partly):
            return []
        from percorso.identity import probable

        return [
            each
            for each in probable.score(connection, self.settings)
            if each.probability >= self.settings.ask_above
        ]

    def _questions(self, scored: "list[Scored]", decided: Decided) -> list[Question]:
        """Return what a person is to be asked: alike, not joined, and not answered yet."""
        person = decided.persons()
        parted = {
            in_order(*(str(person.get(name, name)) for name in pair)) for pair in self.apart.pairs
        }
        questions = []
        for each in scored:
            one, other = (str(person.get(name, name)) for name in (each.one, each.other))
            if one != other and in_order(one, other) not in parted:
                questions.append(
                    Question(
                        one=each.one,
                        other=each.other,
                        strength=each.probability,
                        evidence=evidence_of(each),
                    )
                )
        return questions
