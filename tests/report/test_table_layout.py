"""Layout of text tables: everything fits, and words stay whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from panelopt.report.table_layout import PIECES, cell_lines
from panelopt.report.text_tables import table

NAMES = st.text(st.sampled_from("abcXYZ+-_/ 19"), min_size=1, max_size=30).map(str.strip).filter(bool)


def test_names_break_at_their_joints() -> None:
    assert cell_lines("transitional_CD34+CD146+ cells", 14) == ["transitional_", "CD34+CD146+", "cells"]
    assert PIECES.findall("-0.01") == ["-0.01"]
    assert cell_lines("abcdef", 4) == ["abcd", "ef"]


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=4), st.integers(60, 100))
def test_tables_fit_and_lose_nothing(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = table(("First", "Second", "Third"), rows, "lrL", width).splitlines()
    assert max(map(len, lines)) <= width
    shown = "".join("".join(lines[2:]).split())
    assert sorted(shown) == sorted("".join("".join(cell.split()) for row in rows for cell in row))


def test_columns_in_capitals_stay_on_one_line_while_there_is_room() -> None:
    rows = [("a sentence of many words that may be wrapped anywhere", "130-118-606 and more")]
    first, *_ = table(("Text", "Number"), rows, "lL", 50).splitlines()[2:]
    assert first.endswith("130-118-606 and more")
