"""What may be asked, and how much of an answer is taken, against a real server."""

import gzip
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import web as webs
from tests.mail import _certificate
from tests.web import Answer, Web

from percorso import net

HERE = net.Guard.parse("127.0.0.0/8")


@pytest.fixture
def web() -> Iterator[Web]:
    with webs.running() as started:
        yield started


def names(monkeypatch: pytest.MonkeyPatch, **addresses: list[str]) -> list[str]:
    """Answer look-ups of names from a list, one address after the other; note what was asked."""
    real, asked = socket.getaddrinfo, []

    def look(host: Any, port: Any, *args: Any, **named: Any) -> Any:
        known = addresses.get(str(host).replace(".", "_"))
        if known is None:
            return real(host, port, *args, **named)
        asked.append(str(host))
        address = known.pop(0) if len(known) > 1 else known[0]
        return real(address, port, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    return asked


def test_an_answer_comes_whole(web: Web) -> None:
    url = web.answer("/a", Answer(body=b"hello", headers={"ETag": '"1"'}))
    answer = net.fetch(url, headers={"Accept": "text/plain"}, guard=HERE)
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')
    assert answer.ok
    assert web.asked[0].headers["accept"] == "text/plain"
    assert "Percorso" in web.asked[0].headers["user-agent"]


def test_what_is_posted_arrives_and_is_not_led_elsewhere(web: Web) -> None:
    url = web.answer("/hook", Answer(302, headers={"Location": "/other"}))
    answer = net.fetch(url, method="POST", body=b'{"a":1}', guard=HERE)
    assert answer.status == 302
    assert [(each.method, each.body) for each in web.asked] == [("POST", b'{"a":1}')]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "10.0.0.7", "172.16.3.4", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "198.18.0.1", "203.0.113.9", "[::]", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:10.0.0.7]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:1::1]", "[fe80::1]", "[fd00::1]",
        "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[fec0::1]", "[feff::1]", "[3fff::1]",
        "[3fff:fff::1]", "127.1", "2130706433", "0x7f000001", "017700000001",
    ],
)  # fmt: skip
def test_private_addresses_are_not_asked(host: str) -> None:
    with pytest.raises(net.BlockedError, match="PERCORSO_ALLOW_PRIVATE_ADDRESSES"):
        net.fetch(f"http://{host}:8080/", timeout=30)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]", "0.0.0.0", "224.0.0.1",
     "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"],
)  # fmt: skip
def test_metadata_is_not_asked_even_where_private_addresses_are(host: str) -> None:
    with pytest.raises(net.BlockedError):
        net.fetch(f"http://{host}/", guard=net.Guard.parse("yes"), timeout=30)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "example.org", "",
        "http://", "http://user:word@example.org/", "http://example.org:22/",
        "http://example.org:6379/", "http://example.org:99999/", "http://example.org:x/",
        "http://[::1", "https://example.org/" + "a" * 5000,
    ],
)  # fmt: skip
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(net.BlockedError):
        net.fetch(url, timeout=30)


def test_networks_that_are_named_are_asked_and_no_others(web: Web) -> None:
    url = web.answer("/", b"in")
    assert net.fetch(url, guard=net.Guard.parse("yes")).body == b"in"
    assert net.fetch(url, guard=net.Guard.parse("10.0.0.0/8, 127.0.0.1")).body == b"in"
    with pytest.raises(net.BlockedError):
        net.fetch(url, guard=net.Guard.parse("10.0.0.0/8"))
    with pytest.raises(net.GuardError, match="'nonsense'"):
        net.Guard.parse("10.0.0.0/8,nonsense")


def test_a_redirect_into_the_private_network_is_not_followed(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = net.Guard.parse("127.0.0.1/32")
    names(monkeypatch, inside_example_org=["127.0.0.2"])
    port = web.url.rpartition(":")[2]
    url = web.answer("/", Answer(302, headers={"Location": f"http://inside.example.org:{port}/x"}))
    with pytest.raises(net.BlockedError):
        net.fetch(url, guard=other)
    assert [each.path for each in web.asked] == ["/"]


def test_a_name_that_changes_its_mind_is_connected_to_as_it_was_judged(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up would lead to an address that was never judged."""
    asked = names(monkeypatch, twofaced_example_org=["127.0.0.1", "127.0.0.9"])
    port = web.url.rpartition(":")[2]
    web.answer("/", b"first")
    guard = net.Guard.parse("127.0.0.1/32")
    assert net.fetch(f"http://twofaced.example.org:{port}/", guard=guard).body == b"first"
    assert asked == ["twofaced.example.org"]
    assert web.asked[0].headers["host"] == f"twofaced.example.org:{port}"
    with pytest.raises(net.BlockedError):
        net.fetch(f"http://twofaced.example.org:{port}/", guard=guard)


def test_secrets_stay_with_the_host_they_were_meant_for(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, other_example_org=["127.0.0.1"])
    port = web.url.rpartition(":")[2]
    web.answer("/here", Answer(301, headers={"Location": "/there"}))
    web.answer("/there", Answer(307, headers={"Location": f"http://other.example.org:{port}/end"}))
    web.answer("/end", b"end")
    sent = {"Authorization": "Bearer s3cret", "X-Api-Key": "k", "Accept": "text/xml"}
    answer = net.fetch(f"{web.url}/here", headers=sent, guard=HERE)
    assert (answer.body, answer.url) == (b"end", f"http://other.example.org:{port}/end")
    assert [each.headers.get("authorization") for each in web.asked] == [
        "Bearer s3cret", "Bearer s3cret", None,
    ]  # fmt: skip
    assert "x-api-key" not in web.asked[2].headers
    assert web.asked[2].headers["accept"] == "text/xml"


def test_redirects_end(web: Web) -> None:
    url = web.answer("/", Answer(302, headers={"Location": "/"}))
    with pytest.raises(net.UnreachableError, match="without end"):
        net.fetch(url, guard=HERE, redirects=3)
    assert len(web.asked) == 4


def test_a_large_answer_is_cut_off(web: Web) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 200 * 2**20:
            sent += 65536
            yield b"x" * 65536

    url = web.answer("/", Answer(body=endless()))
    with pytest.raises(net.TooLargeError, match="1 MB"):
        net.fetch(url, guard=HERE, max_bytes=2**20)
    assert sent < 50 * 2**20


def test_a_small_answer_that_unpacks_to_a_large_one_is_refused(web: Web) -> None:
    bomb = gzip.compress(b"\0" * 60_000_000)
    url = web.answer("/", Answer(body=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(net.TooLargeError):
        net.fetch(url, guard=HERE, max_bytes=2**20)
    fine = Answer(body=gzip.compress(b"fine"), headers={"Content-Encoding": "gzip"})
    assert net.fetch(web.answer("/fine", fine), guard=HERE).body == b"fine"
    broken = Answer(body=b"\x1f\x8b123", headers={"Content-Encoding": "gzip"})
    with pytest.raises(net.UnreachableError, match="damaged"):
        net.fetch(web.answer("/broken", broken), guard=HERE)


def test_a_slow_answer_is_cut_off_however_often_a_little_comes(web: Web) -> None:
    def dripping() -> Iterator[bytes]:
        for _ in range(300):
            time.sleep(0.1)
            yield b"."

    url = web.answer("/", Answer(body=dripping()))
    begun = time.monotonic()
    with pytest.raises(net.TimedOutError, match="in time"):
        net.fetch(url, guard=HERE, timeout=0.6)
    assert time.monotonic() - begun < 15  # the machine may be busy


def test_slow_headers_are_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(net.TimedOutError):
            net.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", guard=HERE, timeout=0.5)
        assert time.monotonic() - begun < 15  # the machine may be busy


def test_where_nobody_listens_the_reason_is_said() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(net.UnreachableError, match=r"127\.0\.0\.1 cannot be reached"):
        net.fetch(f"http://127.0.0.1:{port}/", guard=HERE)
    with pytest.raises(net.UnreachableError, match="no server called"):
        net.fetch("http://does-not-exist.invalid/", timeout=15)


def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = _certificate(tmp_path)
    with webs.running(certificate) as safe:
        url = safe.answer("/", b"safe").replace("127.0.0.1", "localhost")
        with pytest.raises(net.UnreachableError, match="cannot be trusted"):
            net.fetch(url, guard=HERE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert net.fetch(url, guard=HERE).body == b"safe"
        with pytest.raises(net.UnreachableError, match="cannot be trusted"):
            net.fetch(safe.url + "/", guard=HERE)  # the certificate is not for the number


def test_from_https_nothing_leads_to_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web
) -> None:
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with webs.running(certificate) as safe:
        url = safe.answer("/", Answer(302, headers={"Location": web.answer("/plain", b"plain")}))
        with pytest.raises(net.BlockedError, match="without encryption"):
            net.fetch(url.replace("127.0.0.1", "localhost"), guard=HERE)
    assert not web.asked


def test_proxies_of_the_environment_are_not_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert net.fetch(web.answer("/", b"direct"), guard=HERE).body == b"direct"
