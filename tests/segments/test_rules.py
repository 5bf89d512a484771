"""The language of segments: reading, writing, building, and what it says of mistakes."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.segments import (
    AllOf,
    AnyOf,
    Condition,
    Not,
    Rule,
    RuleError,
    Span,
    from_builder,
    parse,
    to_builder,
)
from percorso.segments.builder import OPERATORS
from percorso.segments.rule import UNITS
from percorso.segments.sql import ago
from percorso.segments.words import FIELDS

LIKE_THE_ISSUE = (
    'orders >= 2 and last_order within 90 days and nps <= 6 and channel "website" '
    "and not consent marketing"
)


def test_english_and_italian_say_the_same() -> None:
    italian = (
        "ordini >= 2 e ultimo_ordine entro 90 giorni e nps <= 6 e canale «Sito web» "
        "e non consenso marketing"
    )
    rule = parse(LIKE_THE_ISSUE)
    assert parse(italian) == rule
    assert rule.root == AllOf(
        (
            Condition("orders", ">=", (2.0,)),
            Condition("last_order", "within", (Span(90, "day"),)),
            Condition("nps", "<=", (6.0,)),
            Condition("channel", "any", ("website",)),
            Not(Condition("consent", "any", ("marketing",))),
        )
    )
    assert rule.as_text("it").startswith("ordini >= 2 e ultimo_ordine entro 90 giorni e ")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ORDERS >= 2 AND Nps<7", "orders >= 2 and nps < 7"),
        ("orders = 2 or orders = 3 and nps = 1", "orders = 2 or (orders = 3 and nps = 1)"),
        ("last_order in the last 3 months", "last_order within 3 months"),
        ("ultimo_ordine negli ultimi 3 mesi", "last_order within 3 months"),
        ("ultimo_ordine più di 2 anni fa", "last_order more than 2 years ago"),
        ("ultimo_ordine prima del 2025-01-31", "last_order before 2025-01-31"),
        ("last_order after 2025-01-31", "last_order since 2025-02-01"),
        ("last_order never", "last_order unknown"),
        ("channel != phone", "not channel phone"),
        ("channel is not phone, store", "not channel phone, store"),
        ("channel in (phone, store)", "channel phone, store"),
        ("stelle >= 4,5", "stars >= 4.5"),
        ("attributo città Milano", 'trait "città" = "Milano"'),
        ("not not nps = 3", "not (not nps = 3)"),
        ("orders ≥ 2", "orders >= 2"),
    ],
)
def test_several_ways_to_say_the_same(text: str, same: str) -> None:
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("text", "says", "at"),
    [
        ("ordrs >= 2", "“ordrs” at character 1", 0),
        ("ordrs >= 2", "Did you mean “orders”?", 0),
        ("orders >= two", "here should be a number", 10),
        ("orders", "The end at character 7", 6),
        ("channel webste", "Did you mean “website”?", 8),
        ("orders > 2 adn nps < 3", "Did you mean “and”?", 11),
        ("(orders > 2", "bracket that opens at character 1 is not closed", 0),
        ('touchpoint "Cassa', "quotes that open at character 12 are not closed", 11),
        ("last_order 90 days", "within 90 days", 11),
        ("last_order within 90 dais", "Did you mean “days”?", 21),
        ("last_order within 1.5 days", "whole number", 18),
        ("last_order before 2025-02-31", "a day such as", 18),
        ("orders >= 2 ; drop table", "';' at character 13 cannot be read", 12),
        ("", "The rule is empty", 0),
        ("orders >= 2 and", "here should be what is asked", 15),
        ("(" * 60 + "orders > 1" + ")" * 60, "too many brackets", 21),
        ("not " * 60 + "orders > 1", "too many brackets", 88),
        ("x" * 5000, "at most 4000 characters", 4000),
    ],
)
def test_mistakes_are_said_with_their_place(text: str, says: str, at: int) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert caught.value.at == at


def conditions() -> st.SearchStrategy[Condition]:
    names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
    values = names.map(str.strip).filter(bool)

    @st.composite
    def one(draw: st.DrawFn) -> Condition:
        field = FIELDS[draw(st.sampled_from(list(FIELDS)))]
        operator = draw(st.sampled_from(OPERATORS[field.type]))
        name = draw(values) if field.type == "trait" else ""
        if operator in ("known", "unknown"):
            return Condition(field.name, operator, (), name)
        if operator == "any":
            words = st.sampled_from(field.known) if field.known else values
            found = draw(st.lists(words, min_size=1, max_size=3, unique=True))
            return Condition(field.name, operator, tuple(found), name)
        if operator in ("within", "ago"):
            span = Span(draw(st.integers(1, 5000)), draw(st.sampled_from(UNITS)))
            return Condition(field.name, operator, (span,))
        if operator in ("since", "before"):
            day = draw(st.dates(date(1970, 1, 1), date(2199, 12, 31)))
            return Condition(field.name, operator, (day,))
        number = draw(st.integers(-9999, 9999)) / draw(st.sampled_from([1, 2, 4]))
        return Condition(field.name, operator, (number,), name)

    return one()


def parts() -> st.SearchStrategy[object]:
    return st.recursive(
        conditions(),
        lambda inner: (
            inner.map(Not)
            | st.lists(inner, min_size=2, max_size=3).map(lambda p: AllOf(tuple(p)))
            | st.lists(inner, min_size=2, max_size=3).map(lambda p: AnyOf(tuple(p)))
        ),
        max_leaves=6,
    )


@given(parts())
def test_what_is_written_is_read_again_in_both_languages(part: object) -> None:
    rule = Rule(part)  # type: ignore[arg-type]  # one of the parts
    for language in ("en", "it"):
        assert parse(rule.as_text(language)) == rule


@given(parts())
def test_the_builder_gives_the_rule_again(part: object) -> None:
    rule = Rule(part)  # type: ignore[arg-type]  # one of the parts
    through_json = json.loads(json.dumps(to_builder(rule)))
    assert from_builder(through_json) == rule


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"field": "ordrs", "operator": ">="}, "“ordrs” is nothing that can be asked"),
        ({"field": "orders", "operator": "within"}, "“within” cannot be asked of it"),
        ({"field": "orders", "operator": ">=", "values": ["x"]}, "give a number"),
        ({"field": "orders", "operator": ">=", "values": [True]}, "give a number"),
        ({"field": "orders", "operator": ">=", "values": [1, 2]}, "give one value"),
        ({"field": "channel", "operator": "any", "values": ["fax"]}, "“fax” is not known"),
        ({"field": "trait", "operator": "any", "values": ["x"]}, "name which fact"),
        ({"field": "last_order", "operator": "since", "values": ["31/1"]}, "give a day"),
        ({"field": "last_order", "operator": "ago", "values": [{"count": 0, "unit": "day"}]}, "90"),
        ("orders", "cannot be read"),
    ],
)
def test_the_builder_says_which_condition_is_wrong(row: object, says: str) -> None:
    good = {"field": "orders", "operator": ">=", "values": [1]}
    with pytest.raises(RuleError, match="Condition 2") as caught:
        from_builder({"match": "all", "conditions": [good, row]})
    assert says in str(caught.value)


def test_months_end_with_their_last_day() -> None:
    moment = datetime(2024, 3, 31, 12, tzinfo=UTC)
    assert ago(moment, Span(1, "month")) == datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert ago(moment, Span(13, "month")) == datetime(2023, 2, 28, 12, tzinfo=UTC)
    assert ago(moment, Span(2, "week")) == datetime(2024, 3, 17, 12, tzinfo=UTC)
    assert ago(moment, Span(100_000, "year")) < datetime(2, 1, 1, tzinfo=UTC)
