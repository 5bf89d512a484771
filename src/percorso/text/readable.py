"""Of texts found by words, those where the words are not in what is masked."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from percorso.text.names import introducing, may_be_named, without_accents
from percorso.text.personal_data import mask_many

if TYPE_CHECKING:
    import ibis

#: Nothing but a name is masked in a text without any of these (RE2): a digit, a sign or word of
#: addresses, a sign that the text is not as it looks.
_HOLDS: Final = (
    r"(?i)\pN|@|chiocciola|[(\[{<]at|\sdot\s|&#"
    r"|[^\t\n\r\x20-\x7e\x{c0}-\x{24f}\x{2013}\x{2014}\x{2018}-\x{201d}\x{2026}\x{20ac}]"
)


def only(table: "ibis.Table", sought: Sequence[str], patterns: Sequence[str]) -> "ibis.Table":
    """Return the rows of ``table`` whose masked text has all that is ``sought``.

    Their texts have it. Masking takes its time, so only those are masked where what was sought may
    be personal data: the others hold none but names, and no name as it was sought.
    """
    import ibis
    import pyarrow as pa

    doubtful = table.text.re_search(_HOLDS) | _in_a_name(table.text, sought)
    found = table.filter(doubtful).select("id", "text").to_pyarrow()
    if not len(found):
        return table
    masked = mask_many(found["text"].to_pylist())
    rows = ibis.memtable(pa.table({"id": found["id"], "masked": pa.array(masked, pa.string())}))
    kept = reduce(lambda one, other: one & other, (rows.masked.re_search(p) for p in patterns))
    hidden = rows.filter(~kept).select("id").to_pyarrow()
    return table.anti_join(ibis.memtable(hidden), "id") if len(hidden) else table


def _in_a_name(text: Any, sought: Sequence[str]) -> Any:
    """Say of each text whether a word that is sought may be part of a name in it."""
    import ibis

    plain = [without_accents(each.lower()) for each in sought]
    if any(not each.isalpha() or may_be_named(each) for each in plain):
        return ibis.literal(True)
    # Names have a capital letter, or are introduced.
    words = "|".join(map(re.escape, sorted(introducing())))
    expressions = [rf"(?i)(?:{words})", *map(_capital, plain)]
    return reduce(or_, (text.re_search(each) for each in expressions))


def _capital(word: str) -> str:
    """Return what finds a word that begins with a capital letter, or goes on another (RE2).

    A letter with an accent may be any letter.
    """
    other = r"[^\x00-\x7f]"
    first = rf"(?:{word[0].upper()}|['’-](?i:{word[0]})|{other})"
    return first + "".join(rf"\pM*(?:(?i:{each})|{other})" for each in word[1:4])
