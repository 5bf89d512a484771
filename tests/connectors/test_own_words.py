"""What somebody wrote, without what is quoted, the signature and the small print."""

import time

import pytest

from percorso.connectors.mailbox.words import own_words

CASES = {
    "plain": ("Dov'è il mio ordine?\n\nGrazie", "Dov'è il mio ordine?\n\nGrazie"),
    "gmail it": (
        "Non è arrivato.\n\nIl giorno gio 5 mar 2026 alle ore 10:12 Libreria <info@example.org>\n"
        "ha scritto:\n\n> Il pacco è partito.\n> A presto\n",
        "Non è arrivato.",
    ),
    "gmail en": (
        "Still nothing.\n\nOn Thu, Mar 5, 2026 at 10:12 AM Shop <info@example.org> wrote:\n"
        "> It left.\n",
        "Still nothing.",
    ),
    "attribution without marks": (
        "Grazie mille!\n\nIl 05/03/2026 10:12, Libreria ha scritto:\nIl pacco è partito.\n",
        "Grazie mille!",
    ),
    "attribution on three lines": (
        "Ok\n\nOn Thursday, 5 March 2026 at 10:12:33 CET,\nLibreria Aurora\n"
        "<info@example.org> wrote:\n\nolder",
        "Ok",
    ),
    "outlook it": (
        "Buongiorno, confermo.\n\n________________________________\nDa: Libreria <i@example.org>\n"
        "Inviato: giovedì 5 marzo 2026 10:12\nA: Ada\nOggetto: Re: Pacco\n\nvecchio testo",
        "Buongiorno, confermo.",
    ),
    "outlook en": (
        "Yes please.\n\nFrom: Shop <i@example.org>\nSent: Thursday, March 5, 2026\n"
        "To: Ada\nSubject: Re\n\nold",
        "Yes please.",
    ),
    "original message": ("Sì\n\n-----Messaggio originale-----\nDa: x\nvecchio", "Sì"),
    "answers between the lines": (
        "On 3 March Ada wrote:\n> Colour?\nBlue.\n> Size?\nSmall.",
        "Blue.\nSmall.",
    ),
    "signature": ("Il libro è rovinato.\n-- \nAda Rossi\n+39 02 1234567", "Il libro è rovinato."),
    "closing it": (
        "Il libro è rovinato.\n\nCordiali saluti,\nAda Rossi\nVia Roma 1\ntel. 02 1234567",
        "Il libro è rovinato.",
    ),
    "closing en": ("It is broken.\n\nKind regards\nAda", "It is broken."),
    "phone it": ("Arrivo domani\n\nInviato da iPhone", "Arrivo domani"),
    "phone en": ("Coming tomorrow\n\nSent from my Samsung Galaxy smartphone.", "Coming tomorrow"),
    "small print": (
        "Vorrei un rimborso.\n\nAVVISO DI RISERVATEZZA: il contenuto di questo messaggio...",
        "Vorrei un rimborso.",
    ),
    "not a closing": (
        "Saluti\nma prima una domanda lunga che non è affatto una firma e va letta fino alla fine, "
        "perché dice che il libro è rovinato.",
        "Saluti\nma prima una domanda lunga che non è affatto una firma e va letta fino alla fine, "
        "perché dice che il libro è rovinato.",
    ),
    "from is a word": ("Da: Milano a Roma\nquanto costa?", "Da: Milano a Roma\nquanto costa?"),
    "on is a word": ("On Monday I wrote to you.", "On Monday I wrote to you."),
    "ruled line": ("Primo\n-----\nSecondo", "Primo\n-----\nSecondo"),
    "only quoted": ("> vecchio\n> testo", ""),
    "empty": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_own_words(name: str) -> None:
    given, wanted = CASES[name]
    assert own_words(given) == wanted


@pytest.mark.parametrize(
    "text",
    ["> " * 50_000, "On " * 40_000, "Il " + "a" * 90_000, "-" * 90_000, "On a\n" * 20_000,
     "\n" * 90_000, "Da: x\n" * 15_000, "questo messaggio " * 6_000, "saluti\n" * 12_000],
)  # fmt: skip
def test_hostile_text_costs_little(text: str) -> None:
    begun = time.process_time()
    own_words(text)
    assert time.process_time() - begun < 2
