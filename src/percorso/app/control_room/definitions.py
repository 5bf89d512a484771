"""What each figure of the control room is: in a sentence, as a formula, and where it comes from."""

from dataclasses import dataclass

from percorso.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure says, how it is worked out, who defined it."""

    says: str
    formula: str
    source: str


def of(metric: str) -> Definition:
    """Return the definition of a metric of the control room."""
    return {
        "nps": Definition(
            _("How many more customers would recommend you than would not, asked 0 to 10."),
            _("share of 9-10 minus share of 0-6, in points from -100 to 100"),
            _("Reichheld 2003"),
        ),
        "csat": Definition(
            _("How many customers were satisfied, asked 1 to 5."),
            _("share of answers 4 and 5"),
            _("top two boxes"),
        ),
        "ces": Definition(
            _("How easy customers found it, asked 1 to 7; high is good."),
            _("mean of the answers; the older question about effort is turned round"),
            _("CES 2.0, Dixon and others 2013"),
        ),
        "pmf": Definition(
            _("How many would be very disappointed if they could no longer use it."),
            _("share of 'very disappointed' among those who still use it; 40% is the usual line"),
            _("Ellis 2009"),
        ),
        "stars": Definition(
            _("What customers gave in reviews, 1 to 5 stars."),
            _("mean of the stars"),
            _("reviews"),
        ),
        "kept_share": Definition(
            _("How many of the promises that came due were kept in time."),
            _("kept / (kept + late + never kept)"),
            _("computed from the log: a promise, its due time, what fulfilled it"),
        ),
    }[metric]
