"""A batch of the inbox, mapped and put into the log, whatever it holds."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from percorso.live.errors import LiveError
from percorso.live.inbox import Inbox
from percorso.live.mapping import Mapper, whole
from percorso.live.received import Batch, Rejected, Seen, Unmapped

if TYPE_CHECKING:
    from percorso.log import Log

#: Times that nothing of a batch can be brought in before it is rejected.
FALLS: Final = 5
_logger: Final = logging.getLogger("percorso.live")


@dataclass(slots=True)
class Brought:
    """What was brought into the log of a batch, and what of it was not."""

    added: int = 0
    duplicates: int = 0
    rejected: list[tuple[str, Rejected]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)

    def join(self, other: "Brought") -> None:
        self.added += other.added
        self.duplicates += other.duplicates
        self.rejected += other.rejected
        self.seen += other.seen
        self.unmapped += other.unmapped
        self.links += other.links

    def reject(self, batch: Batch) -> None:
        """Have the requests of a batch rejected, each as it came."""
        self.rejected += whole(batch)
        for each in batch.received:
            at = each.received_at
            self.seen.append(Seen(each.source, at, at, each.events, each.events))


class Bringer:
    """Brings batches into a log, and remembers how often nothing of one could be."""

    def __init__(self, log: "Log", inbox: Inbox) -> None:
        self._log = log
        self._inbox = inbox
        self._falls = 0

    def bring(self, batch: Batch, mapper: Mapper) -> Brought:
        """Put a batch into the log, on the disk when this returns; ids make it safe to do again.

        What makes the log fall over, whatever the reason, is looked for by halves until it stands
        alone, and is rejected: one request must not stop all others. Raises LogError and OSError
        where the log cannot be written now.
        """
        from percorso.log import LogError

        try:
            brought = self._whole(batch, mapper)
        except (LiveError, LogError, OSError):
            raise
        except Exception:
            _logger.exception("events could not be brought in; they are tried in smaller parts")
            brought = self._by_halves(batch, mapper)
        self._falls = 0
        return brought

    def _whole(self, batch: Batch, mapper: Mapper) -> Brought:
        brought = Brought()
        for mapped in mapper.portions(batch):
            if mapped.touchpoints:
                self._inbox.touchpoints(mapped.touchpoints)
            appended = self._log.append(mapped.table, live=True)
            brought.join(
                Brought(
                    appended.added,
                    appended.duplicates,
                    mapped.rejected,
                    mapped.seen,
                    mapped.unmapped,
                    mapped.links,
                )
            )
        return brought

    def _by_halves(self, batch: Batch, mapper: Mapper) -> Brought:
        from percorso.log import LogError

        brought = Brought()
        poison: list[Batch] = []
        left = [batch]
        while left:
            part = left.pop()
            try:
                brought.join(self._whole(part, mapper))
            except (LiveError, LogError, OSError):
                raise
            except Exception as error:
                if len(part.received) > 1:
                    left += reversed(part.halves())
                    continue
                poison.append(part)
                if len(poison) == len(batch.received) and not self._is_often():
                    # Nothing at all can be brought in: rather the log is in trouble.
                    raise
                _logger.error("a request is rejected: %s", error)
        for part in poison:
            brought.reject(part)
        return brought

    def _is_often(self) -> bool:
        self._falls += 1
        return self._falls >= FALLS
