"""Who asks, for the views of every slice."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from percorso.app.accounts.models import User


def user_of(request: HttpRequest) -> User:
    """Return the person who is signed in. Raises PermissionDenied where nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
