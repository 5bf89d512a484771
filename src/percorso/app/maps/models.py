"""Links to maps, for readers who have no account."""

import uuid

from django.conf import settings
from django.db import models


class SharedMap(models.Model):
    """A link to a map that anybody may read who has it, until it expires or is withdrawn.

    ``query`` is the map's filter as its address says it, or ``draft`` the id of a map as it is to
    be. The address holds ``id``, signed; nothing in it says what is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)  # empty where nobody said
    query = models.TextField(blank=True)
    draft = models.CharField(max_length=40, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_by_name = models.CharField(max_length=254)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.title
