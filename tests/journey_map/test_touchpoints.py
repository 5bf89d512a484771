"""What the log says of touchpoints, against what is counted one by one."""

import random
from collections import Counter, defaultdict

import pytest
from tests.log.rows import add, row

from percorso.journey_map.touchpoints import cover, coverage, found, phases_served, suggested
from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.touchpoints import Registry, Strategy, Touchpoint
from percorso.vocabulary import NOT_STEPS, Interaction, Phase
from percorso.workspace import Workspace

PLACES = ["Till", "till 2", "Site", "Courier", "Survey"]
LISTENING = ("answer", "review", "mention")


@pytest.fixture
def log(workspace: Workspace) -> Log:
    return open_log(workspace)


def happenings(seed: int, count: int = 600) -> list[Interaction]:
    random_ = random.Random(seed)
    made = []
    for number in range(count):
        place = random_.choice(PLACES)
        kinds = ["answer", "review"] if place == "Survey" else ["order", "view", "answer", "call"]
        kind = random_.choice([*kinds, "promise", "profile"] if place != "Survey" else kinds)
        answered = kind == "answer" and random_.random() < 0.7
        made.append(
            row(
                f"i{number:04d}",
                f"user:{random_.randrange(40)}",
                random_.randrange(20_000),
                kind=kind,
                touchpoint=place,
                channel=random_.choice(["website", "store", "email"]),
                scale="csat" if answered else None,
                score=float(random_.randint(1, 5)) if answered else None,
                text="Molto bene" if kind in LISTENING and random_.random() < 0.5 else None,
                direction="in",
            )
        )
    return made


def test_traffic_equals_what_is_counted_one_by_one(log: Log) -> None:
    rows = happenings(3)
    add(log, rows)
    table = log.interactions().to_pyarrow()
    phases = dict(zip(table["id"].to_pylist(), table["phase"].to_pylist(), strict=True))
    tills = Touchpoint(id="tills", name="Tills", seen_as=("till*",))
    keys = {"Till": "tills", "till 2": "tills", "Site": "", "Courier": "", "Survey": ""}
    expected: dict[str, list[Interaction]] = defaultdict(list)
    for each in rows:
        expected["Tills" if keys[each.touchpoint] else each.touchpoint].append(each)
    traffic = {each.name: each for each in found(log, [tills])}
    assert traffic.keys() == expected.keys()
    for name, own in expected.items():
        here = traffic[name]
        steps = [each for each in own if each.kind not in (*NOT_STEPS, *LISTENING)]
        assert here.id == ("tills" if name == "Tills" else "")
        assert here.interactions == len(own)
        assert here.customers == len({each.customer for each in own})
        assert here.happened == len(steps)
        assert here.kinds == Counter(each.kind for each in own)
        assert here.channels == Counter(each.channel for each in steps or own)
        assert here.phases == Counter(phases[each.id] for each in steps or own)
        assert here.answers == sum(each.score is not None for each in own)
        assert here.texts == sum(each.text is not None for each in own)
        assert (here.first, here.last) == (min(e.at for e in own), max(e.at for e in own))
    assert traffic["Tills"].names == ("Till", "till 2")
    sizes = [each.interactions for each in found(log, [tills])]
    assert sizes == sorted(sizes, reverse=True)


def test_traffic_of_a_part_of_the_log(log: Log) -> None:
    rows = happenings(4)
    add(log, rows)
    traffic = {each.name: each for each in found(log, (), Selection(channels=["store"]))}
    for name, here in traffic.items():
        own = [each for each in rows if each.touchpoint == name and each.channel == "store"]
        assert (here.interactions, here.texts) == (
            len(own),
            sum(each.text is not None for each in own),
        )


def test_an_empty_log_has_no_touchpoints(log: Log) -> None:
    assert found(log) == ()
    assert coverage(log, Registry(log.workspace)).phases_without == tuple(Phase)


def test_what_is_left_open(log: Log) -> None:
    def happens(name: str, *kinds: str, **more: object) -> list[Interaction]:
        return [
            row(f"{name}{n}{kind}", f"user:{n}", n, kind=kind, touchpoint=name, **more)
            for n in range(6)
            for kind in kinds
        ]

    add(
        log,
        [
            *happens("Site", "view", "order"),
            *happens("Till", "order"),
            *happens("Till", "answer", scale="csat", score=5.0, direction="in"),
            *happens("Survey", "answer", scale="nps", score=9.0, direction="in"),
            *happens("Forum", "mention", text="Bello", direction="in"),
        ],
    )
    registry = Registry(log.workspace)
    till = registry.save(
        Touchpoint(
            id="",
            name="TILL",
            owner="Shop",
            phases=(Phase.PURCHASE, Phase.LOYALTY),
            strategy=(Strategy(phase=Phase.PURCHASE, tone="Quick"),),
        ),
        who="ada",
    )
    window = registry.save(Touchpoint(id="", name="Window", phases=(Phase.AWARENESS,)), who="ada")
    open_ = coverage(log, registry)
    assert open_.phases_without == (Phase.CONSIDERATION, Phase.ACTIVATION, Phase.ADVOCACY)
    assert open_.without_owner == (window.id,)
    assert open_.without_strategy == ((till.id, Phase.LOYALTY), (window.id, Phase.AWARENESS))
    assert open_.unseen == (window.id,)
    assert [each.name for each in open_.traffic_without_listening] == ["Site"]
    assert {each.name for each in open_.listening_without_traffic} == {"Survey", "Forum"}
    assert {each.name for each in open_.not_described} == {"Site", "Survey", "Forum"}
    assert not open_.complete
    assert cover((), ()).phases_without == tuple(Phase)


def test_the_registry_begins_with_the_log(log: Log) -> None:
    add(log, [row(f"a{n}", f"user:{n}", n, kind="order", channel="store") for n in range(20)])
    registry = Registry(log.workspace)
    [made] = registry.add([suggested(each) for each in found(log)], who="ada")
    assert (made.name, made.channel, made.online) == ("home page", "store", False)
    assert made.phases == (Phase.PURCHASE,)
    [here] = found(log, registry.all())
    assert here.id == made.id
    assert coverage(log, registry).not_described == ()
    assert phases_served(here, made) == phases_served(here, None) == (Phase.PURCHASE,)
