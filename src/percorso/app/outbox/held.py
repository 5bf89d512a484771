"""What the tables of the outbox hold of customers, for erasures and copies."""

from django.utils.translation import gettext_lazy as _

from percorso.app.holdings import hold, hold_nobody

hold(
    "outbox.Message",
    _("messages that were sent, or wait to be"),
    ("reference", "address", "subject", "wish", "answer", "why"),
    at="made_at",
    whose=("reference",),
)
hold_nobody("outbox.Suppressed", "keyed digests of addresses: who asked for silence keeps it")
hold_nobody("outbox.Relay", "how the mail server fares")
hold_nobody("outbox.Sender", "who writes, not to whom")
