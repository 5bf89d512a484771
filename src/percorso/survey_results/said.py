"""What was written in a survey, through the voice of the customer."""

from typing import TYPE_CHECKING, Final

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.survey_results.model import SaidOn

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.survey_results.reading import Rows
    from percorso.text.frame import Texts

_QUOTES: Final = 5


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

        read = self._read()
        texts = read.take(np.isin(read.ids, rows.ids))
        people = texts.customers(np.ones(len(texts), bool))
        unread = len(rows) - len(texts)
        if people < MIN_SHOWN:
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

    def _read(self) -> "Texts":
        from percorso.text.frame import COLUMNS, Texts
        from percorso.text.voice import texts

        if self._texts is None:
            table = texts(self._log, self._selection)
            table = table.filter(table.about == f"survey:{self._survey}").select(*COLUMNS)
            self._texts = Texts.of(table.to_pyarrow(), self._log.workspace.settings.zone_info)
        return self._texts
