"""Chunks of texts keep their numbers, and sums of rows are those of the texts."""

import numpy as np
import pytest

from percorso.text import chunks
from percorso.text.chunks import Chunks, summed
from percorso.text.student import Vocabulary, student


def test_a_chunk_keeps_its_number():
    met = Chunks()
    numbers, counts, new = met.of(["a b\u2028a", "", "c,  b"])
    assert counts.tolist() == [3, 0, 2]
    assert sorted(new) == ["a", "b", "c,"]
    names = {number: name for name, number in met.known.items()}
    assert [names[each] for each in numbers.tolist()] == ["a", "b", "a", "c,", "b"]
    again, _counts, new = met.of(["b d"])
    assert new == ["d"]
    assert again.tolist() == [met.known["b"], 3]


def test_rows_are_summed_text_by_text():
    rows = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    places, counts = np.array([0, 0, 4, 2, 1]), np.array([0, 3, 0, 2])
    found = summed(places, counts, rows)
    expected = [np.zeros(3), rows[[0, 0, 4]].sum(0), np.zeros(3), rows[[2, 1]].sum(0)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_words_of_a_text_are_those_of_its_chunks():
    vocabulary = Vocabulary()
    texts = ["L'attesa?! Non è stata breve...", "", " \n ", "ok 10,50€ ok"]
    words = vocabulary.words(texts)
    names = list(vocabulary.known)
    said = [names[number] for number in words.numbers]
    assert words.lengths.tolist() == [9, 0, 0, 5]
    assert said[:9] == ["l", "'", "attesa", "?!", "non", "è", "stata", "breve", "..."]
    assert said[9:] == ["ok", "10", "50", "€", "ok"]
    assert [said[n] for n in np.flatnonzero(words.is_negated)] == ["è", "stata", "breve"]
    assert np.flatnonzero(~words.paired).tolist() == [8, 13]


def test_a_text_is_read_up_to_its_most_words():
    words = Vocabulary().words(["a " * 3_000, "b"])
    assert words.lengths.tolist() == [2_000, 1]
    assert len(words.numbers) == 2_001


def test_beginning_to_remember_anew_changes_no_answer(monkeypatch: pytest.MonkeyPatch):
    texts = ["Consegna lenta e in ritardo", "Lovely staff, never again"]
    before = student().read(texts)
    monkeypatch.setattr(chunks, "_MANY", 0)
    np.testing.assert_allclose(student().read(texts), before, atol=1e-5)
    assert len(student().vocabulary.chunks.known) == 9
