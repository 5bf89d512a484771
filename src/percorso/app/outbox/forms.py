"""The forms of the outbox: the contact budget, the sender, addresses not written to."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS as _DAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.app.outbox.models import Sender
from percorso.contacts import Budget, ContactsError, Limit, as_toml, read
from percorso.contacts.model import WEEKDAYS

#: A person's limits: the field of the budget, and what it is called.
LIMITS: Final = {
    "total": _("Messages over all purposes"),
    "survey": _("Surveys"),
    "marketing": _("News and offers"),
    "service": _("Service messages"),
}
_FREE: Final = (
    ("total", _("the limit over all purposes")),
    ("company", _("the company’s limits")),
    ("quiet_hours", _("quiet hours")),
    ("closed_days", _("days that are closed")),
)
_MOST: Final = 1_000_000


def _count(words: Any, *, most: int = _MOST, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(label=words, required=False, min_value=least, max_value=most)


class BudgetForm(forms.Form):
    """The contact budget, each limit a field; what is left empty is no limit."""

    total_most = _count(_("at most"))
    total_days = _count(_("in days"), most=3650)
    survey_most = _count(_("at most"))
    survey_days = _count(_("in days"), most=3650)
    marketing_most = _count(_("at most"))
    marketing_days = _count(_("in days"), most=3650)
    service_most = _count(_("at most"))
    service_days = _count(_("in days"), most=3650)
    between_surveys = forms.IntegerField(
        label=_("Days between two surveys"), min_value=0, max_value=3650
    )
    same_survey = forms.IntegerField(
        label=_("Days until the same survey may come again"), min_value=1, max_value=3650
    )
    an_hour = _count(_("Messages in 60 minutes"))
    a_day = _count(_("Messages in 24 hours"))
    quiet_from = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days on which messages go"), widget=forms.CheckboxSelectMultiple
    )
    holidays = forms.CharField(
        label=_("Public holidays of"),
        required=False,
        max_length=6,
        help_text=_("A country, such as IT; with its city or region IT-MI. Empty: no holidays."),
    )
    closed = forms.CharField(
        label=_("Days on which you are closed"),
        required=False,
        max_length=8000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=_(
            "One a line: 2026-12-07, or from and to: 2026-08-10/2026-08-23 (year-month-day)."
        ),
    )
    free_of = forms.MultipleChoiceField(
        label=_("Service messages are not held by"),
        required=False,
        choices=_FREE,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone
        days = self.fields["weekdays"]
        assert isinstance(days, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        days.choices = [(each, _DAYS[number]) for number, each in enumerate(WEEKDAYS)]
        for name in LIMITS:
            for part in ("most", "days"):
                field = self.fields[f"{name}_{part}"]
                field.widget.attrs["aria-label"] = f"{LIMITS[name]}: {field.label}"

    @classmethod
    def initial_of(cls, budget: Budget) -> dict[str, Any]:
        """Return what the form shows of a budget."""
        shown: dict[str, Any] = {
            "between_surveys": budget.between_surveys,
            "same_survey": budget.same_survey,
            "an_hour": budget.an_hour,
            "a_day": budget.a_day,
            "quiet_from": budget.quiet_from,
            "quiet_until": budget.quiet_until,
            "weekdays": [WEEKDAYS[each] for each in sorted(budget.weekdays)],
            "holidays": budget.holidays,
            "closed": "\n".join(
                first.isoformat() if first == last else f"{first}/{last}"
                for first, last in budget.closed
            ),
            "free_of": sorted(budget.service_free_of),
        }
        for name in LIMITS:
            limit: Limit | None = getattr(budget, name)
            if limit is not None:
                shown[f"{name}_most"], shown[f"{name}_days"] = limit.most, limit.days
        return shown

    @property
    def limits(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """The limits of a person, as rows: what it is called, how many, in how many days."""
        return [
            (words, self[f"{name}_most"], self[f"{name}_days"]) for name, words in LIMITS.items()
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in LIMITS:
            if bool(given.get(f"{name}_most")) != bool(given.get(f"{name}_days")):
                self.add_error(f"{name}_days", _("Give both, or neither for no limit."))
        if bool(given.get("quiet_from") is None) != bool(given.get("quiet_until") is None):
            self.add_error("quiet_until", _("Give both, or neither for no quiet hours."))
        if not self.errors:
            self._check(given)
        return given

    def _check(self, given: Mapping[str, Any]) -> None:
        """Read it as the file is read, which says what is wrong with days and holidays."""
        try:
            self.budget = read(as_toml(_plain(given, self._zone)), self._zone)
        except _ClosedError as error:
            self.add_error("closed", str(error))
        except ContactsError as error:
            said = str(error)
            named = ("holidays", "closed", "quiet", "weekdays")
            field = next((each for each in named if f"calendar.{each}" in said), "")
            at = {"quiet": "quiet_until"}.get(field, field)
            self.add_error(at or None, said)


class _ClosedError(ValueError):
    """Days that make no sense."""


def _plain(given: Mapping[str, Any], zone: str) -> Budget:
    """Return the budget that was typed. Raises _ClosedError."""
    quiet_from: time | None = given["quiet_from"]
    return Budget(
        zone=zone,
        **{name: _limit(given, name) for name in LIMITS},
        between_surveys=given["between_surveys"],
        same_survey=given["same_survey"],
        a_day=given["a_day"],
        an_hour=given["an_hour"],
        quiet_from=quiet_from,
        quiet_until=given["quiet_until"],
        weekdays=frozenset(WEEKDAYS.index(each) for each in given["weekdays"]),
        holidays=given["holidays"].strip().upper(),
        closed=_closed(given["closed"]),
        service_free_of=frozenset(given["free_of"]),
    )


def _limit(given: Mapping[str, Any], name: str) -> Limit | None:
    most, days = given[f"{name}_most"], given[f"{name}_days"]
    return Limit(most, days) if most and days else None


def _closed(written: str) -> Any:
    from datetime import date

    found = []
    for line in written.splitlines():
        if not line.strip():
            continue
        first, slash, last = line.strip().partition("/")
        try:
            day = date.fromisoformat(first.strip())
            found.append((day, date.fromisoformat(last.strip()) if slash else day))
        except ValueError as error:
            raise _ClosedError(
                gettext("“%(line)s” is no day such as 2026-12-07.") % {"line": line.strip()[:40]}
            ) from error
    return tuple(found)


class SenderForm(forms.Form):
    """Who writes, and the mailbox that returns come to."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What customers know you by.")
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=254,
        help_text=_("At a domain of yours, whose SPF and DKIM the mail server is set up for."),
    )
    reply_to = forms.CharField(
        label=_("Answers go to"),
        max_length=254,
        required=False,
        help_text=_("A mailbox that somebody reads. Empty: the address above."),
    )
    postal = forms.CharField(
        label=_("Postal address"),
        max_length=200,
        required=False,
        help_text=_("At the foot of each message."),
    )
    returns_to = forms.CharField(
        label=_("Returns go to"),
        max_length=254,
        required=False,
        help_text=_("Where mail servers report what could not be delivered."),
    )
    own_returns = forms.BooleanField(
        label=_("It takes name+anything@…, so that each message gets a return address of its own"),
        required=False,
    )
    host = forms.CharField(label=_("Server (IMAP)"), max_length=250, required=False)
    port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=_("Empty: 993, or 143 without TLS from the start."),
    )
    encryption = forms.ChoiceField(
        label=_("Encryption"),
        choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("none"))],
        initial="tls",
    )
    user = forms.CharField(label=_("User"), max_length=250, required=False)
    password = forms.CharField(
        label=_("Password"),
        max_length=250,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("Empty: the one that is kept."),
    )
    folder = forms.CharField(label=_("Folder"), max_length=200, required=False, initial="INBOX")

    @classmethod
    def initial_of(cls, sender: Sender | None) -> dict[str, Any]:
        """Return what the form shows of a sender: never the password."""
        if sender is None:
            return {"encryption": "tls", "folder": "INBOX"}
        names = ("name", "address", "reply_to", "postal", "returns_to", "own_returns")
        mailbox = sender.mailbox or {"encryption": "tls", "folder": "INBOX"}
        return {
            **{each: getattr(sender, each) for each in names},
            **mailbox,
            "port": mailbox.get("port") or None,
        }

    @property
    def given(self) -> dict[str, Any]:
        """What was entered, as ``actions.save_sender`` takes it."""
        said = self.cleaned_data
        mailbox = {
            "host": said["host"].strip(),
            "port": said["port"] or 0,
            "user": said["user"].strip(),
            "encryption": said["encryption"],
            "folder": said["folder"].strip() or "INBOX",
        }
        return {**said, "mailbox": mailbox if mailbox["host"] else None}


class AddressForm(forms.Form):
    """An address to look up, or to write to no more."""

    address = forms.CharField(label=_("Address"), max_length=254)
