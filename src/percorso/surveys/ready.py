"""Ready surveys in Italian and English: NPS, CSAT, CES, PMF and the three-level pyramid.

The questions of the scores are in their usual wording, so that figures compare; the Italian says
the same and speaks to everybody alike. Sources: Reichheld 2003 (NPS); Farris et al. 2010 (CSAT);
Dixon, Toman and DeLisi 2013 (CES 2.0); Ellis 2009 and Vohra 2018 (PMF); Manning and Bodine 2012,
*Outside In* (the pyramid).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from percorso.surveys.model import (
    Ces,
    Csat,
    Ending,
    Level,
    Nps,
    Open,
    Pmf,
    PmfWords,
    Pyramid,
    Survey,
    Texts,
)

_BOTH: Final = ("it", "en")


def _t(it: str, en: str) -> Texts:
    return {"it": it, "en": en}


#: Above both stands a thank-you: every page of thanks begins with it.
_ENDING: Final = Ending(text=_t("Leggiamo ogni risposta.", "We read every answer."))
_CALL_BACK: Final = _t(
    "Se vuoi, ti ricontattiamo per rimediare.",
    "If you like, we will get in touch to put it right.",
)


def _why(it: str, en: str, show_if: str = "") -> Open:
    return Open(id="why", text=_t(it, en), show_if=show_if)


def _nps() -> Survey:
    return Survey(
        id="nps",
        title=_t("Ci consiglieresti?", "Would you recommend us?"),
        languages=_BOTH,
        questions=(
            Nps(
                id="nps",
                required=True,
                text=_t(
                    "Con quale probabilità consiglieresti {company} a un amico o a un collega?",
                    "How likely are you to recommend {company} to a friend or colleague?",
                ),
                low=_t("Per niente probabile", "Not at all likely"),
                high=_t("Estremamente probabile", "Extremely likely"),
            ),
            _why(
                "Qual è il motivo principale del tuo voto?",
                "What is the main reason for your score?",
            ),
        ),
        endings=(Ending(text=_CALL_BACK, show_if="nps <= 6", offers_contact=True), _ENDING),
    )


def _csat() -> Survey:
    return Survey(
        id="csat",
        title=_t("Com’è andata?", "How did it go?"),
        languages=_BOTH,
        questions=(
            Csat(
                id="csat",
                required=True,
                text=_t(
                    "Nel complesso, quanto è stata soddisfacente la tua esperienza con {company}?",
                    "Overall, how satisfied are you with your experience with {company}?",
                ),
                low=_t("Molto insoddisfacente", "Very dissatisfied"),
                high=_t("Molto soddisfacente", "Very satisfied"),
            ),
            _why(
                "Qual è il motivo principale del tuo voto?",
                "What is the main reason for your score?",
            ),
        ),
        endings=(Ending(text=_CALL_BACK, show_if="csat <= 2", offers_contact=True), _ENDING),
    )


def _ces() -> Survey:
    return Survey(
        id="ces",
        title=_t("È stato facile?", "Was it easy?"),
        languages=_BOTH,
        questions=(
            Ces(
                id="ces",
                required=True,
                text=_t(
                    "Quanto sei d’accordo o in disaccordo con questa frase? "
                    "{company} mi ha reso facile gestire la mia richiesta.",
                    "How much do you agree or disagree with this statement? "
                    "{company} made it easy for me to handle my issue.",
                ),
                low=_t("Completamente in disaccordo", "Strongly disagree"),
                high=_t("Completamente d’accordo", "Strongly agree"),
            ),
            _why(
                "Che cosa avrebbe potuto renderlo più facile?",
                "What could have made it easier?",
                "ces <= 5",
            ),
        ),
        endings=(Ending(text=_CALL_BACK, show_if="ces <= 3", offers_contact=True), _ENDING),
    )


def _pmf() -> Survey:
    stays = "pmf is very, somewhat, not"
    return Survey(
        id="pmf",
        title=_t("Ne sentiresti la mancanza?", "Would you miss it?"),
        languages=_BOTH,
        questions=(
            Pmf(
                id="pmf",
                required=True,
                text=_t(
                    "Come la prenderesti se non potessi più usare {product|il nostro servizio}?",
                    "How would you feel if you could no longer use {product|our service}?",
                ),
                answers=PmfWords(
                    very=_t("Mi deluderebbe molto", "Very disappointed"),
                    somewhat=_t("Mi deluderebbe un po’", "Somewhat disappointed"),
                    not_=_t(
                        "Non mi deluderebbe (non mi è così utile)",
                        "Not disappointed (it isn’t really that useful)",
                    ),
                    no_longer_use=_t("Non lo uso più", "N/A – I no longer use it"),
                ),
            ),
            Open(
                id="benefit",
                show_if=stays,
                text=_t(
                    "Qual è il vantaggio principale che ne ricavi?",
                    "What is the main benefit you get from it?",
                ),
            ),
            Open(
                id="who",
                show_if=stays,
                text=_t(
                    "Secondo te, a chi sarebbe più utile?",
                    "What type of person do you think would benefit most from it?",
                ),
            ),
            Open(
                id="improve",
                text=_t("Che cosa potremmo migliorare per te?", "How can we improve it for you?"),
            ),
        ),
        endings=(_ENDING,),
    )


def _pyramid() -> Survey:
    return Survey(
        id="pyramid",
        title=_t("La tua esperienza con noi", "Your experience with us"),
        languages=_BOTH,
        questions=(
            Pyramid(
                id="pyramid",
                required=True,
                text=_t(
                    "Pensa alla tua ultima esperienza con {company}.",
                    "Think of the last time you dealt with {company}.",
                ),
                needs=Level(
                    text=_t(
                        "In che misura {company} ha risposto alle tue esigenze?",
                        "How well did {company} meet your needs?",
                    ),
                    low=_t("Per niente", "Not at all"),
                    high=_t("Del tutto", "Completely"),
                ),
                ease=Level(
                    text=_t(
                        "Quanto è stato facile interagire con {company}?",
                        "How easy was it to deal with {company}?",
                    ),
                    low=_t("Molto difficile", "Very difficult"),
                    high=_t("Molto facile", "Very easy"),
                ),
                enjoyment=Level(
                    text=_t(
                        "Quanto è stato piacevole interagire con {company}?",
                        "How enjoyable was it to deal with {company}?",
                    ),
                    low=_t("Per niente piacevole", "Not at all enjoyable"),
                    high=_t("Molto piacevole", "Very enjoyable"),
                ),
            ),
            _why(
                "Qual è la prima cosa che dovremmo migliorare?",
                "What is the first thing we should improve?",
            ),
        ),
        endings=(_ENDING,),
    )


#: Ready surveys by the name of the figure they give.
READY: Final[Mapping[str, Survey]] = {
    each.id: each for each in (_nps(), _csat(), _ces(), _pmf(), _pyramid())
}


def ready(name: str, survey_id: str = "") -> Survey:
    """Return a ready survey under an id of one's own. Raises KeyError where there is none."""
    return msgspec.structs.replace(READY[name], id=survey_id or name)
