"""The forms of a touchpoint, and of what customers want there."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso import labels
from percorso.touchpoints import (
    WANTS,
    Belief,
    Evidence,
    Orders,
    PhaseRule,
    Strategy,
    Touchpoint,
    TouchpointError,
)
from percorso.touchpoints.checking import LONGEST_NAME, LONGEST_TEXT, MOST_RULES
from percorso.vocabulary import ABOUT_CUSTOMERS, CHANNELS, KINDS, Phase

#: Rules that can be added at a time to those there are.
BLANK_RULES: Final = 1
PARTS: Final[Mapping[str, Any]] = {
    "tone": _("Tone of voice"),
    "message": _("Message"),
    "objective": _("Objective"),
    "moves_on": _("What moves the customer on"),
}
_LONGEST_LIST: Final = 10_000


class TouchpointForm(forms.Form):
    """A touchpoint, with a strategy for each phase and the rules that decide phases."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    channel = forms.ChoiceField(label=_("Channel"))
    online = forms.BooleanField(label=_("Online"), required=False)
    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("The department that answers for it."),
    )
    seen_as = forms.CharField(
        label=_("Other names in the log"),
        required=False,
        max_length=_LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line, as the sources call it. A * stands for anything; capitals do not matter."
        ),
    )
    phases = forms.MultipleChoiceField(
        label=_("Phases it is meant for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    promise = forms.CharField(
        label=_("What is promised here"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "In words, as a customer would hear it. Whether it is kept is told by the promises in "
            "the log."
        ),
    )
    state = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("channel", [(each, labels.channel(each)) for each in CHANNELS])
        self._choose("phases", [(str(each), labels.phase(each)) for each in Phase])
        for phase in Phase:
            for part, words in PARTS.items():
                self.fields[f"strategy.{phase}.{part}"] = forms.CharField(
                    label=words,
                    required=False,
                    max_length=LONGEST_TEXT,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
        self.rule_count = min(max(rules, 0) + BLANK_RULES, MOST_RULES)
        for number in range(self.rule_count):
            self._add_rule(number)

    def _add_rule(self, number: int) -> None:
        name = f"rules.{number}"
        self.fields[f"{name}.phase"] = forms.ChoiceField(label=_("Phase"), required=False)
        self._choose(
            f"{name}.phase", [("", "–"), *((str(each), labels.phase(each)) for each in Phase)]
        )
        self.fields[f"{name}.kinds"] = forms.MultipleChoiceField(
            label=_("Of these kinds (none: of any)"),
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 5}),
        )
        kinds = [(each, labels.kind(each)) for each in KINDS if each not in ABOUT_CUSTOMERS]
        self._choose(f"{name}.kinds", sorted(kinds, key=lambda each: each[1].casefold()))
        for end, words in (("at_least", _("Orders before: from")), ("at_most", _("to"))):
            self.fields[f"{name}.{end}"] = forms.IntegerField(
                label=words, required=False, min_value=0, max_value=100
            )

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices

    @classmethod
    def of(cls, given: Touchpoint, state: str) -> "TouchpointForm":
        """Return the form of a touchpoint that is there."""
        initial: dict[str, Any] = {
            "name": given.name,
            "channel": given.channel,
            "online": given.online,
            "owner": given.owner,
            "seen_as": "\n".join(given.seen_as),
            "phases": [str(each) for each in given.phases],
            "promise": given.promise,
            "state": state,
        }
        for strategy in given.strategy:
            for part in PARTS:
                initial[f"strategy.{strategy.phase}.{part}"] = getattr(strategy, part)
        for number, rule in enumerate(given.rules):
            initial |= _initial_rule(f"rules.{number}", rule)
        return cls(initial=initial, rules=len(given.rules))

    @classmethod
    def sent(cls, data: Any) -> "TouchpointForm":
        """Return the form that somebody filled in."""
        return cls(data, rules=_rules_in(data) - BLANK_RULES)

    def touchpoint(self, id_: str) -> Touchpoint:
        """Return what was filled in; raises TouchpointError for a rule without a phase."""
        given = self.cleaned_data
        return Touchpoint(
            id=id_,
            name=given["name"],
            channel=given["channel"],
            online=given["online"],
            owner=given["owner"],
            seen_as=tuple(filter(None, map(str.strip, given["seen_as"].splitlines()))),
            phases=tuple(Phase(each) for each in given["phases"]),
            rules=tuple(self._rules()),
            promise=given["promise"],
            strategy=tuple(
                Strategy(phase=phase, **{part: given[f"strategy.{phase}.{part}"] for part in PARTS})
                for phase in Phase
            ),
        )

    def _rules(self) -> Iterator[PhaseRule]:
        for number in range(self.rule_count):
            name = f"rules.{number}"
            phase, kinds, least, most = (
                self.cleaned_data[f"{name}.{part}"]
                for part in ("phase", "kinds", "at_least", "at_most")
            )
            if phase:
                orders = None
                if least is not None or most is not None:
                    orders = Orders(at_least=least or 0, at_most=most)
                yield PhaseRule(phase=Phase(phase), kinds=tuple(kinds), orders_before=orders)
            elif kinds or least is not None or most is not None:
                raise TouchpointError(str(_("Say which phase it belongs to.")), f"{name}.phase")

    def blame(self, error: TouchpointError) -> None:
        """Put what is wrong beside the field it is in."""
        place = error.place.replace(".orders_before", ".at_least")
        self.add_error(place if place in self.fields else None, str(error))

    @property
    def strategies(self) -> list[tuple[str, bool, list[forms.BoundField]]]:
        """The phases with their fields, and whether anything is written, for the template."""
        found = []
        for phase in Phase:
            fields = [self[f"strategy.{phase}.{part}"] for part in PARTS]
            used = any(field.value() or field.errors for field in fields)
            found.append((labels.phase(phase), used, fields))
        return found

    @property
    def rule_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each rule."""
        return [
            [self[f"rules.{n}.{part}"] for part in ("phase", "kinds", "at_least", "at_most")]
            for n in range(self.rule_count)
        ]


def _initial_rule(name: str, rule: PhaseRule) -> dict[str, Any]:
    orders = rule.orders_before
    return {
        f"{name}.phase": str(rule.phase),
        f"{name}.kinds": list(rule.kinds),
        f"{name}.at_least": (orders.at_least or None) if orders else None,
        f"{name}.at_most": orders.at_most if orders else None,
    }


def _rules_in(data: Any) -> int:
    return next((n for n in range(MOST_RULES) if f"rules.{n}.phase" not in data), MOST_RULES)


class EvidenceForm(forms.Form):
    """A piece of evidence: something measured, or something seen."""

    measured = forms.CharField(required=False, max_length=300)
    seen = forms.CharField(
        label=_("What somebody saw or heard"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    on = forms.DateField(
        label=_("On"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def evidence(self) -> Iterator[Evidence]:
        """Yield what was given."""
        given = self.cleaned_data
        kind, _colon, what = given["measured"].partition(":")
        if what:
            yield Evidence(kind=_kind(kind), what=what)
        if given["seen"].strip():
            yield Evidence(kind="observation", what=given["seen"], on=given["on"])


def _kind(kind: str) -> Any:
    if kind not in ("topic", "factor", "question"):
        raise TouchpointError(str(_("Choose the evidence from the list.")), "measured")
    return kind


class WantForm(EvidenceForm):
    """What customers need, expect or prefer at a touchpoint, with a first piece of evidence."""

    about = forms.ChoiceField(label=_("It is"))
    text = forms.CharField(
        label=_("In words"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    phase = forms.ChoiceField(label=_("In which phase"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "about": [(each, about(each)) for each in WANTS],
            "phase": [("", _("any")), *((str(each), labels.phase(each)) for each in Phase)],
        }
        for name, given in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
            field.choices = given

    def belief(self, touchpoint: str) -> Belief:
        """Return what was filled in."""
        given = self.cleaned_data
        return Belief(
            id="",
            text=given["text"],
            about=given["about"],
            touchpoint=touchpoint,
            phase=Phase(given["phase"]) if given["phase"] else None,
            evidence=tuple(self.evidence()),
        )


def about(name: str) -> Any:
    """Return what a belief is about, in a word."""
    return {
        "need": _("Need"),
        "expectation": _("Expectation"),
        "preference": _("Preference"),
        "pain": _("Pain"),
        "emotion": _("Emotion"),
        "opportunity": _("Opportunity"),
    }.get(name, name)
