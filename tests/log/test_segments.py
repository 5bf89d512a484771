"""Who is in a segment, asked of the log; what is kept beside it stays right when rules change."""

import time
from collections import Counter
from datetime import UTC, timedelta
from typing import Any

import pytest
from tests.log.rows import START, add, row

from percorso.log import Log, open_log, segments
from percorso.log.facts import facts, key_of
from percorso.log.history import history
from percorso.log.selection import Selection, SelectionError
from percorso.segments import RFM, SegmentError, parse
from percorso.workspace import Workspace

DAY = 24 * 60


def fill(log: Log) -> Log:
    order: dict[str, Any] = {"kind": "order", "currency": "EUR"}
    consent = {"purpose": "marketing", "given": True}
    add(
        log,
        [
            row("a1", "user:1", 0, **order, amount=10.0, channel="website"),
            row("a2", "user:1", 50 * DAY, **order, amount=30.0, channel="store"),
            row("a3", "user:1", 51 * DAY, kind="answer", scale="nps", score=3.0),
            row("a4", "user:1", 52 * DAY, kind="consent", properties=consent),
            row("b1", "user:2", 10 * DAY, **order, amount=5.0, channel="website"),
            row("b2", "user:2", 11 * DAY, kind="answer", scale="nps", score=9.0),
            row("b3", "user:2", 12 * DAY, kind="consent", properties=consent),
            row("b4", "user:2", 13 * DAY, kind="consent", properties={**consent, "given": False}),
            row(
                "b5", "user:2", 14 * DAY, kind="promise", name="delivery", about="order:1",
                direction="out", due_at=START + timedelta(days=20),
            ),
            row("c1", "user:3", 100 * DAY, kind="visit", channel="store", touchpoint="Cassa"),
            row(
                "c2", "user:3", 100 * DAY, kind="profile",
                properties={"traits": {"city": "Milano", "age": 40}},
            ),
            row("c3", "user:3", 101 * DAY, kind="profile", properties={"traits": {"age": 41}}),
            row(
                "c4", "user:3", 101 * DAY, kind="answer", scale="ces_effort", score=7.0,
                channel="store",
            ),
        ],
    )  # fmt: skip
    return log


@pytest.fixture
def filled(log: Log) -> Log:
    return fill(log)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return the same log, made once: only ask it."""
    return fill(open_log(Workspace.create(tmp_path_factory.mktemp("shared") / "workspace")))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("orders >= 2", "1"),
        ("orders = 1", "2"),
        ("last_order never", "3"),
        ("last_order within 60 days", "1"),
        ("last_order more than 60 days ago", "2"),
        ("last_seen since 2000-01-01", "123"),
        ("nps <= 6", "1"),
        ("not nps <= 6", "23"),
        ("nps unknown", "3"),
        ("ces <= 1", "3"),  # the older question turned: 7 of effort is 1 of ease
        ("channel website", "12"),
        ("channel website and channel store", "1"),
        ("not channel website", "3"),
        ("consent marketing", "1"),
        ("not consent marketing", "23"),
        ("consent service", "123"),
        ("consent unknown", ""),
        ("broken_promises >= 1", "2"),
        ('trait "city" = "Milano" and trait age > 40', "3"),
        ("trait age <= 40", ""),
        ('touchpoint "Cassa"', "3"),
        ('touchpoint "\'; drop table facts; --"', ""),
        ('trait "\' or true --" known', ""),
        ("segment no_purchase or segment repeat, top_fifth", "13"),
        ("average_order >= 20", "1"),
        ("value >= 5 and value <= 5", "2"),
    ],
)
def test_who_fits_a_rule(shared: Log, rule: str, expected: str) -> None:
    read = parse(rule)
    found = sorted(segments.members(shared, read).to_pylist())
    assert found == [f"user:{each}" for each in expected]
    assert segments.count(shared, read) == len(expected)


def test_saved_segments_choose_rows_and_customers(filled: Log) -> None:
    segments.catalogue(filled).save("Scontenti", "ordini >= 1 e nps <= 6", who="ada")
    segments.catalogue(filled).save("Oggi", 'segment "Scontenti" or last_order never', who="ada")
    chosen = Selection(segments=["Scontenti"])
    assert sorted(chosen.apply(filled, filled.interactions()).id.to_pyarrow().to_pylist()) == [
        "a1", "a2", "a3", "a4",
    ]  # fmt: skip
    names = Selection(segments=["Oggi"]).customers(filled)
    assert names is not None
    assert sorted(names.to_pylist()) == ["user:1", "user:3"]
    assert Selection.from_query(Selection(segments=["Oggi"]).as_query()).segments == ("Oggi",)
    assert segments.of(filled, "user:1")[-2:] == ("Scontenti", "Oggi")
    with pytest.raises(SelectionError, match="Did you mean “Scontenti”"):
        Selection(segments=["Scontente"]).check(filled)


def test_a_question_leaves_the_connection_free_for_the_next(shared: Log) -> None:
    assert segments.sizes(shared, segments.catalogue(shared).all())[0] == 1
    assert facts(shared).count().to_pyarrow().as_py() == 3
    assert segments.of(shared, "user:3") == ("no_purchase",)
    assert facts(shared).count().to_pyarrow().as_py() == 3
    assert segments.of(shared, "nobody") == ()


def test_a_changed_rule_counts_at_once(filled: Log) -> None:
    kept = segments.catalogue(filled)
    kept.save("Mine", "orders >= 2", who="ada")
    assert Selection(segments=["Mine"]).customers(filled).to_pylist() == ["user:1"]  # type: ignore[union-attr]
    before = segments.standing_on(filled, lambda name: name == "Mine")
    kept.save("Mine", "orders = 1", who="ada", instead_of="Mine")
    assert Selection(segments=["Mine"]).customers(filled).to_pylist() == ["user:2"]  # type: ignore[union-attr]
    assert segments.standing_on(filled, lambda name: name == "Mine") != before
    assert segments.standing_on(filled, lambda name: name == "Other") == ""


def test_what_cannot_be_saved_is_said(filled: Log) -> None:
    kept = segments.catalogue(filled)
    kept.save("A", "orders >= 1", who="ada")
    kept.save("B", "segment A", who="ada")
    for name, rule, says in (
        ("a", "orders >= 1", "already"),
        ("champions", "orders >= 1", "ready-made"),
        ("", "orders >= 1", "Give the segment a name"),
        ("x" * 61, "orders >= 1", "at most 60"),
        ("C", "segment Nobody", "is no segment"),
        ("C", "ordrs >= 1", "Did you mean"),
    ):
        with pytest.raises(SegmentError, match=says):
            kept.save(name, rule, who="ada")
    with pytest.raises(SegmentError, match="cannot refer to itself: A → B → A"):
        kept.save("A", "segment B", who="ada", instead_of="A")
    with pytest.raises(SegmentError, match="used by “B”"):
        kept.delete("A")
    kept.save("A2", "orders >= 1", who="ada", instead_of="A")
    assert [(each.name, each.rule) for each in kept.saved()] == [
        ("A2", "orders >= 1"),
        ("B", "segment A2"),
    ]
    kept.delete("B")
    assert [each.name for each in kept.saved()] == ["A2"]


def test_a_file_somebody_spoilt_says_so(filled: Log) -> None:
    filled.workspace.segments.write_text('[[segment]]\nname = "X"\n', encoding="utf-8")
    with pytest.raises(SegmentError, match="segment 1: it takes a name of its own, and a rule"):
        segments.catalogue(filled).saved()
    filled.workspace.segments.write_text(
        '[[segment]]\nname = "X"\nrule = "ordrs > 1"\n', encoding="utf-8"
    )
    found = segments.catalogue(filled).all()
    assert segments.sizes(filled, found)[-1] is None
    assert segments.sizes(filled, found)[2] == 1


def test_rfm_scores_are_fifths_and_cover_all_who_bought(log: Log) -> None:
    rows = []
    for n in range(20):
        # The later the last order, the more orders and the higher the value.
        rows += [
            row(
                f"{n}-{k}", f"user:{n:02}", (n * 10 + k) * DAY // 10, kind="order",
                amount=float(n + 1), currency="EUR",
            )
            for k in range(n // 4 + 1)
        ]  # fmt: skip
    rows.append(row("v", "user:99", 0, kind="visit"))
    add(log, rows)
    table = facts(log).order_by("customer").to_pyarrow().to_pylist()
    bought, visitor = table[:-1], table[-1]
    assert [each["recency_score"] for each in bought] == [n // 4 + 1 for n in range(20)]
    assert [each["frequency_score"] for each in bought] == [n // 4 + 1 for n in range(20)]
    assert {each["rfm"] for each in bought} <= set(RFM)
    assert bought[-1]["rfm"] == "champions"
    assert bought[0]["rfm"] == "lost"
    assert visitor["rfm"] is None
    assert visitor["recency_score"] is None
    sizes = [segments.count(log, parse(f"rfm {name}")) for name in RFM]
    assert sum(sizes) == 20


def test_equal_customers_stand_together(log: Log) -> None:
    rows = [
        row(f"{n}", f"user:{n}", n * DAY, kind="order", amount=1.0, currency="EUR")
        for n in range(10)
    ]
    add(log, rows)
    scores = Counter(facts(log).frequency_score.to_pyarrow().to_pylist())
    assert scores == {3: 10}


def test_a_history_is_that_of_the_log(filled: Log) -> None:
    filled.merge("user:2", "user:1")
    found = history(filled, "user:2").to_pylist()
    whole = filled.interactions()
    theirs = whole.filter(whole.customer == "user:1").order_by(["at", "id"])
    expected = theirs.select("id", "phase").to_pyarrow().to_pylist()
    assert [{"id": each["id"], "phase": each["phase"]} for each in found] == expected
    assert {each["customer"] for each in found} == {"user:1", "user:2"}
    assert all(each["at"].astimezone(UTC) == each["at"] for each in found)
    assert history(filled, "nobody").num_rows == 0


def test_keys_say_nothing_and_are_this_logs_own(filled: Log) -> None:
    keys = dict(facts(filled).select("customer", "key").to_pyarrow().to_pandas().to_numpy())
    assert keys["user:1"] == key_of(filled, "user:1")
    assert len(set(keys.values())) == 3
    assert "user" not in "".join(keys.values())


def test_keys_cannot_be_guessed_from_a_log_without_its_secret(filled: Log) -> None:
    from percorso.log.facts import key_sql
    from percorso.log.keys import FILE

    names = ["user:1", "email:ada@example.org", "email:è@example.org", "", "x" * 300]
    keys = [key_of(filled, each) for each in names]
    file = filled.workspace.path / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    query = f"SELECT {key_sql(filled, 'name')} FROM (SELECT unnest($names) AS name)"
    found = filled.engine().connection().raw_sql(query, parameters={"names": names}).fetchall()
    assert [each for (each,) in found] == keys
    assert facts(filled).filter(facts(filled).key == keys[0]).count().to_pyarrow().as_py() == 1
    # Another secret, other keys, in what was prepared too.
    file.unlink()
    assert not {key_of(filled, each) for each in names} & set(keys)
    other = facts(filled)
    assert other.filter(other.key == key_of(filled, "user:1")).count().to_pyarrow().as_py() == 1


def test_segments_within_segments_take_no_longer_each(filled: Log) -> None:
    rules = {"s0": "orders >= 1", "s1": "orders >= 1"}
    rules |= {f"s{n}": f'segment "s{n - 1}" and segment "s{n - 2}"' for n in range(2, 40)}
    filled.workspace.segments.write_text(
        "".join(f"[[segment]]\nname = '{n}'\nrule = '{r}'\n" for n, r in rules.items())
    )
    begun = time.perf_counter()
    saved = segments.catalogue(filled).saved()
    sizes = dict(zip(rules, segments.sizes(filled, saved), strict=True))
    assert time.perf_counter() - begun < 10
    assert sizes["s6"] == sizes["s0"]
    assert sizes["s39"] is None
    with pytest.raises(SegmentError, match="8 deep"):
        segments.count(filled, parse('segment "s39"'))


def test_a_segment_asks_so_much_and_no_more(filled: Log) -> None:
    catalogue = segments.catalogue(filled)
    catalogue.save("s0", " or ".join(f"orders = {n}" for n in range(60)), who="A")
    for n in range(1, 4):
        catalogue.save(f"s{n}", f'segment "s{n - 1}" or not segment "s{n - 1}"', who="A")
    with pytest.raises(SegmentError, match="500 conditions"):
        catalogue.save("s4", 'segment "s3" or not segment "s3"', who="A")
