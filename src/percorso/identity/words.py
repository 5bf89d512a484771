"""What facts and their likeness are called, in the current language."""

from percorso.i18n import gettext as _


def field_name(field: str) -> str:
    """Return what a fact, or a row of a waterfall, is called; the field itself where unknown."""
    return {
        "prior": _("before anything is compared"),
        "name": _("name"),
        "first_name": _("given name"),
        "last_name": _("family name"),
        "birth_date": _("day of birth"),
        "phone": _("telephone"),
        "email": _("e-mail"),
        "address": _("address"),
        "street": _("street"),
        "postal_code": _("postal code"),
        "city": _("city"),
        "fiscal_code": _("fiscal code"),
        "card": _("loyalty card"),
        "order": _("order number"),
        "link": _("the sender says so"),
    }.get(field, field)


def level_name(level: str) -> str:
    """Return how two values compare, as ``Weight.level`` says it."""
    return _(level) if level else ""
