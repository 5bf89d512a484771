"""What customers wrote, word for word but for the personal data in it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from percorso.text.frame import Texts
from percorso.text.personal_data import mask_beginning
from percorso.text.results import Quote
from percorso.vocabulary import SENTIMENTS

if TYPE_CHECKING:
    from percorso.log import Log

Key = TypeVar("Key", bound=Hashable)

#: Texts looked at for each quote that is asked for: some say what another says.
_LOOKED_AT: Final = 6
#: Two quotes that share so much of their words are one.
_ALIKE: Final = 0.6
#: A quote reads well from so many characters to so many.
_READABLE: Final = (25, 400)
#: Characters of a text that are shown.
_LONGEST: Final = 1_000


def choose(
    log: "Log",
    texts: Texts,
    wanted: Mapping[Key, NDArray[Any]],
    limit: int | Mapping[Key, int],
) -> dict[Key, tuple[Quote, ...]]:
    """Return quotes for several lists of rows at once, each in its order, varied and readable.

    ``limit`` is how many of each list, or of every one.
    """
    most = dict.fromkeys(wanted, limit) if isinstance(limit, int) else limit
    looked = {key: rows[: most[key] * _LOOKED_AT].tolist() for key, rows in wanted.items()}
    words = _texts(log, [texts.ids[row] for rows in looked.values() for row in rows])
    # A text that was erased since the rows were read is not quoted.
    looked = {key: [row for row in rows if texts.ids[row] in words] for key, rows in looked.items()}
    return {
        key: tuple(
            _quote(texts, row, words[texts.ids[row]])
            for row in _varied(rows, texts, words, most[key])
        )
        for key, rows in looked.items()
    }


def _texts(log: "Log", ids: Iterable[str]) -> dict[str, str]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = log.interactions()
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


def _quote(texts: Texts, row: int, text: str) -> Quote:
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
        text=mask_beginning(text, _LONGEST)[0],
    )
