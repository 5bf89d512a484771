"""Where surveys are asked, who was asked, and what waits before it enters the log.

Of an anonymous survey nothing here joins an answer to its person: see
docs/decisions/0004-anonymous-answers.md.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Door(models.Model):
    """A way in that is open to whoever knows it: a link, a QR code, a kiosk, a website, a program.

    Its answers are nobody's in particular. ``websites`` are the origins that may show a widget;
    none is any.
    """

    class Kind(models.TextChoices):
        LINK = "link", _("Link")
        QR = "qr", _("QR code")
        KIOSK = "kiosk", _("Kiosk")
        WIDGET = "widget", _("Website")
        API = "api", _("Program")

    code = models.CharField(primary_key=True, max_length=16)
    survey = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    touchpoint = models.CharField(max_length=200)
    channel = models.CharField(max_length=20)
    place = models.CharField(max_length=80, blank=True)
    websites = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "code"]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Invitation(models.Model):
    """One person asked once. The link holds a token; here is its digest only.

    ``facts`` are what the words of the survey may say of them (see ``percorso.surveys.fill``).
    ``used`` says that they answered. Of an anonymous survey that is all: not when, not what.
    ``counted`` says that they count as having answered: of an anonymous survey once answers are
    released, so that no figure moves when somebody answers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.CharField(max_length=40, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=200, blank=True, db_index=True)
    language = models.CharField(max_length=10, blank=True)
    campaign = models.CharField(max_length=80, blank=True, db_index=True)
    touchpoint = models.CharField(max_length=200)
    channel = models.CharField(max_length=20)
    facts = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used = models.BooleanField(default=False)
    counted = models.BooleanField(default=False)

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return str(self.id)


class Unfinished(models.Model):
    """What somebody answered so far who is not anonymous, and may go on.

    ``rows`` says how many rows of it were sent in when they had rested for long: what is answered
    is not lost because the last page was not.
    """

    response = models.CharField(primary_key=True, max_length=32)
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.CASCADE)
    door = models.ForeignKey(Door, null=True, on_delete=models.CASCADE)
    survey = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    answers = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now=True, db_index=True)
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "unfinished"

    def __str__(self) -> str:
        return self.response


class HeldResponse(models.Model):
    """An anonymous response that waits for others. ``rows`` is JSON, as the log will have them.

    The key is random and orders the table's pages (``WITHOUT ROWID`` on SQLite: see the migration;
    a later migration that changes this table has to keep that). ``batch`` is of those that are on
    their way into the log together.
    """

    key = models.CharField(primary_key=True, max_length=32)
    survey = models.CharField(max_length=40)
    day = models.DateField()
    rows = models.TextField()
    batch = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.key


class SpentSheet(models.Model):
    """The digest of an anonymous answering page that was sent: it counts once. Kept for days."""

    key = models.CharField(primary_key=True, max_length=32)
    day = models.DateField()

    def __str__(self) -> str:
        return self.key


class InvitedAnswered(models.Model):
    """How many of those invited to an anonymous survey answered a version on a day (UTC).

    Kept until they count, with the release of what they answered; it names no invitation. Version
    0 stands for versions whose answers went unreleased.
    """

    survey = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "version", "day"], name="invited_answered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey}/{self.version} {self.day}"


class Shown(models.Model):
    """How often a question was shown and answered in a day of the company's zone.

    Of an anonymous survey in a month, whose days are UTC's, as those by which its answers are
    released; ``day`` is then the month's first. What is ``held`` waits, by its day, for the answers
    to be released, and no page tells it.
    """

    survey = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    question = models.CharField(max_length=40)
    day = models.DateField()
    shown = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    held = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "version", "question", "day", "held"], name="shown_once_held"
            )
        ]

    def __str__(self) -> str:
        return f"{self.survey}/{self.version} {self.question} {self.day}"


class TooFew(models.Model):
    """What of an anonymous survey found no crowd in its time, and is gone: counts only.

    ``responses`` were deleted whole; ``answers`` of others were to questions that not all asked
    who were released together. ``day`` is of the last time.
    """

    survey = models.CharField(primary_key=True, max_length=40)
    responses = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    day = models.DateField()

    def __str__(self) -> str:
        return self.survey


class ContactMade(models.Model):
    """That somebody who asked on a page of thanks to be contacted was, with a note.

    The log has it too, seconds later, without the note. ``reference`` is whose answers they were.
    """

    response = models.CharField(primary_key=True, max_length=32)
    reference = models.CharField(max_length=200, db_index=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=254)  # outlives the account
    note = models.TextField(max_length=2000, blank=True)

    def __str__(self) -> str:
        return self.response


# Whom surveys are sent to has models of its own.
from percorso.app.surveys.sending import models as sending  # noqa: E402, F401
