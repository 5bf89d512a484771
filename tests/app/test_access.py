"""The default answer is no: every address, asked by nobody, by a viewer, by an analyst."""

import uuid
from collections.abc import Callable, Iterator

import pytest
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


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize("address", ["/settings/people/", "/settings/activity/"])
def test_people_and_activity_are_for_administrators(
    client_of: Callable[[str], Client], role: str, address: str
) -> None:
    answer = client_of(role).get(address)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()
    assert client_of("administrator").get(address).status_code == 200


def test_a_viewer_may_not_take_the_quarantine_out(client_of: Callable[[str], Client]) -> None:
    assert client_of("viewer").get(reverse("intake:export")).status_code == 403


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
