"""Takes uploaded files to the disk, piece by piece, and stops at the limit."""

import shutil
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from percorso.app.company import workspace
from percorso.app.ui.access import may_import

#: What stays free on the disk: the log must be able to take an import in.
RESERVE: Final = 256 * 1024 * 1024
#: A form without files is never longer.
FORM_LIMIT: Final = 5 * 1024 * 1024


class TooLarge(RequestDataTooBig):
    """More than the page accepts, or than the disk can hold."""


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to the workspace's temporary folder; memory stays flat whatever the size.

    Django reads a form before it calls the view, so whoever may not import is turned away here,
    before the first byte of a file is kept.
    """

    received = 0

    def handle_raw_input(self, *args: Any) -> None:
        """Refuse by the announced length (Django's third argument)."""
        _, _, length, *_ = args
        if length > (min(settings.UPLOAD_LIMIT, _room()) if self._may_import() else FORM_LIMIT):
            raise TooLarge

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a file from whoever may not import."""
        if not self._may_import():
            raise PermissionDenied
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count, for whoever announces a wrong length."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT:
            raise TooLarge
        super().receive_data_chunk(raw_data, start)

    def _may_import(self) -> bool:
        return may_import(getattr(self.request, "user", None))


def _room() -> int:
    return shutil.disk_usage(workspace().path).free - RESERVE
