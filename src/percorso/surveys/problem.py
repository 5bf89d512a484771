"""A problem of a survey."""

from dataclasses import dataclass

from percorso.vocabulary.phrases import Phrase


@dataclass(frozen=True, slots=True)
class Problem:
    """``where`` is its place, such as ``questions.why.text.it``; ``rule`` what is wrong there."""

    where: str
    rule: Phrase
