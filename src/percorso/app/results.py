"""Answers worked out once and kept until what they stand on changes.

A result is named by the question and its parameters, and stands on the state of the log (see
``percorso.log.state``): when that changes, it is worked out anew. Results lie as MessagePack in
the workspace's ``derived/results`` (all processes of the server share them, and the worker makes
the usual ones after an import) and the last few stay decoded in memory. Throwing the folder away
costs time only, and an erasure does it, for words of customers may be in it. What the first
answer to a question reads is prepared: see ``percorso.log.prepared``.

Live events change the log every second. The server's answers hold for a second all the same,
unless something else changes the log; and for ``REST`` times as long as the slowest answer took, so
that working answers out takes a part of the machine only, however long the log is.
"""

import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from percorso.log.state import RESULTS, digest, is_whole, keep_newest, state

if TYPE_CHECKING:
    from percorso.log import Log

Answer = TypeVar("Answer")

IN_MEMORY: Final = 64
ON_DISK: Final = 400
#: The states of the log whose results are kept: those before serve readers still under way.
STATES_KEPT: Final = 3
#: Seconds, and times the seconds the slowest answer took, that answers hold under live events.
FRESH_S: Final = 1.0
REST: Final = 3.0
_MOST_S: Final = 300.0

_memory: OrderedDict[tuple[Path, str], Any] = OrderedDict()
_lock = threading.Lock()
_working: dict[tuple[Path, str], threading.Lock] = {}
#: For each log: the state it was last asked in, and the seconds the slowest answer took in it.
_slowest: dict[Path, tuple[str, float]] = {}
_makers: dict[str, Callable[["Log"], None]] = {}


def result(
    log: "Log",
    question: str,
    parameters: object,
    kind: type[Answer],
    compute: Callable[[], Answer],
) -> Answer:
    """Return the answer to ``question``, from memory, from disk, or worked out now.

    ``parameters`` is anything ``repr`` tells apart; ``kind`` is the dataclass of the answer. Two
    requests for the same answer in one process work it out once.
    """
    log.snapshot()  # moves on where it is time to
    with log.standing.held():
        return _result(log, question, parameters, kind, compute)


def _result(
    log: "Log",
    question: str,
    parameters: object,
    kind: type[Answer],
    compute: Callable[[], Answer],
) -> Answer:
    snapshot = log.snapshot()
    key = _key(log, question, parameters)
    found: Answer | None = _from_memory(key)
    if found is not None:
        return found
    with _lock:
        mine = _working.setdefault(key, threading.Lock())
    try:
        with mine:
            found = _from_memory(key)
            if found is None:
                file = _file(log, key)
                found = _from_disk(file, kind)
                if found is None:
                    begun = time.monotonic()
                    found = compute()
                    _took(log, key, time.monotonic() - begun)
                    _to_disk(file, found)
                    if not is_whole(log, snapshot):
                        file.unlink(missing_ok=True)
                _to_memory(key, found)
            return found
    finally:
        with _lock:
            _working.pop(key, None)


def _took(log: "Log", key: tuple[Path, str], seconds: float) -> None:
    """Note how long an answer took, for how long those of this state are to hold."""
    if not log.standing.seconds:
        return
    place, name = key
    state_now = name.partition("/")[0]
    with _lock:
        before, slowest = _slowest.get(place, ("", 0.0))
        slowest = max(slowest, seconds) if before == state_now else seconds
        _slowest[place] = (state_now, slowest)
    log.standing.seconds = min(max(FRESH_S, REST * slowest), _MOST_S)


def known(log: "Log", question: str, parameters: object) -> bool:
    """Say whether the answer is kept, so that nobody waits for it."""
    key = _key(log, question, parameters)
    return _from_memory(key) is not None or _file(log, key).exists()


def prepare_with(name: str, make: Callable[["Log"], None]) -> None:
    """Have ``make`` called by ``prepare``: a page says which of its answers are the usual ones."""
    _makers[name] = make


def prepare(log: "Log") -> None:
    """Work out the usual answers, so that nobody waits for them. The worker calls this."""
    for make in _makers.values():
        make(log)


def forget() -> None:
    """Empty the memory of this process."""
    with _lock:
        _memory.clear()


def _key(log: "Log", question: str, parameters: object) -> tuple[Path, str]:
    from percorso.log.segments import standing_on

    asked = repr(parameters)
    # What a saved segment means is not in its name.
    rules = standing_on(log, lambda name: repr(name) in asked)
    return log.workspace.path, f"{state(log)}/{question}-{digest(asked, rules)}"


def _file(log: "Log", key: tuple[Path, str]) -> Path:
    return log.workspace.derived / RESULTS / f"{key[1]}.msgpack"


def _from_memory(key: tuple[Path, str]) -> Any:
    with _lock:
        found = _memory.get(key)
        if found is not None:
            _memory.move_to_end(key)
        return found


def _to_memory(key: tuple[Path, str], answer: object) -> None:
    with _lock:
        _memory[key] = answer
        while len(_memory) > IN_MEMORY:
            _memory.popitem(last=False)


def _from_disk(file: Path, kind: type[Answer]) -> Answer | None:
    import msgspec

    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError):
        # Half written, or by another version: it can be made again.
        return None


def _to_disk(file: Path, answer: object) -> None:
    """Write the answer whole or not at all. A full disk costs the copy, not the page."""
    import msgspec

    try:
        if not file.parent.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            keep_newest(file.parent.parent, STATES_KEPT)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            part.write(msgspec.msgpack.encode(answer))
        Path(part.name).replace(file)
        _drop_old_answers(file.parent)
    except OSError:
        return


def _drop_old_answers(folder: Path) -> None:
    answers = sorted(folder.glob("*.msgpack"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in answers[ON_DISK:]:
        old.unlink(missing_ok=True)
