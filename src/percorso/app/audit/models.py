"""The trail of what people did."""

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """Something a person, or the machine, did. Never changed, never deleted by the pages."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=254, blank=True)  # outlives the account
    action = models.CharField(max_length=100, db_index=True)
    subject = models.CharField(max_length=500, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject}"
