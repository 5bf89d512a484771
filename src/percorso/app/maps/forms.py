"""The forms of beliefs."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.app.filters.filter import segment_options
from percorso.journey_map import wording
from percorso.touchpoints import (
    ABOUTS,
    EVIDENCE_KINDS,
    MEASURES,
    PREFIXED,
    PROPERTY,
    Belief,
    Claim,
    Evidence,
)
from percorso.vocabulary import CHANNELS, Phase

#: Fields of the form -> what of a claim they say.
_PLACES = {
    "where_touchpoint": "touchpoint",
    "where_phase": "phase",
    "where_segment": "segment",
    "where_channel": "channel",
}
_NOWHERE = ("", "–")


class BeliefForm(forms.Form):
    """What is believed, where it stands, and how data could support or deny it."""

    text = forms.CharField(
        label=_("What do you believe?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One sentence, such as: on a phone, paying is hard."),
    )
    about = forms.ChoiceField(label=_("It is about"))
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    touchpoint = forms.ChoiceField(label=_("Touchpoint"), required=False)
    segment = forms.ChoiceField(
        label=_("Of which customers"),
        required=False,
        help_text=_("It is shown on the map of these; nobody chosen: on every map."),
    )
    measure = forms.ChoiceField(
        label=_("What would show it"),
        required=False,
        help_text=_(
            "Without it the belief stays open. What customers do is counted at any time of the "
            "period, before they were there as well as after."
        ),
    )
    direction = forms.ChoiceField(label=_("Which way"), required=False)
    where_touchpoint = forms.ChoiceField(label=_("Touchpoint"), required=False)
    where_phase = forms.ChoiceField(label=_("Phase"), required=False)
    where_segment = forms.ChoiceField(label=_("Customers"), required=False)
    where_channel = forms.ChoiceField(label=_("Channel"), required=False)
    property_name = forms.CharField(
        label=_("Property of the interaction"), required=False, max_length=80
    )
    property_value = forms.CharField(
        label=_("Value of the property"), required=False, max_length=120
    )
    evidence_kind = forms.ChoiceField(label=_("Kind of source"), required=False)
    evidence_what = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=300,
        help_text=_("What was seen or heard, a topic, a factor or a question."),
    )

    def __init__(
        self,
        *args: Any,
        touchpoints: Sequence[tuple[str, str]] = (),
        log_touchpoints: Sequence[str] = (),
        segments: Sequence[str] = (),
        belief: Belief | None = None,
        **kwargs: Any,
    ) -> None:
        if belief is not None:
            kwargs.setdefault("initial", initial(belief))
        super().__init__(*args, **kwargs)
        self._belief = belief
        options = [(each.value, str(each.words)) for each in segment_options(segments)]
        places = [_NOWHERE, *((name, name) for name in log_touchpoints)]
        kept = dict(belief.claim.where).get("touchpoint") if belief and belief.claim else None
        if kept and kept not in log_touchpoints:
            places.append((kept, kept))
        self._choose("about", [(each, about(each)) for each in ABOUTS])
        self._choose("phase", [_NOWHERE, *_phases()])
        self._choose("touchpoint", [_NOWHERE, *touchpoints])
        self._choose("segment", options)
        self._choose("measure", [("", str(_("Nothing yet"))), *_measures()])
        self._choose(
            "direction",
            [
                ("lower", str(_("lower than elsewhere"))),
                ("higher", str(_("higher than elsewhere"))),
            ],
        )
        self._choose("where_touchpoint", places)
        self._choose("where_phase", [_NOWHERE, *_phases()])
        self._choose("where_segment", options)
        self._choose(
            "where_channel", [_NOWHERE, *((each, labels.channel(each)) for each in CHANNELS)]
        )
        self._choose("evidence_kind", [_NOWHERE, *((each, kind(each)) for each in EVIDENCE_KINDS)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if bool(given.get("property_name")) != bool(given.get("property_value")):
            self.add_error("property_value", _("A property takes a name and a value."))
        if given.get("measure") and not self._where(given):
            self.add_error("measure", _("Say where: at a touchpoint, in a phase, of whom."))
        if bool(given.get("evidence_kind")) != bool(given.get("evidence_what")):
            self.add_error("evidence_what", _("Say both what kind of source it is, and which."))
        return given

    def belief(self) -> Belief:
        """Return what was entered, as a belief; what the form cannot say of it stays as it was."""
        given = self.cleaned_data
        before = self._belief
        measure = given["measure"]
        claim = None
        if measure:
            claim = Claim(
                measure=measure,
                direction=given["direction"] or "lower",
                where=tuple(self._where(given)),
            )
        return Belief(
            id=before.id if before else "",
            text=given["text"],
            about=given["about"],
            touchpoint=given["touchpoint"],
            phase=Phase(given["phase"]) if given["phase"] else None,
            segment=given["segment"],
            claim=claim,
            evidence=self._evidence(given),
        )

    def _where(self, given: dict[str, Any]) -> list[tuple[str, str]]:
        found = [(place, given[name]) for name, place in _PLACES.items() if given.get(name)]
        if given.get("property_name") and given.get("property_value"):
            found.append((PROPERTY + given["property_name"], given["property_value"]))
        return found + _left_over(self._belief)

    def _evidence(self, given: dict[str, Any]) -> tuple[Evidence, ...]:
        others = self._belief.evidence[1:] if self._belief else ()
        if not given["evidence_kind"]:
            return others
        before = self._belief.evidence[0] if self._belief and self._belief.evidence else None
        made = Evidence(kind=given["evidence_kind"], what=given["evidence_what"])
        if before is not None and (before.kind, before.what) == (made.kind, made.what):
            made = before
        elif made.kind == "observation":
            made = msgspec.structs.replace(made, on=date.today())  # noqa: DTZ011 - the day here
        return (made, *others)


def initial(belief: Belief) -> dict[str, str]:
    """Return what the form's fields say of a belief."""
    claim, first = belief.claim, next(iter(belief.evidence), None)
    where: dict[str, str] = {}
    for name, value in claim.where if claim else ():
        where.setdefault(name, value)
    of_property = next((name for name in where if name.startswith(PROPERTY)), "")
    return {
        "text": belief.text,
        "about": belief.about,
        "phase": str(belief.phase or ""),
        "touchpoint": belief.touchpoint,
        "segment": belief.segment,
        "measure": claim.measure if claim else "",
        "direction": claim.direction if claim else "lower",
        **{name: where.get(place, "") for name, place in _PLACES.items()},
        "property_name": of_property.removeprefix(PROPERTY),
        "property_value": where.get(of_property, ""),
        "evidence_kind": first.kind if first else "",
        "evidence_what": first.what if first else "",
    }


def _left_over(belief: Belief | None) -> list[tuple[str, str]]:
    """Return what a claim says that the form has no field for: it was written by hand."""
    if belief is None or belief.claim is None:
        return []
    said: set[str] = set()
    left = []
    for name, value in belief.claim.where:
        kind_of = "property" if name.startswith(PROPERTY) else name
        if kind_of in said or kind_of not in ("property", *_PLACES.values()):
            left.append((name, value))
        said.add(kind_of)
    return left


def also(belief: Belief | None) -> str:
    """Say what of a claim the form keeps without showing it; empty where nothing."""
    return ", ".join(f"{name}: {value}" for name, value in _left_over(belief))


def about(name: str) -> str:
    """Return what a belief is about, in words."""
    words = {
        "need": _("a need"),
        "expectation": _("an expectation"),
        "preference": _("a preference"),
        "pain": _("a pain"),
        "emotion": _("an emotion"),
        "opportunity": _("an opportunity"),
    }
    return str(words[name])


def kind(name: str) -> str:
    """Return what kind of source a belief has, in words."""
    words = {
        "topic": _("a topic of customers' words"),
        "factor": _("a factor of the experience"),
        "question": _("a survey question"),
        "observation": _("an observation"),
    }
    return str(words[name])


def _phases() -> list[tuple[str, str]]:
    return [(str(each), labels.phase(each)) for each in Phase]


def _measures() -> list[tuple[str, str]]:
    plain = [(name, wording.measure(name)) for name in MEASURES]
    prefixed = [
        (f"{prefix}:{name}", wording.measure(f"{prefix}:{name}"))
        for prefix, names in PREFIXED.items()
        for name in names
    ]
    return [*plain, *prefixed]
