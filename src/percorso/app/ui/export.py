"""Tables as CSV files that are safe to open in a spreadsheet."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from percorso.intake.spreadsheet import write_csv


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a CSV file to download: UTF-8 with a byte-order mark, so that Excel reads it."""
    text = io.StringIO(newline="")
    write_csv(text, columns, rows)
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
