"""Finding texts: by what was read in them, by words, and by what they mean."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.text import joined, personal_data, readable
from percorso.text.names import without_accents
from percorso.text.unknown import hint
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from percorso.log import Log
    from percorso.log.selection import Selection

#: A phrase in quotes, or a word.
_SOUGHT: Final = re.compile(r'"([^"]+)"|[«“]([^»”]+)[»”]|(\S+)')
#: Words of one search that are looked for; further ones are left aside.
_MOST_WORDS: Final = 20
#: Characters of a text that are masked and returned to those who may not see all of it.
_LONGEST_MASKED: Final = 10_000
#: Texts that are in memory at once where all of them are asked for.
_AT_ONCE: Final = 5_000


class FilterError(LogError):
    """A filter asks for something that is not known. Says what is."""


class MeaningUnavailableError(LogError):
    """The texts cannot be searched by meaning now. Says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """The texts that fit: how many, by how many customers, and those of this page.

    A row has the columns of ``voice.texts``, and ``closeness``, the cosine to the meaning that was
    sought (-1..1), where one was. ``not_compared`` counts those that fit but whose meaning is not
    known yet, so that a search by meaning could not look at them; they are not in ``total``.
    """

    total: int
    customers: int
    rows: tuple[Mapping[str, Any], ...]
    not_compared: int = 0


class Sought(TypedDict, total=False):
    """What texts are found by; see ``find``."""

    sentiment: str | None
    factor: str | None
    polarity: str | None
    emotion: str | None
    language: str | None
    topic: str | None
    wish: str | None
    need: bool | None
    urgency: int | None
    corrected: bool | None
    ids: Collection[str] | None
    words: str | None


def find(
    log: "Log",
    selection: "Selection | None" = None,
    *,
    meaning: str | None = None,
    limit: int = 20,
    offset: int = 0,
    unmasked: bool = False,
    **sought: Unpack[Sought],
) -> Found:
    """Find texts, the newest first; with ``meaning``, the nearest in meaning first.

    ``sought``: ``sentiment``, ``factor``, ``polarity``, ``emotion``, ``language``, ``topic``,
    ``wish``, ``need``, ``urgency``, ``corrected``, ``ids``, ``words``. What is None leaves all in.
    ``factor`` with ``polarity`` asks for both of one clause.
    ``urgency`` is the least, 1 or 2. ``topic`` and ``wish`` are ids of a topic and of a need,
    ``ids`` those of the texts to choose among. ``words``: a text must have all of them, whatever
    their case and accents, each as the beginning of a word of it; a phrase in quotes must be there
    as it is. ``meaning`` is compared with the vectors that are kept.

    Texts come masked, the first 10,000 characters of each, and what is masked cannot be searched
    for, unless ``unmasked``: the caller says so for those who may see personal data.
    Raises FilterError, MeaningUnavailableError.
    """
    table = _fitting(log, selection, unmasked=unmasked, **sought)
    if meaning and meaning.strip():
        return _by_meaning(log, table, meaning.strip(), limit, offset, unmasked=unmasked)
    [counts] = (
        table.aggregate(total=table.count(), customers=table.customer.nunique())
        .to_pyarrow()
        .to_pylist()
    )
    page = table.order_by([table["at"].desc(), table.id]).limit(limit, offset=offset)
    rows = _rows(page.to_pyarrow(), unmasked=unmasked, most=_LONGEST_MASKED)
    return Found(counts["total"], counts["customers"], rows)


def every(
    log: "Log",
    selection: "Selection | None" = None,
    *,
    meaning: str | None = None,
    unmasked: bool = False,
    **sought: Unpack[Sought],
) -> Iterator[Mapping[str, Any]]:
    """Find all texts, as ``find`` does and in its order; they are read as they are asked for.

    Which they are is told at once: what comes in later is none of them, what is erased meanwhile
    is left out. Raises FilterError, MeaningUnavailableError, before the first is asked for.
    """
    table = _fitting(log, selection, unmasked=unmasked, **sought)
    if meaning and meaning.strip():
        compared = _compared(log, table, meaning.strip())
        nearest = compared.filter(compared.closeness.notnull())
        ordered = nearest.order_by([nearest.closeness.desc(), nearest.id])
    else:
        ordered = table.order_by([table["at"].desc(), table.id])
    ids = ordered.select("id").to_pyarrow()["id"].to_pylist()
    return _read(log, ids, unmasked=unmasked)


def _read(log: "Log", ids: list[str], *, unmasked: bool) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        table = _among(joined.texts(log), part)
        rows = {row["id"]: row for row in _rows(table.to_pyarrow(), unmasked=unmasked)}
        yield from (rows[each] for each in part if each in rows)


def _fitting(
    log: "Log",
    selection: "Selection | None",
    *,
    unmasked: bool,
    sentiment: str | None = None,
    factor: str | None = None,
    polarity: str | None = None,
    emotion: str | None = None,
    language: str | None = None,
    topic: str | None = None,
    wish: str | None = None,
    need: bool | None = None,
    urgency: int | None = None,
    corrected: bool | None = None,
    ids: Collection[str] | None = None,
    words: str | None = None,
) -> "ibis.Table":
    """Return the texts that fit."""
    _check(sentiment=sentiment, factor=factor, polarity=polarity, emotion=emotion, urgency=urgency)
    table = joined.texts(log, selection)
    equal = {"sentiment": sentiment, "language": language, "need": need, "corrected": corrected}
    conditions: list[Any] = [
        table[name] == value for name, value in equal.items() if value is not None
    ]
    if urgency is not None:
        conditions.append(table.urgency >= urgency)
    if emotion is not None:
        conditions.append(table.emotions.contains(emotion))
    if factor is not None or polarity is not None:
        conditions.append(_speaks_of(table, factor, polarity))
    sought = _sought(words)
    conditions += [table.text.re_search(_pattern(each)) for each in sought]
    if conditions:
        table = table.filter(conditions)
    for chosen in (ids, *(_members(log, each) for each in (topic, wish) if each is not None)):
        if chosen is not None:
            table = _among(table, chosen)
    if sought and not unmasked:
        table = readable.only(table, sought, [_pattern(each) for each in sought])
    return table


def _check(**given: Any) -> None:
    known: dict[str, Collection[Any]] = {
        "sentiment": SENTIMENTS,
        "factor": FACTORS,
        "polarity": SENTIMENTS,
        "emotion": EMOTIONS,
        "urgency": (0, 1, 2),
    }
    for name, value in given.items():
        if value is not None and value not in known[name]:
            said = _("{name}: {word!r} is not known.").format(name=name, word=value)
            raise FilterError(f"{said} {hint(value, [str(each) for each in known[name]])}")


def _speaks_of(table: "ibis.Table", factor: str | None, polarity: str | None) -> Any:
    import ibis

    asked = {"factor": factor, "polarity": polarity}

    def fits(each: Any) -> Any:
        return ibis.and_(*(each[name] == value for name, value in asked.items() if value))

    return table.factors.filter(fits).length() > 0


def _members(log: "Log", topic: str) -> Collection[str]:
    from percorso.text.topics import members

    return members(log, topic)


def _among(table: "ibis.Table", ids: Collection[str]) -> "ibis.Table":
    import ibis
    import pyarrow as pa

    chosen = ibis.memtable(pa.table({"id": pa.array(list(ids), pa.string())}))
    return table.semi_join(chosen, "id")


def _sought(words: str | None) -> list[str]:
    """Return the words and phrases that a text has to have."""
    found = ["".join(each.groups(default="")).strip(' "') for each in _SOUGHT.finditer(words or "")]
    return [each for each in found[:_MOST_WORDS] if each]


def _pattern(words: str) -> str:
    """Return the expression (RE2) that finds words, one after the other, from one's beginning."""
    plain = without_accents(words.lower())
    parts = ["".join(map(_letter, each)) for each in plain.split()]
    begins = r"(?:^|[^\pL\pN])" if plain[:1].isalnum() else ""
    return "(?i)" + begins + r"\s+".join(parts)


def _letter(sought: str) -> str:
    """Return the expression that finds a letter, with any accent or none."""
    accented = _accented().get(sought)
    return rf"[{sought}{accented}]\pM*" if accented else re.escape(sought)


@cache
def _accented() -> dict[str, str]:
    """Return the letters with accents of each plain one; of an apostrophe, the other one.

    Many times as fast as taking the accents off every text.
    """
    import unicodedata

    found: dict[str, str] = {"'": "’", "’": "'"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code).lower()
        plain = unicodedata.normalize("NFD", letter)[0]
        if plain.isascii() and letter not in found.get(plain, ""):
            found[plain] = found.get(plain, "") + letter
    return found


def _by_meaning(
    log: "Log", table: "ibis.Table", meaning: str, limit: int, offset: int, *, unmasked: bool
) -> Found:
    fitting = _compared(log, table, meaning)
    known = fitting.closeness.notnull()
    [counts] = (
        fitting.aggregate(
            total=known.sum(),
            customers=fitting.customer.nunique(where=known),
            others=(~known).sum(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    page = (
        fitting.filter(known)
        .order_by([fitting.closeness.desc(), fitting.id])
        .limit(limit, offset=offset)
    )
    rows = _rows(page.to_pyarrow(), unmasked=unmasked, most=_LONGEST_MASKED)
    return Found(counts["total"] or 0, counts["customers"], rows, counts["others"] or 0)


def _compared(log: "Log", table: "ibis.Table", meaning: str) -> "ibis.Table":
    """Return texts with how close each is to a meaning; nothing where that is not known."""
    import ibis
    import pyarrow as pa

    ids, closeness = _nearest(log, meaning)
    compared = ibis.memtable(
        pa.table({"id": pa.array(ids, pa.string()), "closeness": pa.array(closeness, pa.float32())})
    )
    return table.left_join(compared, "id").drop("id_right")


def _nearest(log: "Log", meaning: str) -> tuple[list[str], Any]:
    from percorso.text.embedding import EmbeddingError
    from percorso.text.vectors import nearest

    try:
        ids, closeness = nearest(log, meaning)
    except EmbeddingError as error:
        raise MeaningUnavailableError(
            # The whole error names the server and what it said: that is for who keeps it.
            _("The meaning of what you look for cannot be worked out: {error}").format(
                error=error.reason
            )
        ) from error
    if not ids:
        raise MeaningUnavailableError(
            _("No text has been read yet by its meaning. Search by words, or try again later.")
        )
    return ids, closeness


def _rows(
    page: "pa.Table", *, unmasked: bool, most: int | None = None
) -> tuple[Mapping[str, Any], ...]:
    rows = page.to_pylist()
    return tuple(rows if unmasked else (_masked(row, most) for row in rows))


def _masked(row: dict[str, Any], most: int | None) -> dict[str, Any]:
    given = row["text"]
    text, place = personal_data.mask_beginning(given, len(given) if most is None else most)
    factors = [
        {**each, "start": place(each["start"]), "end": place(each["end"])}
        for each in row["factors"] or ()
    ]
    return {**row, "text": text, "factors": None if row["factors"] is None else factors}
