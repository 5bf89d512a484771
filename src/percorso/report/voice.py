"""The voice of the customer in the report: what it says as data, in a terminal, and in figures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from percorso import labels
from percorso.i18n import current_language, in_language, ngettext
from percorso.i18n import gettext as _

if TYPE_CHECKING:
    from percorso.charts import Figure
    from percorso.log import Log
    from percorso.log.selection import Selection
    from percorso.report.model import Compared, Report
    from percorso.text.results import (
        FactorScore,
        Finding,
        Need,
        Quote,
        Shift,
        Summary,
        Theme,
        Topic,
        Voice,
    )

#: Topics and needs in a figure.
_IN_FIGURE: Final = 15


def build(log: "Log", selection: "Selection | None", compared: "Compared | None") -> "Voice | None":
    """Return what customers say; None where the log has no text that was read.

    What changed is told of the period chosen, or of the last quarter, as for scores: without a
    period chosen the figures themselves are of all texts.
    """
    from percorso.log.selection import Selection
    from percorso.text.overview import voice

    previous = None
    if compared is not None and selection is not None and selection.since is not None:
        whole = selection or Selection()
        previous = replace(whole, since=compared.before, until=compared.since)
    found = voice(log, selection, previous=previous)
    return found if found.texts or found.unread else None


def worded(voice: "Voice | None", language: str) -> "Summary | None":
    """Return the summary as it is told in ``language``, by a language model where one was chosen.

    Once for a report: a model may word it otherwise the next time.
    """
    if voice is None:
        return None
    from percorso.text import wording

    with in_language(language):
        return wording.worded(voice)


def summary(report: "Report") -> "Summary | None":
    """Return the summary in the current language: a model words it in the company's only."""
    if report.voice is None or current_language() == report.settings.language:
        return report.summary
    return report.voice.summary


def as_data(report: "Report") -> dict[str, Any] | None:
    """Return the voice as strict JSON; None where there is none. Quotes are masked."""
    voice, told = report.voice, summary(report)
    if voice is None or told is None:
        return None
    whole = voice.sentiment
    return {
        "texts": voice.texts,
        "customers": voice.customers,
        "unread": voice.unread,
        "by_language": dict(voice.by_language),
        "sentiment": {
            "positive": whole.positive.as_dict(),
            "neutral": whole.neutral.as_dict(),
            "negative": whole.negative.as_dict(),
        },
        "factors": [_factor(each) for each in voice.factors],
        "emotions": [
            {"emotion": each.emotion, "texts": each.texts, "share": each.share.as_dict()}
            for each in voice.emotions
        ],
        "topics": [_topic(each) for each in voice.topics.rows],
        "needs": [_need(each) for each in voice.needs.rows],
        "strengths": [_finding(each) for each in voice.summary.strengths],
        "weaknesses": [_finding(each) for each in voice.summary.weaknesses],
        "opportunities": [_finding(each) for each in voice.summary.opportunities],
        "summary": [
            {"sentence": labels.sentence(each.words), "evidence": _links(each.evidence)}
            for each in told.written
        ],
        "written_by": told.written_by or None,
    }


def unread(voice: "Voice") -> str:
    """Say how many texts were not read yet; nothing where all were."""
    if not voice.unread:
        return ""
    return ngettext(
        "{n} text is not read yet: percorso enrich",
        "{n} texts are not read yet: percorso enrich",
        voice.unread,
    ).format(n=labels.number(voice.unread))


def figures(voice: "Voice") -> "Iterator[Figure]":
    """Give the figures of the page."""
    from percorso import charts

    shown = [each for each in voice.factors if each.balance.shown]
    if shown:
        yield charts.praise_and_blame(
            _("What they praise and blame"),
            [(labels.factor(each.factor), each.positive, each.negative) for each in shown],
        )
    topics = voice.topics.rows[:_IN_FIGURE]
    if topics:
        yield charts.praise_and_blame(
            _("What they talk about"),
            [(each.name, each.positive, each.negative) for each in topics],
        )
    needs = voice.needs.rows[:_IN_FIGURE]
    if needs:
        yield charts.asked_for([(each.name, each.customers, each.share) for each in needs])


def _factor(given: "FactorScore") -> dict[str, Any]:
    return {
        "factor": given.factor,
        "mentions": given.mentions,
        "customers": given.customers,
        "share": given.share.as_dict(),
        "positive": given.positive.as_dict(),
        "negative": given.negative.as_dict(),
        "balance": given.balance.as_dict(),
        "change": _shift(given.change),
    }


def _theme(given: "Theme") -> dict[str, Any]:
    return {
        "id": given.id,
        "name": given.name,
        "words": list(given.words),
        "language": given.language,
        "texts": given.texts,
        "customers": given.customers,
        "share": given.share.as_dict(),
    }


def _topic(given: "Topic") -> dict[str, Any]:
    return {
        **_theme(given),
        "positive": given.positive.as_dict(),
        "negative": given.negative.as_dict(),
        "change": _shift(given.share_change),
        "quotes": [_quote(each) for each in given.quotes],
    }


def _need(given: "Need") -> dict[str, Any]:
    return {
        **_theme(given),
        "value": given.value,
        "rank": given.rank,
        "quotes": [_quote(each) for each in given.quotes],
    }


def _quote(given: "Quote") -> dict[str, Any]:
    return {
        "id": given.id,
        "at": given.at.isoformat().replace("+00:00", "Z"),
        "touchpoint": given.touchpoint,
        "language": given.language,
        "sentiment": given.sentiment,
        "text": given.text,
    }


def _finding(given: "Finding") -> dict[str, Any]:
    return {
        "about": given.about,
        "key": given.key,
        "title": labels.phrase(given.title),
        "why": labels.sentence(given.why),
        "texts": given.texts,
        "customers": given.customers,
        "evidence": _links(given.evidence),
    }


def _links(evidence: Any) -> dict[str, list[str]]:
    return {name: list(values) for name, values in evidence.items()}


def _shift(given: "Shift | None") -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "difference": given.estimate.as_dict(),
        "p_value": given.p_value,
        "p_adjusted": given.p_adjusted,
    }
