"""The demo company's planted truths stand in the right phase and lane of its map."""

from pathlib import Path

import pytest

from percorso import demo, journey_map
from percorso.demo import company, registry
from percorso.demo.generator import generate
from percorso.journey_map import Item, JourneyMap, Standing
from percorso.log import Log, open_log
from percorso.log.selection import Selection
from percorso.touchpoints import Registry
from percorso.workspace import Workspace

PHONE = company.TOUCHPOINTS["cart_phone"].name
COMPUTER = company.TOUCHPOINTS["cart_computer"].name
DELIVERY = company.TOUCHPOINTS["delivery"].name
TILL = company.TOUCHPOINTS["till"].name
PHONE_HELP = company.TOUCHPOINTS["phone"].name
OFFER = company.TOUCHPOINTS["offer"].name
NEWSLETTER = company.TOUCHPOINTS["newsletter"].name
EVENT = company.TOUCHPOINTS["event"].name


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return open_log(demo.make(tmp_path_factory.mktemp("aurora") / "c", customers=2500))


@pytest.fixture(scope="module")
def found(log: Log) -> JourneyMap:
    return journey_map.build(log, Registry(log.workspace))


def one(found: JourneyMap, what: str, key: str, measure: str = "") -> Item:
    [item] = [
        each
        for each in found.items
        if (each.what, each.key) == (what, key) and measure in ("", each.measure)
    ]
    return item


def test_paying_on_a_phone_is_hard_in_activation(found: JourneyMap) -> None:
    hard = one(found, "stands_out", PHONE, "ces")
    assert (hard.phase, hard.lane) == ("activation", "effort")
    assert hard.rest is not None
    assert hard.rest.real
    assert hard.rest.difference.high is not None
    assert hard.rest.difference.high < 0
    again, easy = one(found, "again", PHONE), one(found, "again", COMPUTER)
    assert again.phase == easy.phase == "activation"
    assert again.lane == easy.lane == "effort"
    assert again.rest is not None
    assert again.rest.real
    # 44 carts of 100 have to be filled again, against 8.
    assert again.figure is not None
    assert easy.figure is not None
    assert again.figure.low is not None
    assert again.figure.low > 35
    assert easy.figure.high is not None
    assert easy.figure.high < 16


def test_the_problem_of_the_phone_is_a_pain_of_activation_and_to_be_mended_first(
    found: JourneyMap,
) -> None:
    [problem] = [each for each in found.problems if each.touchpoint == PHONE]
    assert one(found, "problem", problem.id).phase == "activation"
    assert one(found, "problem", problem.id).lane == "pains"
    assert one(found, "mend", problem.id).lane == "opportunities"


def test_the_courier_is_a_pain_of_purchase_with_its_region(found: JourneyMap) -> None:
    late = [
        each
        for each in found.problems
        if each.kind == "promise" and each.touchpoint == DELIVERY and not each.elsewhere
    ]
    located = {group for each in late for group in each.groups}
    east, saturno = company.REGIONS[company.EAST].name, company.COURIERS[company.NEW]
    assert located & {("region", east), ("courier", saturno)}
    for each in late:
        assert (one(found, "problem", each.id).phase, one(found, "problem", each.id).lane) == (
            "purchase",
            "pains",
        )


def test_the_kind_shop_stands_out_in_its_phases(found: JourneyMap) -> None:
    for name, phase in ((TILL, "purchase"), (EVENT, "awareness")):
        kind = one(found, "stands_out", name, "csat")
        assert (kind.phase, kind.lane) == (phase, "experience")
        assert kind.rest is not None
        assert kind.rest.difference.low is not None
        assert kind.rest.difference.low > 0


def test_who_has_to_explain_again_on_the_phone_is_a_pain_of_loyalty(found: JourneyMap) -> None:
    [problem] = [each for each in found.problems if each.touchpoint == PHONE_HELP]
    [pain] = [each for each in found.items if (each.what, each.key) == ("problem", problem.id)]
    assert (pain.phase, pain.lane) == ("loyalty", "pains")
    worse = one(found, "stands_out", PHONE_HELP, "csat")
    assert (worse.phase, worse.lane) == ("loyalty", "experience")
    assert worse.rest is not None
    assert (worse.rest.difference.high or 0) < 0


def test_promises_stand_among_the_pains_of_the_phase_they_were_made_in(found: JourneyMap) -> None:
    kept = {each.phase: each for each in found.items if each.what == "kept"}
    # Parcels are promised with the order, answers to e-mails to who bought before.
    assert set(kept) == {"purchase", "loyalty"}
    for each in kept.values():
        assert each.lane == "pains"
        assert each.figure is not None
        assert 85 < (each.figure.value or 0) < 99


def test_going_on_from_a_computer_is_an_opportunity_of_activation(found: JourneyMap) -> None:
    move = one(found, "move", COMPUTER)
    assert (move.phase, move.lane) == ("activation", "opportunities")
    assert move.rest is not None
    assert move.rest.real
    assert (move.rest.difference.low or 0) > 0


def test_what_is_planted_to_be_nothing_is_nowhere_on_the_map(found: JourneyMap) -> None:
    for nothing in (OFFER, NEWSLETTER):
        assert not [each for each in found.problems if each.touchpoint == nothing]
        said = {each.what for each in found.items if nothing in (each.key, each.touchpoint)}
        # Whom it went to is a count; nothing else is said of it.
        assert said <= {"passed", "promise", "strategy"}


def test_beliefs_are_confirmed_denied_and_left_open(found: JourneyMap) -> None:
    standing = {each.belief.id: each.standing for each in found.beliefs}
    assert standing["telefono-faticoso"] == Standing.CONFIRMED
    assert standing["pacchi-lombardia-est"] == Standing.CONFIRMED
    assert standing["persone-in-negozio"] == Standing.CONFIRMED
    assert standing["incontri-portano-lettori"] == Standing.CONFIRMED
    # The opposite of what is planted.
    assert standing["telefono-comodo"] == Standing.DENIED
    # What is planted to be nothing is never confirmed; what nobody can measure stays open.
    assert standing["gialli-deludono"] != Standing.CONFIRMED
    assert standing["ricordarsi-di-me"] == Standing.OPEN


def test_beliefs_stand_where_they_belong(found: JourneyMap) -> None:
    places = {each.key: (each.phase, each.lane) for each in found.items if each.what == "belief"}
    assert places == {
        "telefono-faticoso": ("activation", "pains"),
        "telefono-comodo": ("activation", "needs"),
        "pacchi-lombardia-est": ("purchase", "pains"),
        "persone-in-negozio": ("purchase", "opportunities"),
        "incontri-portano-lettori": ("awareness", "opportunities"),
        "gialli-deludono": ("loyalty", "needs"),
        "ricordarsi-di-me": ("loyalty", "needs"),
    }


def test_every_lane_but_words_says_where_it_comes_from(found: JourneyMap) -> None:
    for each in found.items:
        if each.basis == "computed":
            assert each.figure is not None
            assert each.n > 0 or each.customers > 0
        else:
            assert each.text


def test_nobody_fewer_than_five_is_on_the_map(found: JourneyMap) -> None:
    for each in found.items:
        assert not 0 < each.customers < 5
        if each.what in ("score", "sentiment", "did", "passed", "stands_out"):
            assert each.n >= 5


def test_the_last_months_against_the_time_before_show_the_late_parcels(log: Log) -> None:
    change = company.COURIER_CHANGE
    now = Selection.from_query({"since": change.isoformat()})
    before = Selection.from_query({"since": "2026-05-01", "until": change.isoformat()})
    held = journey_map.build(log, Registry(log.workspace), now, before)
    assert held.compared
    kept = {each.phase: each for each in held.changed() if each.what == "kept"}
    assert kept
    for each in kept.values():
        assert each.change is not None
        assert (each.change.difference.value or 0) < 0


def test_a_map_does_not_differ_from_itself(log: Log) -> None:
    held = journey_map.compare(log, Registry(log.workspace), None, Selection())
    assert held.one.compared
    assert held.differences == ()


def test_personas_differ_where_they_must(log: Log) -> None:
    often, once = Selection(segments=["repeat"]), Selection(segments=["one_purchase"])
    held = journey_map.compare(log, Registry(log.workspace), often, once)
    # Who bought once is never at a checkout again; and nobody among the loyal is new.
    paid = next(x for x in held.differences if (x.phase, x.key) == ("loyalty", "checkout"))
    assert paid.change is not None
    assert (paid.change.difference.low or 0) > 20
    assert held.beside(paid) is None or held.beside(paid) != paid


def test_where_nothing_is_planted_no_false_belief_is_confirmed(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "c")
    log = open_log(workspace)
    log.append(generate(5, 1500, effects=False))
    # Who comes to an evening lives near the shop, and buys more whatever is planted.
    beliefs = [each for each in registry.beliefs() if each.id != "incontri-portano-lettori"]
    standing = {each.belief.id: each.standing for each in journey_map.judge(log, beliefs)}
    assert Standing.CONFIRMED not in standing.values()
