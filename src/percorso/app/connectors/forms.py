"""The forms of connectors: one for each kind, from fields to settings and back."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.connectors.actions import LEAST_MINUTES, MOST_MINUTES
from percorso.app.intake import queries as intake
from percorso.connectors.settings import SECRETS
from percorso.vocabulary import CHANNELS

_LONG: Final = 500


class ConnectorForm(forms.Form):
    """What every connector has: its name, which cannot be changed later, and how often it runs."""

    name = forms.CharField(label=_("Name"), max_length=80)
    every_minutes = forms.IntegerField(
        label=_("Every how many minutes"),
        min_value=LEAST_MINUTES,
        max_value=MOST_MINUTES,
        initial=15,
    )
    #: Fields that hold several values, by what parts them.
    several: Mapping[str, str] = {}
    #: Fields that hold pairs, ``name = value``, one a line.
    pairs: tuple[str, ...] = ()
    kind = ""

    def __init__(self, *args: Any, named: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not named:
            del self.fields["name"]
        for secret in SECRETS[self.kind]:
            if not named:
                self.fields[secret].required = False
                self.fields[secret].help_text = _("Empty: the one that is kept stays.")
        last = [each for each in ("recipe", "mapping", "every_minutes") if each in self.fields]
        self.order_fields([*(each for each in self.fields if each not in last), *last])

    @property
    def settings(self) -> dict[str, Any]:
        """What was chosen, as the library takes it."""
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("name", "every_minutes") and value is not None
        }
        for name, mark in self.several.items():
            parts = str(given[name]).replace("\n", mark).split(mark)
            given[name] = [each.strip() for each in parts if each.strip()]
        for name in self.pairs:
            given[name] = _read_pairs(str(given[name]))
        return {name: value for name, value in given.items() if value not in ("", [], {})}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.pairs:
            wrong = [line for line in str(cleaned.get(name, "")).splitlines() if _is_odd(line)]
            if wrong:
                self.add_error(
                    name, _("Write it like name = value: %(line)s") % {"line": wrong[0][:80]}
                )
        return cleaned

    @classmethod
    def initial_of(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was chosen as the fields show it."""
        shown = dict(settings)
        for name, mark in cls.several.items():
            shown[name] = f"{mark} ".join(shown.get(name, ())) if name in shown else ""
        for name in cls.pairs:
            shown[name] = "\n".join(f"{k} = {v}" for k, v in dict(shown.get(name, {})).items())
        return shown


class FeedForm(ConnectorForm):
    kind = "feed"
    url = forms.CharField(label=_("Address of the feed"), max_length=_LONG)
    kind_ = forms.ChoiceField(
        label=_("What it holds"),
        choices=[
            ("mention", _("Others speak of us")),
            ("review", _("Reviews")),
            ("content", _("What we publish")),
        ],
    )
    touchpoint = forms.CharField(
        label=_("Touchpoint"),
        required=False,
        max_length=200,
        help_text=_("Empty: as the feed calls itself."),
    )
    channel = forms.ChoiceField(label=_("Channel"), initial="other")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "channel", [(each, labels.channel(each)) for each in CHANNELS])

    @property
    def settings(self) -> dict[str, Any]:
        given = dict(super().settings)
        return {"kind": given.pop("kind_"), **given}

    @classmethod
    def initial_of(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        return {**settings, "kind_": settings.get("kind", "mention")}


class MastodonForm(ConnectorForm):
    kind = "mastodon"
    several = {"hashtags": ","}
    instance = forms.CharField(
        label=_("Server"), max_length=_LONG, help_text=_("Such as mastodon.example.org.")
    )
    hashtags = forms.CharField(
        label=_("Hashtags"), required=False, max_length=_LONG, help_text=_("Parted by commas.")
    )
    account = forms.CharField(
        label=_("The company's account"),
        required=False,
        max_length=200,
        help_text=_("Answers to its posts are read."),
    )
    token = forms.CharField(
        label=_("Access token"),
        required=False,
        max_length=_LONG,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("With the scope read:notifications mentions are read too."),
    )
    touchpoint = forms.CharField(label=_("Touchpoint"), initial="Mastodon", max_length=200)


class MailboxForm(ConnectorForm):
    kind = "mailbox"
    several = {"folders": ",", "own": ","}
    host = forms.CharField(
        label=_("Server"), max_length=_LONG, help_text=_("Such as imap.example.org.")
    )
    encryption = forms.ChoiceField(
        label=_("Encryption"),
        choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("None"))],
    )
    port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=_("Empty: 993, or 143 with STARTTLS."),
    )
    user = forms.CharField(
        label=_("User"), max_length=_LONG, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=_LONG,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    folders = forms.CharField(
        label=_("Folders"),
        initial="INBOX",
        max_length=_LONG,
        help_text=_("Parted by commas. With the folder of sent mail answers are known too."),
    )
    own = forms.CharField(
        label=_("The company's own addresses"),
        required=False,
        max_length=_LONG,
        help_text=_("Parted by commas; @example.org for a whole domain. They are no customers."),
    )
    days = forms.IntegerField(
        label=_("Days to go back at first"), initial=30, min_value=0, max_value=3650
    )
    touchpoint = forms.CharField(label=_("Touchpoint"), initial="E-mail", max_length=200)


class _ImportedForm(ConnectorForm):
    """One whose rows go through the file import."""

    pairs: tuple[str, ...] = ("mapping",)
    recipe = forms.ChoiceField(
        label=_("Recipe"),
        required=False,
        help_text=_("How the rows are read. None: it is guessed, or as said below."),
    )
    mapping = forms.CharField(
        label=_("What the columns are"),
        required=False,
        max_length=_LONG * 10,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "customer = client_code"}),
        help_text=_("One a line: field = column. It is needed where no recipe is chosen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "recipe", [("", "–"), *((e.name, e.title) for e in intake.recipes())])


class FolderForm(_ImportedForm):
    kind = "folder"
    path = forms.CharField(
        label=_("Folder"),
        max_length=_LONG,
        help_text=_("On the server, the whole path. Whoever runs the server says which may be."),
    )
    pattern = forms.CharField(label=_("File names"), initial="*", max_length=100)
    together = forms.BooleanField(label=_("Read files that come together as one"), required=False)
    settle = forms.IntegerField(
        label=_("Seconds a file must rest"), initial=30, min_value=0, max_value=3600
    )


class PullForm(_ImportedForm):
    kind = "pull"
    pairs = ("mapping", "headers")
    url = forms.CharField(label=_("Address"), max_length=_LONG)
    items = forms.CharField(
        label=_("Where the list is"),
        required=False,
        max_length=_LONG,
        help_text=_("Such as data.items. Empty: the answer itself is the list."),
    )
    paging = forms.ChoiceField(
        label=_("How it goes on"),
        choices=[
            ("none", _("All is in one answer")),
            ("link", _("By a link to the next page")),
            ("cursor", _("By a cursor in the answer")),
            ("since", _("By the greatest value of a field")),
        ],
    )
    next = forms.CharField(
        label=_("Where the link, cursor or value is"), required=False, max_length=_LONG
    )
    parameter = forms.CharField(
        label=_("The parameter it is sent as"), required=False, max_length=_LONG
    )
    headers = forms.CharField(
        label=_("Headers"),
        required=False,
        max_length=_LONG * 4,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Accept = application/json"}),
        help_text=_("One a line: name = value. They are shown here again: put no secret in them."),
    )
    secret_header = forms.CharField(
        label=_("Header of the secret"), initial="Authorization", max_length=64
    )
    secret_value = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=_LONG,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Such as Bearer and the token. It is sealed, and never shown again."),
    )


FORMS: Final[Mapping[str, type[ConnectorForm]]] = {
    each.kind: each for each in (FeedForm, MastodonForm, MailboxForm, FolderForm, PullForm)
}


def _choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
    field.choices = choices


def _read_pairs(text: str) -> dict[str, str]:
    halves = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _mark, value in halves}


def _is_odd(line: str) -> bool:
    name, mark, value = line.partition("=")
    return bool(line.strip()) and not (mark and name.strip() and value.strip())
