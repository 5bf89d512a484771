"""The kinds of interaction: what happened, whoever sent it and however they named it."""

from typing import Final

#: Kind -> what it means, in one line.
KINDS: Final[dict[str, str]] = {
    "view": "a page, product or screen was seen",
    "search": "the customer looked for something",
    "click": "a link or button was used",
    "visit": "the customer came: a session on a site, a person in a shop",
    "content": "an article, video, newsletter or other content was consumed",
    "attendance": "the customer took part in an event",
    "mention": "the company was spoken of in public",
    "signup": "an account, a card or a subscription to news was opened",
    "login": "the customer signed in",
    "cart": "something was put in, or taken out of, the cart",
    "checkout": "paying was begun",
    "order": "an order was placed",
    "payment": "money was paid",
    "invoice": "an invoice was issued",
    "shipment": "goods left for the customer",
    "delivery": "goods or service reached the customer",
    "pickup": "the customer collected the goods",
    "return": "goods came back",
    "refund": "money was given back",
    "cancellation": "an order, a promise or a contract was called off",
    "renewal": "a contract or subscription was renewed",
    "message": "something was written from one to the other",
    "call": "a telephone or video call",
    "ticket": "a request for help was opened",
    "update": "a request for help moved on",
    "resolution": "a request for help was solved",
    "answer": "a survey question was answered",
    "review": "a public review was left",
    "referral": "the customer brought, or named, somebody else",
    "promise": "the company promised something by a time",
    "fulfilment": "something promised was done, where no kind of its own says so",
    "offer": "the company offered something",
    "action": "the company did something else to or for the customer",
    "step": "a step of a process, from an event log",
    "other": "not mapped yet",
    "profile": "facts about the customer were given",
    "consent": "the customer agreed to a use of their data, or withdrew it",
    "progress": "a further stage of what another event stands for: asked for, on its way, received",
}

#: What the company does towards the customer, where nothing else is said of the direction.
OUTWARD: Final = (
    "invoice",
    "shipment",
    "delivery",
    "refund",
    "update",
    "resolution",
    "promise",
    "fulfilment",
    "offer",
    "action",
)

#: Kinds that tell of the customer, and are nothing the customer went through.
ABOUT_CUSTOMERS: Final = ("profile", "consent")

#: Kinds that are no step of a journey: of a promise nothing has happened yet when it is made, and
#: what a stage belongs to is a step already.
NOT_STEPS: Final = ("promise", "progress", *ABOUT_CUSTOMERS)
