"""What people say stands: answers, undoing, and what contradicts itself."""

import pytest
from tests.identity.known import profile, tell, together

from percorso import identity
from percorso.identity import IdentityError
from percorso.log import Log, open_log

ADA = "ada@example.org"


@pytest.fixture
def shop(log: Log) -> Log:
    """Three numbers with one e-mail."""
    tell(log, *(profile(f"user:{n}", email=ADA) for n in (1, 2, 3)))
    identity.resolve(log)
    return log


def test_two_said_to_be_two_stay_two_whatever_is_found_later(shop: Log) -> None:
    identity.answer(shop, ("user:1", "user:2"), same=False, who="eva")
    for incremental in (True, False):
        identity.resolve(shop, incremental=incremental)
        assert shop.identity.customer_of("user:1") != shop.identity.customer_of("user:2")
    tell(shop, profile("user:1", phone="3331234568"), profile("user:2", phone="3331234568"))
    identity.resolve(shop)
    assert shop.identity.customer_of("user:1") != shop.identity.customer_of("user:2")
    [said] = shop.identity.answers()
    assert (said.same, said.who) == (False, "eva")


def test_the_last_answer_counts(shop: Log) -> None:
    identity.answer(shop, ("user:1", "user:2"), same=False, who="eva")
    identity.answer(shop, ("user:2", "user:1"), same=True, who="leo")
    identity.resolve(shop, incremental=False)
    assert together(shop) == {frozenset({"user:1", "user:2", "user:3"})}


def test_the_same_said_of_strangers_joins_them_and_stands(log: Log) -> None:
    tell(log, profile("user:1", email=ADA), profile("user:2", email="eva@example.org"))
    identity.answer(log, ("user:2", "user:1"), same=True, who="eva")
    identity.resolve(log, incremental=False)
    assert together(log) == {frozenset({"user:1", "user:2"})}
    [join] = identity.explain(log, "user:2")
    assert (join.kind, join.who) == ("person", "eva")


def test_a_join_undone_is_not_made_again(shop: Log) -> None:
    join = next(each for each in identity.explain(shop, "user:1") if each.reference == "user:2")
    identity.undo(shop, join.number, who="eva")
    assert together(shop) == {frozenset({"user:1", "user:3"})}
    identity.resolve(shop, incremental=False)
    assert together(shop) == {frozenset({"user:1", "user:3"})}
    undone = next(each for each in identity.history(shop, "user:2") if each.undone_at)
    assert (undone.number, undone.undone_by) == (join.number, "eva")
    with pytest.raises(IdentityError, match=str(join.number)):
        identity.undo(shop, join.number, who="eva")


def test_what_people_said_must_not_contradict_itself(log: Log) -> None:
    identity.answer(log, ("a", "b"), same=True, who="eva")
    identity.answer(log, ("b", "c"), same=True, who="eva")
    with pytest.raises(IdentityError, match="b = a, c = b"):
        identity.answer(log, ("a", "c"), same=False, who="leo")
    assert log.identity.customer_of("a") == log.identity.customer_of("c")
    identity.answer(log, ("d", "e"), same=False, who="eva")
    identity.answer(log, ("a", "d"), same=True, who="eva")
    with pytest.raises(IdentityError, match="d and e"):
        identity.answer(log, ("a", "e"), same=True, who="leo")


@pytest.mark.parametrize("pair", [("a", "a"), ("", "b"), (" ", "b")])
def test_a_pair_is_two_references(log: Log, pair: tuple[str, str]) -> None:
    with pytest.raises(IdentityError):
        identity.answer(log, pair, same=True, who="eva")


def test_merges_by_hand_go_before_what_is_found(shop: Log) -> None:
    shop.merge("user:9", "user:2")
    identity.resolve(shop, incremental=False)
    assert together(shop) == {frozenset({"user:1", "user:2", "user:3", "user:9"})}
    assert shop.unmerge("user:9")
    assert together(shop) == {frozenset({"user:1", "user:2", "user:3"})}


def test_taking_back_what_was_found_is_a_word_too(shop: Log) -> None:
    assert shop.unmerge("user:3")
    identity.resolve(shop, incremental=False)
    assert together(shop) == {frozenset({"user:1", "user:2"})}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("join_above = 2", "join_above"),
        ("ask_above = 0.99\njoin_above = 0.9", "ask_above"),
        ("colour = 1", "colour"),
        ("[most]\nshoes = 1", "shoes"),
        ('exact = ["shoes"]', "exact"),
        ('country = "Italy"', "country"),
        ("never = 3", "never"),
        ("= 3", "identity.toml"),
    ],
)
def test_wrong_settings_are_named(log: Log, text: str, words: str) -> None:
    (log.workspace.path / "identity.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IdentityError, match=words):
        identity.resolve(log)


def test_another_process_sees_what_was_said(shop: Log) -> None:
    other = open_log(shop.workspace)
    assert other.identity.customer_of("user:3") == "user:1"
    identity.answer(shop, ("user:1", "user:3"), same=False, who="eva")
    assert other.identity.customers() == {"user:2": "user:1"}
