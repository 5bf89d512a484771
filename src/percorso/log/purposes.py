"""What customers' data are used for, and on which basis in law: the company's ``privacy.toml``.

    [controller]
    name = "Libreria Aurora"
    contact = "privacy@example.org"

    [purposes.marketing]
    basis = "consent"
    version = "2"
    it = "Vorrei ricevere le novità della libreria."
    en = "I would like to hear about news from the bookshop."

What the file does not say is as in ``SHIPPED``. The words are what a customer reads and agrees to;
whoever changes them raises the version, which is kept with every consent.
"""

import tomllib
from dataclasses import dataclass, replace
from typing import Any, Final

from percorso.i18n import gettext as _
from percorso.log.errors import PrivacyError
from percorso.vocabulary import BASES, PURPOSES
from percorso.workspace import Workspace

FILE: Final = "privacy.toml"


@dataclass(frozen=True, slots=True)
class Terms:
    """A purpose as the company states it: its basis, the words in each language, their version."""

    purpose: str
    basis: str
    it: str
    en: str
    version: str = "1"

    def words(self, language: str) -> str:
        return self.it if language == "it" else self.en

    @property
    def asks(self) -> bool:
        """Say whether a customer's yes is needed."""
        return self.basis == "consent"

    @property
    def may_object(self) -> bool:
        """Say whether a customer's no counts (GDPR 7(3) and 21); a contract or a law is met."""
        return self.basis in ("consent", "legitimate_interest")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who answers for the data (GDPR 4(7)), and the purposes in their order."""

    controller: str
    contact: str
    officer: str
    purposes: tuple[Terms, ...]

    def terms(self, purpose: str) -> Terms:
        """Return one purpose. Raises PrivacyError."""
        for each in self.purposes:
            if each.purpose == purpose:
                return each
        raise PrivacyError(
            _("There is no purpose {name!r}. The purposes are: {known}.").format(
                name=purpose, known=", ".join(PURPOSES)
            )
        )


#: The Italian Privacy Code, article 130, names market research beside marketing: both ask first.
SHIPPED: Final = (
    Terms(
        "service",
        "contract",
        "Usiamo i tuoi dati per evadere ordini, consegne, resi e per risponderti.",
        "We use your data to handle orders, deliveries, returns and to answer you.",
    ),
    Terms(
        "survey",
        "consent",
        "Potete chiedermi ogni tanto com’è andata.",
        "You may ask me now and then how it went.",
        "2",
    ),
    Terms(
        "marketing",
        "consent",
        "Potete inviarmi novità e offerte.",
        "You may send me news and offers.",
    ),
    Terms(
        "profiling",
        "consent",
        "Potete usare i miei acquisti e le mie visite per proporre cose adatte a me.",
        "You may use my purchases and visits to suggest things that suit me.",
    ),
)


def policy(workspace: Workspace) -> Policy:
    """Return what the company states. Raises PrivacyError that names the file and the value."""
    file = workspace.path / FILE
    given: dict[str, Any] = {}
    if file.exists():
        try:
            given = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PrivacyError(
                _("{file} cannot be read: {error}").format(file=file, error=error)
            ) from error
    controller = _texts(
        given.get("controller", {}), ("name", "contact", "officer"), file, "controller"
    )
    own = given.get("purposes", {})
    unknown = sorted({*given} - {"controller", "purposes"}) or sorted({*own} - {*PURPOSES})
    if unknown:
        raise PrivacyError(_("{file}: unknown entry {name!r}.").format(file=file, name=unknown[0]))
    return Policy(
        controller=controller.get("name") or workspace.settings.company,
        contact=controller.get("contact", ""),
        officer=controller.get("officer", ""),
        purposes=tuple(_changed(each, own.get(each.purpose, {}), file) for each in SHIPPED),
    )


def _changed(shipped: Terms, own: Any, file: Any) -> Terms:
    given = _texts(own, ("basis", "it", "en", "version"), file, f"purposes.{shipped.purpose}")
    changed = replace(shipped, **given)
    if changed.basis not in BASES:
        raise PrivacyError(
            _("{file}: basis of {name} must be one of {known}, not {value!r}.").format(
                file=file, name=shipped.purpose, known=", ".join(BASES), value=changed.basis
            )
        )
    return changed


def _texts(given: Any, known: tuple[str, ...], file: Any, table: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise PrivacyError(_("{file}: {name} must be a table.").format(file=file, name=table))
    for name, value in given.items():
        if name not in known or not isinstance(value, str) or len(value) > 1000:
            raise PrivacyError(
                _("{file}: {table}.{name} must be one of {known}, each a text.").format(
                    file=file, table=table, name=name, known=", ".join(known)
                )
            )
    return given
