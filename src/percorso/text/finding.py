"""Finding texts: by what was read in them, by words, and by what they mean."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.log.errors import LogError
from percorso.text import personal_data, voice
from percorso.text.outputs import POLARITIES
from percorso.text.readings import FactorFound
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


class FilterError(LogError):
    """A filter asks for something that is not known. Says what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a text must be to be found; what is None leaves all in.

    ``factor`` with ``polarity`` asks for both of one clause; ``polarity`` by itself for any factor
    so. ``urgency`` is the least (1 or 2). ``ids`` are those of the texts to choose among, as of a
    topic. Raises FilterError.
    """

    sentiment: str | None = None
    factor: str | None = None
    polarity: str | None = None
    emotion: str | None = None
    language: str | None = None
    urgency: int | None = None
    need: bool | None = None
    corrected: bool | None = None
    ids: Collection[str] | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("sentiment", self.sentiment, SENTIMENTS),
            ("factor", self.factor, FACTORS),
            ("polarity", self.polarity, POLARITIES),
            ("emotion", self.emotion, EMOTIONS),
            ("urgency", self.urgency, (0, 1, 2)),
        ):
            if value is not None and value not in known:
                raise FilterError(_unknown(name, value, [str(each) for each in known]))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """A text with what was read in it, as people corrected it.

    ``text`` is masked unless it was asked for as it is; places of ``factors`` are of this ``text``.
    ``sentiment`` and all that follows is None or empty where it was not read yet. ``closeness`` is
    the cosine to the meaning that was sought (-1..1), None where none was.
    """

    id: str
    customer: str
    at: datetime
    kind: str
    touchpoint: str
    channel: str
    phase: str
    scale: str | None
    score: float | None
    about: str | None
    text: str
    language: str | None
    sentiment: str | None
    sentiment_score: float | None
    certainty: float | None
    emotions: tuple[str, ...]
    factors: tuple[FactorFound, ...]
    urgency: int | None
    need: bool | None
    corrected: bool
    closeness: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The texts that fit: how many, and those of this page.

    ``not_compared`` counts those that fit but whose meaning is not known yet, so that a search by
    meaning could not look at them.
    """

    total: int
    rows: tuple[FoundText, ...]
    not_compared: int = 0


def find(
    log: "Log",
    selection: "Selection | None" = None,
    filters: Filters | None = None,
    *,
    words: str | None = None,
    meaning: str | None = None,
    limit: int = 50,
    offset: int = 0,
    unmasked: bool = False,
) -> Found:
    """Find texts, the newest first; with ``meaning``, the nearest in meaning first.

    ``words``: a text must have all of them, whatever their case and accents, each the beginning of
    a word of it; a phrase in quotes must be there as it is. ``meaning`` is compared with the
    vectors that are kept (see ``vectors``). Texts are masked unless ``unmasked``: the caller says
    so only for those who may see personal data.
    """
    table = _filtered(voice.texts(log, selection), filters or Filters())
    for pattern in patterns(words or ""):
        table = table.filter(_plain(table.text).re_search(pattern))
    if meaning and meaning.strip():
        return _by_meaning(log, table, meaning.strip(), limit, offset, unmasked=unmasked)
    total = int(table.count().to_pyarrow().as_py())
    page = table.order_by([table["at"].desc(), table.id]).limit(limit, offset=offset)
    return Found(total, _rows(page.to_pyarrow(), unmasked=unmasked))


def patterns(words: str) -> list[str]:
    """Return the regular expressions (RE2) that a text has to match, plain as of ``_plain``."""
    sought = ["".join(found.groups(default="")) for found in _SOUGHT.finditer(words)]
    return [_pattern(each) for each in sought[:_MOST_WORDS] if each.strip(' "')]


def _pattern(words: str) -> str:
    parts = [re.escape(each) for each in _plainly(words).split()]
    begins = r"\b" if parts[0][0].isascii() and parts[0][0].isalnum() else ""
    return begins + r"\s+".join(parts)


def _plainly(text: str) -> str:
    import unicodedata

    apart = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(each for each in apart if not unicodedata.combining(each))


def _plain(text: "ibis.expr.types.StringValue") -> "ibis.expr.types.StringValue":
    """Return a text in small letters without accents."""
    import ibis

    plain: ibis.expr.types.StringValue = _strip_accents(text.lower().replace("’", "'"))
    return plain


def _strip_accents(text: Any) -> Any:
    """Return DuckDB's ``strip_accents`` of a text."""
    import ibis

    def strip_accents(text: str) -> str: ...  # type: ignore[empty-body]  # DuckDB's own

    return ibis.udf.scalar.builtin(strip_accents)(text)


def _filtered(table: "ibis.Table", filters: Filters) -> "ibis.Table":
    import ibis

    conditions: list[Any] = [
        table[name] == value
        for name in ("sentiment", "language", "need", "corrected")
        if (value := getattr(filters, name)) is not None
    ]
    if filters.urgency is not None:
        conditions.append(table.urgency >= filters.urgency)
    if filters.emotion is not None:
        conditions.append(table.emotions.contains(filters.emotion))
    asked = {"factor": filters.factor, "polarity": filters.polarity}
    if any(asked.values()):
        conditions.append(table.factors.filter(lambda each: _fits(each, asked)).length() > 0)
    if conditions:
        table = table.filter(conditions)
    if filters.ids is not None:
        chosen = ibis.memtable({"id": list(filters.ids)}, schema={"id": "string"})
        table = table.semi_join(chosen, "id")
    return table


def _fits(factor: Any, asked: dict[str, str | None]) -> Any:
    import ibis

    return ibis.and_(*(factor[name] == value for name, value in asked.items() if value))


def _by_meaning(
    log: "Log", table: "ibis.Table", meaning: str, limit: int, offset: int, *, unmasked: bool
) -> Found:
    import ibis
    import pyarrow as pa

    from percorso.text.vectors import nearest

    ids, closeness = nearest(log, meaning)
    compared = ibis.memtable(
        pa.table({"id": pa.array(ids, pa.string()), "closeness": pa.array(closeness, pa.float32())})
    )
    fitting = table.left_join(compared, "id").drop("id_right")
    counted = fitting.aggregate(all=fitting.count(), known=fitting.closeness.count())
    [counts] = counted.to_pyarrow().to_pylist()
    known = fitting.filter(fitting.closeness.notnull())
    page = known.order_by([known.closeness.desc(), known.id]).limit(limit, offset=offset)
    rows = _rows(page.to_pyarrow(), unmasked=unmasked)
    return Found(counts["known"], rows, counts["all"] - counts["known"])


def _rows(page: "pa.Table", *, unmasked: bool) -> tuple[FoundText, ...]:
    names = [name for name in FoundText.__slots__ if name in page.column_names]
    return tuple(_row(row, unmasked=unmasked) for row in page.select(names).to_pylist())


def _row(row: dict[str, Any], *, unmasked: bool) -> FoundText:
    row["emotions"] = tuple(row["emotions"] or ())
    row["factors"] = tuple(FactorFound(**each) for each in row["factors"] or ())
    if not unmasked:
        row["text"], row["factors"] = masked(row["text"], row["factors"])
    return FoundText(**row)


def masked(text: str, factors: tuple[FactorFound, ...]) -> tuple[str, tuple[FactorFound, ...]]:
    """Return a text masked, and the factors with their places in the masked text."""
    found = personal_data.find(text)
    if not found:
        return text, factors
    lengths = [len(personal_data.word(each.kind)) for each in found]

    def place(at: int) -> int:
        moved = at
        for each, length in zip(found, lengths, strict=True):
            if each.start < at:
                moved += each.start + length - min(at, each.end)
        return moved

    return personal_data.mask(text), tuple(
        FactorFound(each.factor, each.polarity, place(each.start), place(each.end))
        for each in factors
    )


def _unknown(name: str, value: Any, known: Collection[str]) -> str:
    near = difflib.get_close_matches(str(value), known, n=1)
    hint = (
        _("Did you mean {word!r}?").format(word=near[0])
        if near
        else _("Known are: {words}.").format(words=", ".join(known))
    )
    return _("{name}: {word!r} is not known.").format(name=name, word=value) + " " + hint
