"""From the mailbox to messages of customers, each once, each in its thread."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from percorso import net
from percorso.connectors.mailbox import letters
from percorso.connectors.mailbox.imap import Letter, Mailbox
from percorso.connectors.model import CUT_OFF, ConnectorError, Fetched, Skip, digest
from percorso.connectors.settings import MailboxSettings
from percorso.net.mail import UnreadableError
from percorso.vocabulary import Interaction, Phrase
from percorso.vocabulary.interaction import MAX_NAME

#: Messages of one run; where there are more, the next run follows at once. So few, that little is
#: read again where a run was cut off.
_AT_ONCE: Final = 20
#: Runs that were cut off in a row (the program ended before their place was kept), after which
#: messages are read one at a time, and after which the next one is left out.
_ONE_AT_A_TIME: Final = 2
_LEFT_OUT: Final = 4
#: Messages whose thread is remembered, for programs that name only the one they answer.
_REMEMBERED: Final = 3000
_KEY: Final = 16


def run(
    settings: MailboxSettings,
    state: Mapping[str, Any],
    *,
    source: str,
    guard: net.Guard,
    now: datetime,
) -> Fetched:
    """Read what came since the last run, folder after folder."""
    reading = _Reading(settings, state, source, now)
    with Mailbox(settings, guard) as mailbox:
        for folder in settings.folders:
            reading.folder(mailbox, folder)
    return reading.fetched()


class _Reading:
    """One run: what was found so far, and the last message of each folder."""

    def __init__(
        self, settings: MailboxSettings, state: Mapping[str, Any], source: str, now: datetime
    ) -> None:
        self._settings, self._source, self._now = settings, source, now
        self._folders: dict[str, list[int]] = dict(state.get("folders", {}))
        self._threads: dict[str, str] = dict(state.get("threads", {}))
        self._own = tuple(each.strip().lower() for each in settings.own if each.strip())
        self._found: dict[str, Interaction] = {}
        self._skipped: Counter[Skip] = Counter()
        self._read = 0
        self._more = False
        cut_off = state.get(CUT_OFF, 0)
        self._at_once = 1 if cut_off >= _ONE_AT_A_TIME else _AT_ONCE
        self._left_out = cut_off >= _LEFT_OUT
        self._trouble: Phrase | None = None

    def fetched(self) -> Fetched:
        threads = list(self._threads.items())[-_REMEMBERED:]
        return Fetched(
            state={"folders": self._folders, "threads": dict(threads)},
            interactions=tuple(self._found.values()),
            read=self._read,
            skipped=self._skipped,
            more=self._more,
            trouble=self._trouble,
            unchanged=not self._read,
        )

    def folder(self, mailbox: Mailbox, name: str) -> None:
        """Read a folder on from its last message; from the beginning, where it was made anew."""
        validity = mailbox.open(name)
        known = self._folders.get(name, [0, 0])
        last = known[1] if known[0] == validity else 0
        waiting = mailbox.after(last, (self._now - timedelta(days=self._settings.days)).date())
        self._folders[name] = [validity, last]
        if waiting and self._left_out:
            # Whatever it holds, it ended the program each time: it stays where it is.
            self._left_out, self._read, self._more = False, self._read + 1, True
            self._skipped[Skip.UNREADABLE] += 1
            self._folders[name] = [validity, waiting[0]]
            return
        # One run reads so many in all: the last folder must not wait for ever, nor the end.
        chosen = waiting[: max(0, self._at_once - self._read)]
        try:
            for letter in mailbox.letters(chosen):
                self._take(letter)
                self._folders[name] = [validity, letter.uid]
        except ConnectorError as error:
            if not self._read:
                raise
            # What came before the line broke is good; the next run goes on from there.
            self._more, self._trouble = True, error.phrase
            return
        if chosen:
            self._folders[name] = [validity, chosen[-1]]
        self._more = self._more or len(waiting) > len(chosen)

    def _take(self, letter: Letter) -> None:
        self._read += 1
        try:
            made = self._interaction(letter)
        except UnreadableError:
            made = Skip.UNREADABLE
        if isinstance(made, Skip):
            self._skipped[made] += 1
        else:
            self._found.setdefault(made.id, made)

    def _interaction(self, letter: Letter) -> Interaction | Skip:
        read = letters.read(letter.raw)
        inwards, customer = self._customer(read)
        if not read.sender:
            return Skip.UNREADABLE
        thread = self._thread(read)
        if not customer:
            return Skip.OWN
        if inwards and read.automatic:
            return Skip.AUTOMATIC
        if inwards and read.bulk:
            return Skip.BULK
        words = read.text or read.subject
        if not words:
            return Skip.EMPTY
        at = letters.sensible(read.at, letter.received_at)
        named = read.message_id or f"{at.isoformat()}\n{read.subject}\n{words}"
        return Interaction(
            id=f"mail:{digest(named, read.sender)}",
            at=at,
            received_at=self._now,
            customer=f"email:{customer}",
            kind="message",
            name=read.subject[:MAX_NAME] or None,
            source=self._source,
            touchpoint=self._settings.touchpoint[:MAX_NAME] or "E-mail",
            channel="email",
            direction="in" if inwards else "out",
            text=words,
            about=f"thread:{thread}",
            properties={"dmarc": read.checked} if inwards and read.checked else {},
        )

    def _customer(self, read: letters.Read) -> tuple[bool, str]:
        """Return whether a customer wrote, and the customer; nobody, where it stays in the house.

        A form on the website sends as the company, and names the customer as whom to answer.
        """
        if not self._is_own(read.sender):
            return True, read.sender
        if read.answer_to and not self._is_own(read.answer_to):
            return True, read.answer_to
        outside = (each for each in read.recipients if not self._is_own(each))
        return False, next(outside, "")

    def _is_own(self, address: str) -> bool:
        return any(
            address.endswith(each) if each.startswith("@") else address == each
            for each in (*self._own, self._settings.user.lower())
        )

    def _thread(self, read: letters.Read) -> str:
        """Return the thread's name: made of the id of its first message, as far as is known."""
        mine = _key(read.message_id or f"{read.sender}{read.subject}{read.at}")
        earlier = [_key(each) for each in read.thread]
        known = next((self._threads[each] for each in earlier if each in self._threads), None)
        thread = known or (earlier[0] if earlier else mine)
        for each in _newest_last([*earlier, mine]):
            self._threads.pop(each, None)
            self._threads[each] = thread
        return thread


def _key(message_id: str) -> str:
    return digest(message_id)[:_KEY]


def _newest_last(keys: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(keys))[-50:]
