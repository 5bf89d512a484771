"""What customers' data may be used for, and on which basis in law."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from percorso.vocabulary.phrases import N_

Purpose = Literal["service", "survey", "marketing", "profiling"]
PURPOSES: Final = get_args(Purpose)
#: Lawful bases, GDPR article 6(1): letters a, b, f, c.
Basis = Literal["consent", "contract", "legitimate_interest", "legal_obligation"]
BASES: Final = get_args(Basis)

#: What each purpose is called in the company, and when the customer is spoken to; each basis.
#: Messages of gettext.
PURPOSE_NAMES: Final[Mapping[str, str]] = {
    "service": N_("Service"),
    "survey": N_("Surveys"),
    "marketing": N_("Marketing"),
    "profiling": N_("Profiling"),
}
PURPOSE_WORDS: Final[Mapping[str, str]] = {
    "service": N_("Serving you"),
    "survey": N_("Asking your opinion"),
    "marketing": N_("News and offers"),
    "profiling": N_("Offers chosen for you"),
}
BASIS_WORDS: Final[Mapping[str, str]] = {
    "consent": N_("consent"),
    "contract": N_("contract"),
    "legitimate_interest": N_("legitimate interest"),
    "legal_obligation": N_("legal obligation"),
}
