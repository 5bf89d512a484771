"""The default answer is no: the permission table, asked by nobody and by each role."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.app.permissions import PUBLIC, TABLE, Row

from percorso.app.accounts.middleware import AccessRequired
from percorso.app.ui.access import PERMISSIONS, Role, access_of, may, may_import, may_look, opens_to
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

SAMPLES = {
    "uuid": uuid.UUID(int=1),
    "int": 1,
    "string": "x",
    "slug": "x",
    "path": "x",
}


def _patterns(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    resolver = resolver or get_resolver()
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            inner = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from _patterns(each, inner)
        else:
            assert each.name, f"an address without a name: {each}"
            yield prefix + each.name, each


def _address(name: str, pattern: URLPattern) -> str:
    if name == "account_reset_password_from_key":
        return "/reset/1-set-password/"
    converters = getattr(pattern.pattern, "converters", {})
    arguments = {
        argument: SAMPLES[type(converter).__name__.removesuffix("Converter").lower()]
        for argument, converter in converters.items()
    }
    return reverse(name, kwargs=arguments)


def _is_operation(name: str) -> bool:
    """Say whether it is an operation of the API: those take tokens (tests/app/api)."""
    return name.startswith("api:") and name not in PUBLIC


PATTERNS = [(name, pattern) for name, pattern in _patterns() if not _is_operation(name)]
ADDRESSES = sorted((name, _address(name, pattern)) for name, pattern in PATTERNS)


def test_the_walk_sees_the_pages() -> None:
    assert {"home", "intake:home", "people:list"} <= {name for name, _ in ADDRESSES}


def test_somebody_decided_on_every_address() -> None:
    """A new address belongs into tests/app/permissions.py, with who may look and who may change."""
    assert {name for name, _ in ADDRESSES} == {*PUBLIC, *TABLE}
    assert not {*PUBLIC} & {*TABLE}


def test_every_view_is_marked_or_public() -> None:
    for name, pattern in PATTERNS:
        public = not getattr(pattern.callback, "login_required", True)
        assert public == (name in PUBLIC), name
        assert public or access_of(pattern.callback), f"{name} has no mark: see ui/access.opens_to"


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_nobody_sees_anything_but_what_is_public(
    company: Workspace, client: Client, method: str
) -> None:
    for name, address in ADDRESSES:
        answer = getattr(client, method)(address)
        if name in PUBLIC:
            assert answer.status_code < 500
            continue
        assert answer.status_code == 302, (address, answer.status_code)
        assert answer["Location"].startswith("/sign-in?next="), address


@pytest.mark.parametrize("role", list(Role))
def test_each_address_opens_to_its_roles_and_no_other(
    client_of: Callable[[str], Client], role: Role
) -> None:
    client = client_of(role.value)
    for name, address in ADDRESSES:
        if name in PUBLIC:
            continue
        row = TABLE[name]
        looked = client.get(address)
        changed = client.post(address)
        assert _is_as_decided(row.look, row, role, looked.status_code), ("GET", address)
        assert _is_as_decided(row.change, row, role, changed.status_code), ("POST", address)
        if not Session.objects.exists():  # it was asked to sign this very browser out
            client = client_of(role.value)


def _is_as_decided(least: Role | None, row: Row, role: Role, status: int) -> bool:
    """Say whether the answer is what the table says of a role."""
    if least is None:  # the address takes no such request from anybody
        other = row.look or row.change
        return status in (403, 405) if other and not role.covers(other) else status == 405
    return status not in (401, 403, 405, 500) if role.covers(least) else status == 403


#: In every field of a row, so that whatever comes through is seen.
SECRETS = """\
Data;Cliente;Voto NPS;Commento
01/03/2026 10:20;SEGRETO-1;9;SEGRETO-2
SEGRETO-3;SEGRETO-4;7;SEGRETO-5
02/03/2026;SEGRETO-6;SEGRETO-7;SEGRETO-8
"""


def test_what_stands_in_rows_is_for_analysts(client_of: Callable[[str], Client]) -> None:
    from percorso.app import company
    from percorso.app.intake import tasks
    from percorso.app.intake.models import Import
    from percorso.log.quarantine import Quarantine

    analyst, viewer, agent = client_of("analyst"), client_of("viewer"), client_of("agent")
    imports = []
    for _ in range(3):
        sent = SimpleUploadedFile("voti.csv", SECRETS.encode())
        answer = analyst.post(reverse("intake:upload"), {"files": sent})
        one = Import.objects.get(id=answer["Location"].rsplit("/", 1)[1])
        tasks.look.call(str(one.id))
        imports.append(one)
    _ready, failed, done = imports
    Import.objects.filter(id=failed.id).update(status="failed", error="the value SEGRETO-9")
    analyst.post(reverse("intake:import", args=[done.id]), {"do": "import"})
    tasks.run.call(str(done.id))
    # A score that cannot be read quotes itself in no reason.
    numbers = [each.id for each in Quarantine(company.workspace()).list("waiting")]
    assert len(numbers) == 2
    pages = [reverse("intake:import", args=[each.id]) for each in imports]
    rows = [reverse(name, args=[n]) for name in ("intake:row", "intake:group") for n in numbers]
    everywhere = [address for _, address in ADDRESSES] + pages + rows
    for address in everywhere:
        # Some are pictures.
        shown = b"".join(viewer.get(address)).decode(errors="replace")
        assert "SEGRETO" not in shown, address
        # Agents see customers and what they said, once it is in the log; never a waiting row.
        seen = b"".join(agent.get(address)).decode(errors="replace")
        assert not set(re.findall(r"SEGRETO-\d", seen)) - {"SEGRETO-1", "SEGRETO-2"}, address
    assert "must be" in viewer.get(reverse("intake:quarantine")).content.decode(), "reasons"
    for address in (pages[0], pages[1], *rows):
        assert "SEGRETO" in analyst.get(address).content.decode(), address


@pytest.mark.parametrize("role", ["viewer", "agent", "analyst", "cx_manager"])
@pytest.mark.parametrize("address", ["/settings/people/", "/settings/activity/"])
def test_people_and_activity_are_for_administrators(
    client_of: Callable[[str], Client], role: str, address: str
) -> None:
    answer = client_of(role).get(address)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()
    assert client_of("administrator").get(address).status_code == 200


@dataclass
class Somebody:
    """Whoever asks, as the permissions see them."""

    role: str
    is_authenticated: bool = True
    is_active: bool = True


def test_a_view_without_a_mark_opens_to_nobody(rf: RequestFactory) -> None:
    def view() -> None: ...

    request = rf.get("/")
    request.user = Somebody("administrator")  # type: ignore[assignment]
    with pytest.raises(PermissionDenied):
        AccessRequired(lambda _: None).process_view(request, view)  # type: ignore[arg-type,return-value]


def test_looking_and_changing_can_take_different_permissions(rf: RequestFactory) -> None:
    @opens_to(may_look, change=may_import)
    def view() -> None: ...

    for method, role, passes in [
        ("GET", "viewer", True),
        ("HEAD", "viewer", True),
        ("POST", "agent", False),
        ("BREW", "agent", False),
        ("POST", "analyst", True),
    ]:
        access = access_of(view)
        assert access is not None
        assert access.allows(Somebody(role), method) is passes, (method, role)


def test_roles_are_ordered() -> None:
    order = ["viewer", "agent", "analyst", "cx_manager", "administrator"]
    assert [role.value for role in Role] == order
    for lower, higher in pairwise(Role):
        assert higher.covers(lower)
        assert not lower.covers(higher)
        allowed = {name for name, yes in may(Somebody(higher)).items() if yes}
        assert {name for name, yes in may(Somebody(lower)).items() if yes} < allowed


def test_an_administrator_may_everything_and_nobody_nothing() -> None:
    assert all(may(Somebody("administrator")).values())
    for nobody in (
        AnonymousUser(),
        None,
        Somebody("administrator", is_authenticated=False),
        Somebody("administrator", is_active=False),
    ):
        assert not any(permission(nobody) for permission in PERMISSIONS.values())


def test_whoever_was_closed_out_is_out_at_once(client_of: Callable[[str], Client]) -> None:
    from percorso.app.accounts import actions
    from percorso.app.accounts.models import User

    analyst, administrator = client_of("analyst"), client_of("administrator")
    assert analyst.get("/settings/me").status_code == 200
    user = User.objects.get(email="analyst@example.org")
    by = User.objects.get(email="administrator@example.org")
    actions.set_active(by, user.id, active=False)
    assert analyst.get("/settings/me").status_code == 302
    assert administrator.get("/settings/me").status_code == 200


def test_answers_carry_their_guards(company: Workspace, client: Client) -> None:
    answer = client.get("/sign-in")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_health_says_nothing_of_the_company(company: Workspace, client: Client) -> None:
    answer = client.get("/-/health")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


def test_an_unknown_page_is_not_told_to_a_stranger_in_detail(
    company: Workspace, client: Client
) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
