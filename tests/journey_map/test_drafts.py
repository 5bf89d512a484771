"""Maps as they are to be: what is written stays, what makes no sense is said."""

import multiprocessing
from pathlib import Path

import pytest

from percorso.journey_map import Draft, DraftError, Drafts
from percorso.workspace import Workspace


@pytest.fixture
def drafts(workspace: Workspace) -> Drafts:
    return Drafts(workspace)


def begun(drafts: Drafts, name: str = "Quicker checkout") -> Draft:
    return drafts.make(name, segment="repeat", who="ada")


def test_what_is_written_is_read_again(drafts: Drafts, workspace: Workspace) -> None:
    made = begun(drafts, 'With "quotes", a \\ and è')
    drafts.write(made.id, "activation", "effort", "Three steps.\n  No   account ", who="ada")
    drafts.aim(made.id, "activation", "ces", 6.5, who="ada")
    [read] = Drafts(workspace).all()
    assert read.name == 'With "quotes", a \\ and è'
    assert [each.text for each in read.cell("activation", "effort")] == ["Three steps.\nNo account"]
    target = read.target("activation")
    assert target is not None
    assert (target.metric, target.value) == ("ces", 6.5)
    assert read.by == "ada"


def test_an_entry_moves_to_another_cell_and_within_its_own(drafts: Drafts) -> None:
    made = begun(drafts)
    for text in ("one", "two", "three"):
        made = drafts.write(made.id, "purchase", "pains", text, who="ada")
    one, two, three = (each.id for each in made.entries)
    made = drafts.move(made.id, three, up=True, who="ada")
    assert [each.text for each in made.cell("purchase", "pains")] == ["one", "three", "two"]
    made = drafts.move(made.id, one, up=True, who="ada")  # it is the first already
    assert [each.text for each in made.cell("purchase", "pains")] == ["one", "three", "two"]
    made = drafts.write(made.id, "loyalty", "needs", "two!", who="ada", entry=two)
    assert [each.text for each in made.cell("loyalty", "needs")] == ["two!"]
    made = drafts.remove(made.id, one, who="ada")
    assert [each.text for each in made.entries] == ["three", "two!"]


def test_an_entry_is_put_into_a_cell_before_another_or_last(drafts: Drafts) -> None:
    made = begun(drafts)
    for lane, text in (("pains", "one"), ("pains", "two"), ("needs", "three")):
        made = drafts.write(made.id, "purchase", lane, text, who="ada")
    one, two, three = (each.id for each in made.entries)
    made = drafts.put(made.id, three, "purchase", "pains", before=two, who="ada")
    assert [each.text for each in made.cell("purchase", "pains")] == ["one", "three", "two"]
    made = drafts.put(made.id, one, "purchase", "pains", who="ada")
    assert [each.text for each in made.cell("purchase", "pains")] == ["three", "two", "one"]
    # What is in another cell, or is the entry itself, says nothing of its place.
    made = drafts.put(made.id, one, "loyalty", "pains", before=two, who="ada")
    assert [each.text for each in made.cell("loyalty", "pains")] == ["one"]
    made = drafts.put(made.id, one, "loyalty", "pains", before=one, who="ada")
    assert {each.text for each in made.entries} == {"one", "two", "three"}
    with pytest.raises(DraftError, match="lane: 'cellar' is not known"):
        drafts.put(made.id, one, "loyalty", "cellar", who="ada")
    with pytest.raises(DraftError, match="gone already"):
        drafts.put(made.id, "nothing", "loyalty", "pains", who="ada")


def test_a_target_is_taken_away_again(drafts: Drafts) -> None:
    made = begun(drafts)
    drafts.aim(made.id, "purchase", "csat", 85, who="ada")
    assert drafts.aim(made.id, "purchase", "csat", None, who="ada").targets == ()


@pytest.mark.parametrize(
    ("phase", "lane", "text", "said"),
    [
        ("purchase", "pains", "  ", "Write what is to be"),
        ("purchase", "pains", "x" * 601, "at most 600"),
        ("purchase", "pains", "a\u202eb", "cannot be seen"),
        ("nowhere", "pains", "x", "phase: 'nowhere' is not known"),
        ("purchase", "roof", "x", "lane: 'roof' is not known"),
    ],
)
def test_what_makes_no_sense_is_said(
    drafts: Drafts, phase: str, lane: str, text: str, said: str
) -> None:
    made = begun(drafts)
    with pytest.raises(DraftError, match=said):
        drafts.write(made.id, phase, lane, text, who="ada")
    assert drafts.all()[0].entries == ()


def test_a_score_to_reach_lies_on_its_scale(drafts: Drafts) -> None:
    made = begun(drafts)
    with pytest.raises(DraftError, match="from 1 to 7"):
        drafts.aim(made.id, "purchase", "ces", 8, who="ada")
    with pytest.raises(DraftError, match="metric: 'joy' is not known"):
        drafts.aim(made.id, "purchase", "joy", 3, who="ada")


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb\u2028", "QUICKER  checkout"])
def test_names_are_one_line_and_their_own(drafts: Drafts, name: str) -> None:
    begun(drafts)
    with pytest.raises(DraftError):
        drafts.make(name.replace("\n", "\x07") if "\n" in name else name, who="ada")
    assert len(drafts.all()) == 1


def test_what_is_gone_is_said(drafts: Drafts) -> None:
    made = begun(drafts)
    drafts.delete(made.id)
    assert drafts.find(made.id) is None
    for change in (
        lambda: drafts.delete(made.id),
        lambda: drafts.write(made.id, "purchase", "pains", "x", who="ada"),
        lambda: drafts.rename(made.id, "other", segment="", who="ada"),
    ):
        with pytest.raises(DraftError, match="no such draft"):
            change()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[draft]", "cannot be read"),
        ("[[drafts]]\n", "write each draft below"),
        ('[[draft]]\nid = "UPPER CASE"\nname = "x"\n', "draft 1: id"),
        ('[[draft]]\nid = "abcdefgh"\nname = "x"\ncolour = "red"\n', "draft 1.*colour"),
        ('[[draft]]\nid = "abcdefgh"\nname = ""\n', "draft 1: Give the draft a name"),
        (
            '[[draft]]\nid = "abcdefgh"\nname = "x"\n[[draft.entries]]\nid = "e"\n'
            'phase = "later"\nlane = "pains"\ntext = "x"\n',
            "phase: 'later' is not known",
        ),
    ],
)
def test_a_file_that_was_edited_wrongly_says_where(
    workspace: Workspace, text: str, said: str
) -> None:
    (workspace.path / "maps.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DraftError, match=said):
        Drafts(workspace).all()


def _write(path: Path, id_: str, number: int) -> None:
    drafts = Drafts(Workspace.open(path))
    for each in range(10):
        drafts.write(id_, "purchase", "pains", f"{number}-{each}", who="ada")


def test_two_processes_lose_nothing(workspace: Workspace, drafts: Drafts) -> None:
    made = begun(drafts)
    context = multiprocessing.get_context("spawn")
    both = [
        context.Process(target=_write, args=(workspace.path, made.id, number))
        for number in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    found = drafts.find(made.id)
    assert found is not None
    assert {each.text for each in found.entries} == {
        f"{n}-{e}" for n in range(2) for e in range(10)
    }
