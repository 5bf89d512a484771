"""Shares at random that are the same each time they are asked."""

import hashlib
import hmac

import pytest

from percorso.contacts import chosen

PEOPLE = [f"user:{n}" for n in range(4000)]


def _share(share, campaign="nps", key=b"key"):
    return {each for each in PEOPLE if chosen(share, campaign, each, key)}


def test_it_is_the_keyed_hash():
    drawn = hmac.new(b"key", b"share:3:npsuser:1", hashlib.sha256).digest()[:8]
    share = int.from_bytes(drawn) / 2**64
    assert not chosen(share - 1e-9, "nps", "user:1", b"key")
    assert chosen(share + 1e-9, "nps", "user:1", b"key")


def test_a_share_is_about_as_large_as_it_says_and_grows_by_adding():
    tenth, fifth = _share(0.1), _share(0.2)
    # Four standard errors: 4 × √(4000 × 0.1 × 0.9) = 76.
    assert abs(len(tenth) - 400) < 76
    assert tenth < fifth
    assert _share(0) == set()
    assert _share(1) == set(PEOPLE)


def test_campaigns_and_keys_choose_independently():
    for other in (_share(0.5, "csat"), _share(0.5, key=b"other")):
        # Expected are 1000 in both; the standard error is √(4000 × 0.25 × 0.75) = 27.
        assert abs(len(_share(0.5) & other) - 1000) < 110


def test_a_campaign_and_a_person_cannot_be_taken_for_others():
    shares = [n / 1000 for n in range(1001)]
    first, second = (
        [chosen(share, *each, b"k") for share in shares] for each in (("a", "bc"), ("ab", "c"))
    )
    assert first != second


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_no_share_is_refused(share):
    with pytest.raises(ValueError, match="from 0 to 1"):
        chosen(share, "nps", "user:1", b"key")
