"""The second factor: what we ask of allauth, and who must have one."""

import base64
import hashlib
import io
import secrets
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from percorso.app.company import workspace
from percorso.app.ui.access import Role, role_of

#: For whom the company can require one: the least role of each choice.
_FROM: Final = {
    "administrators": Role.ADMINISTRATOR,
    "managers": Role.CX_MANAGER,
    "everybody": Role.VIEWER,
}
STRONG: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required_of(user: object) -> bool:
    """Say whether the company requires a second factor of this person."""
    least = _FROM.get(workspace().settings.second_factor)
    role = role_of(user)
    return least is not None and role is not None and role.covers(least)


def has_one(user: Any) -> bool:
    """Say whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=STRONG).exists())


class Adapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """Encrypts what is kept, and names the company where a device shows whose key it holds."""

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; one that fits nothing where the key of the server is another now."""
        try:
            return _cipher(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def get_totp_issuer(self) -> str:
        return _named()

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code on white, so that it can be read in a dark look too."""
        import segno

        written = io.BytesIO()
        segno.make(url, error="m").save(written, kind="svg", light="#fff", scale=4, xmldecl=False)
        return written.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Say who asks for a passkey: the company's own host, whatever host a visitor wrote."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        own = urlsplit(settings.ENVIRONMENT.url).hostname
        return {"id": own or entity["id"], "name": _named()}


def _named() -> str:
    return f"Percorso · {workspace().settings.company}"


@lru_cache(maxsize=2)
def _cipher(key: str) -> Fernet:
    digest = hashlib.sha256(b"percorso.second-factor:" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
