"""Takes uploaded files to the disk, piece by piece, and stops at the limit."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to the workspace's temporary folder; memory stays flat whatever the size.

    Only whoever may change something may upload: the check is made before the first byte is kept,
    because Django reads a form before it calls the view.
    """

    received = 0

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Refuse by the announced length, before anything is read."""
        length = args[2] if len(args) > 2 else kwargs.get("content_length", 0)
        if length > settings.UPLOAD_LIMIT:
            raise RequestDataTooBig("the upload is larger than PERCORSO_UPLOAD_LIMIT_MB")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Count, for whoever announces no length or a wrong one."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT:
            raise RequestDataTooBig("the upload is larger than PERCORSO_UPLOAD_LIMIT_MB")
        super().receive_data_chunk(raw_data, start)
