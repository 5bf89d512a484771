"""What is read in a customer's words: sentiment, the factors of the experience, emotions."""

from typing import Final

#: From worst to best; a text's score runs from -1 to 1 along it.
SENTIMENTS: Final = ("negative", "neutral", "positive")

#: Factor of the customer's experience -> what it is about, in one line.
FACTORS: Final[dict[str, str]] = {
    "quality": "the product or service does, or does not do, what it should",
    "value": "price, fees, discounts, worth for the money",
    "ease": "simple or laborious: site, forms, checkout, instructions, finding, parking, returns",
    "personalisation": "treated as an individual, remembered, well advised; or generic, unsuited",
    "speed": "waiting, queues, delivery times, delays, quick replies",
    "security": "safe payment, privacy, data, fraud, physical safety",
    "transparency": "clear and honest information, hidden costs, fine print, being kept informed",
    "assistance": "people: courtesy, competence, help reached and given, or not",
    "consistency": "the same everywhere and each time: shop and site, one visit and the next",
    "continuity": "no need to repeat oneself, handovers, follow-up, service without interruptions",
}

#: Emotion -> what shows it, in one line. Only words show an emotion, not a good or bad sentiment.
EMOTIONS: Final[dict[str, str]] = {
    "joy": "delighted, happy",
    "gratitude": "thanks from the heart",
    "surprise": "amazed, for the good or without judging",
    "trust": "relies on the company, feels in good hands",
    "loyalty": "comes back, for years, recommends it as one's own",
    "frustration": "effort wasted, again and again",
    "disappointment": "expected better",
    "anger": "outrage, insults, capitals",
    "distrust": "does not believe the company, doubts its honesty",
    "betrayal": "was loyal, or was promised, and was let down",
}

#: The emotions that are good to feel; the others are not.
PLEASANT_EMOTIONS: Final = frozenset({"joy", "gratitude", "surprise", "trust", "loyalty"})
