"""What the tables of surveys hold of customers, for erasures and copies."""

from django.utils.translation import gettext_lazy as _

from percorso.app.holdings import hold, hold_nobody

hold(
    "surveys.Invitation",
    _("invitations to surveys"),
    ("reference", "facts"),
    at="made_at",
    whose=("reference",),
)
hold(
    "surveys.Unfinished",
    _("answers to surveys that were not finished"),
    ("answers",),
    then="mend",
    at="at",
)
hold(
    "surveys.HeldResponse",
    _("anonymous answers that wait for others"),
    ("rows",),
    then="mend",
)
hold(
    "surveys.ContactMade",
    _("notes on contacts that customers had asked for"),
    ("reference", "note"),
    at="at",
    whose=("reference",),
)
hold_nobody("surveys.Door", "where surveys are asked, nothing of customers")
hold_nobody("surveys.SpentSheet", "digests of random numbers")
hold_nobody("surveys.InvitedAnswered", "counts of the invited who answered")
hold_nobody("surveys.Shown", "counts of questions")
hold_nobody("surveys.TooFew", "counts of anonymous answers that went")
hold(
    "surveys.Occasion",
    _("occasions on which customers are to be asked"),
    ("reference", "facts"),
    at="made_at",
    whose=("reference",),
)
hold_nobody("surveys.Rule", "after what, and to which segment, surveys are sent")
hold_nobody("surveys.Campaign", "to which segment a survey is sent; ends at a customer's key")
