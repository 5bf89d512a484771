"""Making up two years of Libreria Aurora."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from percorso.demo.asking import Asking, ask
from percorso.demo.consents import Consent, draw
from percorso.demo.contacts import make_evenings, write_contacts
from percorso.demo.effects import Effects
from percorso.demo.listening import write_listening
from percorso.demo.ordering import Ordered, write_ordering
from percorso.demo.people import ANONYMOUS, make_people, references
from percorso.demo.purchases import make_purchases
from percorso.demo.rows import Rows, to_table
from percorso.demo.sales import write_purchases
from percorso.demo.support import write_support
from percorso.demo.voice import Voice

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Made:
    """The bookshop: what is in its log, who was asked, and what they say or would have said.

    ``consents`` go into the log too, beside ``table``: the words they agreed to are the company's.
    """

    table: "pa.Table"
    consents: tuple[Consent, ...]
    asking: Asking
    ordered: Ordered


def generate(seed: int = 7, customers: int = 5000, *, effects: bool = True) -> "pa.Table":
    """Return the interactions of the bookshop, in the schema of the log and the order of time.

    The same ``seed`` and ``customers`` give the same rows. With ``effects=False`` nothing of what
    ``TRUTHS`` says is planted, and nothing else either: whatever is found there is chance.
    """
    return generate_all(seed, customers, effects=effects).table


def generate_all(seed: int = 7, customers: int = 5000, *, effects: bool = True) -> Made:
    """Return the interactions as ``generate`` does, and what a log cannot tell."""
    planted = Effects() if effects else Effects.none()
    # Each part draws from its own stream, so that changing one leaves the others alone.
    streams = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(11)]
    people = make_people(streams[0], customers, planted)
    evenings = make_evenings(streams[1], people)
    purchases = make_purchases(streams[2], people, evenings, planted)
    voice = Voice(streams[3], people)
    rows = Rows()
    write_contacts(streams[4], rows, voice, people, evenings, planted)
    write_purchases(streams[5], rows, voice, people, purchases, planted)
    write_support(streams[6], rows, voice, people, purchases, planted)
    waves = write_listening(streams[7], rows, voice, people, purchases, planted, streams[8])
    ordered, more = write_ordering(streams[9], rows, voice, purchases, waves, planted)
    # Nobody knows where a browser lives.
    regions = np.where(people.kind == ANONYMOUS, -1, people.region)
    names = references(np.random.default_rng([seed, 1]), people)
    table = to_table(rows.columns(), names, regions, people.english, voice.texts, seed)
    references_of = [str(each) for each in names.to_pylist()]
    asking = ask(streams[10], (*waves, *more), references_of, people.english)
    lot = np.random.default_rng([seed, 2])
    agreed = draw(lot, table, references_of, people.english.tolist(), asking.invitations)
    return Made(table, agreed, asking, ordered)
