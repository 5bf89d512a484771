"""A real server reads a feed and tells a real receiver, also where its worker is killed."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests import web as webs
from tests.server import Server, inside, start, wait_for
from tests.web import Answer, Asked, Web

from percorso import net
from percorso.workspace import Settings, Workspace

ALLOWED = {"PERCORSO_ALLOW_PRIVATE_ADDRESSES": "127.0.0.0/8"}
pytestmark = pytest.mark.xdist_group("serving")


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    workspace = Workspace.create(tmp_path / "company", Settings(company="Bottega Prova"))
    running = start(workspace, tmp_path, environment=ALLOWED)
    yield running
    running.stop()


def test_from_a_feed_and_a_signed_message_to_a_receiver(server: Server, web: Web) -> None:
    secret: list[str] = []
    told: dict[str, list[dict[str, object]]] = {}

    def take(asked: Asked) -> Answer:
        message_id, _stamp = net.signatures.verify(secret, asked.headers, asked.body)
        told.setdefault(message_id, []).append(json.loads(asked.body)["data"])
        # The first attempt fails; meanwhile the worker is killed.
        return Answer(500 if len(told[message_id]) == 1 else 200)

    receiver = web.answer("/hook", take)
    feed = web.answer(
        "/feed",
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>Quartiere</title>'
        b"<item><guid>1</guid><title>Bella libreria</title></item></channel></rss>",
    )
    secret.append(
        inside(
            server,
            "from percorso.app.webhooks import actions\n"
            f"print(actions.add(None, {receiver!r}, ['interaction.received'])[1])",
        )
    )
    noticed = "from percorso.app.webhooks.models import Noticed; print(Noticed.objects.count())"
    wait_for(lambda: inside(server, noticed) == "1")
    hook = inside(
        server,
        "from percorso.app.connectors import actions\n"
        "from percorso.app.webhooks import actions as hooks\n"
        "from percorso.app.sources import actions as sources\n"
        f"actions.add(None, 'Quartiere', 'feed', {{'url': {feed!r}}})\n"
        "sources.add(None, 'till'); print(hooks.add_hook(None, 'till', 'data.who'))",
    )
    body = b'{"type": "Order Completed", "data": {"who": "ada@example.org", "total": 9}}'
    for _ in range(3):  # the same message, sent again, is one event
        sent = httpx.post(
            f"{server.url}/hooks/in/till",
            content=body,
            headers=net.signatures.headers([hook], "msg_1", body),
        )
        assert sent.status_code == 202, sent.text
    wait_for(lambda: len(told) == 2)
    for worker in server.children("percorso.app.serving.worker"):
        worker.kill()
    wait_for(lambda: all(len(each) >= 2 for each in told.values()))
    assert len(told) == 2
    sources = {str(each[0]["source"]) for each in told.values()}
    customers = {str(each[0]["customer"]) for each in told.values()}
    assert sources == {"Quartiere", "till"}
    assert "email:ada@example.org" in customers
    assert "text" not in next(iter(told.values()))[0]
