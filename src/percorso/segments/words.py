"""The words of the language: what can be asked of a customer, in English and in Italian."""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from percorso.i18n import gettext as _
from percorso.segments.ready import RFM
from percorso.vocabulary import CHANNELS, KINDS, PURPOSE_NAMES, PURPOSES, Phase

#: What a field holds: a number, a time, one word, several words, or a value by name (a trait).
Type = Literal["number", "time", "word", "words", "trait"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something known of a customer: its name in both languages, and its column.

    ``known`` are the words it can be, where they can be listed.
    """

    name: str
    italian: str
    type: Type
    column: str
    known: tuple[str, ...] = ()

    def written(self, language: str) -> str:
        """Return the name in a language."""
        return self.italian if language == "it" else self.name


def _number(name: str, italian: str) -> Field:
    return Field(name, italian, "number", name)


def _time(name: str, italian: str, column: str = "") -> Field:
    return Field(name, italian, "time", column or name)


FIELDS: Final[dict[str, Field]] = {
    each.name: each
    for each in (
        # What they bought
        _number("orders", "ordini"),
        _number("value", "valore"),
        _number("average_order", "ordine_medio"),
        _time("first_order", "primo_ordine"),
        _time("last_order", "ultimo_ordine"),
        Field("rfm", "rfm", "word", "rfm", RFM),
        _number("recency_score", "punti_recenza"),
        _number("frequency_score", "punti_frequenza"),
        _number("value_score", "punti_valore"),
        # What they did, where
        _time("first_seen", "primo_contatto", "first"),
        _time("last_seen", "ultimo_contatto", "last"),
        _number("interactions", "interazioni"),
        Field("channel", "canale", "words", "channels", tuple(CHANNELS)),
        Field("touchpoint", "punto_di_contatto", "words", "touchpoints"),
        Field("kind", "tipo", "words", "kinds", tuple(KINDS)),
        Field("source", "fonte", "words", "sources"),
        Field("phase", "fase", "word", "phase", tuple(str(each) for each in Phase)),
        _number("visits", "visite"),
        _time("last_visit", "ultima_visita"),
        _number("tickets", "richieste"),
        _time("last_ticket", "ultima_richiesta"),
        _number("returns", "resi"),
        # What they said
        _number("nps", "nps"),
        _number("csat", "csat"),
        _number("ces", "ces"),
        _number("pmf", "pmf"),
        _number("stars", "stelle"),
        _time("last_answer", "ultima_risposta"),
        _number("reviews", "recensioni"),
        # What was promised to them
        _number("promises", "promesse"),
        _number("broken_promises", "promesse_mancate"),
        _number("open_promises", "promesse_aperte"),
        # Who they are
        Field("consent", "consenso", "words", "consents", PURPOSES),
        Field("language", "lingua", "word", "language"),
        Field("trait", "attributo", "trait", "traits"),
        Field("segment", "segmento", "word", "segment"),
    )
}


def named(field: str) -> str:
    """Return what a field is called on a page, in the current language."""
    return _names().get(field, field)


def _names() -> dict[str, str]:
    return {
        "orders": _("Orders"),
        "value": _("Value so far"),
        "average_order": _("Mean value of an order"),
        "first_order": _("First order"),
        "last_order": _("Last order"),
        "rfm": _("RFM segment"),
        "recency_score": _("Recency score (1 to 5)"),
        "frequency_score": _("Frequency score (1 to 5)"),
        "value_score": _("Value score (1 to 5)"),
        "first_seen": _("First contact"),
        "last_seen": _("Last contact"),
        "interactions": _("Interactions"),
        "channel": _("Channel used"),
        "touchpoint": _("Touchpoint passed"),
        "kind": _("What they did"),
        "source": _("Source"),
        "phase": _("Phase they are in"),
        "visits": _("Visits"),
        "last_visit": _("Last visit"),
        "tickets": _("Requests for help"),
        "last_ticket": _("Last request for help"),
        "returns": _("Returns"),
        "nps": _("Last NPS answer (0 to 10)"),
        "csat": _("Last CSAT answer (1 to 5)"),
        "ces": _("Last CES answer (1 to 7)"),
        "pmf": _("Last PMF answer (0 to 3)"),
        "stars": _("Last stars (1 to 5)"),
        "last_answer": _("Last answer"),
        "reviews": _("Reviews"),
        "promises": _("Promises made to them"),
        "broken_promises": _("Broken promises"),
        "open_promises": _("Open promises"),
        "consent": _("Consent given"),
        "language": _("Language they write in"),
        "trait": _("A fact by its name"),
        "segment": _("Another segment"),
    }


def purpose(name: str) -> str:
    """Return what a purpose is called, in the current language."""
    return _(PURPOSE_NAMES[name]) if name in PURPOSE_NAMES else name


@cache
def by_name() -> dict[str, Field]:
    """Return every field by each of its names."""
    return {
        **{each.italian: each for each in FIELDS.values()},
        **{each.name: each for each in FIELDS.values()},
    }


#: What joins conditions, and what is asked, in each language; the first is how it is printed.
KEYWORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "and": {"en": ("and",), "it": ("e", "ed")},
    "or": {"en": ("or",), "it": ("o", "oppure", "od")},
    "not": {"en": ("not",), "it": ("non",)},
    "is": {"en": ("is", "are", "in", "of"), "it": ("è", "sono", "di")},
    "within": {"en": ("within",), "it": ("entro",)},
    "before": {"en": ("before",), "it": ("prima",)},
    "since": {"en": ("since",), "it": ("dal",)},
    "after": {"en": ("after",), "it": ("dopo",)},
    "more": {"en": ("more",), "it": ("più", "piu")},
    "ago": {"en": ("ago",), "it": ("fa",)},
    "known": {"en": ("known",), "it": ("noto", "nota")},
    "unknown": {"en": ("unknown",), "it": ("ignoto", "ignota")},
    "never": {"en": ("never",), "it": ("mai",)},
}
#: Little words that may stand before a time where they read well.
FILLERS: Final = frozenset(
    {"the", "last", "than", "di", "il", "del", "dello", "dell", "gli", "ultimi", "ultime", "l"}
)
#: ``in the last 90 days``, ``negli ultimi 90 giorni``.
LATELY: Final = frozenset({"in", "negli", "nelle", "nei"})
UNIT_WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "hour": {"en": ("hour", "hours"), "it": ("ora", "ore")},
    "day": {"en": ("day", "days"), "it": ("giorno", "giorni")},
    "week": {"en": ("week", "weeks"), "it": ("settimana", "settimane")},
    "month": {"en": ("month", "months"), "it": ("mese", "mesi")},
    "year": {"en": ("year", "years"), "it": ("anno", "anni")},
}


@cache
def keywords() -> dict[str, str]:
    """Return every keyword by how it is written."""
    return {
        written: keyword
        for keyword, languages in KEYWORDS.items()
        for words in languages.values()
        for written in words
    }


@cache
def units() -> dict[str, str]:
    """Return every unit of time by how it is written."""
    return {
        written: unit
        for unit, languages in UNIT_WORDS.items()
        for words in languages.values()
        for written in words
    }


@cache
def values_of(field: str) -> dict[str, str]:
    """Return the words a field can be by how they are written, in small letters.

    Each by its code and by its names in both languages.
    """
    from percorso import labels
    from percorso.i18n import in_language

    name = {
        "channel": labels.channel,
        "phase": labels.phase,
        "kind": labels.kind,
        "rfm": labels.segment,
        "consent": purpose,
    }.get(field, str)
    found: dict[str, str] = {}
    for language in ("it", "en"):
        with in_language(language):
            found.update({name(each).casefold(): each for each in FIELDS[field].known})
    found.update({each: each for each in FIELDS[field].known})
    return found
