"""Signing and checking against the standard's published examples."""

import base64

import pytest

from percorso.net import retrying, signatures
from percorso.net.signatures import SignatureError

#: The example of the standard's own libraries (their tests of signing, all languages).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#: One that fits nothing, from the same tests.
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


def given(**other: str) -> dict[str, str]:
    named = {"id": ID, "timestamp": str(STAMP), "signature": SIGNATURE} | other
    return {f"Webhook-{name.title()}": value for name, value in named.items()}


def test_the_published_example_is_signed_alike() -> None:
    assert signatures.sign([SECRET], ID, STAMP, BODY) == SIGNATURE
    assert signatures.sign([SECRET.removeprefix("whsec_")], ID, STAMP, BODY) == SIGNATURE
    assert signatures.headers([SECRET], ID, BODY, STAMP + 0.9) == {
        "webhook-id": ID, "webhook-timestamp": str(STAMP), "webhook-signature": SIGNATURE,
    }  # fmt: skip


def test_the_published_example_is_accepted() -> None:
    assert signatures.verify([SECRET], given(), BODY, now=STAMP) == (ID, STAMP)


def test_one_of_several_signatures_is_enough() -> None:
    header = f"{OTHER} v2,{SIGNATURE[3:]} nonsense {SIGNATURE} {OTHER}"
    signatures.verify([SECRET], given(signature=header), BODY, now=STAMP)
    with pytest.raises(SignatureError, match="fits"):
        signatures.verify([SECRET], given(signature=f"{OTHER} v2,{SIGNATURE[3:]}"), BODY, now=STAMP)


def test_an_old_secret_and_a_new_one_are_valid_together() -> None:
    new = signatures.new_secret()
    header = signatures.sign([new, SECRET], ID, STAMP, BODY)
    for secret in (new, SECRET):
        signatures.verify([secret], given(signature=header), BODY, now=STAMP)
    signatures.verify([new, SECRET], given(), BODY, now=STAMP)


@pytest.mark.parametrize(
    ("other", "body"),
    [
        ({}, BODY + b" "),
        ({"id": "msg_other"}, BODY),
        ({"timestamp": str(STAMP + 1)}, BODY),
        ({"signature": "v1,"}, BODY),
        ({"signature": ""}, BODY),
        ({"signature": "v1,é"}, BODY),
        ({"id": ""}, BODY),
        ({"timestamp": ""}, BODY),
        ({"timestamp": "161426533.0"}, BODY),
        ({"timestamp": "-1"}, BODY),
        ({"timestamp": "9" * 40}, BODY),
        ({"timestamp": "١٢٣"}, BODY),
        ({"id": "x" * 300}, BODY),
    ],
)
def test_what_does_not_fit_is_refused(other: dict[str, str], body: bytes) -> None:
    with pytest.raises(SignatureError):
        signatures.verify([SECRET], given(**other), body, now=STAMP)


@pytest.mark.parametrize("off", [-301, 301])
def test_what_is_old_or_from_the_future_is_refused(off: int) -> None:
    with pytest.raises(SignatureError, match="too far"):
        signatures.verify([SECRET], given(), BODY, now=STAMP + off)
    signatures.verify([SECRET], given(), BODY, now=STAMP + off * 0.99)


def test_without_the_headers_nothing_is_believed() -> None:
    for missing in given():
        some = {name: value for name, value in given().items() if name != missing}
        with pytest.raises(SignatureError, match="needed"):
            signatures.verify([SECRET], some, BODY, now=STAMP)


def test_secrets_are_long_enough_and_never_the_same() -> None:
    made = {signatures.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert all(len(signatures.key_of(each)) == 32 for each in made)
    for bad in ("whsec_" + base64.b64encode(b"short").decode(), "whsec_!", "whsec_" + "A" * 200):
        with pytest.raises(ValueError, match="secret"):
            signatures.key_of(bad)


def test_waits_double_and_differ() -> None:
    waits = [retrying.back_off(failures, 60, 3600) for failures in (1, 2, 3, 20)]
    for wait, middle in zip(waits, (60, 120, 240, 3600), strict=True):
        assert middle * 0.8 <= wait <= middle * 1.2
    assert len({retrying.back_off(3, 60) for _ in range(20)}) > 15


def test_how_long_a_server_asks_to_wait() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)

    def asked(said: str) -> float | None:
        return retrying.retry_after({"retry-after": said}, now)

    assert asked("120") == 120
    assert asked("Thu, 01 Jan 2026 00:10:00 GMT") == 600
    assert asked("Wed, 31 Dec 2025 00:10:00 GMT") == 0
    assert asked("999999999999") == retrying.LONGEST_WAIT_S
    assert asked("soon") is None
    assert retrying.retry_after({}) is None
