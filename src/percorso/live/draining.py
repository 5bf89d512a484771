"""From the inbox into the log, each event once.

The rows are in the log, on the disk, before the inbox is told that they are: whoever is stopped
between the two drains them again, and the log knows their ids.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from percorso.live.bringing import Bringer
from percorso.live.channels import channels
from percorso.live.channels import place as channels_place
from percorso.live.errors import LiveError
from percorso.live.inbox import Inbox
from percorso.live.mapping import Mapper, MappingRulesError, load_rules
from percorso.live.public import place as public_place
from percorso.live.public import public_sources
from percorso.workspace import Workspace

if TYPE_CHECKING:
    from percorso.log import Log

#: Events of one commit at most: few commits keep the log quick, small ones keep memory flat. Only
#: where more come than are brought in does it become as many.
EVENTS_AT_ONCE: Final = 75_000
#: Events that are not kept waiting for more.
_ENOUGH: Final = 50_000
#: Seconds to wait for company after the first event came, so that not each makes a commit.
GATHERS_S: Final = 2.0
#: How many times as many small files there may be while events wait.
_PATIENCE: Final = 4
_LOOKS_EVERY_S: Final = 0.2
_TRIES_AGAIN_AFTER_S: Final = 5.0
#: Held while events go from the inbox into the log: an erasure must not meet them half-way.
LOCK: Final = "drain.lock"
_WAIT: Final = 120.0
_TRIMS_EVERY_S: Final = 60.0
#: Events after which the inbox is trimmed before that: a little often holds nobody up.
_TRIMS_AFTER: Final = 200_000
_TIDIES_EVERY_S: Final = 3600.0

_logger: Final = logging.getLogger("percorso.live")


@dataclass(frozen=True, slots=True)
class Drained:
    """What a draining did: events taken, rows added to the log, known before, events rejected."""

    events: int
    added: int
    duplicates: int
    rejected: int


class Drainer:
    """Drains the inbox of a workspace. One per workspace at a time is enough; two do no harm."""

    def __init__(self, log: "Log", inbox: Inbox) -> None:
        self._log = log
        self._inbox = inbox
        self._bringer = Bringer(log, inbox)
        self._mapper: Mapper | None = None
        self._stamp: tuple[int, ...] | None = None

    def drain(self, events: int = EVENTS_AT_ONCE) -> Drained:
        """Bring what waits into the log, about ``events`` at once. Raises where it cannot be."""
        from percorso.log.lock import exclusive

        with exclusive(self._log.workspace.path / LOCK, _WAIT):
            return self._drain(events)

    def _drain(self, events: int) -> Drained:
        batch = self._inbox.take(events)
        if not batch.received:
            return Drained(0, 0, 0, 0)
        mapper = self.mapper()
        brought = self._bringer.bring(batch, mapper)
        self._inbox.done(batch, brought.rejected, brought.seen, brought.unmapped)
        mapper.said(brought.links)
        return Drained(batch.events, brought.added, brought.duplicates, len(brought.rejected))

    def mapper(self) -> Mapper:
        """Return the mapper of the rules as they are written now.

        Rules that make no sense are said in the program's log, and those before them hold. Where
        none held before, MappingRulesError is raised: other rules would write the wrong things
        into the log for good, and what came is safe where it is.
        """
        workspace = self._log.workspace
        stamp = _stamp(workspace)
        if self._mapper is None or stamp != self._stamp:
            try:
                rules = load_rules(workspace)
            except MappingRulesError as error:
                if self._mapper is None:
                    raise
                _logger.warning("the mapping rules before hold: %s", error)
            else:
                known = self._inbox.touchpoints()
                self._mapper = Mapper(
                    rules,
                    workspace.settings,
                    known,
                    channels(workspace),
                    public_sources(workspace),
                )
            self._stamp = stamp
        return self._mapper


def drain_for_ever(log: "Log", inbox: Inbox, stopping: Callable[[], bool]) -> None:
    """Drain until told to stop, and keep the inbox and the log tidy meanwhile.

    What cannot be done now, because the disk is full or another program writes to the log, is tried
    again: the events wait in the inbox.
    """
    with ThreadPoolExecutor(1) as aside:
        _drain_for_ever(log, inbox, stopping, aside)


def _drain_for_ever(
    log: "Log", inbox: Inbox, stopping: Callable[[], bool], aside: ThreadPoolExecutor
) -> None:
    from percorso.log import LogError

    drainer = Drainer(log, inbox)
    upkeep: Future[None] | None = None
    untrimmed = 0
    trimmed = tidied = time.monotonic()
    while not stopping():
        try:
            drained = _drain_gathered(drainer, inbox, stopping)
            untrimmed += drained
            now = time.monotonic()
            trims = untrimmed >= _TRIMS_AFTER or now - trimmed > _TRIMS_EVERY_S
            if upkeep is None or upkeep.done():
                # Meanwhile the next are read and mapped; to write, one waits for the other. While
                # enough for another batch waits, that comes first.
                if drained:
                    patience = _PATIENCE if inbox.depth() >= _ENOUGH else 1
                    upkeep = aside.submit(_merge, log, patience)
                if trims:
                    upkeep = aside.submit(_trim, inbox)
                    trimmed, untrimmed = now, 0
            if now - tidied > _TIDIES_EVERY_S:
                # Where events never pause, small files are merged with them, a few at a time.
                if drained:
                    log.sweep()
                else:
                    log.compact()
                tidied = now
        except (LiveError, LogError, OSError) as error:
            _logger.error("events wait, and will be tried again: %s", error)
            _pause(_TRIES_AGAIN_AFTER_S, stopping)
        except Exception:
            # Whatever it is: events go on being acknowledged, and somebody must bring them in.
            _logger.exception("events wait, and will be tried again")
            _pause(_TRIES_AGAIN_AFTER_S, stopping)


def _merge(log: "Log", patience: int) -> None:
    from percorso.log import LogError

    try:
        log.merge_scattered(patience=patience)
    except (LogError, OSError) as error:
        _logger.warning("small files stay as they are for now: %s", error)
    except Exception:
        _logger.exception("small files stay as they are for now")


def _trim(inbox: Inbox) -> None:
    try:
        inbox.trim()
    except LiveError as error:
        _logger.warning("what was drained stays in the inbox for now: %s", error)
    except Exception:
        _logger.exception("what was drained stays in the inbox for now")


def _drain_gathered(drainer: Drainer, inbox: Inbox, stopping: Callable[[], bool]) -> int:
    """Drain once enough is there, or the oldest has waited for long enough; return how many."""
    oldest = inbox.oldest_waiting()
    if oldest is None:
        _pause(_LOOKS_EVERY_S, stopping)
        return 0
    waited = time.time() - oldest / 1e6
    if 0 <= waited < GATHERS_S:
        _pause(GATHERS_S - waited, stopping, lambda: inbox.depth() >= _ENOUGH)
    return drainer.drain().events


def _pause(
    seconds: float, stopping: Callable[[], bool], enough: Callable[[], bool] = lambda: False
) -> None:
    until = time.monotonic() + seconds
    while not stopping() and not enough() and time.monotonic() < until:
        time.sleep(min(_LOOKS_EVERY_S, max(until - time.monotonic(), 0)))


def _stamp(workspace: Workspace) -> tuple[int, ...]:
    """Return what changes with the files that say what events mean."""
    stamp: list[int] = []
    for file in (workspace.mapping_rules, channels_place(workspace), public_place(workspace)):
        try:
            found = file.stat()
        except OSError:
            stamp += (0, 0)
        else:
            stamp += (found.st_mtime_ns, found.st_size)
    return tuple(stamp)
