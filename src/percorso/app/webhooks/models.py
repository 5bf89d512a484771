"""Where messages are sent, what was sent and how it went; and where messages come in."""

import uuid

from django.conf import settings as django_settings
from django.db import models

from percorso.app.sources.models import Source


class Endpoint(models.Model):
    """An address that is told what happens here.

    ``events`` lists what it is told (``events.EVENTS``), ``kinds`` the kinds of interactions it
    wants to hear of (empty: all), ``with_words`` whether it gets what customers wrote. Secrets are
    sealed; the one before signs too until ``previous_until``. Where it takes nothing it rests until
    ``rests_until``; ``disabled_at`` is when it was given up, with ``reason``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.URLField(max_length=1000)
    description = models.CharField(max_length=120, blank=True)
    events = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    with_words = models.BooleanField(default=False)
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    rests_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_good_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return self.description or self.url


class Message(models.Model):
    """Something that happened, as it is told. ``id`` is ``webhook-id``, the same for every attempt.

    ``key`` names what happened, so that it is told once. ``body`` is JSON as it is sent;
    ``bare_body`` the same without what customers wrote, where they differ. ``customer`` and
    ``reference`` say whom it is about, for an erasure.
    """

    id = models.CharField(primary_key=True, max_length=40)
    type = models.CharField(max_length=40)
    key = models.CharField(max_length=300, unique=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    body = models.TextField()
    bare_body = models.TextField(blank=True)
    customer = models.CharField(max_length=200, blank=True, db_index=True)
    reference = models.CharField(max_length=200, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class Delivery(models.Model):
    """A message on its way to an endpoint."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"  # tried for about three days
        CANCELLED = "cancelled"  # the endpoint was disabled

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "endpoint"], name="one_delivery_each")
        ]
        indexes = [models.Index(fields=["status", "next_at"])]

    def __str__(self) -> str:
        return f"{self.message} -> {self.endpoint}"


class Attempt(models.Model):
    """One attempt: the answer's status (None where there was none) and its beginning."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    seconds = models.FloatField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    trouble = models.JSONField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.delivery} {self.status}"


class Noticed(models.Model):
    """Up to where what happens was noticed. One row; made when there is first somebody to tell."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    log_version = models.BigIntegerField()
    row = models.PositiveIntegerField(default=0)
    join = models.BigIntegerField()
    promises_since = models.DateTimeField()
    promises_until = models.DateTimeField()
    problems = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"version {self.log_version}"


class Hook(models.Model):
    """A way in: signed messages of another system become events of a source.

    ``customer_at`` is where a message names the customer (``data.customer.email``).
    """

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="+")
    customer_at = models.CharField(max_length=200, blank=True)
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["source__name"]

    def __str__(self) -> str:
        return self.source.name
