"""Sources and their keys."""

from django.conf import settings
from django.db import models


class Source(models.Model):
    """A website or a system that sends events. Its name stands before the id of each of them.

    ``origins`` lists the addresses of the websites that may send with its keys
    (``https://www.example.org``); empty, whoever has a key may. ``most_per_second`` bounds its
    requests, where it is given. ``channel`` is where its customers are, for events that do not say
    it; empty, each event tells. ``seen_in_browser`` is when one of its keys first came from a web
    page: it is public then, as it is where it has ``origins``; see ``live.public``. A source that
    was closed stays, for the events that came from it.
    """

    name = models.SlugField(max_length=50, unique=True)
    origins = models.JSONField(default=list)
    most_per_second = models.PositiveIntegerField(null=True)
    channel = models.CharField(max_length=20, blank=True, default="")
    seen_in_browser = models.DateTimeField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    """A key a source writes with. Only its digest is kept, and its last characters to tell it by.

    It works until ``expires_at``, where that is given, or until it was revoked.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.source}: …{self.ending}"
