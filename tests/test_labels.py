"""Names and figures come in the reader's language."""

import re
import tomllib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from percorso import labels
from percorso.i18n import in_language
from percorso.labels import toml
from percorso.vocabulary import (
    CHANNELS,
    EMOTIONS,
    FACTORS,
    FIELDS,
    KINDS,
    PLEASANT_EMOTIONS,
    SCALES,
    SENTIMENTS,
    Estimate,
    Fate,
    Interaction,
    Phase,
    Phrase,
    violations,
)


@pytest.fixture(params=["en", "it"])
def language(request):
    with in_language(request.param):
        yield request.param


def test_every_word_of_the_vocabulary_has_a_name(language):
    for names, words in (
        (labels.channel, CHANNELS),
        (labels.kind, KINDS),
        (labels.phase, Phase),
        (labels.scale, SCALES),
    ):
        for word in words:
            assert names(word) != "", word
    for names, words in (
        (labels.sentiment, SENTIMENTS),
        (labels.factor, FACTORS),
        (labels.emotion, EMOTIONS),
    ):
        assert all(names(word) != word for word in words)
    assert set(EMOTIONS) > PLEASANT_EMOTIONS
    for word in (*Phase, *Fate):
        assert labels.phase(word) or labels.fate(word)


def test_english_names_are_words_not_codes():
    assert labels.channel("store") == "Shop"
    assert labels.kind("cart") == "Cart"
    assert labels.fate("unmet") == "never kept"
    assert labels.segment("top_fifth") == "Top fifth by value"
    assert labels.factor("personalisation") == "Personal attention"


def test_a_language_nobody_could_tell_is_said_so():
    assert labels.language("und") == "language unknown"
    with in_language("it"):
        assert labels.language("und") == "lingua non riconosciuta"


def test_a_word_nobody_knows_stays_as_it_came(language):
    assert labels.channel("carrier pigeon") == "carrier pigeon"


@pytest.mark.parametrize(("code", "expected"), [("it", "1.204,56"), ("en", "1,204.56")])
def test_numbers_take_the_separators_of_the_language(code, expected):
    with in_language(code):
        assert labels.number(1204.555001, 2) == expected


def test_a_rounded_zero_has_no_sign():
    assert labels.number(-0.2) == "0"
    assert labels.signed(-0.2, "points", 0) == "0"


def test_minus_is_a_minus_sign():
    assert labels.number(-3) == "−3"


def test_what_is_not_there_is_a_dash():
    assert labels.number(None) == labels.NOTHING
    assert labels.percent(float("nan")) == labels.NOTHING
    assert labels.hours(None) == labels.NOTHING
    assert labels.day(None) == labels.NOTHING
    assert labels.money(None, "EUR") == labels.NOTHING


def test_interval_stays_on_one_line_and_uses_a_word_beside_negative_numbers():
    assert labels.interval(Estimate(41, 36, 46.4, 412, "x"), "points") == "36\xa0–\u2060\xa046"
    assert labels.interval(Estimate(1, -3, 5, 412, "x"), "points") == "−3\xa0to\xa05"


def test_a_hidden_estimate_says_so():
    hidden = Estimate.hidden(3, "x")
    assert labels.estimate(hidden, "percent") == "too few to show"
    assert labels.interval(hidden) == ""
    assert labels.difference(hidden) == "too few to show"


def test_difference_has_sign_and_interval():
    assert (
        labels.difference(Estimate(22, 17, 27, 100, "x"), "percent", 0)
        == "+22\xa0[17\xa0–\u2060\xa027]"
    )


@pytest.mark.parametrize(
    ("value", "unit", "certain", "expected"),
    [
        (-6.0, "points", True, "▼ 6 points, certain"),
        (1.0, "percent", True, "▲ 1 point, certain"),
        (0.31, "score", True, "▲ 0.3, certain"),
        (-6.0, "points", False, "no certain change"),
    ],
)
def test_change_in_words(value, unit, certain, expected):
    digits = 1 if unit == "score" else 0
    given = Estimate(value, value - 1, value + 1, 100, "x")
    assert labels.change(given, unit, digits, certain=certain) == expected


def test_a_day_is_that_of_the_companys_zone():
    evening = datetime(2025, 10, 3, 22, 30, tzinfo=UTC)
    assert labels.day(evening, ZoneInfo("Europe/Rome")) == "4 Oct 2025"
    assert labels.day(evening) == "3 Oct 2025"
    assert labels.moment(evening, ZoneInfo("Europe/Rome")) == "4 Oct 2025, 00:30"


def test_months_from_text_and_dates(language):
    assert labels.month("2025-10") == labels.month(date(2025, 10, 1))
    assert labels.month("2025-10") == {"en": "Oct 2025", "it": "ott 2025"}[language]
    assert labels.month("nonsense") == "nonsense"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0.001, "under a minute"),
        (0.44, "26 min"),
        (1.2, "72 min"),
        (2, "2 hours"),
        (2.5, "2.5 hours"),
        (30, "30 hours"),
        (36, "1.5 days"),
        (72, "3 days"),
        (24 * 31.2, "31 days"),
    ],
)
def test_lengths_of_time(hours, expected):
    assert labels.hours(hours) == expected


def test_money():
    assert labels.money(9800.4, "EUR") == "€\xa09,800"
    assert labels.money(-12.5, "EUR") == "−€\xa012.50"
    with in_language("it"):
        assert labels.money(9800.4, "EUR") == "€\xa09.800"


def test_groups_are_named_by_their_dimension():
    assert labels.group("channel", "store") == "Shop"
    assert labels.group("month", "2025-10") == "Oct 2025"
    assert labels.group("language", "pt-BR") == "Portuguese (Brazil)"
    assert labels.group("property:region", "Lombardia") == "Lombardia"
    assert labels.group("channel", None) == "not given"


def test_counts_of_promises_leave_out_what_there_is_none_of():
    assert labels.fates({"made": 1204, "kept": 12, "late": 0, "unmet": 1}) == (
        "1,204 made, 12 kept, 1 never kept"
    )


#: Field -> a value that breaks its rule.
WRONG = {
    "id": "",
    "customer": "x" * 201,
    "at": datetime(1969, 1, 1, tzinfo=UTC),
    "received_at": "yesterday",
    "kind": "ordr",
    "language": "ITA",
    "amount": 2e12,
    "score": 11.0,
    "text": 3,
    "due_at": datetime(2300, 1, 1, tzinfo=UTC),
    "properties": ["a"],
}


def wrong(**given):
    good = {
        "id": "1",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "customer": "user:1",
        "kind": "view",
        "source": "shop",
        "touchpoint": "home",
    }
    return violations(Interaction(**{**good, **given}))


def test_a_broken_rule_is_said_in_english_and_in_italian():
    [broken] = wrong(scale="nps", score=11.0)
    assert str(broken) == "score: on nps must be a whole number from 0 to 10 (got '11')"
    assert labels.violation(broken) == str(broken)
    with in_language("it"):
        assert labels.phrase(broken.rule) == "su nps deve essere un numero intero da 0 a 10"
        assert labels.violation(broken) == (
            "score: su nps deve essere un numero intero da 0 a 10 (valore letto: '11')"
        )
        assert str(broken.rule) == "on nps must be a whole number from 0 to 10"


def test_every_rule_of_an_interaction_is_said_in_italian():
    broken = [
        *wrong(**WRONG),
        *wrong(amount=-2e12, score="many"),
        *wrong(kind="promise"),
        *wrong(scale="stars", score=6.0),
    ]
    assert {each.field for each in broken} >= {*WRONG, "scale", "about"}
    with in_language("it"):
        for each in broken:
            said = labels.phrase(each.rule)
            assert said != str(each.rule)
            assert "must" not in said


def test_a_phrase_of_phrases_is_said_part_by_part():
    parts = [Phrase("decimal comma (1.234,56)"), Phrase("{how}, assumed", {"how": Phrase("none")})]
    joined = Phrase.joined(" · ", parts)
    assert str(joined) == "decimal comma (1.234,56) · none, assumed"
    with in_language("it"):
        assert labels.phrase(joined) == "virgola decimale (1.234,56) · nessuna, per ipotesi"


def test_a_phrase_without_values_may_hold_braces():
    assert labels.phrase(Phrase("is not {JSON}")) == "is not {JSON}"
    assert str(Phrase("is like {this}", {"this": "[A-Z]{3}"})) == "is like [A-Z]{3}"


def test_a_form_is_told_by_an_example_not_by_a_regular_expression(language):
    bad = Interaction(
        id="1", at=datetime.now(UTC), customer="user:1", kind="order", touchpoint="x", source="s",
        currency="euros", language="Italian!",
    )  # fmt: skip
    told = [labels.violation(each) for each in violations(bad)]
    assert any("EUR" in each for each in told)
    assert not any(sign in each for each in told for sign in ("[A-Z]", "[a-z]"))


def test_every_form_has_an_example_that_follows_it():
    for each in FIELDS:
        assert each.pattern is None or re.fullmatch(each.pattern, each.example)


def test_counts_in_a_sentence_have_the_separators_of_the_language() -> None:
    why = Phrase("{n} texts", {"n": 6028})
    given = Phrase("{name}: {why} of {all}", {"name": "Aurora 1500", "why": why, "all": 12_345})
    with in_language("it"):
        assert labels.sentence(given) == "Aurora 1500: 6.028 texts of 12.345"
    with in_language("en"):
        assert labels.sentence(given) == "Aurora 1500: 6,028 texts of 12,345"


@pytest.mark.parametrize(
    ("written", "en", "it"),
    [
        ("[[rule]\n", "the ]] that closes", "mancano le ]] che chiudono"),
        ('kind = "order\n', "a character stands here", "un carattere non ammesso"),
        ("kind = order", "write texts in double quotes", "i testi vanno tra virgolette"),
        ("a = 1\na = 2\n", "this name has a value already", "questo nome ha già un valore"),
        ("a = [1 2]", "the ] that closes the list", "la ] che chiude l’elenco"),
    ],
)
def test_what_is_wrong_with_a_toml_file_is_said_in_the_readers_language(written, en, it):
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(written)
    for language, words in (("en", en), ("it", it)):
        with in_language(language):
            said = toml.wrong(caught.value)
        assert words in said
        assert ("(line 1," in said or "(line 2," in said) is (language == "en")
