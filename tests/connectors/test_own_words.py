"""What somebody wrote, without what is quoted, the signature and the small print."""

import contextlib
import time

import pytest

from percorso.connectors.mailbox import letters
from percorso.connectors.mailbox.words import own_words
from percorso.connectors.plain import text_of
from percorso.net.mail import UnreadableError

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
     "\n".join(["\t" * 990 + "x"] * 100), "\n".join([" " * 990 + "x"] * 100),
     "\n".join(["-" * 990 + "x"] * 100), "\n".join(["on aaaa" + " wrote" * 150] * 100),
     "\n".join(["on aaaa" + " wrote" * 40 + " x" * 70 + ":"] * 250),
     "\n" * 90_000, "Da: x\n" * 15_000, "questo messaggio " * 6_000, "saluti\n" * 12_000],
)  # fmt: skip
def test_hostile_text_costs_little(text: str) -> None:
    begun = time.process_time()
    own_words(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "markup",
    ["<a ", '<a b="', "<!--", "<", "</", "<!", "<?", "<![CDATA[", "<script>", "<p class='x ", "&a"],
)
def test_markup_takes_no_longer_than_its_length(markup: str) -> None:
    begun = time.perf_counter()
    text_of(markup * (400_000 // len(markup)), without_quotes=True)
    assert time.perf_counter() - begun < 10


def test_markup_that_is_broken_loses_no_words_around_it() -> None:
    given = "a < b <b>bold</b> &lt;c&gt;<!-- not > this --> <i class='x>y'>d</i> 1<2"
    assert text_of(given) == "a < b bold <c> d 1<2"
    assert text_of("<style>p > a {}</style><title>no</title><p>yes</p><script>if (a<b) {}") == "yes"


@pytest.mark.parametrize("depth", [1, 20, 400])
def test_letter_within_letter_takes_no_minutes(depth: int) -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (each, each)
        for each in range(depth)
    )
    raw = b"From: a@example.org\r\n" + nested + b"\r\n" + b"--\n" * 300_000
    begun = time.perf_counter()
    with contextlib.suppress(UnreadableError):
        letters.read(raw)
    assert time.perf_counter() - begun < 10
