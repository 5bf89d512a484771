"""The surveys of Libreria Aurora: ready ones, with a few words changed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from percorso.surveys import Survey, Surveys, ready, wording
from percorso.surveys.model import Colours, Link, Open, Pmf, Texts, Theme, scale_of

if TYPE_CHECKING:
    from percorso.workspace import Workspace

NPS, PYRAMID, PMF = "la-libreria", "ordine-online", "senza-di-noi"

_THEME: Final = Theme(
    light=Colours(background="#fffdf8", accent="#7a2e39"),
    dark=Colours(background="#1b1617", text="#eceae6", accent="#f0b3a8", on_accent="#2a1013"),
)
_REVIEW: Final = Link(
    kind="review",
    text={"it": "Scrivi una recensione", "en": "Write a review"},
    address="https://libreria-aurora.example.org/recensioni",
)


def _t(it: str, en: str) -> Texts:
    return {"it": it, "en": en}


def _nps() -> Survey:
    return replace(
        ready("nps", NPS),
        intro=_t(
            "Due domande, mezzo minuto: i librai leggono tutto.",
            "Two questions, half a minute: our booksellers read everything.",
        ),
        links=(_REVIEW,),
        theme=_THEME,
    )


def _pyramid() -> Survey:
    survey = ready("pyramid", PYRAMID)
    pyramid, why = survey.questions
    asked = _t(
        "Pensa al tuo ultimo ordine sul sito di {company}.",
        "Think of your last order on the website of {company}.",
    )
    return replace(
        survey,
        title=_t("Il tuo ordine online", "Your online order"),
        questions=(replace(pyramid, text=asked), why),
        theme=_THEME,
    )


def _pmf() -> Survey:
    survey = ready("pmf", PMF)
    pmf = survey.questions[0]
    if not isinstance(pmf, Pmf):
        raise TypeError(f"{pmf.id} is no PMF question")
    asked = _t(
        "Come la prenderesti se non potessi più ordinare online da {company}?",
        "How would you feel if you could no longer order online from {company}?",
    )
    why = Open(
        id="benefit",
        text=_t(
            "Perché? Che cosa ti mancherebbe, o che cosa useresti al suo posto?",
            "Why? What would you miss, or what would you use instead?",
        ),
    )
    return replace(survey, questions=(replace(pmf, text=asked), why), theme=_THEME)


SURVEYS: Final[dict[str, Survey]] = {each.id: each for each in (_nps(), _pyramid(), _pmf())}


@dataclass(frozen=True, slots=True)
class Asked:
    """What one row of the log answers: a question of a survey, or one of its parts."""

    survey: str
    question: str
    part: str
    type: str
    wording: str
    scale: str | None

    @property
    def key(self) -> str:
        return f"{self.survey}.{self.name}"

    @property
    def name(self) -> str:
        return f"{self.question}.{self.part}" if self.part else self.question


def _asked() -> tuple[Asked, ...]:
    found = []
    for survey in SURVEYS.values():
        for each in survey.questions:
            parts = ("needs", "ease", "enjoyment") if each.type == "pyramid" else ("",)
            for part in parts:
                scale = scale_of(each, part)
                name = scale.name if scale is not None else None
                found.append(Asked(survey.id, each.id, part, each.type, wording(each), name))
    return tuple(found)


#: All that is asked, in the order of the surveys.
ASKED: Final = _asked()


def publish(workspace: "Workspace") -> None:
    """Put the surveys into a workspace, ready to be asked."""
    surveys = Surveys(workspace)
    for each in SURVEYS.values():
        surveys.add(each)
        surveys.publish(each.id)
