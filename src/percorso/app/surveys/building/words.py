"""What the parts of a survey are called on its pages."""

from percorso.i18n import gettext as _


def type_names() -> dict[str, str]:
    """Return what each type of question is called, in the order they are offered."""
    return {
        "nps": _("NPS: would recommend, 0 to 10"),
        "csat": _("CSAT: satisfied, 1 to 5"),
        "ces": _("CES: easy, 1 to 7"),
        "pmf": _("PMF: would miss it"),
        "pyramid": _("Pyramid: needs, ease, enjoyment"),
        "open": _("Open answer: in their own words"),
        "choice": _("Choice: one of several"),
        "multiple": _("Multiple: several of several"),
        "rating": _("Rating: a scale of your own"),
        "matrix": _("Matrix: several rows, one scale"),
        "date": _("Date: a day"),
        "contact": _("Contact: how to reach them"),
        "consent": _("Consent: to a use of their data"),
    }


def type_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the types in groups, as they are offered."""
    return (
        (_("Scores that compare"), ("nps", "csat", "ces", "pmf", "pyramid")),
        (_("Questions of your own"), ("open", "choice", "multiple", "rating", "matrix", "date")),
        (_("About the person"), ("contact", "consent")),
    )


def type_name(name: str) -> str:
    """Return what a type is called, short."""
    return type_names()[name].partition(":")[0]


def part_names() -> dict[str, str]:
    """Return what the parts of a survey and of a question are called."""
    return {
        "title": _("Title"),
        "intro": _("Introduction"),
        "languages": _("Languages"),
        "questions": _("Questions"),
        "pages": _("Pages"),
        "endings": _("Thanks"),
        "links": _("Links"),
        "theme": _("Look"),
        "light": _("By day"),
        "dark": _("By night"),
        "background": _("Background"),
        "text": _("Text"),
        "accent": _("Buttons"),
        "on_accent": _("Words on buttons"),
        "logo": _("Logo"),
        "logo_text": _("What the logo shows"),
        "help": _("Help"),
        "options": _("Answers to choose from"),
        "rows": _("Rows"),
        "low": _("Lowest answer"),
        "high": _("Highest answer"),
        "points": _("Points"),
        "longest": _("Longest answer"),
        "lines": _("Lines"),
        "least": _("At least"),
        "most": _("At most"),
        "earliest": _("Earliest day"),
        "latest": _("Latest day"),
        "parts": _("What is asked"),
        "required": _("Must be answered"),
        "show_if": _("Who is asked"),
        "when": _("When"),
        "to": _("Goes to"),
        "address": _("Address"),
        "offers_contact": _("Offers to call back"),
        "very": _("Very disappointed"),
        "somewhat": _("Somewhat disappointed"),
        "not": _("Not disappointed"),
        "no_longer_use": _("No longer use it"),
    }
