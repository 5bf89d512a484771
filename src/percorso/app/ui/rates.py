"""How often something may be tried, where nobody is signed in."""

from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac


def too_often(what: str, who: str, most: int) -> bool:
    """Count a try, and say whether there were more than ``most`` in this minute.

    ``who`` is kept as a keyed hash only.
    """
    minute = int(timezone.now().timestamp()) // 60
    name = salted_hmac("percorso.rates", f"{what}:{who}").hexdigest()
    key = f"rates:{name}:{minute}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two
        return False
