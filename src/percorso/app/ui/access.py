"""Who may do what. The default answer is no.

Whoever is not signed in sees nothing but what is marked public (Django's
``login_not_required``). Whoever is signed in may look; to change something takes an analyst,
unless the view says otherwise with ``role_required``.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])

#: Requests that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a person may do; each may what the ones before may."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"

    def covers(self, needed: "Role") -> bool:
        """Say whether this role is enough where ``needed`` is asked."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


def role_required(role: Role) -> Callable[[View], View]:
    """Ask for ``role`` on every request to the view, whatever its method."""

    def mark(view: View) -> View:
        view.required_role = role  # type: ignore[attr-defined] # a mark RoleRequired reads
        return view

    return mark


def needed_role(view: Callable[..., Any], request: HttpRequest) -> Role:
    """Return the role that ``request`` to ``view`` takes."""
    marked: Role | None = getattr(view, "required_role", None)
    if marked is not None:
        return marked
    return Role.VIEWER if request.method in SAFE_METHODS else Role.ANALYST
