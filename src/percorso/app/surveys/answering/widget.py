"""The script that shows a survey on a website."""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

_FILE: Final = Path(__file__).with_name("widget.js")
_COMMENT: Final = re.compile(r"/\*[\s\S]*?\*/|^\s*//.*$", re.MULTILINE)
_INDENT: Final = re.compile(r"\n\s+")


@cache
def script() -> tuple[bytes, bytes, str]:
    """Return the script without what only we read, the same packed, and a tag for it."""
    plain = _INDENT.sub("\n", _COMMENT.sub("", _FILE.read_text(encoding="utf-8"))).strip().encode()
    return plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:16]}"'


@login_not_required
@require_GET
def widget(request: HttpRequest) -> HttpResponse:
    """Give the script to any website."""
    plain, packed, tag = script()
    if request.headers.get("if-none-match") == tag:
        answer = HttpResponse(status=304)
    elif "gzip" in request.headers.get("accept-encoding", ""):
        answer = HttpResponse(packed, content_type="text/javascript; charset=utf-8")
        answer["Content-Encoding"] = "gzip"
    else:
        answer = HttpResponse(plain, content_type="text/javascript; charset=utf-8")
    answer["ETag"] = tag
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
