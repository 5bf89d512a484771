"""What the tables of this slice hold of customers."""

from django.utils.translation import gettext_lazy as _

from percorso.app.holdings import hold


def name_them() -> None:
    """Name the models: the titles and filters of shared maps are typed, and may name a person."""
    hold("maps.SharedMap", _("links to maps"), ("title", "query"), then="mend", at="made_at")
