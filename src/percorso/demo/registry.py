"""What Libreria Aurora wrote of its touchpoints, and what people there believe of customers.

Some of what they believe is so, some is not, and some nobody can say: data tell which. Words are
the company's own, in Italian, whatever the language of the pages.
"""

from typing import Final

from percorso.demo import company
from percorso.touchpoints import Belief, Claim, Strategy, Touchpoint
from percorso.vocabulary import CHANNELS, Phase

WHO: Final = "Libreria Aurora"

#: Key of a touchpoint -> the department that owns it.
_OWNERS: Final = {
    "Negozio": ("visit", "advice", "till", "card", "pickup"),
    "Sito": ("home", "search", "book", "signup", "cart_phone", "cart_computer", "order"),
    "Eventi": ("booking", "event"),
    "Comunicazione": ("instagram", "newsletter", "offer", "friend", "review"),
    "Spedizioni": ("parcel", "delivery", "return"),
    "Assistenza": ("mail", "phone", "direct"),
}
_PROMISES: Final = {
    "delivery": "Il libro arriva entro il giorno che ti abbiamo detto.",
    "mail": "Rispondiamo entro due giorni lavorativi.",
    "advice": "Un libraio che legge, e che ascolta.",
}
_STRATEGIES: Final = {
    "event": Strategy(
        phase=Phase.AWARENESS,
        tone="Di casa, mai da vetrina.",
        objective="Che chi viene la prima volta torni per un libro.",
        moves_on="Invitare alla serata dopo, e a farsi una carta.",
    ),
    "cart_phone": Strategy(
        phase=Phase.ACTIVATION,
        objective="Pagare dal telefono in tre passi.",
    ),
}


def touchpoints() -> tuple[Touchpoint, ...]:
    """Return the touchpoints with who looks after them. Nobody looks after the survey."""
    owner_of = {key: owner for owner, keys in _OWNERS.items() for key in keys}
    return tuple(
        Touchpoint(
            id=key.replace("_", "-"),
            name=each.name,
            channel=each.channel,
            online=CHANNELS[each.channel] is True,
            owner=owner_of.get(key, ""),
            promise=_PROMISES.get(key, ""),
            strategy=(_STRATEGIES[key],) if key in _STRATEGIES else (),
        )
        for key, each in company.TOUCHPOINTS.items()
    )


def beliefs() -> tuple[Belief, ...]:
    """Return what people at the bookshop hold to be true."""
    phone = company.TOUCHPOINTS["cart_phone"].name
    event = company.TOUCHPOINTS["event"].name
    return (
        Belief(
            id="telefono-faticoso",
            text="Pagare dal telefono è faticoso.",
            about="pain",
            phase=Phase.ACTIVATION,
            touchpoint="cart-phone",
            claim=Claim(measure="ces", direction="lower", where=(("touchpoint", phone),)),
        ),
        Belief(
            id="telefono-comodo",
            text="Dal telefono si compra con meno fatica che dal computer.",
            about="preference",
            phase=Phase.ACTIVATION,
            touchpoint="cart-phone",
            claim=Claim(measure="ces", direction="higher", where=(("touchpoint", phone),)),
        ),
        Belief(
            id="pacchi-lombardia-est",
            text="In Lombardia Est i pacchi arrivano in ritardo più che altrove.",
            about="pain",
            phase=Phase.PURCHASE,
            touchpoint="delivery",
            claim=Claim(
                measure="kept_share",
                direction="lower",
                where=(("property.region", company.REGIONS[company.EAST].name),),
            ),
        ),
        Belief(
            id="persone-in-negozio",
            text="Chi è servito in negozio resta più contento.",
            about="opportunity",
            phase=Phase.PURCHASE,
            touchpoint="till",
            claim=Claim(measure="csat", direction="higher", where=(("channel", "store"),)),
        ),
        Belief(
            id="incontri-portano-lettori",
            text="Chi viene agli incontri compra più spesso degli altri.",
            about="opportunity",
            phase=Phase.AWARENESS,
            touchpoint="event",
            claim=Claim(measure="kind:order", direction="higher", where=(("touchpoint", event),)),
        ),
        Belief(
            id="gialli-deludono",
            text="Chi compra gialli resta più deluso degli altri.",
            about="expectation",
            phase=Phase.LOYALTY,
            claim=Claim(measure="csat", direction="lower", where=(("property.genre", "gialli"),)),
        ),
        Belief(
            id="ricordarsi-di-me",
            text="I clienti vorrebbero che il libraio si ricordasse di loro.",
            about="need",
            phase=Phase.LOYALTY,
            touchpoint="advice",
        ),
    )
