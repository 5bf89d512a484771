"""Rules and campaigns, and what is known of the occasion of a wish."""

from django.conf import settings
from django.db import models


class Sending(models.Model):
    """What rules and campaigns share: which survey, to whom, how many of them, in which words.

    ``segment`` is the name of a segment, empty for everybody. ``share`` is of those who are left,
    drawn at random. ``wanted_days`` is how long after its occasion a message may still go,
    ``open_days`` how long its link is open. ``subject`` and ``opening`` are by language; the
    survey's own words stand where they are empty. ``trouble`` is a phrase as plain values.
    """

    name = models.CharField(max_length=80)
    survey = models.CharField(max_length=40, db_index=True)
    segment = models.CharField(max_length=200, blank=True)
    share = models.FloatField(default=1.0)
    priority = models.IntegerField(default=0)
    wanted_days = models.PositiveIntegerField(default=7)
    open_days = models.PositiveIntegerField(default=30)
    subject = models.JSONField(default=dict, blank=True)
    opening = models.JSONField(default=dict, blank=True)
    touchpoint = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True)
    trouble = models.JSONField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Rule(Sending):
    """A survey after each interaction of a kind, ``delay_hours`` later.

    ``only_at`` is the touchpoint it has to be at, empty for any. ``since`` is what it looks at
    first, ``log_version`` and ``row`` up to where it has looked.
    """

    kind = models.CharField(max_length=20)
    only_at = models.CharField(max_length=500, blank=True)
    delay_hours = models.PositiveIntegerField(default=24)
    since = models.DateTimeField()
    log_version = models.BigIntegerField()
    row = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-priority", "name"]

    @property
    def tag(self) -> str:
        """What its wishes and invitations are known by."""
        return f"rule:{self.pk}"


class Campaign(Sending):
    """A survey once to a segment, from ``starts_at`` on.

    ``upto`` is the key of the last customer who was considered, in the order of keys.
    """

    starts_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    upto = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-made_at"]

    @property
    def tag(self) -> str:
        """What its wishes and invitations are known by."""
        return f"campaign:{self.pk}"


class Occasion(models.Model):
    """What is known of the interaction that a wish is about, until its message is written."""

    wish = models.CharField(primary_key=True, max_length=120)
    reference = models.CharField(max_length=200, db_index=True)
    touchpoint = models.CharField(max_length=500)
    language = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.wish
