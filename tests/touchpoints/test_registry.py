"""The registry of touchpoints: what is saved is there, whole; what is wrong says so."""

import fnmatch
import multiprocessing
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from percorso.touchpoints import (
    Belief,
    Claim,
    Evidence,
    Orders,
    PhaseRule,
    Registry,
    Strategy,
    Touchpoint,
    TouchpointChangedError,
    TouchpointError,
    called,
    is_measure,
    state,
)
from percorso.touchpoints import file as toml
from percorso.touchpoints.model import pattern
from percorso.vocabulary import CHANNELS, KINDS, Phase
from percorso.workspace import Workspace

TILL = Touchpoint(
    id="",
    name="Till",
    channel="store",
    owner="Shop",
    seen_as=("Cassa", "pos-*"),
    phases=(Phase.LOYALTY, Phase.PURCHASE),
    rules=(PhaseRule(phase=Phase.LOYALTY, kinds=("order",), orders_before=Orders(at_least=1)),),
    promise="Nobody waits longer than five minutes.",
    strategy=(
        Strategy(phase=Phase.LOYALTY, tone="Warm", message='"Welcome back"', moves_on="The card"),
        Strategy(phase=Phase.PURCHASE, tone="Brief\nand calm", objective="A first purchase"),
    ),
)
QUICK = Belief(
    id="",
    text="They want to be quick",
    about="need",
    phase=Phase.PURCHASE,
    evidence=(
        Evidence(kind="factor", what="speed"),
        Evidence(kind="question", what="csat/why"),
        Evidence(kind="observation", what="Queues on Saturdays", on=date(2026, 3, 7)),
    ),
    claim=Claim(measure="csat", direction="lower", where=(("touchpoint", "Cassa"),)),
)


@pytest.fixture
def registry(workspace: Workspace) -> Registry:
    return Registry(workspace)


def test_what_is_saved_is_there_for_everybody(workspace: Workspace, registry: Registry) -> None:
    till = registry.save(TILL, who="ada")
    quick = registry.save_belief(replace(QUICK, touchpoint=till.id), who="ada")
    assert (till.id, till.by, till.at is not None) == ("till", "ada", True)
    assert till.phases == (Phase.PURCHASE, Phase.LOYALTY)
    assert Registry(Workspace.open(workspace.path)).all() == (till,)
    assert registry.find("till") == till
    assert registry.beliefs(touchpoint="till", about="need") == (quick,)
    assert registry.beliefs(phase="advocacy") == ()
    assert till.strategy_for("purchase").objective == "A first purchase"
    assert not till.strategy_for(Phase.ADVOCACY)
    registry.delete("till")
    assert (registry.all(), registry.beliefs()) == ((), ())


def test_the_log_s_names_are_matched_whole_in_any_case(registry: Registry) -> None:
    till = registry.save(TILL, who="ada")
    for name in ("till", "CASSA", "pos-3", "Pos-"):
        assert registry.called(name) == till
    assert registry.called("tills") is None
    # A name to the letter goes before a * that fits.
    third = Touchpoint(id="third", name="pos-3")
    assert called((till, third), "POS-3") == third


def test_who_comes_second_is_told_and_nothing_of_the_first_is_lost(registry: Registry) -> None:
    till = registry.save(TILL, who="ada")
    first = registry.save(replace(till, owner="Sales"), who="ada", instead_of=state(till))
    with pytest.raises(TouchpointChangedError, match="meanwhile"):
        registry.save(replace(till, owner="IT"), who="bob", instead_of=state(till))
    registry.delete(till.id)
    with pytest.raises(TouchpointChangedError):
        registry.save(replace(first, owner="IT"), who="bob", instead_of=state(first))


def _save(folder: Path, number: int) -> None:
    registry = Registry(Workspace.open(folder))
    for n in range(10):
        registry.save(Touchpoint(id="", name=f"Place {number}-{n}"), who="ada")


def test_several_processes_lose_nothing(workspace: Workspace, registry: Registry) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_save, args=(workspace.path, n)) for n in range(3)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    assert len({each.id for each in registry.all()}) == 30


def test_many_are_added_at_once_and_those_there_are_left(registry: Registry) -> None:
    till = registry.save(TILL, who="ada")
    given = [Touchpoint(id="pay", name="TILL", owner="x"), Touchpoint(id="site", name="Site")]
    need = Belief(id="quick", text="Quick", about="need", touchpoint="pay")
    assert [each.id for each in registry.add(given, [need], who="bob")] == ["site"]
    assert registry.find("till") == till
    assert [each.touchpoint for each in registry.beliefs()] == ["till"]
    # Once more changes nothing.
    assert registry.add(given, [need], who="bob") == ()
    assert (len(registry.all()), len(registry.beliefs())) == (2, 1)
    # All or nothing.
    with pytest.raises(TouchpointError):
        registry.add([Touchpoint(id="a", name="A"), Touchpoint(id="b", name=" ")], who="bob")
    assert len(registry.all()) == 2


@pytest.mark.parametrize(
    ("given", "place", "said"),
    [
        (replace(TILL, name="  "), "name", "a name"),
        (replace(TILL, name="x" * 201), "name", "At most 200"),
        (replace(TILL, channel="stroe"), "channel", "“stroe” is not known. Did you mean “store”"),
        (replace(TILL, seen_as=("**",)), "seen_as", "every name"),
        (replace(TILL, seen_as=tuple(map(str, range(51)))), "seen_as", "at most 50"),
        (replace(TILL, promise="x" * 601), "promise", "At most 600"),
        (
            replace(TILL, rules=(PhaseRule(phase=Phase.LOYALTY, kinds=("odrer",)),)),
            "rules.0.kinds",
            "Did you mean “order”",
        ),
        (
            replace(
                TILL,
                rules=(
                    PhaseRule(phase=Phase.LOYALTY, orders_before=Orders(at_least=3, at_most=2)),
                ),
            ),
            "rules.0.orders_before",
            "from 0 to 100",
        ),
        (replace(TILL, id="../x"), "id", "small letters"),
    ],
)
def test_a_wrong_touchpoint_says_which_field(
    registry: Registry, given: Touchpoint, place: str, said: str
) -> None:
    with pytest.raises(TouchpointError, match=said) as error:
        registry.save(given, who="ada")
    assert error.value.place == place
    assert registry.all() == ()


@pytest.mark.parametrize(
    ("given", "place", "said"),
    [
        (replace(QUICK, text=" "), "text", "in words"),
        (replace(QUICK, touchpoint="nowhere"), "touchpoint", "no touchpoint “nowhere”"),
        (
            replace(QUICK, evidence=(Evidence(kind="factor", what="sped"),)),
            "evidence.0",
            "Did you mean “speed”",
        ),
        (
            replace(QUICK, claim=Claim(measure="npss", direction="lower", where=(("phase", "x"),))),
            "claim.measure",
            "Did you mean “nps”",
        ),
        (
            replace(QUICK, claim=Claim(measure="nps", direction="lower", where=())),
            "claim.where",
            "where",
        ),
        (
            replace(QUICK, claim=Claim(measure="nps", direction="lower", where=(("phas", "x"),))),
            "claim.where",
            "Did you mean “phase”",
        ),
    ],
)
def test_a_wrong_belief_says_which_field(
    registry: Registry, given: Belief, place: str, said: str
) -> None:
    with pytest.raises(TouchpointError, match=said) as error:
        registry.save_belief(given, who="ada")
    assert error.value.place == place


def test_one_name_of_the_log_is_one_touchpoint(registry: Registry) -> None:
    registry.save(TILL, who="ada")
    with pytest.raises(TouchpointError, match="“cassa” is the touchpoint “Till” already"):
        registry.save(Touchpoint(id="", name="Desk", seen_as=("CASSA",)), who="ada")
    with pytest.raises(TouchpointError, match="Choose another name"):
        registry.save(Touchpoint(id="", name="TILL"), who="ada")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[touchpoint", "cannot be read"),
        pytest.param(f"x = {'9' * 5000}", "cannot be read", id="long number"),
        pytest.param("#" * 4_000_001, "larger than 4 MB", id="huge"),
        ("[[touchpoints]]", "“touchpoints” is not known. Did you mean “touchpoint”"),
        ("touchpoint = 3", "below a line"),
        ('[[touchpoint]]\nid = "a"', "touchpoint 1: the field “name” is missing"),
        (
            '[[touchpoint]]\nid = "a"\nname = "A"\nphases = ["loyal"]',
            "touchpoint 1: phases.*: “loyal” is not known. Did you mean “loyalty”",
        ),
        ('[[touchpoint]]\nid = "a"\nname = 3', "touchpoint 1: name: expected str, found int"),
        (
            '[[touchpoint]]\nid = "a"\nname = "A"\nchannel = "emial"',
            "touchpoint 1: channel: “emial” is not known. Did you mean “email”",
        ),
        ('[[touchpoint]]\nid = "a"\nname = "A"\n' * 2, "touchpoint 2: the id “a” is there twice"),
        ('[[belief]]\nid = "a"\ntext = "A"\nabout = "ned"', "belief 1: about: .*“need”"),
    ],
)
def test_a_file_edited_wrongly_says_where(workspace: Workspace, text: str, said: str) -> None:
    workspace.touchpoints.write_text(text)
    with pytest.raises(TouchpointError, match=said):
        Registry(workspace).all()
    assert workspace.touchpoints.read_text() == text


def test_a_name_of_many_stars_is_found_at_once() -> None:
    began = time.perf_counter()
    assert pattern(["*" + "a*" * 90 + "c"]).fullmatch("a" * 190) is None
    assert pattern(["*" + "a*" * 90 + "c"]).fullmatch("a" * 190 + "c")
    assert time.perf_counter() - began < 1


@settings(deadline=None)
@given(st.text("ab*", max_size=7), st.text("ab", max_size=9))
def test_a_star_is_anything_wherever_it_stands(name: str, called: str) -> None:
    assert bool(pattern([name]).fullmatch(called)) is fnmatch.fnmatchcase(called, name)


def test_what_can_be_measured() -> None:
    assert all(map(is_measure, ("nps", "sentiment", "kept_share", "factor:ease", "kind:return")))
    assert not any(map(is_measure, ("", "factor", "factor:", "factor:x", "nps:x", "kind:nps")))


WORDS = st.text(max_size=40)
PHASES = st.sampled_from(list(Phase))
TOUCHPOINTS = st.builds(
    Touchpoint,
    id=st.just(""),
    name=WORDS.map(lambda words: f"A{words}"),
    channel=st.sampled_from(list(CHANNELS)),
    online=st.booleans(),
    owner=WORDS,
    seen_as=st.lists(WORDS.map(lambda words: f"b{words}"), max_size=3).map(tuple),
    phases=st.lists(PHASES).map(tuple),
    rules=st.lists(
        st.builds(
            PhaseRule,
            phase=PHASES,
            kinds=st.lists(st.sampled_from(list(KINDS)), max_size=2).map(tuple),
            orders_before=st.none() | st.builds(Orders, at_least=st.integers(0, 5)),
        ),
        max_size=2,
    ).map(tuple),
    promise=WORDS,
    strategy=st.lists(
        st.builds(Strategy, phase=PHASES, tone=WORDS, message=WORDS, objective=WORDS),
        max_size=3,
        unique_by=lambda each: each.phase,
    ).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(TOUCHPOINTS, WORDS)
def test_any_words_come_back_from_the_file_as_they_were_kept(
    tmp_path_factory: pytest.TempPathFactory, given: Touchpoint, words: str
) -> None:
    workspace = Workspace.create(tmp_path_factory.mktemp("any") / "w")
    registry = Registry(workspace)
    kept = registry.save(given, who="ada")
    belief = registry.save_belief(
        Belief(
            id="",
            text=f"x{words}",
            about="pain",
            touchpoint=kept.id,
            evidence=(Evidence(kind="observation", what=f"y{words}"),),
            claim=Claim(measure="nps", direction="higher", where=(("property.a b", f"z{words}"),)),
        ),
        who="ada",
    )
    read = toml.from_toml(workspace.touchpoints.read_text(encoding="utf-8"))
    assert read == toml.Written((kept,), (belief,))
