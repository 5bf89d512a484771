"""Times and numbers as people write them, against Python's own reading."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.intake import numbers, times, zones

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


def _values(database: Any, texts: list[str]) -> str:
    database.execute("CREATE OR REPLACE TABLE given_values (n INT, v VARCHAR)")
    database.executemany("INSERT INTO given_values VALUES (?, ?)", list(enumerate(texts)))
    return "given_values"


def _times(database: Any, texts: list[str]) -> tuple[times.TimeReading, list[Any], list[int]]:
    table = _values(database, texts)
    aggregates = ", ".join(times.profile_sql("v", "s"))
    profile = f"SELECT {aggregates} FROM (SELECT v, {times.shape_sql('v')} AS s FROM {table})"
    how = times.reading(database.execute(profile).fetchall()[0])
    sql = f"SELECT {times.micros_sql('v', how)}, {times.kind_sql('v', how)} FROM {table} ORDER BY n"
    found = database.execute(sql).fetchall()
    read = [None if us is None else NAIVE + timedelta(microseconds=us) for us, _kind in found]
    return how, read, [kind for _us, kind in found]


def _numbers(database: Any, texts: list[str]) -> list[float | None]:
    table = _values(database, texts)
    aggregates = ", ".join(numbers.profile_sql("s"))
    table = f"(SELECT *, {numbers.bare_sql('v')} AS bare FROM {table})"
    profile = (
        f"SELECT {aggregates} FROM (SELECT {numbers.shape_sql('v', 'bare')} AS s FROM {table})"
    )
    how = numbers.reading(database.execute(profile).fetchall()[0])
    read = f"SELECT n, {numbers.number_sql('v', how, 'bare')} AS read FROM {table}"
    sql = f"SELECT {numbers.finite_sql('read')} FROM ({read}) ORDER BY n"
    return [value for (value,) in database.execute(sql).fetchall()]


WAYS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d %H.%M.%S",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d.%m.%Y, %H.%M",
    "%d/%m/%y %H:%M",
    "%d/%m/%Y",
    "%Y-%m-%d",
    "%d/%m/%Y %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%d %B %Y %H:%M",
    "%B %d, %Y",
)


# Many values an example: what takes time is asking the database, not how much it is asked.
@settings(max_examples=48, deadline=None)
@given(
    way=st.sampled_from(WAYS),
    moments=st.lists(
        st.datetimes(datetime(1990, 1, 1), datetime(2060, 12, 31)),  # noqa: DTZ001
        min_size=1,
        max_size=16,
    ),
)
def test_times_are_read_back(database: Any, way: str, moments: list[datetime]) -> None:
    # A day past 12 proves the order; without it, the day is taken first.
    texts = [each.strftime(way) for each in [*moments, datetime(2024, 4, 25, 14, 30)]]  # noqa: DTZ001
    how, read, kinds = _times(database, texts)
    assert read == [datetime.strptime(text, way) for text in texts]  # noqa: DTZ007
    assert not how.assumed
    assert set(kinds) == {times.LOCAL if "%M" in way else times.DATE}


@settings(max_examples=40, deadline=None)
@given(
    moments=st.lists(
        st.builds(
            lambda moment, quarters: moment.replace(
                tzinfo=timezone(timedelta(minutes=15 * quarters))
            ),
            st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
            st.integers(-14 * 4, 14 * 4),
        ),
        min_size=1,
        max_size=8,
    ),
    tail=st.sampled_from(["iso", "space", "bare"]),
)
def test_times_with_a_zone_are_read_as_moments(
    database: Any, moments: list[datetime], tail: str
) -> None:
    texts = []
    for aware in moments:
        offset = aware.strftime("%z")
        tails = {"iso": offset[:3] + ":" + offset[3:], "space": " " + offset, "bare": offset}
        texts.append(aware.replace(tzinfo=None).isoformat(sep=" ") + tails[tail])
    _how, read, kinds = _times(database, texts)
    assert read == [aware.astimezone(UTC).replace(tzinfo=None) for aware in moments]
    assert kinds == [times.ZONED] * len(moments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1714052400", "2024-04-25 13:40:00"),
        ("1714052400123", "2024-04-25 13:40:00.123000"),
        ("2024-04-25T14:30:00Z", "2024-04-25 14:30:00"),
        ("2019-10-01 00:00:00 UTC", "2019-10-01 00:00:00"),
        ("2024/05/13 2:32:11 PM GMT+2", "2024-05-13 12:32:11"),
        ("13 maggio 2024", "2024-05-13 00:00:00"),
        ("3-Gen-2024", "2024-01-03 00:00:00"),
        ("2024-02-30", None),
        ("31/04/2024", None),
        ("2024-04-25 25:00", None),
        ("infinity", None),
        ("epoch", None),
        ("2024-03-04 (BC)", None),
        ("yesterday", None),
        ("12", None),
    ],
)
def test_known_and_impossible_times(database: Any, text: str, expected: str | None) -> None:
    _how, (read,), _kinds = _times(database, [text])
    assert (None if read is None else str(read)) == expected


def test_the_month_comes_first_only_where_proved(database: Any) -> None:
    assert _times(database, ["03/04/2024"])[0] == times.TimeReading(
        frozenset({"slash"}), "day", assumed=True
    )
    how, read, _kinds = _times(database, ["03/04/2024", "04/25/2024"])
    assert how.order == "month"
    assert [str(each)[:10] for each in read] == ["2024-03-04", "2024-04-25"]


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.decimals(-999_999, 999_999, places=2), min_size=1, max_size=16),
    italian=st.booleans(),
    grouped=st.booleans(),
    sign=st.sampled_from(["{}", "€ {}", "{} EUR", "{} €"]),
)
def test_numbers_are_read_back(
    database: Any, values: list[Any], italian: bool, grouped: bool, sign: str
) -> None:
    texts = []
    for value in [*values, "12.34"]:
        text = f"{float(value):,.2f}" if grouped else f"{float(value):.2f}"
        if italian:
            text = text.translate(str.maketrans(",.", ".,"))
        texts.append(sign.format(text))
    expected = [pytest.approx(float(value)) for value in [*values, "12.34"]]
    assert _numbers(database, texts) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.234,56", "1,234.56", "12", "1.234"], [1234.56, 1234.56, 12.0, None]),
        (["10", "9.5", "nan", "inf", "1e400", "1_000"], [10.0, 9.5, None, None, None, None]),
        (["4/5", "5 stelle"], [4.0, 5.0]),
        (["1 234,50", "2'000,00"], [1234.5, 2000.0]),
        (["1,234", "12"], [1234.0, 12.0]),
    ],
)
def test_doubtful_numbers(database: Any, texts: list[str], expected: list[float | None]) -> None:
    assert _numbers(database, texts) == expected


@settings(deadline=None)
@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001
    zone=st.sampled_from(
        ["Europe/Rome", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
    ),
)
def test_local_times_become_the_moments_the_zone_says(moment: datetime, zone: str) -> None:
    local = (moment - NAIVE) // timedelta(microseconds=1)
    found = EPOCH + timedelta(microseconds=int(zones.to_utc(np.array([local]), zone)[0]))
    expected = moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    exists = expected.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
    assert found == expected if exists else abs(found - expected) <= timedelta(hours=1)


def test_times_stay_in_order_where_clocks_change() -> None:
    start = datetime(2024, 3, 31, 1, 0)  # noqa: DTZ001
    local = [
        (start + timedelta(minutes=n) - NAIVE) // timedelta(microseconds=1) for n in range(240)
    ]
    moments = zones.to_utc(np.array(local), "Europe/Rome")
    assert (np.diff(moments) >= 0).all()
    midnight = datetime(2024, 3, 31) - NAIVE  # noqa: DTZ001
    end = zones.end_of_day(np.array([midnight // timedelta(microseconds=1)]), "Europe/Rome")
    assert EPOCH + timedelta(microseconds=int(end[0])) == datetime(
        2024, 3, 31, 21, 59, 59, 999_999, UTC
    )
