"""Columns of texts put together from blocks."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.catalogs import words as module
from panelopt.catalogs.words import JoinedWords, Words

BLOCKS = ((["a", "b", "a"], [0, 1, 2, 0]), (["c", "b"], [1, 1, 0]), (["d"], [0] * 500), (["b", "e"], [1, 0]))


@pytest.mark.parametrize("most", [1, 2, 3, 4, 100])
def test_blocks_are_joined_and_no_text_is_repeated_for_every_row(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WORDS", most)
    joined = JoinedWords()
    for texts, code in BLOCKS:
        joined.add(Words.of(texts, np.array(code, dtype=np.int32)))
    column = joined.words()
    assert column.texts().to_pylist() == [texts[place] for texts, code in BLOCKS for place in code]
    assert len(column.word) <= sum(len(texts) for texts, _ in BLOCKS)
    assert column.is_short == (most == 100)
