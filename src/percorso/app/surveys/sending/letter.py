"""The message that asks: what it says, with the first question in it.

Nothing in it is loaded from anywhere: no picture, no pixel, no font. Each answer of the first
question is a link that only preselects it, for programs that check mail follow links; it counts
when the page is sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from percorso.app.outbox.letters import Body
from percorso.app.surveys.sending.models import Sending
from percorso.surveys import Course, Question, Survey, fill
from percorso.surveys.model import Choice, Pmf, Scored, ends_of, options_of
from percorso.surveys.piping import ALWAYS_KNOWN, FACTS, gaps

#: Choices beyond these make a message that nobody reads: they are on the page.
_MOST_CHOICES: Final = 8
_OWN_LANGUAGES: Final = ("it", "en")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the message: what it says, and where it leads."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The first question as the message shows it. ``in_words`` says that answers are sentences."""

    text: str
    answers: tuple[Answer, ...]
    low: str = ""
    high: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a message leads, whole addresses: to the survey, to the customer's choices, and out."""

    survey: str
    choices: str
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message as it is posted."""

    subject: str
    language: str
    body: Body


def wrong_gaps(text: str) -> Iterator[str]:
    """Yield what is wrong with the gaps of a subject or an opening, in words."""
    for gap in gaps(text):
        if gap.fact not in FACTS:
            said = _("“{%(fact)s}” is nothing that is known of customers. Known are: %(known)s.")
            yield said % {"fact": (gap.fact or "")[:40], "known": ", ".join(FACTS)}
        elif gap.fallback is None and gap.fact not in ALWAYS_KNOWN:
            said = _("Say what stands there where it is not known: {%(fact)s|…}.")
            yield said % {"fact": gap.fact}


def write(
    survey: Survey,
    sending: Sending,
    *,
    language: str,
    facts: Mapping[str, str],
    links: Links,
    company: str,
    postal: str = "",
) -> Written:
    """Write the message in the language that comes nearest to the one asked for."""
    language = survey.language_for(language)
    known = {**facts, "company": company}

    def say(texts: Mapping[str, str]) -> str:
        return fill(survey.say(dict(texts), language), known)

    subject = say(sending.subject) or say(survey.title)
    asked = _asked(survey, language, links.survey, known)
    with translation.override(language if language in _OWN_LANGUAGES else "en"):
        context = {
            "language": language,
            "company": company,
            "postal": postal,
            "subject": subject,
            "title": say(survey.title),
            "opening": say(sending.opening) or say(survey.intro),
            "asked": asked,
            "links": links,
            "colours": survey.theme.light,
            "anonymous": survey.anonymous,
        }
        return Written(
            subject=subject,
            language=language,
            body=Body(
                text=render_to_string("surveys/mail/asked.txt", context).strip() + "\n",
                html=render_to_string("surveys/mail/asked.html", context),
                leave=links.leave,
            ),
        )


def _asked(survey: Survey, language: str, address: str, known: Mapping[str, str]) -> Asked | None:
    """Return the first question; None where its answers cannot be links."""
    screen = Course(survey).walk({}).screen
    if screen is None:
        return None
    question = screen.questions[0]
    answers = _answers(survey, question, language, known)
    if not answers or len(answers) > max(_MOST_CHOICES, 11):
        return None
    in_words = isinstance(question, Choice | Pmf)
    if in_words and len(answers) > _MOST_CHOICES:
        return None
    low = high = ""
    if isinstance(question, Scored):
        low = fill(survey.say(question.low, language), known)
        high = fill(survey.say(question.high, language), known)
    return Asked(
        fill(survey.say(question.text, language), known),
        tuple(
            Answer(words, f"{address}?{urlencode({question.id: value})}")
            for value, words in answers
        ),
        low,
        high,
        in_words,
    )


def _answers(
    survey: Survey, question: Question, language: str, known: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the answers that can be a link each: the value, and what it says."""
    if isinstance(question, Choice):
        return [
            (each.id, fill(survey.say(each.text, language), known)) for each in question.options
        ]
    if isinstance(question, Pmf):
        return [
            (each, fill(survey.say(question.answers.of(each), language), known))
            for each in options_of(question)
        ]
    ends = ends_of(question)
    if ends is None or not isinstance(question, Scored) or question.type == "matrix":
        return []
    return [(str(n), str(n)) for n in range(ends[0], ends[1] + 1)]
