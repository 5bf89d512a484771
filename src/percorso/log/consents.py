"""What customers' data may be used for: the one definition, of one customer and of all.

The last word said about a purpose counts. A last word that cannot be read (``given`` is neither
true nor false) counts as no. What nobody said anything about follows from the purpose's basis.
"""

import json
from collections.abc import Sequence
from typing import Any

from percorso.log.purposes import Terms
from percorso.vocabulary import PURPOSES


def said(properties: str | None) -> tuple[str, bool, dict[str, Any]] | None:
    """Read a row of kind ``consent``: the purpose, whether it was agreed to, and all it says.

    None where it is about none of the purposes.
    """
    try:
        found = json.loads(properties or "{}")
    except ValueError:
        return None
    purpose = found.get("purpose") if isinstance(found, dict) else None
    if not isinstance(purpose, str) or purpose not in PURPOSES:
        return None
    return purpose, found.get("given") is True, found


def may(basis: str, *, last: bool | None) -> bool:
    """Say whether a purpose may be pursued; ``last`` is the last word, None where none was said."""
    if basis == "consent":
        return last is True
    if basis == "legitimate_interest":
        return last is not False
    return True


def words_sql(view: str) -> str:
    """Return the SQL of the last words: ``customer``, and a column for each purpose.

    True or false, null where nothing was said. ``view`` has the columns of the log.
    """
    columns = ", ".join(
        f"bool_or(given) FILTER (purpose = '{each}') AS {each}" for each in PURPOSES
    )
    return f"""
        SELECT customer, {columns}
        FROM (SELECT customer, json_extract_string(properties, '/purpose') AS purpose,
                arg_max(coalesce(CAST(json_extract(properties, '/given') AS VARCHAR) = 'true',
                    false), row("at", received_at, "id")) AS given
            FROM {view} WHERE kind = 'consent' GROUP BY 1, 2)
        GROUP BY customer
    """


def may_sql(words: str, purposes: Sequence[Terms]) -> str:
    """Return the SQL of the purposes that ``may`` holds for, sorted; ``words`` is ``words_sql``'s.

    It stands for a customer without a row in ``words`` too, where its columns are null.
    """
    each = ", ".join(
        f"CASE WHEN {_may_sql(f'{words}.{terms.purpose}', terms.basis)} THEN '{terms.purpose}' END"
        for terms in sorted(purposes, key=lambda terms: terms.purpose)
    )
    return f"list_filter([{each}], lambda purpose : purpose IS NOT NULL)"


def _may_sql(last: str, basis: str) -> str:
    if basis == "consent":
        return f"coalesce({last}, false)"
    if basis == "legitimate_interest":
        return f"coalesce({last}, true)"
    return "true"
