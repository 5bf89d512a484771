"""What is sent to customers, who is not written to, and how sending stands."""

import uuid

from django.conf import settings as django_settings
from django.db import models


class Message(models.Model):
    """A message to a customer, from the moment the contact budget gave it a reservation.

    ``wish`` names the occasion: there is one message for each, ever. ``body`` is sealed, for the
    links in it are keys, and is emptied once it is no longer needed. ``until`` is when the
    reservation ends. ``why`` is a phrase as plain values; ``answer`` the server's words.
    ``carries`` names what whoever posted it gave along, such as an invitation.
    ``told`` says that the ledger and the log know what became of it. ``sent_at`` is when it was
    handed over, or may have been. ``went_at`` is when it may have been the first time, where a
    person has it sent once more.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"  # the last byte is on its way to the server
        SENT = "sent"
        UNSURE = "unsure"  # the server's answer was never seen: counted as sent, not sent again
        FAILED = "failed"  # refused for good
        WAITING = "waiting"  # its reservation ended: the contact budget decides anew
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        STOPPED = "stopped"  # by us: withdrawn, erased, by hand

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wish = models.CharField(max_length=300, unique=True)
    reservation = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20)
    campaign = models.CharField(max_length=200, db_index=True)
    reference = models.CharField(max_length=200, db_index=True)
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=20)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    about = models.CharField(max_length=200, blank=True)
    touchpoint = models.CharField(max_length=500, blank=True)
    carries = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    until = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    went_at = models.DateTimeField(null=True)
    why = models.JSONField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    told = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["state", "next_at"]),
            models.Index(fields=["told", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.id}"


class Suppressed(models.Model):
    """An address that is not written to. ``digest`` is keyed: the address itself is not kept."""

    class Why(models.TextChoices):
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        BY_HAND = "by hand"

    digest = models.CharField(primary_key=True, max_length=64)
    why = models.CharField(max_length=12, choices=Why.choices)
    since = models.DateTimeField(auto_now_add=True)
    message = models.UUIDField(null=True)

    class Meta:
        ordering = ["-since"]

    def __str__(self) -> str:
        return f"{self.why} {self.since:%Y-%m-%d}"


class Relay(models.Model):
    """How the mail server and the mailbox of returns fare. One row.

    Nothing is sent while ``paused_at`` is set, or until ``rests_until``. ``trouble`` is why the
    server took nothing at all, ``returns_trouble`` why the mailbox could not be read.
    ``returns`` is up to where it was read.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    paused_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    trouble = models.JSONField(null=True)
    last_good_at = models.DateTimeField(null=True)
    returns = models.JSONField(default=dict)
    returns_at = models.DateTimeField(null=True)
    returns_trouble = models.JSONField(null=True)

    def __str__(self) -> str:
        return "paused" if self.paused_at else "sends"


class Sender(models.Model):
    """Who writes to customers, as they see it, and the mailbox that returns come to. One row.

    ``mailbox`` is as the library has it (``percorso.connectors``), without the password, which is
    sealed. ``own_returns`` says that the mailbox takes ``name+anything@…``, so that each message
    has a return address of its own.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    postal = models.CharField(max_length=200, blank=True)
    returns_to = models.CharField(max_length=254, blank=True)
    own_returns = models.BooleanField(default=False)
    mailbox = models.JSONField(null=True)
    password = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"
