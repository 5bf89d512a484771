"""The forms of people and of signing in."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from percorso.app.accounts.models import ROLES, User


class _Quiet:
    """Takes placeholders and hints out of allauth's forms: the labels say it already."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name != "password1":
                field.help_text = ""


class SignIn(_Quiet, allauth_forms.LoginForm):  # type: ignore[misc] # allauth ships no types
    """E-mail and password."""


class ChangePassword(_Quiet, allauth_forms.ChangePasswordForm):  # type: ignore[misc] # as above
    """The present password, and the new one twice."""


class AskForReset(_Quiet, allauth_forms.ResetPasswordForm):  # type: ignore[misc] # as above
    """The address to send the link to."""


class NewPassword(_Quiet, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc] # as above
    """The new password twice."""


class Join(forms.Form):
    """A name and a password, for somebody who was invited."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters. A sentence only you would write is a good one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited = email

    def clean(self) -> dict[str, Any]:
        """Ask the password to be hard to guess for this person."""
        data = super().clean() or {}
        if data.get("password"):
            person = User(email=data.get("email", self.invited), name=data.get("name", ""))
            try:
                password_validation.validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class Begin(Join):
    """The first administrator's address too."""

    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ["name", "email", "password"]


class Invite(forms.Form):
    """An address and a role."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
