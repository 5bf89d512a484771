"""The surveys of a workspace: ``surveys/ID/N.json``, one file for each version.

A version is a draft until it is published, and never changes afterwards: answers keep the wording
they were given. The next change makes the next version.
"""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from percorso import durable_file
from percorso.i18n import gettext as _
from percorso.surveys.checking import problems, said
from percorso.surveys.errors import SurveyChangedError, SurveyError
from percorso.surveys.model import SURVEY_ID, Survey
from percorso.surveys.parsing import did_you_mean
from percorso.surveys.reading import LARGEST, from_json, to_json
from percorso.workspace import Workspace

MOST: Final = 500
_FILE: Final = re.compile(r"([1-9][0-9]{0,5})\.json")
_ANONYMOUS: Final = re.compile(rb'"anonymous"\s*:\s*true')


def state(survey: Survey) -> str:
    """Return letters that stand for a survey as it is: any change gives others."""
    return hashlib.sha256(to_json(survey)).hexdigest()[:32]


class Surveys:
    """The surveys of a workspace. Several processes may use them at once."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.surveys

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all surveys, in alphabetical order."""
        return tuple(sorted(each for each in _names_in(self._folder) if self._is_survey(each)))

    def versions(self, survey_id: str) -> tuple[int, ...]:
        """Return the versions there are, in rising order."""
        found = map(_FILE.fullmatch, _names_in(self._home(survey_id)))
        return tuple(sorted(int(each[1]) for each in found if each))

    def find(self, survey_id: str, version: int | None = None) -> Survey | None:
        """Return a version of a survey, the latest where none is named; None where it is not there.

        Raises SurveyError where its file cannot be read.
        """
        versions = self.versions(survey_id)
        if not versions or (version is not None and version not in versions):
            return None
        return self._read(survey_id, versions[-1] if version is None else version)

    def published(self, survey_id: str) -> Survey | None:
        """Return the latest version that was published and can be read: the one to ask.

        Raises SurveyError where there is none, and a file cannot be read. Where that file says that
        it is anonymous, no version is asked in its place that is not.
        """
        broken: SurveyError | None = None
        anonymous = False
        for version in reversed(self.versions(survey_id)):
            try:
                survey = self._read(survey_id, version)
            except SurveyError as error:
                broken = broken or error
                anonymous = anonymous or self._promises_anonymity(survey_id, version)
                continue
            if survey.published and (survey.anonymous or not anonymous):
                return survey
        if broken is not None:
            raise broken
        return None

    def readable(self, survey_id: str) -> tuple[Survey, ...]:
        """Return the versions that can be read, in rising order. Raises SurveyError for none."""
        found, broken = self._sorted(survey_id)
        if broken and not found:
            raise broken[-1]
        return tuple(found)

    def broken(self, survey_id: str) -> tuple[str, ...]:
        """Return why files of versions cannot be read: which file, which field, and the rule."""
        return tuple(str(each) for each in self._sorted(survey_id)[1])

    def get(self, survey_id: str, version: int | None = None) -> Survey:
        """Return a version of a survey. Raises SurveyError, with what may have been meant."""
        found = self.find(survey_id, version)
        if found is None:
            raise SurveyError(
                _("There is no survey “{name}”.").format(name=survey_id[:60])
                + did_you_mean(survey_id, self.ids())
                if version is None or not self.versions(survey_id)
                else _("The survey “{name}” has no version {version}.").format(
                    name=survey_id, version=version
                )
            )
        return found

    def add(self, survey: Survey) -> Survey:
        """Save a new survey as the draft of its first version. Raises SurveyError."""
        with self._changing():
            if self.versions(survey.id):
                raise SurveyError(
                    _("There is a survey “{name}” already. Choose another id.").format(
                        name=survey.id
                    )
                )
            if len(self.ids()) >= MOST:
                raise SurveyError(_("There are {most} surveys already.").format(most=MOST))
            return self._write(survey, 1)

    def save(self, survey: Survey, *, instead_of: str) -> Survey:
        """Save a change, and return it as saved: the draft, or a new draft after what is published.

        A draft may have problems. ``instead_of`` is the ``state`` of the survey that was changed:
        where somebody else changed or published it meanwhile, this raises SurveyChangedError and
        keeps theirs.
        """
        with self._changing():
            latest = self.get(survey.id)
            if state(latest) != instead_of:
                raise SurveyChangedError(
                    _(
                        "“{name}” was changed by somebody else meanwhile. Load it and make your "
                        "change again."
                    ).format(name=survey.id)
                )
            return self._write(survey, latest.version + (1 if latest.published else 0))

    def publish(self, survey_id: str) -> Survey:
        """Make the latest version final, and return it. From now on it never changes.

        Raises SurveyError where the survey has problems.
        """
        with self._changing():
            latest = self.get(survey_id)
            if latest.published:
                return latest
            found = problems(latest)
            if found:
                raise SurveyError(
                    _("“{name}” cannot be published yet: {problem}").format(
                        name=survey_id, problem=said(found[0])
                    )
                )
            return self._write(msgspec.structs.replace(latest, published=True), latest.version)

    def delete_draft(self, survey_id: str) -> None:
        """Delete the draft of a survey; with it the survey, where nothing of it was published.

        Raises SurveyError where there is none.
        """
        with self._changing():
            latest = self.get(survey_id)
            if latest.published:
                raise SurveyError(
                    _("Version {version} of “{name}” is published, and stays.").format(
                        version=latest.version, name=survey_id
                    )
                )
            folder = self._home(survey_id)
            (folder / f"{latest.version}.json").unlink()
            durable_file.flush(folder)
            if latest.version == 1:
                # What else somebody put there stays.
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def _sorted(self, survey_id: str) -> tuple[list[Survey], list[SurveyError]]:
        found, broken = [], []
        for version in self.versions(survey_id):
            try:
                found.append(self._read(survey_id, version))
            except SurveyError as error:
                broken.append(error)
        return found, broken

    def _promises_anonymity(self, survey_id: str, version: int) -> bool:
        """Say whether a file that cannot be read as a survey says that it is anonymous."""
        try:
            with (self._home(survey_id) / f"{version}.json").open("rb") as reading:
                return _ANONYMOUS.search(reading.read(LARGEST)) is not None
        except OSError:
            return False

    def _is_survey(self, name: str) -> bool:
        return SURVEY_ID.fullmatch(name) is not None and bool(self.versions(name))

    def _home(self, survey_id: str) -> Path:
        if not SURVEY_ID.fullmatch(survey_id):
            raise SurveyError(
                _("“{name}” is no id of a survey: small letters, digits and hyphens.").format(
                    name=survey_id[:60]
                )
            )
        return self._folder / survey_id

    def _read(self, survey_id: str, version: int) -> Survey:
        file = self._home(survey_id) / f"{version}.json"
        try:
            with file.open("rb") as reading:
                # One byte more tells that it is too long, however long it is.
                data = reading.read(LARGEST + 1)
        except OSError as error:
            raise SurveyError(
                _("{file} cannot be read: {error}").format(file=file, error=error)
            ) from error
        survey = from_json(data, str(file))
        if (survey.id, survey.version) != (survey_id, version):
            raise SurveyError(
                _("{file} says that it is version {version} of “{name}”.").format(
                    file=file, version=survey.version, name=survey.id
                )
            )
        return survey

    def _write(self, survey: Survey, version: int) -> Survey:
        """Write a version. One that is published is checked again to be none that changes."""
        home = self._home(survey.id)
        before = self.find(survey.id, version)
        if before is not None and before.published:
            raise SurveyError(
                _("Version {version} of “{name}” is published, and stays.").format(
                    version=version, name=survey.id
                )
            )
        is_new = before is None
        made = msgspec.structs.replace(
            survey, version=version, published=survey.published and not is_new
        )
        data = to_json(made)
        # What cannot be read again is not written.
        from_json(data, survey.id)
        home.mkdir(parents=True, exist_ok=True)
        if version == 1 and is_new:
            durable_file.flush(self._folder)
        durable_file.write(home / f"{version}.json", data)
        return made

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let one change the surveys at a time, of all processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with durable_file.one_at_a_time(self._folder / ".lock"):
            yield


def _names_in(folder: Path) -> list[str]:
    """Return what a folder holds: nothing where it is none, or was just deleted."""
    try:
        return [each.name for each in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
