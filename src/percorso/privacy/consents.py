"""What each customer agreed to: a function of the log, with the proof.

A consent, or its withdrawal, is an interaction of kind ``consent``. What holds for a customer is
the last word of all their references; nothing said is no, where the purpose's basis is consent
(``log.consents`` has the definition, which segments share).
Everything said before stays as the proof (GDPR 7(1)): when, how, which words, by whom.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from percorso.i18n import gettext as _
from percorso.log import consents as definition
from percorso.log.purposes import Policy, Terms, policy
from percorso.privacy.errors import PrivacyError
from percorso.privacy.person import rows_of
from percorso.vocabulary import BASES, N_, Interaction, violations

if TYPE_CHECKING:
    from percorso.log import Log

How = Literal["form", "preference page", "phone", "in person", "import", "api"]
WAYS: Final = get_args(How)
#: What each is called; messages of gettext.
WAY_WORDS: Final[Mapping[str, str]] = {
    "form": N_("a form"),
    "preference page": N_("the preference page"),
    "phone": N_("on the phone"),
    "in person": N_("in person"),
    "import": N_("an import"),
    "api": N_("a program"),
    definition.WEBSITE: N_("on the website, by whoever sat at the browser"),
}
_TOUCHPOINTS: Final = {
    "preference page": ("preference page", "website"),
    "phone": ("phone", "phone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """That a customer agreed to a purpose or withdrew it (``given``), as it was written down.

    ``reference`` is the one it was said under. ``words`` is what the customer read or heard.
    """

    purpose: str
    given: bool
    at: datetime
    basis: str
    words: str
    words_version: str
    how: str
    by: str
    source: str
    reference: str
    id: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What holds for a purpose: whether it ``may`` be done, on which basis, and what was said.

    ``last`` is the word that counts (see ``log.consents``); None where nothing was ever said.
    ``history`` is all that was said, the latest first.
    """

    purpose: str
    basis: str
    may: bool
    last: Said | None
    history: tuple[Said, ...]


def consents(log: "Log", customer: str) -> tuple[Consent, ...]:
    """Return what holds for a customer, for each purpose in its order."""
    all_said = _words(log, log.identity.references_of(customer))
    found = []
    for terms in policy(log.workspace).purposes:
        own = {word: said for word, said in all_said if said.purpose == terms.purpose}
        counts = definition.last(own)
        last = own[counts] if counts else None
        may = definition.may(terms.basis, last=last.given if last else None)
        found.append(Consent(terms.purpose, terms.basis, may, last, tuple(own.values())))
    return tuple(found)


def may(log: "Log", customer: str, purpose: str) -> bool:
    """Say whether the customer's data may be used for a purpose. The default answer is no."""
    return next(each.may for each in consents(log, customer) if each.purpose == purpose)


def who_may(log: "Log", references: Collection[str], purpose: str) -> frozenset[str]:
    """Return those of some references whose customers' data may be used for a purpose.

    As ``may`` says of each, in one reading of what all of them said.
    """
    basis = policy(log.workspace).terms(purpose).basis
    of = {each: log.identity.customer_of(each) for each in references}
    last = _last_words(log, {*of.values()}, purpose) if of and log.files() else {}
    return frozenset(
        reference
        for reference, customer in of.items()
        if definition.may(basis, last=last.get(customer))
    )


def _last_words(log: "Log", customers: Collection[str], purpose: str) -> dict[str, bool]:
    """Return the last word of each customer who said any; ``log.consents`` defines it."""
    rows = log.interactions()
    chosen = rows.filter(rows.kind == "consent", rows.customer.isin(sorted(customers)))
    words: dict[str, list[definition.Word]] = {}
    columns = ("customer", "reference", "at", "received_at", "id", "properties")
    for row in chosen.select(*columns).to_pyarrow().to_pylist():
        read = definition.said(row["properties"])
        if read is not None and read[0] == purpose:
            word = definition.word(row["reference"], row, read)
            words.setdefault(row["customer"], []).append(word)
    last = ((customer, definition.last(said)) for customer, said in words.items())
    return {customer: word.given for customer, word in last if word}


def history(log: "Log", references: Sequence[str]) -> tuple[Said, ...]:
    """Return all that was said under these references, the latest first."""
    return tuple(said for _, said in _words(log, references))


def _words(log: "Log", references: Sequence[str]) -> list[tuple[definition.Word, Said]]:
    found = []
    for row in rows_of(log, references):
        read = definition.said(row["properties"]) if row["kind"] == "consent" else None
        if read is not None:
            found.append((definition.word(row["customer"], row, read), _said(row, *read)))
    found.sort(key=lambda each: each[0].order, reverse=True)
    return found


def record(
    log: "Log",
    customer: str,
    said: dict[str, bool],
    *,
    how: str,
    by: str = "",
    language: str = "it",
    at: datetime | None = None,
    source: str = "percorso",
    words: str = "",
) -> int:
    """Write down what a customer said: purpose -> agreed or not. On the disk when this returns.

    Only what changes is written, but a first no is. ``words`` is what the customer read or heard;
    the company's own (``privacy.toml``) where none are given. Returns how many rows were added.
    Raises PrivacyError where a purpose is unknown, or is none that a customer can refuse.
    """
    if how not in WAYS:
        raise PrivacyError(
            _("How it was said must be one of {known}, not {value!r}.").format(
                known=", ".join(WAYS), value=how
            )
        )
    stated = policy(log.workspace)
    now = {each.purpose: each.last for each in consents(log, customer)}
    rows = []
    for purpose, given in said.items():
        terms = _refusable(stated, purpose)
        last = now[purpose]
        if last is None or last.given != given or (given and last.words_version != terms.version):
            proof = {
                "purpose": purpose,
                "given": given,
                "basis": terms.basis,
                "words": words or terms.words(language),
                "words_version": terms.version,
                "how": how,
                "by": by,
            }
            rows.append(_row(customer, proof, language, source, at or datetime.now(UTC)))
    if not rows:
        return 0
    from percorso.log.schema import as_table

    return log.append(as_table(rows)).added


def _refusable(stated: Policy, purpose: str) -> Terms:
    terms = stated.terms(purpose)
    if not terms.may_object:
        raise PrivacyError(
            _("{name} rests on {basis}: nobody can agree to it or refuse it.").format(
                name=purpose, basis=terms.basis
            )
        )
    return terms


def _row(
    customer: str, proof: dict[str, Any], language: str, source: str, at: datetime
) -> Interaction:
    touchpoint, channel = _TOUCHPOINTS.get(proof["how"], ("consent form", "other"))
    row = Interaction(
        id=f"consent:{uuid.uuid4().hex}",
        at=at,
        customer=customer,
        kind="consent",
        name="given" if proof["given"] else "withdrawn",
        source=source,
        touchpoint=touchpoint,
        channel=channel,
        language=language,
        properties=proof,
    )
    broken = violations(row)
    if broken:
        raise PrivacyError(str(broken[0]))
    return row


def _said(row: dict[str, Any], purpose: str, given: bool, properties: dict[str, Any]) -> Said:  # noqa: FBT001 - as said
    basis = properties.get("basis")
    return Said(
        purpose=purpose,
        given=given,
        at=row["at"],
        basis=str(basis) if basis in BASES else "consent",
        words=str(properties.get("words") or ""),
        words_version=str(properties.get("words_version") or ""),
        how=str(properties.get("how") or ""),
        by=str(properties.get("by") or ""),
        source=row["source"],
        reference=row["customer"],
        id=row["id"],
    )
