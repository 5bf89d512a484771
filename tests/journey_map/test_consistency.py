"""Touchpoints compared: planted gaps are found, and where there are none, none are."""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.log.rows import START, add, row

from percorso.journey_map.consistency import Consistency, consistency
from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.metrics import by
from percorso.touchpoints import Touchpoint
from percorso.vocabulary import Interaction, Phase
from percorso.workspace import Workspace

NAMES = ("Site", "Till", "Phone", "Courier")


def touchpoints(*phases: Phase) -> list[Touchpoint]:
    """Return four touchpoints in each phase; ``Site purchase`` and so on."""
    return [
        Touchpoint(id=f"{name}-{phase}".lower(), name=f"{name} {phase}", phases=(phase,))
        for phase in phases
        for name in NAMES
    ]


def made(
    places: Sequence[Touchpoint],
    seed: int,
    *,
    answers: int = 120,
    low: str = "",
    late: str = "",
    slow: str = "",
) -> list[Interaction]:
    """Return orders, answers of customers who answer more than once, and promises.

    ``low`` scores lower, ``late`` breaks promises, ``slow`` promises more days.
    """
    random_ = random.Random(seed)
    # What a customer is like shows in all their answers.
    moods = [random_.gauss(0, 0.7) for _ in range(150)]
    rows = []
    for place in places:
        for n in range(answers):
            who = random_.randrange(len(moods))
            order = f"order:{place.id}-{n}"
            about = {"touchpoint": place.name, "about": order}
            minutes = random_.randrange(100_000)
            rows.append(row(f"o{order}", f"user:{who}", minutes, kind="order", **about))
            mood = moods[who] - (1.2 if place.name == low else 0.0)
            score = min(5, max(1, round(4 + mood + random_.gauss(0, 0.8))))
            rows.append(
                row(
                    f"a{order}", f"user:{who}", minutes + 90, kind="answer", scale="csat",
                    score=float(score), direction="in", **about,
                )
            )  # fmt: skip
            days = random_.choice([2, 3]) + (2 if place.name == slow else 0)
            due = START + timedelta(minutes=minutes, days=days)
            rows.append(
                row(
                    f"p{order}", f"user:{who}", minutes, kind="promise", name="delivery",
                    direction="out", due_at=due, **about,
                )
            )  # fmt: skip
            kept = random_.random() < (0.6 if place.name == late else 0.9)
            arrives = minutes + days * 1440 + (-60 if kept else 600)
            rows.append(row(f"d{order}", f"user:{who}", arrives, kind="delivery", **about))
    return rows


def compare(
    folder: Path, places: Sequence[Touchpoint], rows: list[Interaction]
) -> tuple[Log, Consistency]:
    log = open_log(Workspace.create(folder))
    add(log, rows)
    return log, consistency(log, places)


def test_planted_gaps_are_found_and_nothing_else(tmp_path: Path) -> None:
    places = touchpoints(Phase.PURCHASE, Phase.LOYALTY)
    rows = made(places, 7, low="Phone purchase", late="Courier loyalty", slow="Till purchase")
    log, given = compare(tmp_path / "w", places, rows)
    worse = {(each.name, each.measure) for each in given.gaps if each.worse}
    assert worse == {
        ("Phone purchase", "csat"),
        ("Courier loyalty", "kept_share"),
        ("Till purchase", "promised_days:delivery"),
    }
    phone = next(each for each in given.gaps if each.name == "Phone purchase")
    assert phone.phases == ("purchase",)
    assert phone.others == ("Courier purchase", "Site purchase", "Till purchase")
    assert phone.p_adjusted <= 0.05
    value, rest = phone.value.value, phone.rest.value
    assert value is not None
    assert rest is not None
    assert phone.difference.value == pytest.approx(value - rest)
    assert phone.difference.high is not None
    assert phone.difference.high < 0
    # Of a measure the others of a phase may be better; of other phases nobody is.
    assert all(each.phases in (("purchase",), ("loyalty",)) for each in given.gaps)
    # 8 touchpoints, 3 measures, each of them against the others of its one phase.
    assert given.tests == 24
    # The figures are those that the rest of the house gives.
    known = {each.group: each.estimate for each in by(log, "touchpoint") if each.metric == "csat"}
    for place in given.places:
        assert place.figures["csat"] == known[place.name]
    assert given.measures == ("csat", "kept_share", "promised_days:delivery")


def test_where_nothing_differs_nothing_is_found(tmp_path: Path) -> None:
    places = touchpoints(*Phase)
    _, given = compare(tmp_path / "w", places, made(places, 11, answers=40))
    assert given.tests == 72
    assert given.gaps == ()


@pytest.mark.slow  # forty logs, each written and read
def test_chance_makes_few_gaps_up(tmp_path: Path) -> None:
    places = touchpoints(Phase.PURCHASE, Phase.LOYALTY, Phase.ADVOCACY)
    with_any, found = 0, 0
    for seed in range(40):
        rows = made(places, 1000 + seed, answers=60)
        _, null = compare(tmp_path / f"null{seed}", places, rows)
        with_any += bool(null.gaps)
        if seed < 20:
            rows = made(places, 2000 + seed, answers=60, low="Till loyalty")
            _, planted = compare(tmp_path / f"planted{seed}", places, rows)
            found += any((e.name, e.worse) == ("Till loyalty", True) for e in planted.gaps)
    # At 5% for the whole family two of forty are expected; more than five would be rare (1.4%).
    assert with_any <= 5
    assert found >= 18


def test_one_touchpoint_on_several_channels(tmp_path: Path) -> None:
    desk = Touchpoint(id="desk", name="Desk", phases=(Phase.LOYALTY,))
    random_ = random.Random(5)
    channels = ("phone", "email", "chat")
    rows = [
        row(f"v{n}", f"user:{n}", n, kind="call", touchpoint="Desk", channel=channels[n % 3])
        for n in range(12)
    ]
    for n in range(400):
        # Where the question about it is answered is no channel of the desk.
        channel = (*channels, "survey")[n % 4]
        level = 3.0 if channel == "chat" else 4.2
        score = float(min(5, max(1, round(level + random_.gauss(0, 0.8)))))
        rows.append(
            row(
                f"a{n}", f"user:{n}", n, kind="answer", touchpoint="desk", channel=channel,
                scale="csat", score=score, direction="in",
            )
        )  # fmt: skip
    _, given = compare(tmp_path / "w", [desk], rows)
    worst = given.gaps[0]
    assert (worst.name, worst.channel, worst.phases, worst.worse) == ("Desk", "chat", (), True)
    assert worst.others == ("email", "phone")


def test_where_only_listening_happens_nothing_is_compared(tmp_path: Path) -> None:
    rows = [
        *(row(f"o{n}", f"user:{n}", n, kind="order", touchpoint="Till") for n in range(20)),
        *(
            row(
                f"{name}{n}", f"user:{n}", n, kind="answer", touchpoint=name, scale="csat",
                score=score, direction="in",
            )
            for n in range(20)
            for name, score in (("Till", 5.0), ("Survey", 1.0))
        ),
    ]  # fmt: skip
    _, given = compare(tmp_path / "w", [], rows)
    assert [each.name for each in given.places] == ["Till"]
    assert (given.gaps, given.tests) == ((), 0)


def test_fewer_than_five_customers_are_never_shown(tmp_path: Path) -> None:
    places = touchpoints(Phase.PURCHASE)[:3]
    rows = [
        each
        for each in made(places, 13, answers=60)
        if each.touchpoint != "Phone purchase" or int(each.customer.removeprefix("user:")) < 4
    ]
    _, given = compare(tmp_path / "w", places, rows)
    phone = next(each for each in given.places if each.name == "Phone purchase")
    assert all(not each.shown for each in phone.figures.values())
    assert all(each.name != "Phone purchase" for each in given.gaps)


def test_a_part_of_the_log_is_compared(tmp_path: Path) -> None:
    places = touchpoints(Phase.PURCHASE)
    rows = made(places, 17, low="Phone purchase")
    log, _ = compare(tmp_path / "w", places, rows)
    half = Selection(until=START + timedelta(minutes=50_000))
    given = consistency(log, places, half)
    counted = sum(
        each.kind == "answer" and each.at < half.until and each.touchpoint == "Phone purchase"
        for each in rows
        if half.until
    )
    phone = next(each for each in given.places if each.name == "Phone purchase")
    assert phone.figures["csat"].n == counted


def test_what_customers_write_is_compared_like_with_like(tmp_path: Path) -> None:
    from percorso.text import enrichment

    good = "Tutto perfetto, personale gentilissimo, sono molto contento!"
    bad = "Pessimo, una vergogna: il sito dice un prezzo e in cassa era un altro, sono arrabbiato."
    rows = []
    for n in range(40):
        for place, answer in (("Till", good), ("Site", bad)):
            at = {"touchpoint": place, "direction": "in"}
            rows.append(row(f"o{place}{n}", f"user:{n}", n, kind="order", touchpoint=place))
            rows.append(row(f"a{place}{n}", f"user:{n}", n + 5, kind="answer", text=answer, **at))
            # By themselves customers write to both alike.
            rows.append(row(f"m{place}{n}", f"user:{n}", n + 9, kind="message", text=bad, **at))
    log = open_log(Workspace.create(tmp_path / "w"))
    add(log, rows)
    enrichment.enrich(log, path="fast")
    places = [Touchpoint(id=e.lower(), name=e, phases=(Phase.PURCHASE,)) for e in ("Till", "Site")]
    given = consistency(log, places)
    worse = {(each.name, each.measure) for each in given.gaps if each.worse}
    assert ("Site", "sentiment") in worse
    assert not any(each.measure == "sentiment:unasked" for each in given.gaps)
    site = next(each for each in given.places if each.name == "Site")
    assert site.figures["sentiment"].value == -100
    assert site.figures["sentiment:unasked"].n == 40
