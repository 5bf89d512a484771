"""Looking for themes anew: they keep ids and names, and every text is put where it belongs."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.log.lock import exclusive
from percorso.text import kept
from percorso.text.personal_data import mask_many
from percorso.text.topics import gathering
from percorso.text.topics.catalogue import Catalogue, Collection, Entry, changing, read
from percorso.text.topics.clustering import MOST_TEXTS, Floats, Ints, Themes, find
from percorso.text.topics.naming import Named, name_themes

if TYPE_CHECKING:
    from percorso.log import Log
    from percorso.log.beside import Beside

#: Beside the log: each text's theme and how near it is, of topics and of needs.
_COLUMNS: Final = pa.schema(
    [
        pa.field(name, type_)
        for collection in ("topic", "need")
        for name, type_ in ((collection, pa.string()), (f"{collection}_near", pa.float32()))
    ]
)
#: Texts whose vectors are held at once.
_AT_ONCE: Final = 8_192
#: Texts of fewer words are put to a theme, but none is looked for in them.
_LEAST_WORDS: Final = 3
#: Characters of a text that are looked at.
_READ: Final = 2_000
#: A theme is the one of before where they have this share of their texts in common.
_SAME: Final = 0.25

#: Held by the one who looks for themes. What people do to them does not wait for that.
_LOCK: Final = "topics.search.lock"
_WAIT: Final = 60.0

_WORD: Final = re.compile(r"\w+")
#: In the place of personal data, so that "[name]" does not become the name of a topic.
_NO_WORD: Final = "#"

#: Called with the texts done and those there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was found: topics, needs, texts that were put to their place, seconds."""

    topics: int
    needs: int
    texts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """The texts that were read, in the order of their ids, without their words.

    ``customers`` has a number for each customer, and ``wording`` one for each wording: 0 where a
    text has too few words for a theme to be looked for in it.
    """

    ids: Any  # pa.StringArray
    references: Any  # pa.StringArray
    customers: NDArray[np.int64]
    languages: NDArray[np.object_]
    need: NDArray[np.bool_]
    wording: NDArray[np.uint64]

    def languages_of(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the languages of some texts; "" where none is known."""
        said: list[str] = self.languages[rows].tolist()
        return said


def beside(log: "Log") -> "Beside":
    """Return the table of each text's themes."""
    return log.beside("topics", _COLUMNS)


def due(log: "Log") -> bool:
    """Say whether texts were read, read anew or erased since topics were last looked for."""
    from percorso.text.embedding import choose

    readings = kept.readings(log)
    if not readings.count():
        return False
    known = read(log.workspace)
    return known.readings != readings.state or known.model != choose().name


def refresh(log: "Log", *, on_progress: Progress | None = None) -> Refreshed:
    """Look for topics and needs in all texts that were read, and put every text to its own.

    Vectors that are missing are computed: some hundred texts a second. Raises LogBusyError where
    another process is at it.
    """
    from percorso.text.embedding import choose

    begun = time.monotonic()
    model = choose().name
    with exclusive(log.workspace.path / _LOCK, _WAIT):
        version, state = log.version, kept.readings(log).state
        rows = _read(log)
        known = read(log.workspace)
        if known.model != model:
            known = replace(known, themes={})
        known = replace(known, model=model, readings=state, made_at=datetime.now(UTC))
        known = _search(log, known, "t", rows, np.arange(len(rows.ids)))
        known = _search(log, known, "n", rows, np.flatnonzero(rows.need))
        # First where each text belongs, then what the themes are: whatever ends this, themes
        # that are known have texts.
        _place(log, known, rows, version, on_progress)
        with changing(log.workspace) as held:
            # The last word on topics is people's: what they did meanwhile stays.
            held[0] = replace(known, edits=held[0].edits)
    found = {name: len(themes.themes) for name, themes in known.themes.items()}
    return Refreshed(found.get("t", 0), found.get("n", 0), len(rows.ids), time.monotonic() - begun)


def _read(log: "Log") -> _Rows:
    from percorso.text.voice import texts

    table = texts(log)
    columns = ["id", "reference", "customer", "language", "need"]
    read = table.filter(table.sentiment.notnull()).select(*columns, table.text.left(_READ))
    parts: list[pa.RecordBatch] = []
    wording = [np.zeros(0, np.uint64)]
    backend = log.engine().connection()
    for batch in backend.con.sql(backend.compile(read)).to_arrow_reader(_AT_ONCE):
        *others, text = batch.columns
        parts.append(pa.RecordBatch.from_arrays(others, columns))
        wording.append(np.fromiter(map(_wording, text.to_pylist()), np.uint64, len(text)))
    schema = pa.schema([read.schema().to_pyarrow().field(name) for name in columns])
    found: Any = pa.Table.from_batches(parts, schema).combine_chunks()
    order = pa.compute.sort_indices(found["id"])
    found = found.take(order)
    customers = found["customer"].combine_chunks().dictionary_encode()
    languages = found["language"].combine_chunks().fill_null("").dictionary_encode()
    return _Rows(
        found["id"].combine_chunks(),
        found["reference"].combine_chunks(),
        customers.indices.to_numpy().astype(np.int64),
        np.array([*languages.dictionary.to_pylist(), ""], object)[languages.indices.to_numpy()],
        found["need"].combine_chunks().fill_null(False).to_numpy(zero_copy_only=False),
        np.concatenate(wording)[order.to_numpy()],
    )


def _wording(text: str) -> int:
    """Return a number for the words of a text; 0 where they are few."""
    words = _WORD.findall(text.lower())
    if len(words) < _LEAST_WORDS:
        return 0
    digest = hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest()
    return max(int.from_bytes(digest), 1)


def _search(
    log: "Log", known: Catalogue, collection: Collection, rows: _Rows, among: NDArray[np.int64]
) -> Catalogue:
    """Return the catalogue with the themes of a collection found anew."""
    from percorso.text.vectors import vectors

    chosen = _telling(rows, among, MOST_TEXTS if collection == "t" else gathering.MOST)
    before = known.themes.get(collection)
    ids = rows.ids.take(chosen.rows)
    languages = rows.languages_of(chosen.rows)
    places = vectors(log, ids)
    themes = (
        find(places, languages, before)
        if collection == "t"
        else gathering.gather(places, languages, chosen.customers, before)
    )
    others = {name: each for name, each in known.themes.items() if name != collection}
    gone = tuple(
        replace(each, place=None) if each.id.startswith(collection) else each
        for each in known.entries
    )
    if themes is None:
        return replace(known, themes=others, entries=gone)
    theme, _near = themes.assign(places, languages)
    named = name_themes(
        mask_many(_texts(log, ids), _NO_WORD),
        languages,
        chosen.customers,
        theme.tolist(),
        len(themes.themes),
    )
    same = _matched(known, collection, before, places, languages, theme, len(themes.themes))
    known = replace(known, themes={**others, collection: themes}, entries=gone)
    return _entered(known, collection, named, same)


@dataclass(frozen=True, slots=True)
class _Wordings:
    """Texts that themes are looked for in, each wording once, and the customers who wrote it."""

    rows: NDArray[np.int64]
    customers: list[set[int]]


def _telling(rows: _Rows, among: NDArray[np.int64], most: int) -> _Wordings:
    """Return what themes are looked for in: texts of some words; a sample of very many.

    Which are in the sample depends on their ids alone, so that it stays as the log grows.
    """
    telling = among[rows.wording[among] > 0]
    _different, first, wording = np.unique(
        rows.wording[telling], return_index=True, return_inverse=True
    )
    chosen = np.sort(first)
    if len(chosen) > most:
        ids: list[str] = rows.ids.take(telling[chosen]).to_pylist()
        drawn = np.array([hashlib.blake2b(each.encode()).digest() for each in ids])
        chosen = np.sort(chosen[np.argsort(drawn, kind="stable")[:most]])
    place = np.full(len(first), -1)
    place[wording[chosen]] = np.arange(len(chosen))
    writers: list[set[int]] = [set() for _wording in chosen]
    theirs = place[wording]
    said = theirs >= 0
    customers = rows.customers[telling[said]].tolist()
    for which, customer in zip(theirs[said].tolist(), customers, strict=True):
        writers[which].add(customer)
    return _Wordings(telling[chosen], writers)


def _texts(log: "Log", ids: Any) -> list[str]:
    """Return the beginnings of texts."""
    import pyarrow.dataset as ds

    found = dict.fromkeys(ids.to_pylist(), "")
    for batch in log.read(["id", "text"], where=ds.field("id").isin(ids)):
        beginnings: Any = pa.compute.utf8_slice_codeunits(batch["text"], 0, _READ)
        said: Any = batch["id"]
        found |= zip(said.to_pylist(), beginnings.to_pylist(), strict=True)
    return list(found.values())


def _matched(
    known: Catalogue,
    collection: Collection,
    before: Themes | None,
    places: Floats,
    languages: list[str],
    theme: Ints,
    number: int,
) -> dict[int, Entry]:
    """Return which theme of before each new one is: those with the most texts in common.

    Both put the same texts to their themes; of all pairings the one with the highest sum of
    shares in common is taken (the assignment problem: Kuhn 1955).
    """
    from scipy.optimize import linear_sum_assignment

    entries = {each.place: each for each in known.of(collection) if each.place is not None}
    if before is None or not entries or before.space.directions.shape[0] != places.shape[1]:
        return {}
    old, _near = before.assign(places, languages)
    common = np.zeros((number, len(before.themes)))
    both = (theme >= 0) & (old >= 0)
    np.add.at(common, (theme[both], old[both]), 1)
    now = np.bincount(theme[theme >= 0], minlength=number)[:, None]
    then = np.bincount(old[old >= 0], minlength=len(before.themes))[None, :]
    shares = common / np.maximum(now + then - common, 1)
    pairs = zip(*linear_sum_assignment(-shares), strict=True)
    return {
        int(new): entries[int(past)]
        for new, past in pairs
        if shares[new, past] >= _SAME and int(past) in entries
    }


def _entered(
    known: Catalogue, collection: Collection, named: list[Named], same: dict[int, Entry]
) -> Catalogue:
    """Enter themes: those known keep id and name, the others get new ones.

    A name is told anew where most texts are in another language by now.
    """
    entries = {each.id: each for each in known.entries}
    number = known.next
    for place, new in enumerate(named):
        entry = same.get(place)
        if entry is None:
            id_ = f"{collection}{number}"
            number += 1
            entry = Entry(id_, new.name or id_, (), new.language, datetime.now(UTC), place)
        if new.words and new.language != entry.language:
            entry = replace(entry, name=new.name, language=new.language)
        entries[entry.id] = replace(entry, words=new.words or entry.words, place=place)
    return replace(known, entries=tuple(entries.values()), next=number)


def _place(
    log: "Log", known: Catalogue, rows: _Rows, version: int, on_progress: Progress | None
) -> None:
    """Put every text to its topic, and every wish to its need."""
    from percorso.text.vectors import in_parts

    table = beside(log)
    done = 0
    for part, places in in_parts(log, rows.ids):
        columns: dict[str, Any] = {
            name: each.take(part)
            for name, each in (("id", rows.ids), ("customer", rows.references))
        }
        languages = rows.languages_of(part)
        for collection, name in (("t", "topic"), ("n", "need")):
            ids, near = _belonging(known, collection, places, languages)
            if collection == "n":
                asks = rows.need[part]
                ids = [each if wish else None for each, wish in zip(ids, asks, strict=True)]
            columns |= {name: ids, f"{name}_near": near}
        table.append(pa.table(columns, schema=table.schema), version)
        done += len(part)
        if on_progress is not None:
            on_progress(done, len(rows.ids))


def _belonging(
    known: Catalogue, collection: Any, places: Floats, languages: list[str]
) -> tuple[list[str | None], Floats]:
    themes = known.themes.get(collection)
    if themes is None:
        return [None] * len(places), np.zeros(len(places), np.float32)
    ids = {each.place: each.id for each in known.of(collection) if each.place is not None}
    theme, near = themes.assign(places, languages)
    return [ids.get(each) for each in theme.tolist()], near
