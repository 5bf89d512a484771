"""The versions of a survey, and which of their questions are one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from percorso.survey_results.reading import Rows
from percorso.surveys import Survey, Surveys, wording
from percorso.surveys.model import AnyQuestion, Matrix, Rating

if TYPE_CHECKING:
    from percorso.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Same:
    """A question in the versions that ask it alike: the same id, kind and number of points.

    ``versions`` is not empty, the latest last. ``others`` says that it stands for versions too
    that are not known any more.
    """

    id: str
    versions: tuple[tuple[int, AnyQuestion], ...]
    others: bool

    @property
    def latest(self) -> AnyQuestion:
        return self.versions[-1][1]

    @property
    def marks(self) -> dict[str, tuple[int, ...]]:
        """The versions by their wording."""
        found: dict[str, tuple[int, ...]] = {}
        for version, question in self.versions:
            mark = wording(question)
            found[mark] = (*found.get(mark, ()), version)
        return found

    def question_of(self, version: int) -> AnyQuestion:
        return dict(self.versions)[version]

    def rows(self, rows: Rows, known: Sequence[int]) -> NDArray[np.bool_]:
        """Say which answers are to this question; ``known`` are all versions of the survey."""
        mine = {str(version) for version, _ in self.versions}
        there = {str(each) for each in known}
        counts = [
            each in mine or (self.others and each not in there) for each in rows.version.names
        ]
        # The last one is what -1, no version at all, finds: that goes by the words.
        of_version = np.array([*counts, False], dtype=bool)[rows.version.codes]
        return np.asarray(rows.question.where(self.id) & (of_version | self._in_words(rows)))

    def _in_words(self, rows: Rows) -> NDArray[np.bool_]:
        """Say which answers tell no version, and were to these words, or to none known here."""
        mine = [each in self.marks for each in rows.wording.names]
        found = np.array([*mine, self.others], dtype=bool)[rows.wording.codes]
        return np.asarray((rows.version.codes == -1) & found)


def versions_of(workspace: "Workspace", survey_id: str) -> tuple[Survey, ...]:
    """Return the versions that were published, the latest last; of a mere draft, that.

    What cannot be read is left out. Raises SurveyError where there is no such survey.
    """
    surveys = Surveys(workspace)
    found = surveys.readable(survey_id) or (surveys.get(survey_id),)
    return tuple(each for each in found if each.published) or found[-1:]


def is_anonymous(versions: Sequence[Survey]) -> bool:
    """Say whether any version is anonymous: what was promised then holds for good."""
    return any(each.anonymous for each in versions)


def questions_of(versions: Sequence[Survey]) -> tuple[Same, ...]:
    """Return the questions of all versions: as the latest orders them, then those of earlier."""
    found: dict[tuple[str, str, int], list[tuple[int, AnyQuestion]]] = {}
    for survey in reversed(versions):
        for each in survey.questions:
            found.setdefault(_key(each), []).insert(0, (survey.version, each))
    newest: set[str] = set()
    same = []
    for (name, *_), asked in found.items():
        same.append(Same(name, tuple(asked), others=name not in newest))
        newest.add(name)
    return tuple(same)


def _key(question: AnyQuestion) -> tuple[str, str, int]:
    points = question.points if isinstance(question, Rating | Matrix) else 0
    return question.id, question.type, points
