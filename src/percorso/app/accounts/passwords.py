"""Rules for passwords: Django's own in words of ours, and one beside them."""

from typing import Final

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LEAST_DIFFERENT: Final = 5


class LongEnough(MinimumLengthValidator):
    """Django's, which says it in English alone."""

    def get_error_message(self) -> str:
        """Say how long it has to be."""
        least = self.min_length
        return _("This password is too short: use at least %(n)d characters.") % {"n": least}


class VariedEnough:
    """Refuses what is long only because it repeats itself."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's
        """Raise ValidationError for fewer than five different characters."""
        if len(set(password)) < LEAST_DIFFERENT:
            raise ValidationError(
                _("This password repeats itself: use at least 5 different characters."),
                code="password_too_uniform",
            )

    def get_help_text(self) -> str:
        return _("Use at least 5 different characters.")
