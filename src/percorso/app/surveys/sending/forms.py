"""The forms of rules and campaigns."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.surveys.sending import letter, words
from percorso.app.surveys.sending.models import Campaign, Rule, Sending
from percorso.surveys import Survey

#: What comes first where two want the same person.
PRIORITIES: Final = {10: _("before others"), 0: _("as others"), -10: _("after others")}
_UNITS: Final = {"1": _("hours"), "24": _("days")}
_LONGEST_DELAY_H: Final = 24 * 365


class SendingForm(forms.Form):
    """What rules and campaigns share; a subject and an opening for each language of the survey."""

    name = forms.CharField(label=_("Name"), max_length=80)
    segment = forms.ChoiceField(label=_("Whom"), required=False)
    share = forms.IntegerField(
        label=_("Of them, a share at random (%)"),
        min_value=1,
        max_value=100,
        initial=100,
        help_text=_("Drawn once and kept, however often it is looked at."),
    )
    priority = forms.TypedChoiceField(
        label=_("Where two want the same customer, it goes"),
        coerce=int,
        choices=list(PRIORITIES.items()),
        initial=0,
    )
    wanted_days = forms.IntegerField(
        label=_("Days in which it may still be sent"),
        min_value=1,
        max_value=60,
        initial=7,
        help_text=_("Where the contact budget leaves no room within them, it is not sent at all."),
    )
    open_days = forms.IntegerField(
        label=_("Days the link works"), min_value=1, max_value=365, initial=30
    )
    touchpoint = forms.CharField(label=_("Touchpoint"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        survey: Survey,
        segments: Iterable[str],
        touchpoints: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.touchpoints = survey, tuple(touchpoints)
        chosen = self.fields["segment"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101 - tells the type checker
        chosen.choices = [
            ("", gettext("everybody")),
            *((each, labels.segment(each)) for each in segments),
        ]
        for language in survey.languages:
            name = labels.language(language)
            self.fields[f"subject_{language}"] = forms.CharField(
                label=gettext("Subject, %(language)s") % {"language": name},
                max_length=150,
                required=False,
                widget=forms.TextInput({"lang": language, "placeholder": survey.title[language]}),
            )
            self.fields[f"opening_{language}"] = forms.CharField(
                label=gettext("Before the question, %(language)s") % {"language": name},
                max_length=1500,
                required=False,
                widget=forms.Textarea(
                    {
                        "lang": language,
                        "rows": 3,
                        "placeholder": survey.intro.get(language, ""),
                    }
                ),
            )

    @property
    def texts(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The subject and the opening, language by language."""
        return [
            (self[f"subject_{each}"], self[f"opening_{each}"]) for each in self.survey.languages
        ]

    @staticmethod
    def initial_of(sending: Sending) -> dict[str, Any]:
        """Return what the form shows of a rule or campaign."""
        names = ("name", "segment", "priority", "wanted_days", "open_days", "touchpoint")
        return {
            **{each: getattr(sending, each) for each in names},
            "share": round(100 * sending.share),
            **{f"subject_{language}": text for language, text in sending.subject.items()},
            **{f"opening_{language}": text for language, text in sending.opening.items()},
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in self.fields:
            if name.startswith(("subject_", "opening_")) and given.get(name):
                for wrong in letter.wrong_gaps(given[name]):
                    self.add_error(name, wrong)
        return given

    @property
    def given(self) -> dict[str, Any]:
        """What was entered, as the actions take it."""
        said = self.cleaned_data
        return {
            "survey": self.survey.id,
            **{each: said[each] for each in ("name", "segment", "priority")},
            **{each: said[each] for each in ("wanted_days", "open_days")},
            "touchpoint": said["touchpoint"].strip(),
            "share": said["share"] / 100,
            "subject": self._texts("subject"),
            "opening": self._texts("opening"),
        }

    def _texts(self, what: str) -> dict[str, str]:
        said = {each: self.cleaned_data[f"{what}_{each}"] for each in self.survey.languages}
        return {language: text for language, text in said.items() if text.strip()}


class RuleForm(SendingForm):
    """After what, and how much later."""

    kind = forms.ChoiceField(label=_("After"))
    only_at = forms.CharField(
        label=_("Only at the touchpoint"),
        max_length=500,
        required=False,
        help_text=_("Empty: wherever it happens."),
    )
    delay = forms.IntegerField(label=_("How long after"), min_value=0, max_value=8760, initial=1)
    unit = forms.ChoiceField(label=_("Unit of time"), choices=list(_UNITS.items()), initial="24")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)  # noqa: S101 - tells the type checker
        called = words.after()
        kinds.choices = [(each, called[each]) for each in words.AFTER]
        self.fields["only_at"].widget.attrs["list"] = "touchpoints"
        self.fields["touchpoint"].help_text = gettext("Empty: where it happened.")

    @staticmethod
    def initial_of(sending: Sending) -> dict[str, Any]:
        assert isinstance(sending, Rule)  # noqa: S101 - tells the type checker
        hours = sending.delay_hours
        unit = 24 if hours and hours % 24 == 0 else 1
        return {
            **SendingForm.initial_of(sending),
            "kind": sending.kind,
            "only_at": sending.only_at,
            "delay": hours // unit,
            "unit": str(unit),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("delay") is not None and given.get("unit"):
            given["delay_hours"] = given["delay"] * int(given["unit"])
            if given["delay_hours"] > _LONGEST_DELAY_H:
                self.add_error("delay", gettext("At most a year."))
        return given

    @property
    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        own = {each: said[each] for each in ("kind", "only_at", "delay_hours")}
        return {**super().given, **own}


class CampaignForm(SendingForm):
    """When it begins."""

    starts_at = forms.DateTimeField(
        label=_("Begins"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["touchpoint"].help_text = gettext("Where its answers belong. Empty: E-mail.")

    @staticmethod
    def initial_of(sending: Sending) -> dict[str, Any]:
        assert isinstance(sending, Campaign)  # noqa: S101 - tells the type checker
        return {**SendingForm.initial_of(sending), "starts_at": sending.starts_at}

    @property
    def given(self) -> dict[str, Any]:
        begins: datetime = self.cleaned_data["starts_at"] or timezone.now()
        return {**super().given, "starts_at": begins}
