"""Logs without secrets: one-time links, tokens and passwords never reach them."""

import logging
import re
from typing import Final

_SECRET: Final = re.compile(
    r"""(?ix)
    (/(?:welcome|invitation|reset|choices|here|s/i)/)[^\s/?"'<>]+   # one-time and signed links
    # customers in addresses: their references, and what was searched for
    | (/api/v1/(?:customers|consents|people|privacy/[a-z-]+)/)[^\s?"'<>]+
    | ([?&](?:q|who|rule|customer|reference)=)[^\s&"'<>]+
    | (\bbearer\s+)[^\s"',;]+
    | \b(prc_|prk_|whsec_)[a-z0-9_+/=.-]+                     # keys, by how they begin
    | \b((?:token|password\w*|secret|key|csrfmiddlewaretoken)["']?\s*[=:]\s*["']?)[^\s&"',;]+
    | ((?:postgres(?:ql)?|smtps?)://[^\s:/@]+:)[^\s@]+(?=@)    # passwords in addresses
    """
)


def without_secrets(text: str) -> str:
    """Return the text with what opens doors, and whom an address names, blotted out."""
    return _SECRET.sub(lambda match: f"{match[match.lastindex or 0]}***", text)


class WithoutSecrets(logging.Filter):
    """Blots secrets out of a record, its traceback included, before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without_secrets(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = without_secrets(record.exc_text)
        return True


class WithoutTracesOfRefusals(logging.Filter):
    """Leaves the traceback out where the answer was the visitor's doing (4xx): a line says it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
        return True
