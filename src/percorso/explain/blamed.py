"""What customers blame more often where a promise to them was broken than where it was kept."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from percorso.estimation import MIN_SHOWN
from percorso.text import figures, frame
from percorso.text.results import Shift
from percorso.vocabulary import FACTORS, Estimate, Fate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.text.frame import Texts

_BROKEN: Final = tuple(str(fate) for fate in Fate if fate.broken)
_KEPT: Final = str(Fate.KEPT)


@dataclass(frozen=True, slots=True)
class Tied:
    """A factor: the shares of texts that blame it after a broken promise, and after a kept one.

    ``difference`` is the first less the second (the risk difference), in percent points; its
    p-value is corrected for the ten factors.
    """

    factor: str
    broken: Estimate
    kept: Estimate
    difference: Shift

    @property
    def more(self) -> bool:
        """Say whether it is blamed more often after broken promises, beyond chance."""
        low = self.difference.estimate.low
        return self.difference.real and low is not None and low > 0


@dataclass(frozen=True, slots=True)
class TiedToPromises:
    """The factors, those most tied to broken promises first; empty where too few wrote.

    ``broken`` and ``kept`` count the texts that were compared.
    """

    broken: int
    kept: int
    factors: tuple[Tied, ...]


def tied_to_promises(log: "Log", selection: "Selection | None" = None) -> TiedToPromises:
    """Compare the texts about things whose promise was broken with those where it was kept.

    A text counts where it is about the same thing as a promise (the same order, say) and was
    written when the fate was known, or later; of several promises about one thing a broken one
    decides. A text blames a factor where more of its clauses blame it than praise it. Texts of one
    customer count as fewer, and fewer than 5 customers on either side give no figures.
    """
    fates = _fates(log, selection)
    texts = frame.load(log, selection)
    side = np.array([fates.get(each, -1) for each in texts.ids], np.int64)
    broken_texts, kept_texts = (int((side == each).sum()) for each in (0, 1))
    people = [len(np.unique(texts.customer.codes[side == each])) for each in (0, 1)]
    if min(people) < MIN_SHOWN:
        return TiedToPromises(broken_texts, kept_texts, ())
    measured = [_blame(texts, factor, side) for factor in FACTORS]
    shown = np.array([True])
    differences = figures.corrected(
        [figures.tests("share", broken, kept, shown)[0] for broken, kept in measured]
    )
    found = [
        Tied(
            factor,
            figures.estimates("share", broken, shown)[0],
            figures.estimates("share", kept, shown)[0],
            difference,
        )
        for factor, (broken, kept), difference in zip(FACTORS, measured, differences, strict=True)
        if difference is not None and (broken.total[0] or kept.total[0])
    ]
    found.sort(key=lambda each: -(each.difference.estimate.value or 0.0))
    return TiedToPromises(broken_texts, kept_texts, tuple(found))


def _blame(
    texts: "Texts", factor: str, side: "NDArray[np.int64]"
) -> tuple[figures.Sums, figures.Sums]:
    """Return the sums of the share of texts that blame a factor, on either side."""
    rows, sign = texts.polarity_of(factor)
    worth = np.zeros(len(texts))
    worth[rows[sign == -1]] = 100.0
    sums, _rest = figures.count(worth, texts.customer.codes, side, 2)
    return sums.take([0]), sums.take([1])


def _fates(log: "Log", selection: "Selection | None") -> dict[str, int]:
    """Return each text's side by its id: 0 after a broken promise, 1 after a kept one."""
    from percorso.metrics import promises
    from percorso.text.voice import texts

    said = texts(log, selection)
    said = said.filter(said.about.notnull(), said.sentiment.notnull())
    said = said.select("id", "about", when=said["at"])
    known = promises.fates(log)
    known = known.filter(known.fate.isin([*_BROKEN, _KEPT]))
    known = known.select("about", "known_at", "fate")
    pairs = said.inner_join(known, "about").filter(lambda t: t.when >= t.known_at)
    broken = pairs.fate.isin(_BROKEN).any()
    rows = pairs.group_by("id").aggregate(broken=broken).to_pyarrow()
    sides = zip(rows["id"].to_pylist(), rows["broken"].to_pylist(), strict=True)
    return {str(text): 0 if is_broken else 1 for text, is_broken in sides}
