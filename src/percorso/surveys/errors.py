"""What is wrong with a survey, in words for whoever makes it."""


class SurveyError(Exception):
    """A survey cannot be read, found or written. Says which, where, and what to do."""


class DefinitionError(SurveyError):
    """A definition is no survey. ``rule`` says what is wrong.

    ``place`` says where, as msgspec writes it, such as ``questions[2].low``; ``field`` is the name
    that is missing there, or unknown.
    """

    def __init__(self, message: str, rule: str, place: str = "", field: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.place = place
        self.field = field


class SurveyChangedError(SurveyError):
    """Somebody else changed the survey since it was loaded; theirs was kept."""


class LogicError(SurveyError):
    """A condition cannot be read. ``at`` is the place of the first wrong character, from 0.

    ``length`` is how many characters are wrong; 0 where something is missing there.
    """

    def __init__(self, message: str, at: int = 0, length: int = 0) -> None:
        super().__init__(message)
        self.at = at
        self.length = length
