"""What was read in a text, looked at by people: confirmed, or corrected.

A correction takes the place of what was read, whatever model reads the text again. Of all that was
looked at, the share that was right is the model's accuracy on this company's own texts.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from percorso.i18n import gettext as _
from percorso.labels import UNKNOWN_LANGUAGE
from percorso.log.corrected import Said
from percorso.log.errors import LogError
from percorso.text import kept
from percorso.text.joined import FIELDS, texts
from percorso.text.unknown import hint
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS, Estimate

if TYPE_CHECKING:
    from percorso.log import Log

#: A code, or one with a region or a script after it, as browsers send them: ``it-IT``.
_LANGUAGE: Final = re.compile("([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
URGENCIES: Final = (0, 1, 2)


class CorrectionError(LogError):
    """What was to be corrected is not there, or cannot be what it was said to be."""


def correct(log: "Log", interaction_id: str, *, field: str, value: Any, who: str) -> Said:
    """Keep that ``field`` of a text that was read is ``value``, as ``who`` says.

    Who says what was read confirms it: see ``Said.right``.

    ``field`` and ``value``: ``language`` a code (of ``it-IT`` the ``it``); ``sentiment`` negative,
    neutral or positive; ``emotions`` all that are there, a collection; ``factors`` all that are
    there, pairs of factor and polarity, or as READINGS has them; ``urgency`` 0, 1 or 2; ``need`` a
    boolean. The last word counts, all are kept. Raises CorrectionError, with what would do, and
    keeps nothing then.
    """
    [said] = correct_many(log, interaction_id, {field: value}, who=who)
    return said


def correct_many(
    log: "Log", interaction_id: str, values: Mapping[str, Any], *, who: str
) -> tuple[Said, ...]:
    """Keep what ``who`` says of several fields of a text: field -> value, as ``correct`` has them.

    All of it or nothing: raises CorrectionError before anything is kept.
    """
    for field in values:
        _check_field(field, who)
    found = kept.readings(log).of([interaction_id], ["customer", "model", *FIELDS]).to_pylist()
    if not found:
        raise CorrectionError(_("There is no text {id!r} that was read.").format(id=interaction_id))
    read = found[0]
    if read["language"] == UNKNOWN_LANGUAGE and "language" in values:
        # Where none was read, the one its sender's form was set to counts and is shown.
        read["language"] = _sent_language(log, interaction_id) or UNKNOWN_LANGUAGE
    now = datetime.now(UTC)
    said = [
        Said(
            id=interaction_id,
            customer=read["customer"],
            field=field,
            value=_checked(field, value, read[field]),
            was=read[field],
            model=read["model"],
            who=who,
            at=now,
        )
        for field, value in values.items()
    ]
    return kept.corrected(log).add(said)


def undo(
    log: "Log", interaction_id: str, *, field: str, who: str, number: int | None = None
) -> bool:
    """Take a word on a field back, as if it had not been said; say whether there was one.

    The one of this ``number`` (``Said.number``), or the last. Of those that are left the last
    counts. What was taken back is kept, with ``who``.
    """
    _check_field(field, who)
    return kept.corrected(log).withdraw(interaction_id, field, who, number)


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
    """Yield the texts that people looked at, masked, with their labels as they count now.

    In the form of ``training/data``: text, language, sentiment, emotions, factors (factor to
    polarity; a factor both praised and blamed is left out), urgency, need, kind; ``checked`` are
    the labels that people looked at.
    """
    import ibis
    import pyarrow as pa

    from percorso.text.personal_data import mask

    checked: dict[str, list[str]] = {}
    for said in kept.corrected(log).last():
        checked.setdefault(said.id, []).append(said.field)
    table = texts(log)
    chosen = ibis.memtable(pa.table({"id": pa.array(list(checked), pa.string())}))
    for row in table.semi_join(chosen, "id").order_by("id").to_pyarrow().to_pylist():
        example = {
            name: row[name] for name in ("language", "sentiment", "emotions", "urgency", "need")
        }
        yield {
            "text": mask(row["text"]),
            **example,
            "factors": _unmixed(row["factors"] or ()),
            "kind": row["kind"],
            "checked": sorted(checked[row["id"]]),
        }


def _unmixed(factors: Collection[Mapping[str, Any]]) -> dict[str, str]:
    """Return factor -> polarity, of those with one polarity."""
    found: dict[str, set[str]] = {}
    for each in factors:
        found.setdefault(each["factor"], set()).add(each["polarity"])
    return {factor: min(which) for factor, which in found.items() if len(which) == 1}


def _sent_language(log: "Log", id_: str) -> str:
    """Return the code of the language a text was sent with, empty where it has none."""
    table = log.interactions()
    found = table.filter(table.id == id_).select("language").to_pyarrow()["language"].to_pylist()
    sent = _LANGUAGE.fullmatch(found[0] or "") if found else None
    return sent[1].lower() if sent else ""


def _check_field(field: str, who: str) -> None:
    if field not in FIELDS:
        raise CorrectionError(_unknown(_("A text has no {word!r}."), field, FIELDS))
    if not who.strip():
        raise CorrectionError(_("Say who corrects it."))


def _checked(field: str, value: Any, was: Any) -> Any:
    """Return a value as it is stored, with what it shares with what was read in the same form."""
    match field:
        case "sentiment":
            return _one_of(value, SENTIMENTS)
        case "language":
            tag = _LANGUAGE.fullmatch(value) if isinstance(value, str) else None
            if tag is None:
                raise CorrectionError(
                    _("A language is a code such as it or en, not {value!r}.").format(value=value)
                )
            return tag[1].lower()
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
    pairs = _pairs(value)
    if pairs is None:
        raise CorrectionError(
            _("Factors must be given with their polarity, not {value!r}.").format(value=value)
        )
    given = {
        (_one_of(factor, FACTORS), _one_of(polarity, SENTIMENTS)) for factor, polarity in pairs
    }
    there = [each for each in was if (each["factor"], each["polarity"]) in given]
    known = {(each["factor"], each["polarity"]) for each in there}
    added = [
        {"factor": factor, "polarity": polarity, "start": 0, "end": 0}
        for factor, polarity in sorted(given - known)
    ]
    return [*there, *added]


def _pairs(value: Any) -> list[tuple[Any, Any]] | None:
    """Return pairs of factor and polarity; None where it is none of the forms they come in."""
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, str) or not isinstance(value, Collection):
        return None
    pairs: list[tuple[Any, Any]] = []
    for each in value:
        if isinstance(each, Mapping):
            pairs.append((each.get("factor"), each.get("polarity")))
        elif isinstance(each, tuple | list) and len(each) == 2:
            pairs.append((each[0], each[1]))
        else:
            return None
    return pairs


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
    return f"{message.format(word=word)} {hint(word, known)}"
