"""What to say beside a word that is not known: the one that was meant, or those that there are."""

import difflib
from collections.abc import Collection
from typing import Any

from percorso.i18n import gettext as _


def hint(word: Any, known: Collection[str]) -> str:
    """Return "Did you mean ...?" where a known word is near, else all that are known."""
    near = difflib.get_close_matches(str(word), known, n=1)
    if near:
        return _("Did you mean {word!r}?").format(word=near[0])
    return _("Known are: {words}.").format(words=", ".join(known))
