"""What customers' data may be used for: the one definition, of one customer and of all.

The last word said about a purpose counts, by when it was said, at most when it came: a word that
is dated ahead is outweighed by what is said after it. A last word that cannot be read (``given`` is
neither true nor false) counts as no. A yes said on a website does not count where somebody said no
under another reference: whoever sits at a browser may have named a customer who refused. What
nobody said anything about follows from the purpose's basis.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from percorso.log.purposes import Terms
from percorso.vocabulary import PURPOSES

#: How something was said that a public key brought: by whoever sat at the browser.
WEBSITE: Final = "website"


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


@dataclass(frozen=True, slots=True)
class Word:
    """What was said once about a purpose: under which reference, when, and whether on a website."""

    reference: str
    given: bool
    at: datetime
    received_at: datetime
    id: str
    on_website: bool

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        return min(self.at, self.received_at), self.received_at, self.id


def word(reference: str, row: Mapping[str, Any], said: tuple[str, bool, dict[str, Any]]) -> Word:
    """Return the word of a row, read by ``said``, under the reference it was said under."""
    _purpose, given, properties = said
    on_website = properties.get("how") == WEBSITE
    return Word(reference, given, row["at"], row["received_at"], row["id"], on_website)


def last(words: Iterable[Word]) -> Word | None:
    """Return the word that counts of all that a customer said about a purpose."""
    said = tuple(words)
    refused = {each.reference for each in said if not each.given}
    counting = (
        each for each in said if not (each.given and each.on_website and refused - {each.reference})
    )
    return max(counting, key=lambda each: each.order, default=None)


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
        FROM (SELECT customer, purpose, arg_max(given, row(least("at", received_at), received_at,
                "id")) FILTER (NOT (given AND on_website AND refused_elsewhere)) AS given
            FROM (SELECT *, coalesce(first_refused <> reference OR last_refused <> reference,
                    false) AS refused_elsewhere
                FROM (SELECT *, min(reference) FILTER (NOT given) OVER same AS first_refused,
                        max(reference) FILTER (NOT given) OVER same AS last_refused
                    FROM (SELECT customer, reference, "at", received_at, "id",
                            json_extract_string(properties, '/purpose') AS purpose,
                            coalesce(CAST(json_extract(properties, '/given') AS VARCHAR) = 'true',
                                false) AS given,
                            coalesce(json_extract_string(properties, '/how') = '{WEBSITE}', false)
                                AS on_website
                        FROM {view} WHERE kind = 'consent')
                    WINDOW same AS (PARTITION BY customer, purpose)))
            GROUP BY 1, 2)
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
