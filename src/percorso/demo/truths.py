"""What is planted in the log of Libreria Aurora, so that analyses can be held to it."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from percorso.demo import company

TruthKind = Literal["problem", "strength", "path", "survey", "nothing"]


@dataclass(frozen=True, slots=True)
class Truth:
    """Something that is so in the made-up company, and where it shows.

    ``touchpoints`` are where it shows, ``cause`` is the property and value it can be traced to,
    ``since`` the first day. ``kind`` says how it must come out: as a problem, as a strength (a
    touchpoint scored higher than the rest), on the ideal path, in the results of a survey, or not
    at all.
    """

    key: str
    kind: TruthKind
    touchpoints: tuple[str, ...]
    english: str
    italian: str
    cause: tuple[str, str] | None = None
    since: date | None = None


def _names(*keys: str) -> tuple[str, ...]:
    return tuple(company.TOUCHPOINTS[key].name for key in keys)


TRUTHS: Final = (
    Truth(
        "courier",
        "problem",
        _names("delivery"),
        "On 21 September 2026 the parcels for Lombardia Est went to a new courier, Corriere "
        "Saturno. Half of them come after the promised day; elsewhere about one in thirty does. "
        "Who waits past a promise gives about 1.7 points less (CSAT, 1 to 5) and 2.6 less on the "
        "NPS question, and nearly half of them buy no more.",
        "Il 21 settembre 2026 i pacchi per Lombardia Est sono passati a un nuovo corriere, "
        "Corriere Saturno. La metà arriva dopo il giorno promesso; altrove circa uno su trenta. "
        "Chi aspetta oltre la promessa dà circa 1,7 punti in meno (CSAT, da 1 a 5) e 2,6 in meno "
        "alla domanda NPS, e quasi la metà non compra più.",
        cause=("region", company.REGIONS[company.EAST].name),
        since=company.COURIER_CHANGE,
    ),
    Truth(
        "phone_checkout",
        "problem",
        _names("cart_phone"),
        "Paying from a phone is confusing: in 44 carts of 100 the books have to be put in again "
        "(on a computer in 8), more people give up, and those who had to begin again find it "
        "harder by about 2.2 points (CES, 1 to 7).",
        "Pagare dal telefono confonde: in 44 carrelli su 100 i libri vanno rimessi (dal computer "
        "in 8), più persone rinunciano, e chi ha dovuto ricominciare lo trova più faticoso di "
        "circa 2,2 punti (CES, da 1 a 7).",
        cause=("device", "telefono"),
    ),
    Truth(
        "explain_again",
        "problem",
        _names("mail", "phone"),
        "Who calls after having written an e-mail has to explain everything again, and gives "
        "about 1.1 points less (CSAT) than who called at once.",
        "Chi telefona dopo avere scritto una e-mail deve rispiegare tutto, e dà circa 1,1 punti "
        "in meno (CSAT) di chi ha telefonato subito.",
    ),
    Truth(
        "slow_answer",
        "problem",
        _names("mail"),
        "One e-mail in eight is answered after the promised two days; who waited longer gives "
        "about 1 point less (CSAT).",
        "A una e-mail su otto si risponde dopo i due giorni promessi; chi ha aspettato di più dà "
        "circa 1 punto in meno (CSAT).",
    ),
    Truth(
        "kind_shop",
        "strength",
        _names("advice", "till", "event"),
        "The people in the shop are kind: scores given there are about 0.4 points higher (CSAT).",
        "Le persone in negozio sono gentili: i voti dati lì sono più alti di circa 0,4 punti "
        "(CSAT).",
    ),
    Truth(
        "event_path",
        "path",
        _names("event"),
        "Who first met the bookshop at an evening with an author buys 1.8 times as much and gives "
        "about 1.4 points more on the NPS question: promoters begin there more often.",
        "Chi ha conosciuto la libreria a un incontro con un autore compra 1,8 volte tanto e dà "
        "circa 1,4 punti in più alla domanda NPS: i promotori cominciano da lì più spesso.",
    ),
    Truth(
        "campaign",
        "nothing",
        _names("offer"),
        "The offer of 10 March 2026 («bentornato») went to every other customer, drawn by lot. It "
        "changes nothing.",
        "L'offerta del 10 marzo 2026 («bentornato») è andata a un cliente su due, estratto a "
        "sorte. Non cambia nulla.",
        cause=("campaign", company.CAMPAIGN),
        since=company.CAMPAIGN_DAY,
    ),
    Truth(
        "send_day",
        "nothing",
        _names("newsletter"),
        "The newsletter goes out on Tuesday to one half and on Thursday to the other, drawn by "
        "lot each time. It makes no difference.",
        "La newsletter parte il martedì per una metà e il giovedì per l'altra, estratte a sorte "
        "ogni volta. Non fa differenza.",
        cause=("send_day", "giovedì"),
    ),
    Truth(
        "genre",
        "nothing",
        _names("book", "order", "delivery"),
        "What kind of book is bought has no effect on delivery or scores.",
        "Il genere del libro comprato non ha effetto sulla consegna né sui voti.",
        cause=("genre", "gialli"),
    ),
)

#: What the results of the surveys should show.
SURVEY_TRUTHS: Final = (
    Truth(
        "pyramid_ease",
        "survey",
        _names("cart_phone"),
        "Survey «Your online order»: for those who ordered from a phone the pyramid breaks at "
        "ease. Who had to put the books in again finds it less easy by about 2 points (1 to 5).",
        "Sondaggio «Il tuo ordine online»: per chi ha ordinato dal telefono la piramide si spezza "
        "alla facilità. Chi ha dovuto rimettere i libri lo trova meno facile di circa 2 punti (da "
        "1 a 5).",
    ),
    Truth(
        "newcomers_silent",
        "survey",
        _names("cart_phone", "cart_computer"),
        "The same survey: 46 of 100 answer about a later order, 18 about a first one, which they "
        "find less enjoyable by about 1.1 points. Those who answered are happier than those who "
        "were asked: weights show it.",
        "Lo stesso sondaggio: rispondono 46 su 100 dopo un ordine successivo, 18 dopo il primo, "
        "che trovano meno piacevole di circa 1,1 punti. Chi ha risposto è più contento di chi è "
        "stato invitato: i pesi lo mostrano.",
    ),
    Truth(
        "lapsed_silent",
        "survey",
        _names("survey"),
        "Survey «Would you recommend us?»: who bought in the last 90 days and waited past no "
        "promise answers more often (45 of 100) than the others (27).",
        "Sondaggio «Ci consiglieresti?»: chi ha comprato negli ultimi 90 giorni e non ha aspettato "
        "oltre una promessa risponde più spesso (45 su 100) degli altri (27).",
    ),
    Truth(
        "pmf_share",
        "survey",
        _names("survey"),
        "Survey «Would you miss it?»: who still orders online would be very disappointed without "
        "it with a chance of 45 in 100 (in the company of seed 7 it came out at 53). Who answers "
        "is like who does not.",
        "Sondaggio «Ne sentiresti la mancanza?»: a chi ordina ancora online dispiacerebbe molto "
        "non poterlo più fare con una probabilità di 45 su 100 (nell'azienda del seme 7 è uscito "
        "53). Chi risponde è come chi non risponde.",
    ),
)

_KINDS: Final = {
    "problem": ("a problem to be found", "un problema da trovare"),
    "strength": ("a strength to be found", "un punto di forza da trovare"),
    "survey": ("to be seen in a survey", "da vedere in un sondaggio"),
    "path": ("a step of the ideal path", "un passo del percorso ideale"),
    "nothing": ("nothing: must not be found", "nulla: non deve essere trovato"),
}


def as_markdown() -> str:
    """Return the truths as the page that is written into the workspace, in both languages."""
    parts = []
    for number, (title, lead) in enumerate(
        (
            (
                f"{company.NAME}: what was planted",
                "The company and its customers are invented. The analyses should find what "
                "follows, and nothing where nothing is.",
            ),
            (
                f"{company.NAME}: che cosa è stato nascosto nei dati",
                "L'azienda e i suoi clienti sono inventati. Le analisi devono trovare ciò che "
                "segue, e nulla dove non c'è nulla.",
            ),
        )
    ):
        parts += [f"# {title}\n", f"{lead}\n"]
        for truth in (*TRUTHS, *SURVEY_TRUTHS):
            said = (truth.english, truth.italian)[number]
            parts.append(
                f"- **{', '.join(truth.touchpoints)}** ({_KINDS[truth.kind][number]}). {said}"
            )
        parts.append("")
    return "\n".join(parts)
