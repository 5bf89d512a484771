"""The data page: what is in the log, how it came, what waits to be mended."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from percorso import i18n, labels
from percorso.app.accounts.asking import user_of
from percorso.app.audit.looks import leaves_trace
from percorso.app.intake import actions, queries
from percorso.app.intake.choices import LONGEST, choices, chosen
from percorso.app.intake.samples import sample
from percorso.app.intake.tasks import TRIED_AT_ONCE
from percorso.app.intake.words import STAGES
from percorso.app.ui.access import may_import, may_look, may_see_raw_rows, opens_to
from percorso.app.ui.export import streamed_csv
from percorso.app.ui.pages import Pages

if TYPE_CHECKING:
    from percorso.log.quarantine import Group, Quarantined
    from percorso.log.quarantine import Status as RowStatus

PER_PAGE: Final = 25
#: Digits of a row's number; SQLite counts no further than 9,223,372,036,854,775,807.
LONGEST_NUMBER: Final = 18
STATUSES: "Final[tuple[RowStatus, ...]]" = ("waiting", "replayed", "discarded")


@opens_to(may_look)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what the log holds and the imports, and take new files."""
    pages = Pages.of(request, PER_PAGE)
    seen = queries.overview(pages.size + 1, pages.offset)
    shown = {
        "seen": seen,
        "done": seen.done[: pages.size],
        "pages": pages.of_unknown(len(seen.done)),
    }
    return render(request, "intake/home.html", shown)


@opens_to(may_look, change=may_import)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the files and have them looked at."""
    sent = request.FILES.getlist("files")
    files = [each for each in sent if isinstance(each, TemporaryUploadedFile)]
    if not files:
        messages.error(request, _("Choose at least one file first."))
        return redirect("intake:home")
    made = actions.upload(user_of(request), files)
    return redirect("intake:import", made.id)


@opens_to(may_look, change=may_import)
@require_http_methods(["GET", "POST"])
@leaves_trace("import.seen", to=may_see_raw_rows)
def one(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Show an import: its preview, how far it is, or what became of it."""
    if request.method == "POST":
        return _decide(request, import_id)
    found = queries.detail(import_id)
    if found is None:
        raise Http404
    if not may_see_raw_rows(request.user):
        found = found.counted()
    shown = {
        "one": found,
        "choices": choices(found.plan, found.mapping),
        "recipes": queries.recipes() if found.status in ("ready", "failed") else (),
        "sample": sample(found.plan.get("sample", ())),
        "stage": STAGES.get(found.progress.stage, ""),
        "other_language": labels.language(found.language)
        if found.language != i18n.current_language()
        else "",
    }
    return render(request, "intake/one.html", shown)


def _decide(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    by, form = user_of(request), request.POST
    recipe, mapping = form.get("recipe", "")[:200], chosen(form)
    try:
        match form.get("do"):
            case "look":
                actions.look_again(import_id, recipe, mapping)
            case "import":
                actions.confirm(by, import_id, recipe, mapping)
            case "discard":
                actions.discard(by, import_id)
                messages.success(request, _("The uploaded files were thrown away."))
                return redirect("intake:home")
    except actions.NotPossible:
        messages.warning(request, _("The import has gone on in the meantime; this is how it is."))
    except actions.NotThere as error:
        raise Http404 from error
    return redirect("intake:import", import_id)


@opens_to(may_look)
@require_GET
@leaves_trace("quarantine.seen", to=may_see_raw_rows)
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what could not be read, put together by file and reason; the rows are a page further."""
    status = _status(request)
    pages = Pages.of(request, PER_PAGE)
    groups = queries.groups(status, pages.size + 1, pages.offset)
    shown = {
        "groups": groups[: pages.size],
        "status": status,
        "counts": [(each, queries.quarantine_count(each)) for each in STATUSES],
        "pages": pages.of_unknown(len(groups)),
    }
    return render(request, "intake/quarantine.html", shown)


@opens_to(may_see_raw_rows, change=may_import)
@require_http_methods(["GET", "POST"])
@leaves_trace("quarantine.seen")
def group(request: HttpRequest, number: int) -> HttpResponse:
    """Show the rows with the same thing wrong; try them again or put them aside, all at once."""
    status = _status(request)
    found = queries.group(number, status) if len(str(number)) <= LONGEST_NUMBER else None
    if found is None:
        raise Http404
    if request.method == "POST":
        return _for_all(request, found)
    pages = Pages.of(request, PER_PAGE).over(found.rows)
    rows = queries.alike(number, status, pages.size, pages.offset)
    shown = {
        "group": found,
        "rows": rows,
        "status": status,
        "pages": pages,
        "field": _fixable(rows, found.field),
        "at_once": TRIED_AT_ONCE,
        "retrying": queries.retrying(number) if status == "waiting" else None,
    }
    return render(request, "intake/group.html", shown)


def _for_all(request: HttpRequest, found: "Group") -> HttpResponse:
    here = redirect("intake:group", found.number)
    if request.POST.get("do") == "discard":
        done = actions.put_group_aside(user_of(request), found.number)
        words = ngettext("%d row was discarded.", "%d rows were discarded.", done)
        messages.success(request, words % done)
        return redirect("intake:quarantine")
    if found.rows and not queries.retrying(found.number).going:
        value = request.POST.get("value", "")[:LONGEST]
        field = _fixable(queries.alike(found.number, "waiting", 1, 0), found.field)
        actions.try_again(user_of(request), found.number, {field: value} if field and value else {})
    return here


def _fixable(rows: "Sequence[Quarantined]", field: str) -> str:
    """Return the field, where a value can be put in its place as the row came."""
    return field if rows and field in rows[0].raw else ""


@opens_to(may_see_raw_rows, change=may_import)
@require_http_methods(["GET", "POST"])
@leaves_trace("quarantine.seen")
def row(request: HttpRequest, number: int) -> HttpResponse:
    """Show a row of the quarantine; mend it or put it aside."""
    found = queries.quarantined(number) if len(str(number)) <= LONGEST_NUMBER else ()
    if not found:
        raise Http404
    values = {name: "" if value is None else str(value) for name, value in found[0].raw.items()}
    refused: tuple[str, ...] = ()
    if request.method == "POST":
        if request.POST.get("do") == "discard":
            actions.put_aside(user_of(request), [number])
            messages.success(request, _("The row was discarded."))
            return _to_the_rest(number)
        given = {name: request.POST.get(f"raw.{name}", value) for name, value in values.items()}
        changed = {name: value for name, value in given.items() if value != values[name]}
        done = actions.mend(user_of(request), number, changed)
        if done.accepted:
            messages.success(request, _("The row is in the log now."))
            return _to_the_rest(number)
        values, refused = given, done.violations
    broken = {each.field for each in found}
    # What is to be mended comes first.
    ordered = sorted(values.items(), key=lambda item: item[0] not in broken)
    shown = {
        "row": found[0],
        "number": number,
        "found": found,
        "values": ordered,
        "broken": broken,
        "refused": refused,
    }
    return render(request, "intake/row.html", shown, status=422 if refused else 200)


def _to_the_rest(number: int) -> HttpResponse:
    """Lead back to the rows with the same thing wrong, or to the others where none is left."""
    rest = queries.group(number, "waiting")
    return redirect("intake:group", number) if rest and rest.rows else redirect("intake:quarantine")


@opens_to(may_see_raw_rows)
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the quarantine as a CSV file that is safe to open in a spreadsheet."""
    status = _status(request)
    actions.note_export(user_of(request), status)
    columns = ("id", "file", "row", "field", "rule", "value", "raw")
    rows = _quarantined(status, i18n.current_language())
    return streamed_csv(f"quarantine-{status}.csv", columns, rows)


@opens_to(may_look)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """Show where the data came from."""
    return render(request, "intake/sources.html", {"sources": queries.sources()})


def _quarantined(status: "RowStatus", language: str) -> Iterator[tuple[object, ...]]:
    for each in queries.all_quarantined(status):
        raw = json.dumps(each.raw, ensure_ascii=False)
        with i18n.in_language(language):
            rule = labels.phrase(each.rule)
        yield each.id, each.file, each.row, each.field, rule, each.value, raw


def _status(request: HttpRequest) -> "RowStatus":
    asked = request.GET.get("status")
    return next((each for each in STATUSES if each == asked), "waiting")
