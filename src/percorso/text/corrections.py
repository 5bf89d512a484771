"""What was read in a text, looked at by people: confirmed, or corrected.

A correction takes the place of what was read, whatever model reads the text again. Of all that was
looked at, the share that was right is the model's accuracy on this company's own texts.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.log.corrected import Said
from percorso.log.errors import LogError
from percorso.text import kept
from percorso.text.outputs import POLARITIES
from percorso.text.voice import FIELDS
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS, Estimate

if TYPE_CHECKING:
    from percorso.log import Log

LANGUAGES: Final = ("it", "en", "fr", "pt", "es", "de", "und")
URGENCIES: Final = (0, 1, 2)


class CorrectionError(LogError):
    """What was to be corrected is not there, or cannot be what it was said to be."""


def correct(log: "Log", interaction_id: str, *, field: str, value: Any, who: str) -> Said:
    """Keep that ``field`` of a text that was read is ``value``, as ``who`` says.

    ``field`` and ``value``: ``language`` a code; ``sentiment`` negative, neutral or positive;
    ``emotions`` all that are there, a collection; ``factors`` all that are there, pairs of
    factor and polarity; ``urgency`` 0, 1 or 2; ``need`` a boolean. The last word counts, all are
    kept. Raises CorrectionError, with what would do, and keeps nothing then.
    """
    return _keep(log, interaction_id, field, who, value)


def confirm(log: "Log", interaction_id: str, *, field: str, who: str) -> Said:
    """Keep that what was read of ``field`` is right; a correction made before no longer counts."""
    return _keep(log, interaction_id, field, who, None)


def corrections(log: "Log") -> tuple[Said, ...]:
    """Return the last word on each field of each text, the newest first; see ``Said.right``."""
    return tuple(kept.corrected(log).last())[::-1]


def accuracy(log: "Log") -> dict[str, Estimate]:
    """Return the percent that was right of what people looked at, by field.

    Of what the present model read; right is what was confirmed, wrong what was corrected to
    something else. Who looks at what seems odd sees more errors than there are: as an estimate of
    all texts it is low. Interval: as ``estimation.proportion``.
    """
    from percorso.estimation import proportion
    from percorso.text.model import MODEL

    said = [each for each in kept.corrected(log).last() if each.model == MODEL.version]
    answers: dict[str, Estimate] = {}
    for field in FIELDS:
        right = [each.right for each in said if each.field == field]
        if right:
            answers[field] = proportion(sum(right), len(right))
    return answers


def examples(log: "Log") -> Iterator[dict[str, Any]]:
    """Yield the texts that people looked at, masked, with the labels they gave: for training."""
    from percorso.text.personal_data import mask

    labels: dict[str, dict[str, Any]] = {}
    for said in kept.corrected(log).last():
        labels.setdefault(said.id, {})[said.field] = said.value
    for batch in log.read(["id", "text"], where=_among(labels)):
        for row in batch.to_pylist():
            yield {"text": mask(row["text"]), **labels[row["id"]]}


def _among(ids: Collection[str]) -> Any:
    import pyarrow as pa
    import pyarrow.dataset as ds

    return ds.field("id").isin(pa.array(list(ids), pa.string()))


def _keep(log: "Log", id_: str, field: str, who: str, value: Any) -> Said:
    """Keep a word on a field: ``value``, or None for what was read."""
    if field not in FIELDS:
        raise CorrectionError(_unknown(_("A text has no {word!r}."), field, FIELDS))
    if not who.strip():
        raise CorrectionError(_("Say who corrects it."))
    found = kept.readings(log).of([id_], ["customer", "model", field]).to_pylist()
    if not found:
        raise CorrectionError(_("There is no text {id!r} that was read.").format(id=id_))
    was = found[0][field]
    said = Said(
        id=id_,
        customer=found[0]["customer"],
        field=field,
        value=was if value is None else _checked(field, value, was),
        was=was,
        model=found[0]["model"],
        who=who,
        at=datetime.now(UTC),
    )
    kept.corrected(log).add(said)
    return said


def _checked(field: str, value: Any, was: Any) -> Any:
    """Return a value as it is stored, with what it shares with what was read in the same form."""
    match field:
        case "sentiment":
            return _one_of(value, SENTIMENTS)
        case "language":
            return _one_of(value, LANGUAGES)
        case "emotions":
            given = {_one_of(each, EMOTIONS) for each in _several(value)}
            return was if given == set(was) else sorted(given)
        case "factors":
            return _factors(value, was)
        case "urgency":
            if isinstance(value, bool) or value not in URGENCIES:
                raise CorrectionError(
                    _("Urgency must be 0, 1 or 2, not {value!r}.").format(value=value)
                )
            return int(value)
        case _:
            if not isinstance(value, bool):
                raise CorrectionError(
                    _("A need is there or not (true or false), not {value!r}.").format(value=value)
                )
            return value


def _factors(value: Any, was: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return factors with the places in the text where the model found them, if it did."""
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if isinstance(pairs, str) or not _are_pairs(pairs):
        raise CorrectionError(
            _("Factors must be given with their polarity, not {value!r}.").format(value=value)
        )
    given = {
        (_one_of(factor, FACTORS), _one_of(polarity, POLARITIES)) for factor, polarity in pairs
    }
    there = [each for each in was if (each["factor"], each["polarity"]) in given]
    known = {(each["factor"], each["polarity"]) for each in there}
    added = [
        {"factor": factor, "polarity": polarity, "start": 0, "end": 0}
        for factor, polarity in sorted(given - known)
    ]
    return [*there, *added]


def _are_pairs(value: Any) -> bool:
    return isinstance(value, Collection) and all(
        isinstance(each, (tuple, list)) and len(each) == 2 for each in value
    )


def _several(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Collection):
        raise CorrectionError(
            _("Emotions must be given as a list, not {value!r}.").format(value=value)
        )
    return list(value)


def _one_of(value: Any, known: Collection[str]) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise CorrectionError(_unknown(_("{word!r} is not known."), value, known))


def _unknown(message: str, word: Any, known: Collection[str]) -> str:
    near = difflib.get_close_matches(str(word), known, n=1)
    hint = (
        _("Did you mean {word!r}?").format(word=near[0])
        if near
        else _("Known are: {words}.").format(words=", ".join(known))
    )
    return f"{message.format(word=word)} {hint}"
