"""How a reference to a customer is written."""

from typing import Final

from percorso.vocabulary.references import PASSING

#: The beginning of the reference of a device.
DEVICE: Final = "anon:"
#: Beginnings of a reference that says by itself what it is; any other id is somebody's user id.
FORMS: Final = ("user:", DEVICE, "email:", "phone:", "fiscal:", "card:")


def of_user(user_id: str) -> str:
    """Return the reference of a ``userId``: as it is where it says what it is, else ``user:``."""
    return user_id if user_id.startswith(FORMS) else f"user:{user_id}"


def is_device(user_id: str | None) -> bool:
    """Say whether what stands as a ``userId`` is the reference of a device."""
    return user_id is not None and user_id.startswith(DEVICE)


def of_device(anonymous_id: str) -> str:
    """Return the reference of an ``anonymousId``."""
    return DEVICE + anonymous_id


def of_passing(anonymous_id: str) -> str:
    """Return the ``anonymousId`` of somebody who cannot be known again: see PASSING."""
    return PASSING.removeprefix(of_device("")) + anonymous_id
