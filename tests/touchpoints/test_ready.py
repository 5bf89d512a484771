"""The lists to begin with: whole, in both languages, and such that they can be kept."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from percorso.touchpoints import READY, WANTS, Registry, ready
from percorso.touchpoints import ready as ready_module
from percorso.vocabulary import Phase
from percorso.workspace import Workspace


@pytest.mark.parametrize("name", READY)
def test_a_list_serves_every_phase_in_both_languages(name: str, workspace: Workspace) -> None:
    italian, english = ready(name, "it"), ready(name, "en")
    assert [each.id for each in italian.touchpoints] == [each.id for each in english.touchpoints]
    assert len(italian.touchpoints) >= 10
    assert {phase for each in english.touchpoints for phase in each.phases} == set(Phase)
    for each in (*italian.touchpoints, *english.touchpoints):
        assert each.owner
        assert any(each.strategy_for(phase) for phase in each.phases)
        assert {said.phase for said in each.strategy} <= {*each.phases}
        assert all(
            (said.tone, said.message, said.objective, said.moves_on) for said in each.strategy
        )
    registry = Registry(workspace)
    assert registry.add(italian.touchpoints, italian.beliefs, who="ada")
    assert {each.touchpoint for each in registry.beliefs()} == {x.id for x in registry.all()}
    assert {each.about for each in registry.beliefs()} <= {*WANTS}


def test_no_list_is_made_up() -> None:
    with pytest.raises(KeyError):
        ready("bank", "en")
    with pytest.raises(KeyError):
        ready("shop", "fr")


def _words(given: Any) -> Iterator[dict[str, str]]:
    if isinstance(given, dict):
        if {"it", "en"} & given.keys():
            yield given
        for each in given.values():
            yield from _words(each)
    elif isinstance(given, list):
        for each in given:
            yield from _words(each)


def test_nothing_is_said_in_one_language_only() -> None:
    file = Path(ready_module.__code__.co_filename).with_name("ready.toml")
    found = list(_words(tomllib.loads(file.read_text(encoding="utf-8"))))
    assert len(found) > 150
    assert all(each["it"].strip() and each["en"].strip() for each in found)
