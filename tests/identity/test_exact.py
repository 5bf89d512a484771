"""Exact joins: what joins, what guards, what is taken back."""

from typing import Any

import pytest
from tests.identity.known import profile, tell, together
from tests.log.rows import START, row

from percorso import identity
from percorso.log import Log


def test_the_same_email_written_otherwise_is_one_customer(log: Log) -> None:
    tell(
        log,
        profile("user:1", email="Ada.Rossi@Example.org "),
        profile("crm-7", email="ada.rossi+news@example.org"),
        row("a", "email:ada.rossi@example.org"),
        row("b", "email:someone.else@example.org"),
    )
    found = identity.resolve(log)
    assert found.joined == 2
    assert together(log) == {frozenset({"user:1", "crm-7", "email:ada.rossi@example.org"})}
    assert log.identity.customer_of("crm-7") == "user:1"
    [one, _other] = identity.explain(log, "user:1")
    assert (one.kind, one.evidence["field"]) == ("exact", "email")


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("phone", "333 123 45 68", "+39 3331234568"),
        ("codice_fiscale", "RSSMRA85T10A562S", "rssmra85t10a562s"),
        ("tessera", "AB-1234", "ab 1234"),
    ],
)
def test_other_values_join_too(log: Log, field: str, one: str, other: str) -> None:
    tell(log, profile("user:1", **{field: one}), profile("user:2", **{field: other}))
    identity.resolve(log)
    assert together(log) == {frozenset({"user:1", "user:2"})}


def test_a_link_joins_a_browser_to_its_user(log: Log) -> None:
    tell(log, row("a", "anon:7"), profile("user:1", links=("anon:7", "anon:8")))
    identity.resolve(log)
    assert together(log) == {frozenset({"user:1", "anon:7", "anon:8"})}


def test_a_browser_of_two_people_belongs_to_neither(log: Log) -> None:
    tell(log, profile("user:1", links=("anon:7",)))
    identity.resolve(log)
    assert together(log) == {frozenset({"user:1", "anon:7"})}
    tell(log, profile("user:2", links=("anon:7",)))
    found = identity.resolve(log)
    assert (found.joined, found.undone) == (0, 1)
    assert together(log) == set()


def test_a_browser_of_one_person_under_two_numbers_is_theirs(log: Log) -> None:
    tell(
        log,
        profile("user:1", links=("anon:7",), fiscal_code="RSSMRA85T10A562S"),
        profile("user:2", links=("anon:7",), fiscal_code="RSSMRA85T10A562S"),
    )
    identity.resolve(log)
    assert together(log) == {frozenset({"user:1", "user:2", "anon:7"})}


@pytest.mark.parametrize(
    "email", ["info@bottega.example", "test@example.org", "prova2@example.org"]
)
def test_mailboxes_of_several_and_tests_join_nobody(log: Log, email: str) -> None:
    tell(log, profile("user:1", email=email), profile("user:2", email=email))
    assert identity.resolve(log).joined == 0


def test_a_value_that_many_hold_joins_nobody(log: Log) -> None:
    for number in range(5):
        tell(log, profile(f"user:{number}", phone="3331234568"))
    identity.resolve(log)
    assert len(together(log)) == 1
    tell(log, profile("user:5", phone="3331234568"))
    assert identity.resolve(log).undone == 4
    assert together(log) == set()


def test_the_company_says_what_never_joins(log: Log) -> None:
    (log.workspace.path / "identity.toml").write_text(
        'never = ["02 1234568", "@bottega.example"]\n[most]\nemail = 2\n', encoding="utf-8"
    )
    tell(
        log,
        profile("user:1", phone="02 1234568", email="a@bottega.example"),
        profile("user:2", phone="021234568", email="a@bottega.example"),
    )
    assert identity.resolve(log).joined == 0


def test_people_of_one_household_stay_apart(log: Log) -> None:
    home = {"phone": "3331234568", "email": "famiglia.rossi@example.org"}
    tell(
        log,
        profile("user:1", nome="Mario", cognome="Rossi", **home),
        profile("user:2", nome="Anna", cognome="Rossi", **home),
        profile("user:3", name="Rossi Mario", **home),
        profile("user:4", **home),
    )
    identity.resolve(log)
    assert together(log) == {frozenset({"user:1", "user:3"})}


def test_two_fiscal_codes_are_two_people(log: Log) -> None:
    home = {"email": "rossi@example.org", "nome": "Mario"}
    tell(
        log,
        profile("user:1", codice_fiscale="RSSMRA85T10A562S", **home),
        profile("user:2", codice_fiscale="VRDGPP80A01F205B", **home),
    )
    assert identity.resolve(log).joined == (0 if _is_code("VRDGPP80A01F205B") else 1)


def _is_code(text: str) -> bool:
    from percorso.identity.normal import fiscal_code

    return fiscal_code(text) is not None


def test_an_order_joins_who_ordered_with_who_paid(log: Log) -> None:
    tell(
        log,
        row("a", "anon:7", kind="order", about="order:1001", source="website"),
        row("b", "user:1", kind="payment", about="order:1001", source="website"),
    )
    identity.resolve(log)
    assert together(log) == {frozenset({"anon:7", "user:1"})}


def _orders(log: Log, **till: Any) -> None:
    """Let the shop and the till have an order of one number each, a day apart."""
    shop = {"about": "order:1001", "source": "shop", "kind": "order", "amount": 40.0}
    tell(
        log,
        row("a", "user:42", **shop),
        row("b", "user:T-9", 24 * 60, **{**shop, "source": "till", "amount": 12.0, **till}),
    )


STRANGERS: set[frozenset[str]] = set()
ONE = {frozenset({"user:42", "user:T-9"})}


def test_order_numbers_of_two_systems_join_no_strangers(log: Log) -> None:
    _orders(log)
    found = identity.resolve(log)
    assert (found.joined, together(log)) == (0, STRANGERS)


@pytest.mark.parametrize(
    ("till", "expected"),
    [
        ({"at": START, "amount": 40.0}, ONE),
        ({"at": START, "amount": 40.0, "currency": "USD"}, STRANGERS),
        ({"at": START, "amount": 41.0}, STRANGERS),
        ({"amount": 40.0}, STRANGERS),
        ({"at": START, "amount": 40.0, "about": "order:1002"}, STRANGERS),
    ],
)
def test_the_same_number_amount_and_day_are_one_order(
    log: Log, till: dict[str, Any], expected: set[frozenset[str]]
) -> None:
    _orders(log, **till)
    identity.resolve(log)
    assert together(log) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"nome": "Beppe", "cognome": "Rossi"}, {"name": "Rossi Giuseppe"}, ONE),
        ({"nome": "Anna", "cognome": "Rossi"}, {"name": "Giuseppe Rossi"}, STRANGERS),
        ({"nome": "Anna"}, {"nome": "Anna"}, STRANGERS),
        ({"email": "ada@example.org"}, {"email": "bob@example.org"}, STRANGERS),
    ],
)
def test_an_order_number_and_the_whole_name_are_one_customer(
    log: Log, one: dict[str, str], other: dict[str, str], expected: set[frozenset[str]]
) -> None:
    tell(log, profile("user:42", **one), profile("user:T-9", **other))
    _orders(log)
    identity.resolve(log)
    assert together(log) == expected


def test_the_company_says_which_sources_number_their_orders_together(log: Log) -> None:
    _orders(log)
    file = log.workspace.path / "identity.toml"
    file.write_text('same_numbers = [["till", "shop"]]\n', encoding="utf-8")
    identity.resolve(log)
    assert together(log) == ONE
    file.unlink()
    assert identity.resolve(log).undone == 1
    assert together(log) == STRANGERS
    for wrong in ('["shop"]', '[["a"], ["a", "b"]]', "[[]]", '"shop"'):
        file.write_text(f"same_numbers = {wrong}\n", encoding="utf-8")
        with pytest.raises(identity.IdentityError, match="same_numbers"):
            identity.resolve(log)


def test_an_order_that_several_sources_tell_of_joins_within_each(log: Log) -> None:
    tell(
        log,
        row("a", "user:42", kind="order", about="order:1001", source="shop"),
        row("b", "user:42", 60, kind="delivery", about="order:1001", source="till"),
        row("c", "anon:3", kind="payment", about="order:1001", source="shop"),
    )
    identity.resolve(log)
    assert together(log) == {frozenset({"user:42", "anon:3"})}


def test_an_order_number_of_two_customers_of_one_source_joins_nobody(log: Log) -> None:
    tell(
        log,
        row("a", "user:1", kind="order", about="order:1001", source="website"),
        row("b", "user:2", kind="order", about="order:1001", source="website"),
    )
    assert identity.resolve(log).joined == 0


def test_a_second_search_changes_nothing(log: Log) -> None:
    tell(
        log,
        profile("user:1", email="ada@example.org", phone="3331234568", links=("anon:7",)),
        profile("user:2", email="ada@example.org"),
        profile("user:3", phone="3331234568"),
    )
    identity.resolve(log)
    version = log.identity_version
    for incremental in (True, False):
        again = identity.resolve(log, incremental=incremental)
        assert (again.joined, again.undone) == (0, 0)
    assert log.identity_version == version
    assert identity.resolve_new(log) is None


def test_what_an_earlier_release_gathered_is_gathered_again_at_once(log: Log) -> None:
    tell(log, profile("user:1", nome="Mario", cognome="Gentile"))
    identity.resolve(log)
    assert not identity.due(log)
    manifest = log.workspace.derived / "identity" / "facts.json"
    manifest.write_text(manifest.read_text().replace('"edition": ', '"edition": 9'))
    assert identity.facts(log, "user:1") == ()
    assert identity.due(log)
    assert identity.resolve_new(log) is not None
    assert {each.value for each in identity.facts(log, "user:1")} == {"mario", "gentile"}


def test_facts_say_where_they_come_from(log: Log) -> None:
    tell(log, profile("user:1", links=("anon:7",), email="Ada@example.org", nome="Ada"))
    identity.resolve(log)
    facts = {each.field: each for each in identity.facts(log, "anon:7")}
    assert (facts["email"].value, facts["email"].shown) == ("ada@example.org", "Ada@example.org")
    assert (facts["email"].reference, facts["email"].source) == ("user:1", "test")
    assert facts["email"].at is not None
    assert facts["email"].id.startswith("profile-")


def test_an_erased_customer_is_forgotten_and_comes_back_new(log: Log) -> None:
    tell(
        log,
        profile("user:1", email="ada@example.org", links=("anon:7",)),
        profile("user:2", email="ada@example.org"),
        profile("user:9", email="eva@example.org"),
    )
    identity.resolve(log)
    log.erase("user:2")
    assert not list((log.workspace.derived / "identity").glob("*"))
    identity.resolve(log)
    content = b"".join(
        each.read_bytes() for each in log.workspace.path.rglob("*") if each.is_file()
    )
    assert b"ada@example.org" not in content
    tell(log, profile("user:2", email="ada@example.org"))
    assert identity.resolve(log).joined == 0
    assert together(log) == set()
