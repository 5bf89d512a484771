"""Phrases, broken rules and counts of promises said in the current language."""

from collections.abc import Callable, Mapping

from percorso.i18n import gettext as _
from percorso.i18n import ngettext
from percorso.labels.figures import number
from percorso.labels.names import fate, scale
from percorso.vocabulary import Phrase, Violation


def fates(counts: Mapping[str, int | None]) -> str:
    """Return counts of promises by what became of them, such as ``12 kept, 3 late``.

    The keys are fates, ``broken`` and ``made``; what there is none of is left out. None: they are
    too few to show.
    """
    patterns: dict[str, Callable[[int], str]] = {
        "made": lambda n: ngettext("{n} made", "{n} made", n),
        "kept": lambda n: ngettext("{n} kept", "{n} kept", n),
        "late": lambda n: ngettext("{n} late", "{n} late", n),
        "unmet": lambda n: ngettext("{n} never kept", "{n} never kept", n),
        "broken": lambda n: ngettext("{n} broken", "{n} broken", n),
        "open": lambda n: ngettext("{n} still open", "{n} still open", n),
        "withdrawn": lambda n: ngettext("{n} withdrawn", "{n} withdrawn", n),
    }
    return ", ".join(
        f"{fate(each)}: {_('too few to show')}"
        if count is None
        else patterns[each](count).format(n=number(count))
        for each, count in counts.items()
        if count != 0
    )


def by_answer(given: str | None) -> str:
    """Say, to be added to a sentence, on which scale customers answered; nothing without one."""
    if given is None:
        return ""
    return " " + _("(by the last answer: {scale})").format(scale=scale(given))


def phrase(given: Phrase) -> str:
    """Say a phrase, such as the rule that a value broke, in the current language."""
    return given.said(_)


def sentence(given: Phrase) -> str:
    """Say a phrase whose whole numbers are counts: with the separators of the language."""
    return phrase(_with_separators(given))


def _with_separators(given: Phrase) -> Phrase:
    values: dict[str, str | int | float | Phrase] = {}
    for name, value in given.values.items():
        if isinstance(value, Phrase):
            values[name] = _with_separators(value)
        else:
            values[name] = number(value) if isinstance(value, int) else value
    return Phrase(given.message, values)


def violation(given: Violation) -> str:
    """Say which field broke which rule with which value."""
    return _("{field}: {rule} (got {value!r})").format(
        field=given.field, rule=phrase(given.rule), value=given.value
    )
