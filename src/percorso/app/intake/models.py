"""Uploads on their way into the log."""

import uuid

from django.conf import settings
from django.db import models


class Status(models.TextChoices):
    """How far an import has come."""

    READING = "reading"  # being looked at, for the preview
    READY = "ready"  # the preview waits for a person
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


#: The worker is at it, or will be: the page asks again by itself.
MOVING = (Status.READING, Status.QUEUED, Status.RUNNING)


class Import(models.Model):
    """Files somebody uploaded, what was found in them, and what became of them.

    ``files`` lists ``{"name", "bytes"}``; ``plan`` and ``result`` are the library's, as
    dictionaries; ``record`` is the id in the library's import history.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.READING)
    language = models.CharField(max_length=5)
    files = models.JSONField(default=list)
    recipe = models.CharField(max_length=200, blank=True)
    mapping = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    record = models.CharField(max_length=64, blank=True, db_index=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return ", ".join(file["name"] for file in self.files)


class ReadingFailure(models.Model):
    """Why the worker could not read the texts, or find topics in them, the last time it tried.

    One row at most. ``reason`` is one of ``reading.REASONS``; ``said`` is what a server or the
    log itself said, empty where there is nothing more to say.
    """

    at = models.DateTimeField(auto_now=True)
    stage = models.CharField(max_length=8)
    reason = models.CharField(max_length=12)
    said = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.stage}: {self.reason}"
