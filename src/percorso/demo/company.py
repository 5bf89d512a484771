"""What Libreria Aurora is: its touchpoints, regions, couriers, calendar.

An independent bookshop in Milan with a site, a shop and evenings with authors. Everything here
is invented. Names are the company's own data, in Italian, whatever the language of the pages.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

NAME: Final = "Libreria Aurora"
ZONE: Final = "Europe/Rome"
CURRENCY: Final = "EUR"

#: Two whole years. The end is fixed, so that two runs are equal.
FIRST_DAY: Final = date(2024, 11, 1)
LAST_DAY: Final = date(2026, 10, 31)
DAYS: Final = (LAST_DAY - FIRST_DAY).days + 1


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """A touchpoint of the company, the channel it is on and the system that reports it."""

    name: str
    channel: str
    source: str


TOUCHPOINTS: Final[dict[str, Touchpoint]] = {
    "instagram": Touchpoint("Instagram", "social", "instagram"),
    "home": Touchpoint("Pagina iniziale", "website", "sito"),
    "search": Touchpoint("Ricerca sul sito", "website", "sito"),
    "book": Touchpoint("Scheda del libro", "website", "sito"),
    "newsletter": Touchpoint("Newsletter", "email", "posta"),
    "offer": Touchpoint("Offerta via e-mail", "email", "posta"),
    "visit": Touchpoint("Visita in negozio", "store", "negozio"),
    "advice": Touchpoint("Libraio in negozio", "store", "negozio"),
    "booking": Touchpoint("Prenotazione incontro", "website", "eventi"),
    "event": Touchpoint("Incontro in libreria", "event", "eventi"),
    "signup": Touchpoint("Registrazione al sito", "website", "sito"),
    "cart_phone": Touchpoint("Carrello da telefono", "website", "sito"),
    "cart_computer": Touchpoint("Carrello da computer", "website", "sito"),
    "order": Touchpoint("Ordine online", "website", "sito"),
    "till": Touchpoint("Cassa in negozio", "store", "cassa"),
    "card": Touchpoint("Carta fedeltà", "store", "cassa"),
    "parcel": Touchpoint("Spedizione", "courier", "corriere"),
    "delivery": Touchpoint("Consegna a casa", "courier", "corriere"),
    "pickup": Touchpoint("Ritiro in negozio", "store", "negozio"),
    "mail": Touchpoint("Assistenza via e-mail", "email", "assistenza"),
    "phone": Touchpoint("Assistenza telefonica", "phone", "assistenza"),
    "direct": Touchpoint("Messaggio su Instagram", "messaging", "instagram"),
    "return": Touchpoint("Reso", "mail", "negozio"),
    "survey": Touchpoint("Sondaggio sulla libreria", "survey", "sondaggi"),
    "review": Touchpoint("Recensione online", "reviews", "recensioni"),
    "friend": Touchpoint("Porta un amico", "email", "sito"),
}

#: The name each kind is sent with by the company's systems.
NAMES: Final[dict[str, str]] = {
    "view": "pagina vista",
    "search": "ricerca",
    "click": "collegamento aperto",
    "visit": "visita",
    "content": "newsletter letta",
    "attendance": "presenza",
    "mention": "menzione",
    "signup": "iscrizione",
    "checkout": "pagamento iniziato",
    "order": "ordine",
    "shipment": "pacco affidato al corriere",
    "delivery": "consegnato",
    "pickup": "ritirato",
    "return": "reso ricevuto",
    "refund": "rimborso",
    "cancellation": "annullamento",
    "message": "messaggio",
    "call": "telefonata",
    "ticket": "richiesta aperta",
    "update": "richiesta aggiornata",
    "resolution": "richiesta risolta",
    "answer": "risposta al sondaggio",
    "review": "recensione",
    "referral": "amico invitato",
    "offer": "offerta inviata",
    "action": "consiglio del libraio",
}


@dataclass(frozen=True, slots=True)
class Region:
    """Where customers live.

    ``share`` of the customers; ``shop`` is how many of their purchases are made in the shop;
    ``days`` are the working days a delivery is promised in.
    """

    name: str
    share: float
    shop: float
    days: int


REGIONS: Final = (
    Region("Milano città", 0.33, 0.62, 1),
    Region("Lombardia Ovest", 0.13, 0.30, 2),
    Region("Lombardia Est", 0.21, 0.10, 2),
    Region("Piemonte e Liguria", 0.09, 0.05, 3),
    Region("Veneto e Friuli", 0.07, 0.03, 3),
    Region("Emilia-Romagna", 0.06, 0.03, 3),
    Region("Centro", 0.07, 0.02, 3),
    Region("Sud e Isole", 0.04, 0.01, 4),
)
MILAN: Final = 0
EAST: Final = 2

BIKE, USUAL, NEW = 0, 1, 2
COURIERS: Final = ("Pedale Blu", "Corriere Ginestra", "Corriere Saturno")
#: From this day the parcels for Lombardia Est go with the new courier.
COURIER_CHANGE: Final = date(2026, 9, 21)

GENRES: Final = ("narrativa", "gialli", "ragazzi", "saggistica", "fumetti", "viaggi e cucina")
GENRE_SHARES: Final = (0.34, 0.17, 0.17, 0.15, 0.09, 0.08)

#: The offer that does nothing: sent on this day to every other customer, drawn by lot.
CAMPAIGN: Final = "bentornato"
CAMPAIGN_DAY: Final = date(2026, 3, 10)

#: How busy a month is (January first), and a weekday (Monday first) online and in the shop.
MONTHS: Final = (0.80, 0.85, 0.95, 0.95, 1.0, 0.95, 0.88, 0.55, 1.1, 1.08, 1.15, 1.75)
WEEK_ONLINE: Final = (1.1, 1.05, 1.0, 1.0, 0.9, 0.85, 1.15)
WEEK_SHOP: Final = (0.55, 0.9, 0.95, 1.0, 1.15, 1.7, 0.7)

FIRST_NAMES: Final = (
    "giulia", "marco", "sofia", "luca", "chiara", "matteo", "francesca", "andrea", "alice",
    "davide", "martina", "paolo", "elena", "stefano", "sara", "giovanni", "laura", "federico",
    "anna", "simone", "silvia", "roberto", "valentina", "tommaso", "ilaria", "pietro",
    "camilla", "riccardo", "beatrice", "antonio", "irene", "filippo", "marta", "nicola",
    "cecilia", "giorgio", "emma", "lorenzo", "caterina", "enrico", "rachel", "james", "olivia",
    "thomas", "priya", "hannah", "lukas", "claire",
)  # fmt: skip
LAST_NAMES: Final = (
    "rossi", "ferrari", "russo", "bianchi", "colombo", "ricci", "marino", "greco", "bruno",
    "gallo", "conti", "deluca", "costa", "giordano", "mancini", "rizzo", "lombardi", "moretti",
    "barbieri", "fontana", "santoro", "mariani", "rinaldi", "caruso", "ferrara", "galli",
    "martini", "leone", "longo", "gentile", "martinelli", "vitale", "lombardo", "serra",
    "coppola", "desantis", "marchetti", "parisi", "villa", "conte", "ferri", "fabbri", "bianco",
    "marini", "grasso", "valentini", "sala", "morgan", "walker", "schmidt", "laurent", "novak",
)  # fmt: skip
