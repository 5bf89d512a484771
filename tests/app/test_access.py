"""The default answer is no: every address, asked by nobody, by a viewer, by an analyst."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from percorso.app.ui.access import Role, needed_role
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db

#: What anybody may see, and why.
PUBLIC = {
    "ui:health": "says ok and nothing else",
    "ui:robots": "keeps search engines out",
    "accounts:welcome": "takes a signed link",
    "accounts:join": "takes a secret link",
    "accounts:preferences": "sets a cookie",
    "account_login": "signing in",
    "account_logout": "signing out",
    "account_reset_password": "asking for a link",
    "account_reset_password_done": "says to look at the e-mail",
    "account_reset_password_from_key": "takes a secret link",
    "account_reset_password_from_key_done": "says that it is done",
}
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


ADDRESSES = sorted((name, _address(name, pattern)) for name, pattern in _patterns())


def test_the_walk_sees_the_pages() -> None:
    assert {"home", "intake:home", "people:list"} <= {name for name, _ in ADDRESSES}
    assert set(PUBLIC) <= {name for name, _ in ADDRESSES}


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_nobody_sees_anything_but_what_is_public(
    company: Workspace, client: Client, name: str, address: str, method: str
) -> None:
    answer = getattr(client, method)(address)
    if name in PUBLIC:
        assert answer.status_code != 500
        return
    assert answer.status_code in (302, 403, 405), (address, answer.status_code)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_a_viewer_changes_nothing(
    client_of: Callable[[str], Client], name: str, address: str
) -> None:
    if name in PUBLIC or name == "account_change_password":
        return  # their own account
    answer = client_of("viewer").post(address)
    assert answer.status_code in (403, 405), (address, answer.status_code)


#: The least role that may open each page which is not for every viewer. An address that is new is
#: for viewers only where VIEWERS says so.
LEAST = {
    "intake:export": Role.ANALYST,
    "intake:group": Role.ANALYST,
    "intake:row": Role.ANALYST,
    "voice:texts_csv": Role.ANALYST,
    "accounts:company": Role.ADMINISTRATOR,
    "audit:trail": Role.ADMINISTRATOR,
    "people:list": Role.ADMINISTRATOR,
    "people:change": Role.ADMINISTRATOR,
    "people:withdraw": Role.ADMINISTRATOR,
}
VIEWERS = {
    "home",
    "accounts:me",
    "account_change_password",
    "intake:home",
    "intake:upload",  # a POST alone, which takes an analyst
    "intake:import",
    "intake:quarantine",
    "intake:sources",
    "journeys:funnel",
    "journeys:graph",
    "journeys:ideal",
    "journeys:ideal_csv",
    "journeys:stops",
    "journeys:table",
    "journeys:table_csv",
    "journeys:variants",
    "journeys:variants_csv",
    "problems:csv",
    "problems:list",
    "problems:problem",
    "rest",
    "voice:change",  # a POST alone, which takes an analyst
    "voice:correct",  # a POST alone, which takes an analyst
    "voice:factors",
    "voice:factors_csv",
    "voice:needs",
    "voice:needs_csv",
    "voice:overview",
    "voice:read_again",  # a POST alone, which takes an analyst
    "voice:texts",
    "voice:topic",
    "voice:topics",
    "voice:topics_csv",
}


def test_somebody_decided_on_every_address() -> None:
    decided = {*PUBLIC, *LEAST, *VIEWERS}
    assert {name for name, _ in ADDRESSES} == decided


@pytest.mark.parametrize("role", list(Role))
def test_each_page_opens_to_its_roles_and_no_other(
    client_of: Callable[[str], Client], role: Role
) -> None:
    client = client_of(role.value)
    for name, address in ADDRESSES:
        if name in PUBLIC:
            continue
        allowed = role.covers(LEAST.get(name, Role.VIEWER))
        answer = client.get(address)
        assert answer.status_code in ((200, 404, 405) if allowed else (403,)), address


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

    analyst, viewer = client_of("analyst"), client_of("viewer")
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
        shown = b"".join(viewer.get(address)).decode()
        assert "SEGRETO" not in shown, address
    assert "must be" in viewer.get(reverse("intake:quarantine")).content.decode(), "reasons"
    for address in (pages[0], pages[1], *rows):
        assert "SEGRETO" in analyst.get(address).content.decode(), address


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize("address", ["/settings/people/", "/settings/activity/"])
def test_people_and_activity_are_for_administrators(
    client_of: Callable[[str], Client], role: str, address: str
) -> None:
    answer = client_of(role).get(address)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()
    assert client_of("administrator").get(address).status_code == 200


@pytest.mark.parametrize(
    ("method", "needed"),
    [("GET", Role.VIEWER), ("HEAD", Role.VIEWER), ("POST", Role.ANALYST), ("BREW", Role.ANALYST)],
)
def test_a_view_that_says_nothing_is_for_looking(method: str, needed: Role, rf: object) -> None:
    def view() -> None: ...

    request = rf.generic(method, "/")  # type: ignore[attr-defined]
    assert needed_role(view, request) is needed


def test_roles_are_ordered() -> None:
    assert Role.ADMINISTRATOR.covers(Role.VIEWER)
    assert Role.ANALYST.covers(Role.ANALYST)
    assert not Role.VIEWER.covers(Role.ANALYST)


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
