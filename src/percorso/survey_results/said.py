"""What was written in a survey, through the voice of the customer."""

from typing import TYPE_CHECKING, Final

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.survey_results.model import Missed, MissedFactor, SaidOn

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.survey_results.reading import Rows
    from percorso.text.frame import Texts

_QUOTES: Final = 5
#: Of each factor that is missed.
_QUOTES_OF_A_FACTOR: Final = 2


class Said:
    """The texts of a survey; they are read once somebody asks for some."""

    def __init__(self, log: "Log", survey_id: str, selection: "Selection | None") -> None:
        self._log = log
        self._survey = survey_id
        self._selection = selection
        self._texts: Texts | None = None

    def of(self, rows: "Rows") -> SaidOn:
        """Return what is said in the texts that are the answers in these rows."""
        from percorso.text import factors, quotes, sentiment
        from percorso.text.topics import measuring

        texts, unread = self._of(rows)
        if texts is None:
            return SaidOn(len(rows), rows.people, unread, None, (), (), (), ())
        newest = np.argsort(-texts.at, kind="stable")
        return SaidOn(
            texts=len(rows),
            people=rows.people,
            unread=unread,
            sentiment=sentiment.of(texts)[0],
            factors=tuple(each for each in factors.of(texts) if each.shown),
            topics=measuring.of(self._log, texts).rows,
            quotes=quotes.choose(self._log, texts, {"": newest}, _QUOTES)[""],
            ids=tuple(rows.ids.tolist()),
        )

    def missed(self, rows: "Rows") -> Missed:
        """Return what is missed in the texts that are the answers in these rows."""
        from percorso.text import quotes

        texts, unread = self._of(rows)
        if texts is None:
            return Missed(len(rows), rows.people, unread, (), (), ())
        newest = np.argsort(-texts.at, kind="stable")
        return Missed(
            texts=len(rows),
            people=rows.people,
            unread=unread,
            factors=self._factors(texts),
            quotes=quotes.choose(self._log, texts, {"": newest}, _QUOTES)[""],
            ids=tuple(rows.ids.tolist()),
        )

    def _factors(self, texts: "Texts") -> tuple[MissedFactor, ...]:
        from percorso.text import factors, quotes

        spoken = [each for each in factors.of(texts) if each.shown]
        rows = {each.factor: texts.polarity_of(each.factor)[0] for each in spoken}
        newest = {
            name: each[np.argsort(-texts.at[each], kind="stable")] for name, each in rows.items()
        }
        quoted = quotes.choose(self._log, texts, newest, _QUOTES_OF_A_FACTOR)
        return tuple(
            MissedFactor(each.factor, each.mentions, each.share, quoted[each.factor])
            for each in spoken
        )

    def _of(self, rows: "Rows") -> "tuple[Texts | None, int]":
        """Return the texts of these rows that were read, and how many were not.

        None where fewer than 5 people wrote them.
        """
        read = self._read()
        texts = read.take(np.isin(read.ids, rows.ids))
        people = texts.customers(np.ones(len(texts), bool))
        return (texts if people >= MIN_SHOWN else None), len(rows) - len(texts)

    def _read(self) -> "Texts":
        from percorso.text.frame import COLUMNS, Texts
        from percorso.text.voice import texts

        if self._texts is None:
            table = texts(self._log, self._selection)
            table = table.filter(table.about == f"survey:{self._survey}").select(*COLUMNS)
            self._texts = Texts.of(table.to_pyarrow(), self._log.workspace.settings.zone_info)
        return self._texts
