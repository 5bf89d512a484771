"""Every operation of the API against every scope, against nobody, and against spent tokens."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.app.permissions import API

from percorso.app.accounts import actions, tokens
from percorso.app.accounts.models import ApiToken, User
from percorso.app.api import auth
from percorso.app.api.limits import Limit
from percorso.app.audit.models import Entry
from percorso.app.config.api import api
from percorso.app.ui.access import Role

pytestmark = pytest.mark.django_db
Program = Callable[..., Client]
OPERATIONS = sorted(API)


def _operations() -> Iterator[tuple[str, str]]:
    for path, methods in api.get_openapi_schema()["paths"].items():
        yield from ((method.upper(), path) for method in methods)


def ask(client: Client, method: str, path: str, **options: Any) -> Any:
    return client.generic(method, path, "{}", "application/json", **options)


def test_somebody_decided_on_every_operation() -> None:
    """A new operation belongs into API in tests/app/permissions.py, with the scope it needs."""
    assert set(_operations()) == set(API)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_opens_to_its_scope_and_no_other(
    program: Program, method: str, path: str
) -> None:
    for scope in tokens.SCOPES:
        answer = ask(program(scope), method, path)
        if scope == API[method, path]:
            assert answer.status_code in (200, 201, 404, 422), (scope, answer.content)
        else:
            assert answer.status_code == 403, scope
            assert API[method, path] in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_gets_in(
    program: Program, client_of: Callable[[str], Client], method: str, path: str
) -> None:
    for scheme in ("", "Bearer", "Bearer ", "Bearer prc_", "Bearer nonsense", "Basic eDp5"):
        answer = ask(Client(headers={"authorization": scheme} if scheme else {}), method, path)
        assert answer.status_code == 401, scheme
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"
    for role in Role:
        assert ask(client_of(role.value), method, path).status_code == 401, "a session is no token"


@pytest.fixture
def figures(token: Callable[..., str]) -> Callable[[], int]:
    """Return what asks with one and the same token, and gives the status of the answer."""
    key = token("read:figures")
    client = Client(headers={"authorization": f"Bearer {key}"})
    return lambda: client.get("/api/v1/figures").status_code


def test_a_token_works_until_it_expires(figures: Callable[[], int]) -> None:
    assert figures() == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert figures() == 401


def test_a_revoked_token_ends_at_once(figures: Callable[[], int], administrator: User) -> None:
    assert figures() == 200
    assert tokens.revoke(administrator, ApiToken.objects.get().id)
    assert figures() == 401
    assert not tokens.revoke(administrator, ApiToken.objects.get().id), "once is enough"
    assert Entry.objects.filter(action="token.revoked").count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "cx_manager"}])
def test_a_token_goes_with_whoever_made_it(
    figures: Callable[[], int], administrator: User, change: dict[str, Any]
) -> None:
    assert figures() == 200
    User.objects.filter(id=administrator.id).update(**change)
    assert figures() == 401
    assert not tokens.listed()[0].works


def test_only_the_digest_of_a_token_is_kept(administrator: User, token: Callable[..., str]) -> None:
    key = token("read:figures")
    kept = ApiToken.objects.get()
    assert key.startswith("prc_")
    assert len(key) > 40
    assert key not in json.dumps({name: str(each) for name, each in vars(kept).items()})
    assert kept.start == key[:8]
    assert key not in json.dumps(list(Entry.objects.values("subject", "details")))


def test_the_last_use_is_noted_now_and_then(
    figures: Callable[[], int], django_assert_num_queries: Any
) -> None:
    assert ApiToken.objects.get().last_used_at is None
    figures()
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        figures()
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
    figures()
    assert ApiToken.objects.get().last_used_at > first


def test_an_unknown_scope_is_left_out(administrator: User) -> None:
    tokens.make(administrator, "x", ["read:figures", "everything"], 30)
    assert ApiToken.objects.get().scopes == ["read:figures"]
    with pytest.raises(ValueError, match="everything"):
        auth.Token("everything")


def test_a_token_may_ask_so_often_and_no_more(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REQUESTS", Limit(3, 60))
    one, other = program("read:figures"), program("read:figures")
    assert [one.get("/api/v1/figures").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = one.get("/api/v1/figures")
    assert 1 <= int(refused["Retry-After"]) <= 20
    assert other.get("/api/v1/figures").status_code == 200, "each has its own limit"


def test_guessing_tokens_is_slowed_down(
    company: object, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.setattr(auth, "WRONG", Limit(3, 60))
    guess = Client(headers={"authorization": "Bearer prc_guess"})
    assert [guess.get("/api/v1/figures").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert program().get("/api/v1/figures").status_code == 200, "a right token is let in"


def test_a_limit_fills_up_steadily() -> None:
    now = [0.0]
    limit = Limit(2, 10, clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(2)] == [0, 0]
    assert limit.wait("a") == pytest.approx(5)
    assert limit.wait("b") == 0
    now[0] = 5
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(5)
    now[0] = 1000
    assert [limit.wait("a") for _ in range(3)] == [0, 0, pytest.approx(5)]


def test_closing_the_access_of_the_maker_is_possible(
    figures: Callable[[], int], administrator: User
) -> None:
    other = User.objects.create_user("b@example.org", "x", name="Bea", role="administrator")
    actions.set_active(other, administrator.id, active=False)
    assert figures() == 401
