"""The templates of the pages that customers answer on.

They are Jinja's and not Django's, which takes ten times as long: when a survey is sent out these
pages are most of what the server does.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static

from percorso.i18n import gettext, in_language

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES: Final = Path(__file__).parent / "jinja2"


def render(template: str, context: Mapping[str, Any], language: str) -> str:
    """Return a page, its own words in ``language``: one of those we speak."""
    with in_language(language):
        return _environment().get_template(template).render(context)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    made.filters["linebreaksbr"] = linebreaksbr
    made.globals.update({"_": gettext, "static": cache(static)})
    return made
