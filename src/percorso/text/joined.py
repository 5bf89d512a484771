"""What customers wrote, each text with what was read in it: the source of every analysis.

Texts are as they were sent. Whoever shows them masks them first (``personal_data.mask``).
"""

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from percorso.log.state import digest
from percorso.text import kept
from percorso.text.readings import READINGS

if TYPE_CHECKING:
    import ibis

    from percorso.log import Log
    from percorso.log.selection import Selection

_OF_LOG: Final = (
    '"id", customer, reference, "at", kind, touchpoint, channel, phase, "scale", score, about, '
    "source, properties, language AS sent_language, text"
)
#: What people may correct, as in READINGS.
FIELDS: Final = ("language", "sentiment", "emotions", "factors", "urgency", "need")
_CHANGED: Final = pa.schema(
    [pa.field("id", pa.string()), *(READINGS.field(name).with_nullable(True) for name in FIELDS)]
)
#: What was read is surer than what a sender's form was set to; of ``it-IT`` the ``it`` counts.
_LANGUAGE: Final = (
    "coalesce(c.language, nullif(r.language, 'und'), nullif(regexp_extract("
    "lower(l.sent_language), '^([a-z]{2,3})([-_][a-z0-9]{1,8})*$', 1), ''), r.language)"
)
#: A text is as good as the sentiment that a person gave it.
_SCORE: Final = (
    "CASE WHEN c.sentiment IS NULL OR c.sentiment = r.sentiment THEN r.score "
    "WHEN c.sentiment = 'positive' THEN 1 WHEN c.sentiment = 'negative' THEN -1 ELSE 0 END"
)


def texts(log: "Log", selection: "Selection | None" = None, connection: Any = None) -> "ibis.Table":
    """Return the texts that customers wrote, one a row, as an Ibis table of this moment.

    Of the log: ``id``, ``customer`` (after merges), ``reference`` (as sent), ``at``, ``kind``,
    ``touchpoint``, ``channel``, ``phase``, ``scale``, ``score`` (as answered), ``about``,
    ``source``, ``properties``, ``text`` (not masked). Of the reading, as people corrected it:
    ``language``, ``sentiment``, ``sentiment_score`` (-1..1), ``certainty`` (0..1), ``emotions``
    (list), ``factors`` (list of factor, polarity, start, end; start and end are 0 where a person
    added the factor), ``urgency`` (0..2), ``need``; all of them are empty where a text
    was not read yet. ``corrected`` says whether a person changed anything.

    A text is of a customer where it came in and is no search, promise, offer or action.
    """
    interactions = log.interactions(connection).get_name()
    rows = f"SELECT {_OF_LOG} FROM {interactions} WHERE {kept.said_by_customers()}"
    table = with_readings(log, rows, f"texts {interactions}", connection)
    return selection.apply(log, table) if selection is not None else table


def with_readings(log: "Log", rows: str, name: str, connection: Any = None) -> "ibis.Table":
    """Return texts with what was read in them, as people corrected it.

    ``rows`` is the SQL that gives the texts, with ``id`` and ``sent_language``; ``name`` says what
    it depends on.
    """
    relation = f"{name} {standing_on(log)}"
    return log.engine().named(relation, lambda: _query(log, rows), connection)


def standing_on(log: "Log") -> str:
    """Name what was read and corrected as it is now."""
    return digest(kept.readings(log).state, str(kept.corrected(log).version))


def _query(log: "Log", rows: str) -> str:
    readings = kept.readings(log)
    engine = log.engine()
    read = readings.sql() or engine.rows("no readings", readings.schema.empty_table())
    corrected = engine.rows(f"corrected {kept.corrected(log).version}", _last_words(log))
    columns = [f"coalesce(c.{name}, r.{name}) AS {name}" for name in FIELDS[1:]]
    return (
        f"SELECT l.* EXCLUDE (sent_language), {_LANGUAGE} AS language, {', '.join(columns)}, "
        f'r.certainty, {_SCORE} AS sentiment_score, c."id" IS NOT NULL AS corrected '
        f"FROM ({rows}) l "
        f'LEFT JOIN {read} r ON r."id" = l."id" LEFT JOIN {corrected} c ON c."id" = l."id"'
    )


def _last_words(log: "Log") -> pa.Table:
    """Return what people changed: a row an interaction, nothing in what they left as it was."""
    changed: dict[str, dict[str, Any]] = {}
    for said in kept.corrected(log).last():
        if not said.right:
            changed.setdefault(said.id, {"id": said.id})[said.field] = said.value
    return pa.Table.from_pylist(list(changed.values()), schema=_CHANGED)
