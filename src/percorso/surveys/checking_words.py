"""Whether the words of a survey can be shown: in each language, plain, not too long, gaps known."""

import re
from collections.abc import Iterator
from typing import Final

from percorso.surveys.model import Survey, Texts, all_texts
from percorso.surveys.parsing import did_you_mean
from percorso.surveys.piping import ALWAYS_KNOWN, FACTS, PERSONAL, Gap, gaps
from percorso.surveys.problem import Problem
from percorso.surveys.words import can_be_seen
from percorso.vocabulary.phrases import N_, Phrase

#: The longest text by where it stands: a question is read, an introduction may be a paragraph.
LONGEST: Final = 1000
_LONGEST: Final = {"low": 60, "high": 60, "title": 200}
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|<script", re.IGNORECASE)


def problems(survey: Survey) -> Iterator[Problem]:
    """Yield what is wrong with the words of a survey."""
    for where, texts, needed in all_texts(survey):
        yield from _languages(survey, where, texts, needed=needed)
        for language in survey.languages:
            if texts.get(language):
                yield from _text(survey, f"{where}.{language}", texts[language])


def _languages(survey: Survey, where: str, texts: Texts, *, needed: bool) -> Iterator[Problem]:
    given = any(each.strip() for each in texts.values())
    for language in survey.languages:
        if (needed or given) and not texts.get(language, "").strip():
            yield Problem(f"{where}.{language}", Phrase(N_("the text is missing")))
    for language in texts:
        if language not in survey.languages:
            rule = N_("the survey is not in this language")
            yield Problem(f"{where}.{language[:20]}", Phrase(rule))


def _text(survey: Survey, where: str, text: str) -> Iterator[Problem]:
    most = _LONGEST.get(where.split(".")[-2], LONGEST)
    if len(text) > most:
        rule = N_("at most {most} characters; these are {n}")
        yield Problem(where, Phrase(rule, {"most": most, "n": len(text)}))
        return
    if not all(each == "\n" or can_be_seen(each) for each in text):
        yield Problem(where, Phrase(N_("holds characters that cannot be seen")))
    if _TAG.search(text):
        rule = N_("texts are plain: a tag such as <b> would be shown as it is written")
        yield Problem(where, Phrase(rule))
    for gap in gaps(text):
        yield from _gap(survey, where, gap)


def _gap(survey: Survey, where: str, gap: Gap) -> Iterator[Problem]:
    if gap.fact is None:
        rule = N_("a brace at character {at} stands alone; one that is meant is written twice")
        yield Problem(where, Phrase(rule, {"at": gap.at + 1}))
    elif gap.fact not in FACTS:
        # The hint is words already, in the language of whoever asks.
        hint = did_you_mean(gap.fact, FACTS)
        values = {"name": gap.fact[:40], "hint": hint}
        yield Problem(where, Phrase(N_("“{name}” is no fact that can be filled in.{hint}"), values))
    elif survey.anonymous and gap.fact in PERSONAL:
        rule = N_("an anonymous survey does not call anybody by name")
        yield Problem(where, Phrase(rule))
    elif gap.fact not in ALWAYS_KNOWN and not (gap.fallback or "").strip():
        rule = N_("say what stands there where it is not known: {example}")
        yield Problem(where, Phrase(rule, {"example": f"{{{gap.fact}|…}}"}))
