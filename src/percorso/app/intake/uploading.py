"""Takes uploaded files to the disk, piece by piece, and stops at the limit."""

import shutil
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from percorso.app.company import workspace
from percorso.app.ui.access import Role

#: What stays free on the disk: the log must be able to take an import in.
RESERVE: Final = 256 * 1024 * 1024


class TooLarge(RequestDataTooBig):
    """More than the page accepts, or than the disk can hold."""


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to the workspace's temporary folder; memory stays flat whatever the size.

    Django reads a form before it calls the view, so whoever may not import is turned away here,
    before the first byte is kept.
    """

    received = 0

    def handle_raw_input(self, *args: Any) -> None:
        """Refuse by role and by the announced length (Django's third argument)."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated or not Role(user.role).covers(Role.ANALYST):
            raise PermissionDenied
        _, _, content_length, *_ = args
        if content_length > min(settings.UPLOAD_LIMIT, _room()):
            raise TooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count, for whoever announces a wrong length."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT:
            raise TooLarge
        super().receive_data_chunk(raw_data, start)


def _room() -> int:
    return shutil.disk_usage(workspace().path).free - RESERVE
