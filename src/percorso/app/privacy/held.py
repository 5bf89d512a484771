"""Every model of the application and of its libraries: whether it holds anything of customers.

A slice may name its own (``percorso.app.holdings``); a model named nowhere fails a test.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from percorso.app.holdings import hold, hold_nobody

hold(
    "django_tasks_database.DBTaskResult",
    _("work done in the background, with the values typed for it"),
    ("args_kwargs", "return_value", "exception_class_path", "traceback"),
    at="enqueued_at",
)
hold(
    "intake.Import",
    _("previews and outcomes of uploaded files"),
    ("files", "mapping", "plan", "progress", "result", "error"),
    then="mend",
    at="made_at",
)
hold(
    "intake.ReadingFailure",
    _("why texts could not be read"),
    ("said",),
    then="mend",
    at="at",
)
hold(
    "connectors.ConnectorSetup",
    _("where connectors left off"),
    ("state", "trouble"),
    then="mend",
)
hold(
    "connectors.ConnectorRun",
    _("how connectors fared"),
    ("skipped", "trouble"),
    then="mend",
    at="at",
)
hold(
    "webhooks.Message",
    _("messages told to other systems"),
    ("customer", "reference", "body", "bare_body", "key"),
    at="at",
    whose=("customer", "reference"),
)
hold(
    "webhooks.Attempt",
    _("answers of other systems"),
    ("answer", "trouble"),
    then="mend",
    at="at",
)
hold(
    "customers.Note",
    _("notes about customers"),
    ("reference", "text"),
    at="at",
    whose=("reference",),
)
hold(
    "privacy.PreferenceLink",
    _("links to the preference page"),
    ("reference",),
    at="made_at",
    whose=("reference",),
)
hold(
    "privacy.Request",
    _("requests of customers"),
    ("reference", "note"),
    at="at",
    whose=("reference",),
)

_STAFF: Final = "people who work here, not customers"
_CONTENT: Final = "what was chosen, nothing of customers"

for _model, _reason in {
    "accounts.User": _STAFF,
    "accounts.Founding": _STAFF,
    "accounts.Invitation": _STAFF,
    "accounts.ApiToken": _STAFF,
    "account.EmailAddress": _STAFF,
    "account.EmailConfirmation": _STAFF,
    "mfa.Authenticator": _STAFF,
    "usersessions.UserSession": _STAFF,
    "sessions.Session": "who is signed in, and their choices on pages",
    "auth.Permission": "not used; made by Django",
    "auth.Group": "not used; made by Django",
    "auth.Group_permissions": "not used; made by Django",
    "contenttypes.ContentType": "the names of the tables",
    "audit.Entry": "names customers by a key that says nothing; it can never be deleted",
    "sources.Source": _CONTENT,
    "sources.WriteKey": "digests of keys",
    "webhooks.Endpoint": _CONTENT,
    "webhooks.Delivery": "when a message was sent; goes with it",
    "webhooks.Noticed": "up to where things were noticed",
    "webhooks.Hook": _CONTENT,
}.items():
    hold_nobody(_model, _reason)
