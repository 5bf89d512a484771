"""Rows of letters in words, beside CRC-32 of each run by itself."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.text.letters import runs

SIZE = 1 << 16


def one_by_one(words, lengths, whole):
    found = []
    for place, word in enumerate(words):
        edged = f"<{word}>"
        for length in lengths:
            for start in range(len(edged) - length + 1):
                run = edged[start : start + length]
                if run != "<" and (whole or len(run) < len(edged) or length == 1):
                    found.append((place, crc32(run.encode("utf-8", "replace")) % SIZE))
    return sorted(found)


@pytest.mark.parametrize(("lengths", "whole"), [((1, 2, 3, 4), True), ((3, 4, 5), False)])
@given(words=st.lists(st.text(st.characters(exclude_characters="<"), max_size=12), max_size=8))
def test_each_run_has_the_row_of_its_crc(words, lengths, whole):
    rows, owner = runs(words, lengths, SIZE, whole=whole)
    assert sorted(zip(owner.tolist(), rows.tolist(), strict=True)) == one_by_one(
        words, lengths, whole
    )


def test_no_words_have_no_rows():
    rows, owner = runs([], (3, 4, 5), SIZE, whole=False)
    assert rows.dtype == np.int64
    assert len(rows) == len(owner) == 0


def test_letters_outside_unicode_count_as_question_marks():
    rows, _owner = runs(["\ud800b"], (3,), SIZE, whole=False)
    assert rows.tolist() == [crc32(run) % SIZE for run in (b"<?b", b"?b>")]
