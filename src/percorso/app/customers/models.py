"""Notes that people write about customers."""

from django.conf import settings
from django.db import models


class Note(models.Model):
    """What somebody wrote about a customer.

    ``reference`` is the customer at that time: a note follows them where they are joined with
    another, and stays with them where that is taken back.
    """

    reference = models.CharField(max_length=200, db_index=True)
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=254)  # outlives the account

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name}"
