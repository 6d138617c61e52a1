"""Encodings, separators, quotes: what a text file holds arrives whole, or the row is rejected."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.catalogs.importing.files.decode import decode
from panelopt.catalogs.importing.files.delimited import SEPARATORS, split_text
from panelopt.catalogs.importing.files.raw import unique_names
from panelopt.errors import InputError, UsageError

PROSE = "Preis;Hersteller\nAlexa Fluor\u00ae 647;M\u00fcller\u2122\nCD90 \u2013 na\u00efve;Z\u00fcrich\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_the_encoding_is_found(encoding: str) -> None:
    found = decode(PROSE.encode(encoding), "x.csv")
    assert found.text == PROSE
    assert bool(found.remark) == (encoding not in ("utf-8", "utf-8-sig", "utf-16"))


def test_utf32_with_mark() -> None:
    assert decode(PROSE.encode("utf-32"), "x.csv").text == PROSE


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "\u041c\u0430\u0440\u043a\u0435\u0440;\u041f\u043e\u0441\u0442\u0430\u0432\u0449\u0438\u043a\n" * 5),
        ("gb18030", "\u6297\u4f53;\u8367\u5149\u7d20\nCD73;\u522b\u85fb\u84dd\u86cb\u767d\n" * 5),
    ],
)
def test_other_scripts_are_found_and_stated(encoding: str, text: str) -> None:
    found = decode(text.encode(encoding), "x.csv")
    assert found.text == text
    assert found.encoding in found.remark


def test_a_stated_encoding_is_strict_and_names_the_place() -> None:
    with pytest.raises(InputError) as caught:
        decode(b"a\nbc\x81\n", "x.csv", "cp1252")
    assert caught.value.where == "x.csv:2"
    assert "byte 3" in caught.value.message
    for name in ("nonsense", "rot13", "zip"):
        with pytest.raises(UsageError):
            decode(b"a", "x.csv", name)


def test_bytes_without_sense_are_refused_with_a_place() -> None:
    with pytest.raises(InputError) as caught:
        decode(b"ok\n" + bytes(range(128, 256)) * 3, "x.csv")
    assert caught.value.where == "x.csv:2"
    assert "--encoding" in caught.value.hint


def test_a_broken_line_of_a_utf8_file_harms_no_other() -> None:
    data = "a,b\nna\u00efve,1\n".encode() + b"na\xefve,2\n" + "\u00e9,3\n".encode()
    rows, _, _ = split_text(decode(data, "x.csv").text, "x.csv")
    assert [row.fault is None for row in rows] == [True, True, False, True]
    assert rows[2].fault is not None
    assert "\\xef" in rows[2].fault.reason


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_separators_and_line_ends(separator: str, ending: str) -> None:
    lines = [["marker", "fluorochrome", "price"], ["CD3, human", "PE", "1"], ["CD4; x", "FITC", "2,5"]]
    text = ending.join(separator.join(f'"{cell}"' for cell in line) for line in lines)
    rows, found, _ = split_text(text, "x.csv")
    assert found == separator
    assert [list(row.cells) for row in rows] == lines
    assert [row.line for row in rows] == [1, 2, 3]


def test_a_file_may_state_its_separator() -> None:
    rows, found, _ = split_text("sep=|\na,b|c\n", "x.csv")
    assert (found, rows[0].cells, rows[0].line) == ("|", ("a,b", "c"), 2)


def test_a_quote_that_never_closes_costs_one_line() -> None:
    rows, _, empty = split_text('a,b\n"CD3,PE\n\nCD4,PE\n' + "CD8,PE\n" * 30, "x.csv")
    assert [row.line for row in rows if row.fault] == [2]
    assert rows[1].cells == ('"CD3,PE',)
    assert (len(rows), empty) == (33, 1)


def test_misplaced_quotes_and_control_characters_are_faults() -> None:
    rows, _, _ = split_text('a,b\n"CD3"x,PE\nCD4,P\x00E\nCD8,PE\n', "x.csv")
    assert [row.fault.code if row.fault else "" for row in rows] == ["", "broken quotes", "control characters", ""]


def test_limits_name_the_line() -> None:
    with pytest.raises(InputError) as caught:
        split_text("a,b\n" + "x" * 1_000_001, "x.csv")
    assert caught.value.where == "x.csv:2"
    rows, _, _ = split_text("a,b\n" + "x" * 40_000 + ",PE\n", "x.csv")
    assert rows[1].fault is not None
    assert rows[1].fault.code == "cell too long"


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t"), max_size=12)


@given(
    table=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    separator=st.sampled_from(list(SEPARATORS)),
    encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_was_written_is_read(table: list[list[str]], separator: str, encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(table)
    text = decode(out.getvalue().encode(encoding), "x.csv").text
    rows, found, empty = split_text(text, "x.csv", separator)
    assert [list(row.cells) for row in rows] == table
    assert (found, empty) == (separator, 0)


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_message(data: bytes) -> None:
    try:
        text = decode(data, "x").text
    except InputError as error:
        refused = error
        text = ""
    else:
        refused = None
    rows, _, empty = split_text(text, "x")
    assert len({row.line for row in rows}) == len(rows)
    assert refused is None or refused.where.startswith("x:")
    assert empty >= 0


def test_column_names_are_unique() -> None:
    assert unique_names(["a", "", "a", " a ", "a (2)"]) == ("a", "column 2", "a (2)", "a (3)", "a (2) (2)")
