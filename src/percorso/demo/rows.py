"""Collecting interactions as columns of numbers, and turning them into Arrow at the end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, overload
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from percorso.demo import company
from percorso.demo.questionnaires import ASKED, SURVEYS
from percorso.surveys.rows import SOURCE
from percorso.vocabulary import KINDS, SCALES
from percorso.vocabulary.scales import PMF_ANSWERS

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
NEVER: Final = np.iinfo(np.int64).min

TOUCHPOINT: Final = {key: code for code, key in enumerate(company.TOUCHPOINTS)}
_PLACES: Final = tuple(company.TOUCHPOINTS.values())
_KINDS: Final = tuple(KINDS)
_SCALES: Final = tuple(SCALES)
_ABOUT: Final = ("order", "ticket", "event")
_PROMISES: Final = ("delivery", "answer", "refund")
_DEVICES: Final = ("telefono", "computer")
_SEND_DAYS: Final = ("martedì", "giovedì")
PHONE, COMPUTER = 0, 1
_QUESTIONS: Final = tuple(each.key for each in ASKED)
_ASKED: Final = "asked"
#: Stands where the id of a response goes.
_RESPONSE: Final = "<response>"

#: Column -> what it holds where nothing was said. Codes point into the tuples above.
_COLUMNS: Final[dict[str, Any]] = {
    "customer": 0,
    "at": 0,
    "kind": 0,
    "touchpoint": 0,
    "channel": -1,
    "promise": -1,
    "out": False,
    "scale": -1,
    "score": np.nan,
    "text": -1,
    "amount": np.nan,
    "about_type": -1,
    "about": -1,
    "due_at": NEVER,
    "device": -1,
    "courier": -1,
    "genre": -1,
    "send_day": -1,
    "campaign": -1,
    # Of answers to a survey: what was asked, and the number of the response.
    "asked": -1,
    "response": -1,
}
_CHANNELS: Final = ("store", "email", "website", "phone", "survey")


class Rows:
    """Interactions as they are made up, block by block. Times are local, in microseconds."""

    def __init__(self) -> None:
        self._blocks: list[dict[str, Any]] = []
        self._responses = 0

    def responses(self, count: int) -> Ints:
        """Return numbers for so many responses to a survey: none has the number of another."""
        self._responses += count
        return np.arange(self._responses - count, self._responses)

    def add(
        self,
        kind: str,
        touchpoint: "str | Ints",
        customer: Ints,
        at: Ints,
        **columns: Any,
    ) -> None:
        """Add one interaction for each of ``customer``; other columns are arrays or one value."""
        block = {"customer": customer, "at": at, "kind": _KINDS.index(kind), **columns}
        block["touchpoint"] = TOUCHPOINT[touchpoint] if isinstance(touchpoint, str) else touchpoint
        for column, names in (
            ("scale", _SCALES),
            ("about_type", _ABOUT),
            ("promise", _PROMISES),
            ("channel", _CHANNELS),
            ("asked", _QUESTIONS),
        ):
            if isinstance(block.get(column), str):
                block[column] = names.index(block[column])
        self._blocks.append(block)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return all rows of the two years as columns, in the order of time (now in UTC)."""
        lengths = [len(block["customer"]) for block in self._blocks]
        whole: dict[str, npt.NDArray[Any]] = {}
        for name, default in _COLUMNS.items():
            parts = [
                np.broadcast_to(np.asarray(block.get(name, default)), length)
                for block, length in zip(self._blocks, lengths, strict=True)
            ]
            whole[name] = np.concatenate(parts)
        whole["at"] = to_utc(whole["at"])
        start, end = to_utc(np.array([midnight(0), midnight(company.DAYS)]))
        inside = np.flatnonzero((whole["at"] >= start) & (whole["at"] < end))
        order = inside[np.argsort(whole["at"][inside], kind="stable")]
        return {name: values[order] for name, values in whole.items()}


@overload
def midnight(day: int) -> int: ...


@overload
def midnight(day: Ints) -> Ints: ...


def midnight(day: int | Ints) -> int | Ints:
    """Return the local midnight with which ``day`` (0 is the first) begins."""
    return ((company.FIRST_DAY - date(1970, 1, 1)).days + day) * DAY


def day_of(at: Ints) -> Ints:
    """Return the number of the day (0 is the first) in which local times fall."""
    return at // DAY - (company.FIRST_DAY - date(1970, 1, 1)).days


def day_number(day: date) -> int:
    return (day - company.FIRST_DAY).days


def to_utc(local: Ints) -> Ints:
    """Return local times as UTC. The zone's offset is the one at noon of the day."""
    zone = ZoneInfo(company.ZONE)
    first = company.FIRST_DAY - timedelta(days=2)
    offsets = []
    for number in range(company.DAYS + 60):
        each = first + timedelta(days=number)
        noon = datetime(each.year, each.month, each.day, 12, tzinfo=zone)
        offsets.append(int((noon.utcoffset() or timedelta()).total_seconds()) * SECOND)
    index = local // DAY - (first - date(1970, 1, 1)).days
    return local - np.array(offsets, dtype=np.int64)[np.clip(index, 0, len(offsets) - 1)]


def to_table(
    columns: dict[str, npt.NDArray[Any]],
    references: "pa.Array[Any]",
    regions: Ints,
    languages: Ints,
    texts: Sequence[str],
    seed: int,
) -> "pa.Table":
    """Return the rows as an Arrow table in the schema of the log."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from percorso.log.schema import SCHEMA

    count = len(columns["at"])
    customer = columns["customer"]
    at = columns["at"]
    # The shop's systems send what happened within a minute and a half.
    delay = (np.arange(count, dtype=np.int64) * 7_919 % 90 + 1) * SECOND
    place = columns["touchpoint"]
    channel_of_place = _look_up([each.channel for each in _PLACES], place)
    kinds = _look_up(_KINDS, columns["kind"])
    names = _look_up([company.NAMES.get(kind) for kind in _KINDS], columns["kind"])
    spoken = columns["text"] >= 0
    paid = ~np.isnan(columns["amount"])
    due = columns["due_at"] != NEVER
    asked = columns["asked"]
    # What the shop's systems send is numbered; answers to surveys have names of their own.
    numbered = np.cumsum(asked < 0) - 1
    numbers: Any = pc.utf8_lpad(pc.cast(pa.array(numbered), pa.string()), 7, "0")
    join: Any = pc.binary_join_element_wise
    answered = _look_up([each.name for each in ASKED], asked)
    responses = _responses(columns["response"], seed)
    surveys = _look_up([f"survey:{each.survey}" for each in ASKED], asked)
    arrays: dict[str, Any] = {
        "id": pc.coalesce(
            join("survey", responses, answered, ":"), join(f"aurora-{seed}", numbers, "-")
        ),
        "at": _times(at),
        "received_at": _times(at + delay),
        "customer": references.take(pa.array(customer)),
        "kind": kinds,
        "name": pc.coalesce(answered, _look_up(_PROMISES, columns["promise"]), names),
        "touchpoint": _look_up([each.name for each in _PLACES], place),
        "channel": pc.coalesce(_look_up(_CHANNELS, columns["channel"]), channel_of_place),
        "direction": _look_up(("in", "out"), columns["out"].astype(np.int64)),
        "scale": _look_up(_SCALES, columns["scale"]),
        "score": pa.array(columns["score"], mask=np.isnan(columns["score"])),
        "text": _look_up(texts, columns["text"]),
        "language": _look_up(
            ("it", "en"), np.where(spoken | (asked >= 0), languages[customer], -1)
        ),
        "amount": pa.array(columns["amount"], mask=~paid),
        "currency": _look_up((company.CURRENCY,), np.where(paid, 0, -1)),
        "about": pc.coalesce(surveys, _about(columns)),
        "due_at": _times(to_utc(np.where(due, columns["due_at"], 0)), mask=~due),
        "source": pc.coalesce(
            _look_up((SOURCE,), np.where(asked >= 0, 0, -1)),
            _look_up([each.source for each in _PLACES], place),
        ),
        "properties": _properties(columns, regions, responses),
    }
    return pa.table({name: arrays[name] for name in SCHEMA.names}).cast(SCHEMA)


def _look_up(names: Sequence[str | None], codes: Ints) -> Any:
    import pyarrow as pa

    indices: Any = pa.array(codes, mask=codes < 0)
    return pa.array(names, pa.string()).take(indices)


def _times(values: Ints, mask: Flags | None = None) -> Any:
    import pyarrow as pa

    return pa.array(values, mask=mask).cast(pa.timestamp("us", tz="UTC"))


def _about(columns: dict[str, npt.NDArray[Any]]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.cast(pa.array(columns["about"] + 1000), pa.string())
    types = _look_up(_ABOUT, columns["about_type"])
    return pc.binary_join_element_wise(types, numbers, ":")


def _responses(numbers: Ints, seed: int) -> Any:
    """Return the id of each response, nothing in rows of none: 32 letters, as surveys have them."""
    rng = np.random.default_rng([seed, 2])
    drawn = rng.integers(0, 1 << 63, (numbers.max(initial=-1) + 1, 2)).tolist()
    return _look_up([f"{one:016x}{other:016x}" for one, other in drawn], numbers)


def _properties(columns: dict[str, npt.NDArray[Any]], regions: Ints, responses: Any) -> Any:
    """Return the properties as JSON. There are few combinations: each is written once.

    But for the response, which is put into its place.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from percorso.log.schema import as_json

    # Answers are stored as numbers; the words of some are kept beside them.
    pmf = columns["scale"] == _SCALES.index("pmf")
    choices = {score: name for name, score in PMF_ANSWERS.items()}
    known: tuple[tuple[str, Ints, tuple[str, ...]], ...] = (
        ("region", regions[columns["customer"]], tuple(r.name for r in company.REGIONS)),
        ("device", columns["device"], _DEVICES),
        ("courier", columns["courier"], company.COURIERS),
        ("genre", columns["genre"], company.GENRES),
        ("campaign", columns["campaign"], ("no", company.CAMPAIGN)),
        ("send_day", columns["send_day"], _SEND_DAYS),
        (
            "choice",
            np.where(pmf, np.nan_to_num(columns["score"]), -1).astype(np.int64),
            tuple(choices[each] for each in sorted(choices)),
        ),
        (_ASKED, columns["asked"], _QUESTIONS),
    )
    code = np.zeros(len(columns["at"]), dtype=np.int64)
    for _, values, names in known:
        code = code * (len(names) + 1) + values + 1
    combinations, index = np.unique(code, return_inverse=True)
    before, after = [], []
    for each in combinations.tolist():
        found: dict[str, Any] = {}
        rest = each
        for name, _, names in reversed(known):
            rest, value = divmod(rest, len(names) + 1)
            if value:
                found[name] = names[value - 1]
        found |= _of_question(found.pop(_ASKED, None))
        text = as_json(dict(sorted(found.items())))
        start, _, end = (text or "").partition(_RESPONSE)
        before.append(start or None)
        after.append(end)
    indices: Any = pa.array(index)
    return pc.binary_join_element_wise(
        pa.array(before, pa.string()).take(indices),
        pc.fill_null(responses, ""),
        pa.array(after, pa.string()).take(indices),
        "",
    )


def _of_question(key: str | None) -> dict[str, Any]:
    """Return what each answer to a question says of it, as ``surveys.known_rows`` does."""
    if key is None:
        return {}
    asked = ASKED[_QUESTIONS.index(key)]
    return {
        "survey": asked.survey,
        "version": SURVEYS[asked.survey].version,
        "question": asked.question,
        "type": asked.type,
        "wording": asked.wording,
        "response": _RESPONSE,
        **({"part": asked.part} if asked.part else {}),
    }
