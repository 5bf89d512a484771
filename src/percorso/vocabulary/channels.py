"""The channels an interaction can travel on."""

from typing import Final

#: Channel name -> is it online? ``None`` says that the name alone does not tell.
CHANNELS: Final[dict[str, bool | None]] = {
    "website": True,
    "app": True,
    "email": True,
    "chat": True,
    "messaging": True,
    "social": True,
    "reviews": True,
    "survey": True,
    "marketplace": True,
    "phone": False,
    "store": False,
    "courier": False,
    "mail": False,
    "event": False,
    "system": None,
    "other": None,
}
