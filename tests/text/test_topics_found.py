"""Themes in vectors made with and without them."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest

from percorso.text.embedding import local
from percorso.text.topics.clustering import find, unit
from percorso.text.topics.gathering import gather
from percorso.text.topics.naming import name_themes


def _planted(rng, themes, each, noise, spread=0.6):
    """Return vectors around ``themes`` centres and ``noise`` others, and the theme of each."""
    centres = unit(rng.normal(size=(themes, 384)))
    labels = np.repeat(np.arange(themes), each)
    around = centres[labels] + spread * rng.normal(size=(len(labels), 384)) / np.sqrt(384)
    alone = rng.normal(size=(noise, 384)) / np.sqrt(384)
    vectors = unit(np.concatenate([around, alone]) + 3 * unit(np.ones((1, 384))))
    return vectors, np.concatenate([labels, np.full(noise, -1)])


def test_planted_themes_are_found_and_told_from_the_rest():
    vectors, truth = _planted(np.random.default_rng(1), 9, 60, 150)
    themes = find(vectors, ["it"] * len(vectors))
    theme, _near = themes.assign(vectors, ["it"] * len(vectors))
    for planted in range(9):
        found = theme[truth == planted]
        most = np.bincount(found[found >= 0]).max()
        assert most >= 0.9 * 60
    assert (theme[truth == -1] >= 0).mean() < 0.5


@pytest.mark.parametrize(
    ("seed", "texts"), [(0, 60), (1, 800), (2, 800), (3, 200), (4, 60), (5, 150), (6, 150)]
)
def test_nothing_is_found_where_there_is_nothing(seed, texts):
    rng = np.random.default_rng(seed)
    # Directions that differ in weight, as those of sentences do, and no theme in them.
    vectors = unit(rng.normal(size=(texts, 384)) / np.sqrt(np.arange(1, 385)))
    assert find(vectors, ["it"] * texts) is None


def test_the_same_texts_give_the_same_themes():
    vectors, _truth = _planted(np.random.default_rng(2), 7, 40, 60)
    languages = ["it", "en"] * (len(vectors) // 2)
    first, second = (find(vectors, languages) for _ in range(2))
    # The last digits of a float32 sum depend on where in memory it lies; which text is in which
    # theme does not.
    assert np.allclose(first.groups, second.groups, atol=1e-4)
    assert first.themes == second.themes
    assert np.array_equal(first.assign(vectors, languages)[0], second.assign(vectors, languages)[0])


def test_themes_stay_what_they_were_when_texts_are_added():
    vectors, _truth = _planted(np.random.default_rng(4), 8, 60, 60)
    languages = ["it"] * len(vectors)
    fewer = np.random.default_rng(5).permutation(len(vectors))[:400]
    before = find(vectors[fewer], languages[:400])
    now = find(vectors, languages, before)
    old, _near = before.assign(vectors, languages)
    new, _near = now.assign(vectors, languages)
    both = (old >= 0) & (new >= 0)
    pairs = set(zip(old[both].tolist(), new[both].tolist(), strict=True))
    common = [((old == a) & (new == b)).sum() for a, b in pairs]
    assert sum(sorted(common)[-len(before.themes) :]) >= 0.97 * both.sum()


def test_a_theme_in_two_languages_is_one_theme():
    rng = np.random.default_rng(6)
    vectors, truth = _planted(rng, 6, 80, 0)
    languages = ["it" if n % 2 else "en" for n in range(len(vectors))]
    # Each language lies elsewhere, as in real vectors.
    moved = 0.8 * unit(rng.normal(size=(1, 384)))
    vectors = unit(vectors + np.where([[each == "en"] for each in languages], moved, 0))
    themes = find(vectors, languages)
    theme, _near = themes.assign(vectors, languages)
    for planted in range(6):
        inside = theme[truth == planted]
        most = np.bincount(inside[inside >= 0]).argmax()
        spoken = {languages[n] for n in np.flatnonzero((theme == most) & (truth == planted))}
        assert spoken == {"it", "en"}


def test_needs_of_five_customers_are_found_and_others_are_not():
    rng = np.random.default_rng(7)
    vectors, truth = _planted(rng, 5, 8, 60, spread=0.4)
    customers = [{n} for n in range(len(vectors))]
    needs = gather(vectors, ["it"] * len(vectors), customers)
    theme, _near = needs.assign(vectors, ["it"] * len(vectors))
    for planted in range(5):
        found = theme[truth == planted]
        assert (found >= 0).mean() >= 0.7
        assert len(set(found[found >= 0].tolist())) == 1
    assert gather(vectors, ["it"] * len(vectors), [{1}] * len(vectors)) is None


def test_needs_stay_what_they_were_when_a_tenth_is_added():
    vectors, _truth = _planted(np.random.default_rng(11), 25, 9, 200, spread=1.1)
    mixed = np.random.default_rng(12).permutation(len(vectors))
    vectors, most = vectors[mixed], round(len(vectors) / 1.1)
    languages, customers = ["it"] * len(vectors), [{n} for n in range(len(vectors))]
    before = gather(vectors[:most], languages[:most], customers[:most])
    now = gather(vectors, languages, customers, before)
    old, _near = before.assign(vectors[:most], languages[:most])
    new, _near = now.assign(vectors[:most], languages[:most])
    assert len(before.themes) > 5
    for need in range(len(before.themes)):
        mine = set(np.flatnonzero(old == need))
        shares = [
            len(mine & theirs) / len(mine | theirs)
            for theirs in (set(np.flatnonzero(new == each)) for each in range(len(now.themes)))
        ]
        assert max(shares) >= 0.5


def test_a_name_is_in_the_language_of_most_who_wrote():
    texts = [f"La spedizione era in ritardo di {n} giorni" for n in ("due", "tre", "sei")]
    texts += [f"Delivery was {how} late" for how in ("so", "very", "too", "really", "again")]
    customers = [set(range(5 * n, 5 * n + 5)) for n in range(3)] + [{20 + n} for n in range(5)]
    [named] = name_themes(texts, ["it"] * 3 + ["en"] * 5, customers, [0] * 8, 1)
    assert named.language == "it"
    assert "spedizione" in named.name.lower()


def test_names_are_words_that_enough_customers_wrote():
    texts = ["La spedizione era in ritardo", "Spedizioni in ritardo, ancora"] * 6
    texts += ["Il personale di Zeffirina è gentile", "Personale gentile"] * 6
    customers = [{n} for n in range(23)] + [{22}]
    themes = [0] * 12 + [1] * 12
    texts[12:23:2] = ["Il personale è gentile"] * 6
    texts[12] = "Il personale di Zeffirina è gentile"
    late, kind = name_themes(texts, ["it"] * 24, customers, themes, 2)
    assert late.language == "it"
    assert "ritardo" in late.name.lower()
    assert "personale" in kind.name.lower()
    assert "zeffirina" not in " ".join(kind.words)


def _bookshop(texts):
    """Return so many sentences of the demo's customers, and the same words dealt out anew."""
    known = tomllib.loads((files("percorso.demo") / "sentences.toml").read_text("utf-8"))
    rng = np.random.default_rng(8)
    said = sorted({each for by_language in known.values() for each in by_language["it"]})
    said = rng.permutation(np.array(said))[:texts].tolist()
    words = rng.permutation([word for each in said for word in each.split()])
    ends = np.cumsum([len(each.split()) for each in said])
    dealt = [" ".join(each) for each in np.split(words, ends[:-1])]
    return said, dealt


def test_a_hundred_and_fifty_texts_have_topics_and_their_words_alone_have_none():
    said, dealt = _bookshop(150)
    vectors = local().embed([*said, *dealt])
    themes = find(vectors[:150], ["it"] * 150)
    theme, _near = themes.assign(vectors[:150], ["it"] * 150)
    assert np.bincount(theme[theme >= 0]).min() >= 5
    assert find(vectors[150:], ["it"] * 150) is None
