"""The properties that split promises, answers or tries into a few groups."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: A property is a group where it has so many values: fewer tell nothing, more are names.
LEAST_VALUES: Final = 2
MOST_VALUES: Final = 30
#: A property must be on at least so many of the rows, in percent.
_LEAST_FILLED: Final = 50


@dataclass(frozen=True, slots=True)
class Property:
    """A property: a code for each row (-1 where it has none), and what the codes mean."""

    name: str
    codes: Ints
    values: tuple[str, ...]


def properties_of(texts: Any) -> tuple[Property, ...]:
    """Return the properties that split rows into a few groups; ``texts`` is their JSON (Arrow)."""
    import pyarrow as pa

    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    index = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False))
    # A part of a longer column brings the texts of all of it along.
    used = np.unique(index[index >= 0])
    if len(used) == 0:
        return ()
    given = [_flat(text) for text in encoded.dictionary.take(pa.array(used)).to_pylist()]
    index = np.where(index >= 0, np.searchsorted(used, index), len(used))
    names = sorted({name for each in given for name in each})
    found = []
    for name in names:
        of_text = [each.get(name) for each in given]
        values = sorted({value for value in of_text if value is not None})
        if not LEAST_VALUES <= len(values) <= MOST_VALUES:
            continue
        code_of = {value: code for code, value in enumerate(values)}
        codes = np.array([-1 if v is None else code_of[v] for v in of_text] + [-1])[index]
        if (codes >= 0).mean() * 100 >= _LEAST_FILLED:
            found.append(Property(name, codes.astype(np.int64), tuple(values)))
    return tuple(found)


def _flat(text: str | None) -> Mapping[str, str]:
    """Return the properties that are words; numbers and lists name no group."""
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    flat = {}
    for name, value in given.items():
        if isinstance(value, bool):
            flat[str(name)] = "true" if value else "false"
        elif isinstance(value, str) and value:
            flat[str(name)] = value
    return flat
