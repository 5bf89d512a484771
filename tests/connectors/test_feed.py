"""Feeds from a real server: what an entry becomes, and how politely it is asked for."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.web import Answer, Web

from percorso import connectors, net
from percorso.connectors import ConnectorError, Fetched, SettingsError, Skip
from percorso.vocabulary import violations

HERE = net.Guard.parse("127.0.0.0/8")
NOW = datetime(2026, 3, 10, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Il quartiere</title><link>https://news.example.org</link><ttl>30</ttl>
<item><title>Una libreria che &#232; un salotto</title><guid>tag:1</guid>
<link>https://news.example.org/1</link><dc:creator>Marta Neri</dc:creator>
<description>&lt;p&gt;Aurora &amp;egrave; &lt;b&gt;bella&lt;/b&gt;.&lt;/p&gt;
&lt;script&gt;x()&lt;/script&gt;
</description><pubDate>Thu, 05 Mar 2026 10:12:00 +0100</pubDate></item>
<item><title>Senza data</title><guid>tag:2</guid><link>javascript:alert(1)</link></item>
<item></item>
</channel></rss>"""
REVIEWS = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:im="http://itunes.apple.com/rss"><title>Recensioni</title>
<entry><id>r1</id><title>Ottimo</title><author><name>ugo</name></author>
<updated>2026-03-01T08:00:00Z</updated><im:rating>5</im:rating>
<content type="html">&lt;p&gt;Gentili e rapidi.&lt;/p&gt;</content></entry>
<entry><id>r2</id><title>Mah</title><updated>2099-03-01T08:00:00Z</updated><im:rating>9</im:rating>
<content type="text">Cinque giorni per un libro.</content></entry></feed>"""


def run(url: str, state: Any = None, **other: Any) -> Fetched:
    chosen = connectors.read("feed", {"url": url} | other)
    got = connectors.run(chosen, state or {}, source="Quartiere", guard=HERE, now=NOW)
    assert not [broken for each in got.interactions for broken in violations(each)]
    return got


def test_news_are_mentions(web: Web) -> None:
    got = run(web.answer("/f", RSS.encode()))
    first, second = got.interactions
    assert (first.kind, first.touchpoint, first.source) == ("mention", "Il quartiere", "Quartiere")
    assert first.at == datetime(2026, 3, 5, 9, 12, tzinfo=UTC)
    assert first.text == "Una libreria che è un salotto\n\nAurora è bella."
    assert first.customer == "feed:127.0.0.1/Marta Neri"
    assert first.properties == {"link": "https://news.example.org/1"}
    assert (second.at, second.properties) == (NOW, {})
    assert second.customer.startswith("anon:")
    assert (got.read, got.skipped, got.wait) == (3, {Skip.EMPTY: 1}, 1800)


def test_reviews_carry_their_stars(web: Web) -> None:
    got = run(web.answer("/f", REVIEWS.encode()), kind="review", channel="reviews")
    assert [(each.scale, each.score) for each in got.interactions] == [("stars", 5.0), (None, None)]
    assert got.interactions[1].at == NOW  # the feed dates it in 2099


def test_the_same_entry_has_the_same_id_for_ever(web: Web) -> None:
    first = run(web.answer("/f", RSS.encode()))
    changed = RSS.replace("bella", "bellissima").replace("tag:2", "tag:3")
    again = run(web.answer("/f", changed.encode()))
    assert first.interactions[0].id == again.interactions[0].id
    assert first.interactions[1].id != again.interactions[1].id


def test_what_has_not_changed_is_not_sent_again(web: Web) -> None:
    headers = {"ETag": '"a1"', "Last-Modified": "Thu, 05 Mar 2026 10:00:00 GMT"}
    url = web.answer("/f", Answer(body=RSS.encode(), headers=headers), Answer(304))
    first = run(url)
    second = run(url, first.state)
    assert (second.unchanged, second.interactions, second.state) == (True, (), first.state)
    asked = web.asked[1].headers
    assert asked["if-none-match"] == '"a1"'
    assert asked["if-modified-since"] == "Thu, 05 Mar 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("answer", "said", "wait", "final"),
    [
        (Answer(429, headers={"Retry-After": "120"}), "less often", 120, False),
        (Answer(503, headers={"Retry-After": "30"}), "code 503", 30, False),
        (Answer(500), "code 500", None, False),
        (Answer(404), "nothing at this address", None, False),
        (Answer(410), "gone for good", None, True),
        (Answer(403), "does not let us in", None, False),
        (Answer(body=b"<html><body>hello</body></html>"), "not a feed", None, True),
        (Answer(body=b"/etc/passwd"), "not a feed", None, True),
        (Answer(body=b""), "not a feed", None, True),
    ],
)
def test_what_goes_wrong_is_said(
    web: Web, answer: Answer, said: str, wait: float | None, final: bool
) -> None:
    with pytest.raises(ConnectorError, match=said) as failed:
        run(web.answer("/f", answer))
    assert (failed.value.wait, failed.value.final) == (wait, final)


def test_hostile_feeds_do_no_harm(web: Web) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>' + RSS[38:].replace(
        "Senza data", "&l9;"
    )
    secret = web.answer("/secret", b"SECRET")
    outside = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{secret}">' + (
        '<!ENTITY f SYSTEM "file:///etc/passwd">]>' + RSS[38:].replace("Senza data", "&x;&f;.")
    )
    begun = time.process_time()  # not by the clock: others may keep the machine busy
    for body in (bomb.encode(), outside.encode(), bomb.encode("utf-16")):
        with pytest.raises(ConnectorError, match="not a feed"):
            run(web.answer("/f", body))
    assert time.process_time() - begun < 2
    assert not [each for each in web.asked if each.path == "/secret"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://u:p@example.org/"}, "url"),
        ({}, "url"),
        ({"url": "https://example.org", "kind": "order"}, "kind"),
        ({"url": "https://example.org", "channel": "pigeon"}, "channel"),
        ({"url": "https://example.org", "touchpoint": "x" * 600}, "touchpoint"),
        ({"url": "https://example.org", "speed": 1}, "speed"),
        ({"url": 7}, "url"),
    ],
)
def test_settings_that_make_no_sense_are_named(given: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError) as failed:
        connectors.read("feed", given)
    assert failed.value.field == name
