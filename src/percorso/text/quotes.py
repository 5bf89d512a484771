"""What customers wrote, word for word but for the personal data in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from percorso.text.frame import Texts, load
from percorso.text.personal_data import mask_beginning
from percorso.text.results import Quote
from percorso.vocabulary import FACTORS, SENTIMENTS

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.selection import Selection

#: Texts looked at for each quote that is asked for: some say what another says.
_LOOKED_AT: Final = 6
#: Two quotes that share so much of their words are one.
_ALIKE: Final = 0.6
#: A quote reads well from so many characters to so many.
_READABLE: Final = (25, 400)
#: Characters of a text that are shown.
_LONGEST: Final = 1_000

#: Row of a text -> the place in it that is asked for.
Places = Mapping[int, tuple[int, int]]


def quotes(
    log: "Log",
    selection: "Selection | None" = None,
    *,
    sentiment: str | None = None,
    factor: str | None = None,
    polarity: str | None = None,
    emotion: str | None = None,
    topic: str | None = None,
    need: str | None = None,
    limit: int = 5,
) -> tuple[Quote, ...]:
    """Return quotes that fit all that is given, the latest first; those of a theme nearest first.

    ``topic`` and ``need`` are ids of themes. Personal data is masked, always.
    """
    texts = load(log, selection)
    fits = np.ones(len(texts), dtype=bool)
    where: dict[int, tuple[int, int]] = {}
    order = -texts.at.astype(np.float64)
    if sentiment is not None:
        fits &= texts.sentiment == SENTIMENTS.index(sentiment) - 1
    if factor is not None:
        where = places_of(texts, factor, polarity)
        fits &= np.isin(np.arange(len(texts)), list(where))
    if emotion is not None:
        fits &= texts.showing(emotion)
    for asked, column in ((topic, "topic"), (need, "need")):
        if asked is not None:
            from percorso.text.topics.membership import of_themes

            themes = of_themes(log, texts, column)
            fits &= themes.theme == themes.number(asked)
            order = -themes.near.astype(np.float64)
    rows = np.flatnonzero(fits)
    rows = rows[np.argsort(order[rows], kind="stable")]
    return choose(log, texts, {"": rows}, limit, where)[""]


def places_of(texts: Texts, factor: str, polarity: str | None) -> dict[int, tuple[int, int]]:
    """Return the texts that speak of a factor in this way, and the first place where each does."""
    marks = texts.factors
    fits = marks.what == list(FACTORS).index(factor)
    if polarity is not None:
        fits &= marks.polarity == SENTIMENTS.index(polarity) - 1
    found: dict[int, tuple[int, int]] = {}
    for mark in np.flatnonzero(fits).tolist():
        found.setdefault(int(marks.row[mark]), (int(marks.start[mark]), int(marks.end[mark])))
    return found


def choose(
    log: "Log",
    texts: Texts,
    wanted: Mapping[str, NDArray[Any]],
    limit: int,
    where: Places | None = None,
) -> dict[str, tuple[Quote, ...]]:
    """Return quotes for several lists of rows at once, each in its order, varied and readable."""
    looked = {key: rows[: limit * _LOOKED_AT].tolist() for key, rows in wanted.items()}
    words = _texts(log, [texts.ids[row] for rows in looked.values() for row in rows])
    # A text that was erased since the rows were read is not quoted.
    looked = {key: [row for row in rows if texts.ids[row] in words] for key, rows in looked.items()}
    return {
        key: tuple(
            _quote(texts, row, words[texts.ids[row]], (where or {}).get(row))
            for row in _varied(rows, texts, words, limit)
        )
        for key, rows in looked.items()
    }


def _texts(log: "Log", ids: Iterable[str]) -> dict[str, str]:
    from percorso.text.voice import texts

    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = texts(log)
    found = table.filter(table.id.isin(wanted)).select("id", "text").to_pyarrow()
    return dict(zip(found["id"].to_pylist(), found["text"].to_pylist(), strict=True))


def _varied(rows: Sequence[int], texts: Texts, words: Mapping[str, str], limit: int) -> list[int]:
    """Return rows in their order that say different things, of each customer at most one."""
    short, long = _READABLE
    readable = [row for row in rows if short <= len(words[texts.ids[row]]) <= long]
    chosen: list[int] = []
    said: list[set[str]] = []
    people: set[int] = set()
    for row in (*readable, *(row for row in rows if row not in set(readable))):
        if len(chosen) == limit:
            break
        mine = set(words[texts.ids[row]].lower().split())
        again = any(len(mine & each) >= _ALIKE * len(mine | each) for each in said)
        person = int(texts.customer.codes[row])
        if not again and person not in people:
            chosen.append(row)
            said.append(mine)
            people.add(person)
    return chosen


def _quote(texts: Texts, row: int, text: str, place: tuple[int, int] | None) -> Quote:
    start, end = place if place is not None and place[1] > place[0] else (0, len(text))
    # From the beginning: an address or a name may begin before the place, and is none in halves.
    shown, moved = mask_beginning(text, _LONGEST)
    score = float(texts.score[row])
    return Quote(
        id=texts.ids[row],
        customer=texts.customer.at(row) or "",
        at=texts.moment(row),
        touchpoint=texts.touchpoint.at(row),
        channel=texts.channel.at(row),
        language=texts.language.at(row) or "",
        sentiment=SENTIMENTS[int(texts.sentiment[row]) + 1],
        scale=texts.scale.at(row),
        score=None if np.isnan(score) else score,
        text=shown,
        start=moved(start),
        end=moved(end),
    )
