"""The forms of people and of signing in."""

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any, Final

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from percorso import workspace
from percorso.app.accounts.models import ROLES, User
from percorso.app.accounts.tokens import SCOPES
from percorso.workspace import LONGEST, is_currency, is_one_line

#: Zones that are no place, and old names kept for old programs.
_NO_PLACE: Final = ("Etc", "US", "SystemV", "posix", "right")
_GOOD_PASSWORD: Final = _("At least 10 characters. A sentence only you would write is a good one.")
#: Of allauth's fields, in the words of the other forms.
_LABELS: Final = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


class _Quiet:
    """Gives allauth's forms our words, and takes out placeholders: the labels say it already."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = _LABELS.get(name, field.label)
            field.help_text = _GOOD_PASSWORD if name == "password1" else ""


class SignIn(_Quiet, allauth_forms.LoginForm):  # type: ignore[misc] # allauth ships no types
    """E-mail and password."""


class ChangePassword(_Quiet, allauth_forms.ChangePasswordForm):  # type: ignore[misc] # as above
    """The present password, and the new one twice."""


class AskForReset(_Quiet, allauth_forms.ResetPasswordForm):  # type: ignore[misc] # as above
    """The address to send the link to."""


class NewPassword(_Quiet, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc] # as above
    """The new password twice."""


class ConfirmByPassword(_Quiet, allauth_forms.ReauthenticateForm):  # type: ignore[misc] # as above
    """The present password, before what guards the account is changed."""


class _ByCode(_Quiet):
    """Asks for a code in digits, or, where recovery codes count, in letters too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code")
        code.widget.attrs.update(
            autocomplete="one-time-code", autocapitalize="off", spellcheck="false"
        )


class SecondCode(_ByCode, mfa_forms.AuthenticateForm):  # type: ignore[misc] # as above
    """The code of the app, or a recovery code."""


class ConfirmByCode(_ByCode, mfa_forms.ReauthenticateForm):  # type: ignore[misc] # as above
    """A code, before what guards the account is changed."""


class ActivateApp(_ByCode, totp_forms.ActivateTOTPForm):  # type: ignore[misc] # as above
    """The first code of an app: it shows that app and server agree."""


class AddPasskey(webauthn_forms.AddWebAuthnForm):  # type: ignore[misc] # as above
    """A name for the passkey, and whether it signs in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the device")
        self.fields["name"].max_length = LONGEST
        self.fields["name"].initial = self.initial["name"] = ""
        self.fields["name"].help_text = _("Such as: my phone, the key on my key ring.")
        self.fields["passwordless"].label = _("It signs me in by itself, without the password")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = ""


class NamePasskey(webauthn_forms.EditWebAuthnForm):  # type: ignore[misc] # as above
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the device")


class NewToken(forms.Form):
    """What a program's key is called, what it opens, and for how long."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST,
        help_text=_("Of the program that will use it, such as: web shop."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=tuple(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )

    def clean_name(self) -> str:
        """Refuse what cannot be seen."""
        name: str = self.cleaned_data["name"]
        if not is_one_line(name):
            raise forms.ValidationError(_("Write the name with visible characters, in one line."))
        return name


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
        help_text=_GOOD_PASSWORD,
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


@cache
def _zones() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the zones to choose from, by continent."""
    names = sorted(filter(_is_place, workspace.zones()))
    regions: Iterator[tuple[str, Iterator[str]]] = groupby(names, lambda each: each.split("/")[0])
    named: list[tuple[str, str | list[tuple[str, str]]]] = [("UTC", "UTC")]
    for region, zones in regions:
        cities = [(zone, zone.replace("_", " ")) for zone in zones]
        named.append((region, cities))
    return named


def _is_place(zone: str) -> bool:
    region, _slash, city = zone.partition("/")
    return bool(city) and region not in _NO_PLACE


class Company(forms.Form):
    """What the company chooses for all: its name, its zone, its money, its language."""

    company = forms.CharField(
        label=_("Name of the company"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Times in your files that come without a zone are read in this one."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        help_text=_("Of amounts that come without one: EUR, CHF, GBP."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of reports, and of pages where a person has not chosen one."),
    )
    second_factor = forms.ChoiceField(
        label=_("Second step when signing in"),
        choices=[
            ("nobody", _("nobody has to")),
            ("administrators", _("administrators have to")),
            ("managers", _("administrators and CX managers have to")),
            ("everybody", _("everybody has to")),
        ],
        help_text=_(
            "An app's code or a passkey. Whoever has to and has none is asked to set it up."
        ),
    )

    def __init__(self, *args: Any, first: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if first:
            del self.fields["second_factor"]  # there is nobody else yet to ask it of
        chosen, zones = str(self.initial.get("zone") or "UTC"), self.fields["zone"]
        # A zone that is not offered, such as CET, must not become another when a name is changed.
        if isinstance(zones, forms.ChoiceField) and not zones.valid_value(chosen):
            zones.choices = [(chosen, chosen), *_zones()]

    def clean_company(self) -> str:
        """Refuse what cannot be seen: it could deceive whoever reads an invitation."""
        name: str = self.cleaned_data["company"]
        if not is_one_line(name):
            raise forms.ValidationError(_("Write the name with visible characters, in one line."))
        return name

    def clean_currency(self) -> str:
        """Take the code in small letters too."""
        code: str = self.cleaned_data["currency"].upper()
        if not is_currency(code):
            raise forms.ValidationError(_("Write the three letters of a currency, such as EUR."))
        return code
