"""The forms of sources, rules and contacts."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.sources.contacts import LONGEST_PLACE, LONGEST_WORDS
from percorso.vocabulary import ABOUT_CUSTOMERS, CHANNELS, KINDS

_LONGEST_ORIGINS: Final = 5_000


class SendingForm(forms.Form):
    """Who may send with a source's keys, and how much."""

    origins = forms.CharField(
        label=_("Websites that may send"),
        required=False,
        max_length=_LONGEST_ORIGINS,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://www.example.org"}),
        help_text=_(
            "One address a line. A key in a web page can be read by anybody: say from which "
            "pages it may be used. For a server leave it empty."
        ),
    )
    most_per_second = forms.IntegerField(
        label=_("Requests a second, at most"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Empty: as many as the server takes."),
    )

    channel = forms.ChoiceField(
        label=_("Where its customers are"),
        required=False,
        help_text=_(
            "For events that do not say it: a till is in the shop, a help desk on the telephone. "
            "Empty: the app or the website where an event shows it, else something else."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [("", "–"), *((each, labels.channel(each)) for each in CHANNELS)]

    @property
    def given_origins(self) -> list[str]:
        return str(self.cleaned_data["origins"]).split()


class SourceForm(SendingForm):
    """A new source."""

    name = forms.CharField(
        label=_("Name"),
        max_length=50,
        help_text=_(
            "Small letters, digits and hyphens, such as online-shop. It cannot be changed later."
        ),
    )
    field_order = ("name", "channel", "origins", "most_per_second")


class RuleForm(forms.Form):
    """A rule for one name, in one step."""

    kind = forms.ChoiceField(label=_("It is"))
    touchpoint = forms.CharField(
        label=_("Touchpoint"), required=False, max_length=200, help_text=_("Empty: its own name.")
    )
    amount = forms.ChoiceField(label=_("Amount"), required=False)
    text = forms.ChoiceField(label=_("Words"), required=False)
    about = forms.ChoiceField(label=_("About the order"), required=False)
    again = forms.BooleanField(
        label=_("Also those that came in the last 7 days"), required=False, initial=True
    )

    def __init__(self, *args: Any, properties: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(
            (
                (each, labels.kind(each))
                for each in KINDS
                if each not in ("other", *ABOUT_CUSTOMERS)
            ),
            key=lambda each: each[1].casefold(),
        )
        self._choose("kind", [("", "–"), *kinds, ("drop", _("not wanted in the log"))])
        simple = {k: v for k, v in properties.items() if isinstance(v, str | int | float)}
        for name in ("amount", "text", "about"):
            self._choose(name, [("", "–"), *((k, _shown(k, v)) for k, v in simple.items())])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices

    @property
    def made(self) -> dict[str, str]:
        """The words of the rule."""
        given = {name: each for name, each in self.cleaned_data.items() if name != "again"}
        if given["about"]:
            given["about"] = f"order:{{{given['about']}}}"
        return given


class PlaceForm(forms.Form):
    """Where a code is put up."""

    place = forms.CharField(
        label=_("Where it is put up"),
        max_length=LONGEST_PLACE,
        help_text=_("Such as “Shop in Via Roma”: the answers carry it as their touchpoint."),
    )


class ContactForm(forms.Form):
    """What can be said besides of a visit or a call."""

    customer = forms.CharField(
        label=_("Customer"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "E-mail, telephone or customer number. Empty where you do not know who it was."
        ),
    )
    notes = forms.CharField(
        label=_("What they said"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    place = forms.CharField(label=_("Where"), required=False, max_length=LONGEST_PLACE)


class AnswerForm(forms.Form):
    """What somebody leaves at the counter."""

    score = forms.IntegerField(min_value=1, max_value=5)
    words = forms.CharField(required=False, max_length=LONGEST_WORDS)


def _shown(name: str, value: object) -> str:
    words = " ".join(str(value).split())
    return f"{name} ({words[:30]}…)" if len(words) > 30 else f"{name} ({words})"
