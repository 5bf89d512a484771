"""What a request to the voice's pages asks: a part of the log, and which of its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from percorso.app import company
from percorso.app.filters import Scope, scope
from percorso.app.ui.access import may_see_customers
from percorso.vocabulary import EMOTIONS, FACTORS, SENTIMENTS

#: What is searched for is cut here.
LONGEST: Final = 200
#: What evidence may narrow beside the texts themselves.
_OF_THE_FILTER: Final = ("touchpoint", "channel", "phase", "segment")
_KNOWN: Final[Mapping[str, Sequence[str]]] = {
    "how": ("meaning",),
    "sentiment": SENTIMENTS,
    "factor": tuple(FACTORS),
    "polarity": SENTIMENTS,
    "emotion": tuple(EMOTIONS),
    "urgency": ("1", "2"),
    "need": ("yes", "no"),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """Which texts are asked for, as the address says it; empty text leaves everything in.

    ``q`` is searched for by its words, or by what it means where ``how`` is ``meaning``. ``wish``
    is the id of a need, ``need`` whether the text asks for something, ``urgency`` the least.
    """

    q: str = ""
    how: str = ""
    sentiment: str = ""
    factor: str = ""
    polarity: str = ""
    emotion: str = ""
    language: str = ""
    topic: str = ""
    wish: str = ""
    need: str = ""
    urgency: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Sought":
        """Read it from the address; a word that means nothing is left out."""
        given = {each.name: query.get(each.name, "").strip()[:LONGEST] for each in fields(cls)}
        for name, known in _KNOWN.items():
            if given[name] not in known:
                given[name] = ""
        given["q"] = given["q"].replace("\0", "")
        return cls(**given)

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address that say it."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def narrowed(self) -> bool:
        return bool(self.parameters())


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the part of the log, the texts it is about, and the page's own choices."""

    scope: Scope
    sought: Sought
    own: Mapping[str, str]

    @property
    def before(self) -> Any:
        """The selection of the period before, None where there is none to compare with."""
        spans = self.scope.spans
        if spans.compared is None or spans.compared.now != spans.now:
            return None
        return self.scope.chosen.selection(spans.compared.before)

    def page(self, name: str, *arguments: str, **changes: str) -> str:
        """Return the address of a page of the voice, with the same filter."""
        address = self.scope.chosen.address(changes)
        return reverse(f"voice:{name}", args=arguments) + ("" if address == "?" else address)

    def link(self, **changes: str) -> str:
        """Return the address of the same page with some choices changed."""
        return self.scope.chosen.address({**self.sought.parameters(), **self.own}, **changes)

    def texts(self, evidence: Mapping[str, Sequence[str]] | None = None, **more: str) -> str:
        """Return the address of the texts behind a figure, in the period that is looked at."""
        names = {each.name for each in fields(Sought)} | set(_OF_THE_FILTER)
        given = {name: values[0] for name, values in (evidence or {}).items() if values}
        return self.page("texts", **{k: v for k, v in {**given, **more}.items() if k in names})


def asked(request: HttpRequest, *own: str) -> Asked:
    """Read a request; ``own`` are the names of the page's own parameters."""
    query = request.GET.dict()
    return Asked(
        scope(company.log(), query, known=may_see_customers(request.user)),
        Sought.of(query),
        {name: query[name][:LONGEST] for name in own if query.get(name)},
    )
