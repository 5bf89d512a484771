"""Connectors that were set up, and their runs."""

import uuid

from django.conf import settings as django_settings
from django.db import models


class ConnectorSetup(models.Model):
    """A connector: what was chosen for it, where it left off, when it runs next.

    ``settings`` and ``state`` are the library's (``percorso.connectors``); ``secrets`` are its
    settings that are never shown again, as JSON, sealed. ``trouble`` is a phrase as plain values:
    why the last run failed. ``revision`` counts changes of the settings: a run that began before
    one must not write its state over the new beginning.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    every_minutes = models.PositiveIntegerField(default=15)
    revision = models.PositiveIntegerField(default=0)
    state = models.JSONField(default=dict)
    next_at = models.DateTimeField(db_index=True)
    paused_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_run_at = models.DateTimeField(null=True)
    last_good_at = models.DateTimeField(null=True)
    trouble = models.JSONField(null=True)
    made_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ConnectorRun(models.Model):
    """One run. ``skipped`` counts what was left out, by reason; ``imports`` are ids of imports."""

    setup = models.ForeignKey(ConnectorSetup, on_delete=models.CASCADE, related_name="runs")
    at = models.DateTimeField(db_index=True)
    seconds = models.FloatField()
    good = models.BooleanField()
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=dict)
    imports = models.JSONField(default=list)
    trouble = models.JSONField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.setup} {self.at:%Y-%m-%d %H:%M}"
