"""The form that begins a survey."""

import re
import unicodedata
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy

from percorso import labels
from percorso.app.surveys.building import edits, queries
from percorso.app.surveys.building.conditions import company_fact
from percorso.app.surveys.building.words import type_name
from percorso.i18n import current_language
from percorso.i18n import gettext as _
from percorso.surveys import READY, Survey, fill
from percorso.surveys.model import SURVEY_ID, Ending

#: Languages that a survey may be in; more can be written in its definition.
OFFERED = ("it", "en", "fr", "de", "es", "pt", "nl", "pl", "ro", "sq", "uk", "zh")


class NewSurvey(forms.Form):
    """What to begin with, a title, an id, languages."""

    start = forms.CharField(max_length=60)
    copy_of = forms.CharField(max_length=60, required=False)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Customers see it at the top. Left empty: the usual one."),
    )
    id = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "Names it in addresses, in the log and in files: small letters, digits and hyphens. "
            "It stays. Left empty: made from the title."
        ),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), choices=[(each, each) for each in ("it", "en")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].initial = ["it", "en"]

    def starts(self) -> list[dict[str, str]]:
        """Return what can be begun with: value, name, what it asks; ``group`` for copies."""
        language = current_language()
        words = {
            "nps": _("Would they recommend you? The score from −100 to 100, and why."),
            "csat": _("How satisfied were they with what just happened, and why."),
            "ces": _("How easy was it to get something done, and what was in the way."),
            "pmf": _(
                "Would they miss you? Whether the 40% who would be very disappointed are there."
            ),
            "pyramid": _(
                "Needs met, easy, enjoyable: three levels, each standing on the one below."
            ),
        }
        found = [
            {
                "value": name,
                "name": type_name(name),
                "words": words[name],
                "example": fill(
                    survey.say(survey.questions[0].text, survey.language_for(language)),
                    company_fact(),
                ),
            }
            for name, survey in READY.items()
        ]
        found.append(
            {
                "value": "blank",
                "name": _("Blank"),
                "words": _("Begin with no question, and add your own."),
                "example": "",
            }
        )
        return found

    def copies(self) -> list[tuple[str, str]]:
        """Return the surveys that can be copied."""
        return [(each.id, each.title) for each in queries.surveys() if not each.broken]

    def language_choices(self) -> list[tuple[str, str]]:
        return [(each, labels.language(each)) for each in ("it", "en")]

    def clean_start(self) -> str:
        start: str = self.cleaned_data["start"]
        if start not in {*READY, "blank", "copy"}:
            raise forms.ValidationError(_("Choose what to begin with."))
        return start

    def clean_id(self) -> str:
        given: str = self.cleaned_data["id"].strip()
        if given and not SURVEY_ID.fullmatch(given):
            raise forms.ValidationError(
                _("Small letters, digits and hyphens, such as “after-delivery”.")
            )
        return given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = {value for value, _words in self.copies()}
        if cleaned.get("start") == "copy" and cleaned.get("copy_of") not in known:
            self.add_error("start", _("Choose which one to copy."))
        if cleaned.get("start") == "blank" and not cleaned.get("title", "").strip():
            self.add_error("title", _("A survey that begins blank needs a title."))
        return cleaned

    def made(self) -> Survey:
        """Return the survey that was asked for."""
        given = self.cleaned_data
        start, title = given["start"], given["title"].strip()
        languages = tuple(given["languages"])
        base = queries.find(given["copy_of"]) if start == "copy" else READY.get(start)
        if base is None:
            base = Survey(
                id="blank",
                title={},
                languages=languages,
                questions=(),
                endings=(Ending(text=dict(READY["nps"].endings[-1].text)),),
            )
        if start != "copy":
            base = edits.in_languages(base, languages)
        if title:
            base = msgspec.structs.replace(base, title=dict.fromkeys(base.languages, title))
        wanted = given["id"] or _slug(title or base.say(base.title, "en")) or "survey"
        return msgspec.structs.replace(
            base, id=wanted if given["id"] else free_id(wanted), version=1, published=False
        )


def _slug(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-")


def free_id(wanted: str) -> str:
    """Return an id as near to what is wanted as is free."""
    from percorso.app.surveys.building.actions import RESERVED

    taken = {each.id for each in queries.surveys()} | RESERVED
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted[:36]}-{number}"
    return found
