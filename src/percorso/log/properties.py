"""Reading single properties from the JSON text that the log keeps them in."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis


def property_text(properties: "ibis.Column", name: str) -> "ibis.expr.types.StringValue":
    """Return the property ``name`` of each row as text, null where a row has none."""
    import ibis

    extract = ibis.udf.scalar.builtin(
        name="json_extract_string", signature=(("string", "string"), "string")
    )(lambda _properties, _pointer: None)
    # A JSON pointer (RFC 6901): whatever the name holds, it is one name.
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return extract(properties, pointer)


def has_any(
    properties: "ibis.Column", groups: Sequence[tuple[str, str]]
) -> "ibis.expr.types.BooleanValue":
    """Say of each row whether one of these properties has the value beside it."""
    return reduce(or_, (property_text(properties, name) == value for name, value in groups))
