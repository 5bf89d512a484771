"""Mastodon's API on a real server of ours: what is read, once, and onwards."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.web import Answer, Asked, Web

from percorso import connectors, net
from percorso.connectors import ConnectorError, Fetched, SettingsError, Skip
from percorso.vocabulary import violations

HERE = net.Guard.parse("127.0.0.0/8")
NOW = datetime(2026, 3, 10, tzinfo=UTC)


def post(number: int, **other: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"https://social.example.org/{number}",
        "url": f"https://social.example.org/@ada/{number}",
        "created_at": f"2026-03-05T10:{number % 60:02}:00.000Z",
        "visibility": "public",
        "language": "it",
        "content": f"<p>Bella la libreria <a href='x'>#aurora</a> n. {number}</p>",
        "account": {"acct": "Ada"},
        "replies_count": 0,
    } | other


def listed(posts: list[dict[str, Any]]) -> Callable[[Asked], Answer]:
    """Answer as a timeline does: the 40 next beyond ``min_id``, or the 40 newest; newest first."""

    def say(asked: Asked) -> Answer:
        least = int(asked.query.get("min_id", 0))
        found = [each for each in posts if int(each["id"]) > least]
        some = found[:40] if "min_id" in asked.query else found[-40:]
        return Answer(body=msgspec.json.encode(some[::-1]))

    return say


def run(web: Web, state: Any = None, **given: Any) -> Fetched:
    chosen = connectors.read("mastodon", {"instance": web.url} | given)
    got = connectors.run(chosen, state or {}, source="Mastodon", guard=HERE, now=NOW)
    assert not [broken for each in got.interactions for broken in violations(each)]
    return got


def test_posts_with_a_hashtag_are_mentions(web: Web) -> None:
    web.answer("/api/v1/timelines/tag/aurora", listed([post(1)]))
    (got,) = run(web, hashtags=["aurora"]).interactions
    assert (got.kind, got.channel, got.language) == ("mention", "social", "it")
    assert got.customer == "mastodon:ada@127.0.0.1"
    assert got.text == "Bella la libreria #aurora n. 1"
    assert got.at == datetime(2026, 3, 5, 10, 1, tzinfo=UTC)
    assert got.properties == {"link": "https://social.example.org/@ada/1"}


def test_it_goes_on_forwards_and_misses_none(web: Web) -> None:
    posts = [post(number) for number in range(1, 11)]
    web.answer("/api/v1/timelines/tag/aurora", listed(posts))
    first = run(web, hashtags=["aurora"])
    posts += [post(number) for number in range(11, 131)]
    second = run(web, first.state, hashtags=["aurora"])
    assert len(second.interactions) == 120
    third = run(web, second.state, hashtags=["aurora"])
    assert (third.interactions, third.unchanged) == ((), True)


def test_what_is_not_for_us_is_left_out(web: Web) -> None:
    posts = [
        post(1, reblog=post(9)),
        post(2, account={"acct": "libreria"}),
        post(3, content="<p></p>"),
        post(4, account=None),
        post(5, content="<script>x</script>ok", language="x y", created_at="soon"),
    ]
    web.answer("/api/v1/timelines/tag/aurora", listed(posts))
    web.answer("/api/v1/accounts/lookup", b"{}")
    got = run(web, hashtags=["aurora"], account="@Libreria")
    assert [each.text for each in got.interactions] == ["ok"]
    assert (got.interactions[0].language, got.interactions[0].at) == (None, NOW)
    assert got.skipped == {
        Skip.REPEATED: 1, Skip.OWN: 1, Skip.EMPTY: 1, Skip.UNREADABLE: 1,
    }  # fmt: skip


def test_answers_to_own_posts_are_read_where_their_number_changed(web: Web) -> None:
    own = post(50, account={"acct": "libreria"}, replies_count=1)
    web.answer("/api/v1/accounts/lookup", b'{"id": "7"}')
    web.answer("/api/v1/accounts/7/statuses", lambda _: Answer(body=msgspec.json.encode([own])))
    below = [post(51), post(52, account={"acct": "libreria"})]
    web.answer(
        "/api/v1/statuses/50/context",
        lambda _: Answer(body=msgspec.json.encode({"ancestors": [], "descendants": below})),
    )
    first = run(web, account="libreria")
    assert [each.properties["link"][-2:] for each in first.interactions] == ["51"]
    asked = len(web.asked)
    second = run(web, first.state, account="libreria")
    assert [each.path for each in web.asked[asked:]] == ["/api/v1/accounts/7/statuses"]
    assert second.interactions == ()
    own["replies_count"], below = 2, [*below, post(53)]
    assert len(run(web, second.state, account="libreria").interactions) == 2


def test_with_a_token_mentions_are_read_and_private_ones_are_messages(web: Web) -> None:
    told = [
        {"id": "1", "type": "mention", "status": post(1)},
        {"id": "2", "type": "mention", "status": post(2, visibility="direct")},
    ]
    web.answer("/api/v1/notifications", listed(told))
    got = run(web, token="t0ken")
    assert [each.kind for each in got.interactions] == ["message", "mention"]
    assert web.asked[0].headers["authorization"] == "Bearer t0ken"
    assert "t0ken" not in repr(connectors.read("mastodon", {"instance": web.url, "token": "t0ken"}))


def test_a_limit_is_kept_and_what_came_before_it_is_good(web: Web) -> None:
    limit = Answer(429, headers={"X-RateLimit-Reset": "2099-01-01T00:00:00.000Z"})
    web.answer("/api/v1/timelines/tag/uno", listed([post(1)]))
    web.answer("/api/v1/timelines/tag/due", limit)
    got = run(web, hashtags=["uno", "due"])
    assert len(got.interactions) == 1
    assert got.wait == net.retrying.LONGEST_WAIT_S
    assert "less often" in str(got.trouble)
    assert "tag:due" not in got.state["newest"]
    with pytest.raises(ConnectorError, match="less often"):
        run(web, hashtags=["due"])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "hashtags"),
        ({"hashtags": ["a/../b"]}, "hashtags"),
        ({"account": "a b"}, "account"),
        ({"instance": "http://127.0.0.1:22", "account": "a"}, "instance"),
    ],
)
def test_settings_that_make_no_sense_are_named(given: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError) as failed:
        connectors.read("mastodon", {"instance": "social.example.org"} | given)
    assert failed.value.field == name
