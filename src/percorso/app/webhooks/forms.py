"""The forms of webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.webhooks.events import EVENTS
from percorso.vocabulary import KINDS


class EndpointForm(forms.Form):
    """Where to send, and what to tell."""

    url = forms.URLField(
        label=_("Address"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("Messages are sent there by POST, over https."),
    )
    description = forms.CharField(label=_("What it is for"), max_length=120, required=False)
    events = forms.MultipleChoiceField(
        label=_("Tell it when"), widget=forms.CheckboxSelectMultiple, choices=list(EVENTS.items())
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only for these kinds of interactions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for all."),
    )
    with_words = forms.BooleanField(
        label=_("Send what customers wrote, too"),
        required=False,
        help_text=_("Without it, messages say what happened, when and to whom, not in what words."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        kinds.choices = [(each, labels.kind(each)) for each in KINDS]


class HookForm(forms.Form):
    """Which source a system sends as."""

    source = forms.ChoiceField(label=_("Source"))
    customer_at = forms.CharField(
        label=_("Where a message names the customer"),
        max_length=200,
        required=False,
        help_text=_(
            "The names from the outside in, such as data.customer.email. Empty where messages "
            "follow the tracking API, which says so itself."
        ),
    )

    def __init__(self, *args: Any, sources: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(each, each) for each in sources]
