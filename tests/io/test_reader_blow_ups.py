"""Small hostile matrices, spectra and FCS files: no reader hangs, fills the memory or guesses."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io import fcs_data
from panelopt.io.event_fcs import compensated, has_spillover
from panelopt.io.fcs import FcsFile, read_fcs
from panelopt.io.fcs_text import parse_keywords
from panelopt.io.spectra_csv import read_spectra
from panelopt.io.spectra_layout import curves_of, is_wavelength
from panelopt.io.spillover_files import read_spillover

SECONDS = 2.0
"""Processor time that none of these needs a tenth of; before their repair some never ended."""

SPECTRUM = ((500, 0.1), (500, 0.1), (510, 0.2), (510, 0.2), (520, 1), (530, 0.5), (540, -0.5), (550, 0.1))


def matrix(folder: Path, text: str, name: str = "x.mtx") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def flowjo(rows: str, columns: str) -> str:
    """A FlowJo matrix with a row for each letter and a coefficient for each column."""
    body = "".join(
        f'<spillover parameter="{row}">'
        + "".join(f'<coefficient parameter="{c}" value="{1 if c == row else 0.3}"/>' for c in columns)
        + "</spillover>"
        for row in rows
    )
    return f'<?xml version="1.0"?><spilloverMatrix>{body}</spilloverMatrix>'


def gating_ml(rows: list[list[float]]) -> str:
    """A Gating-ML matrix of two dyes and two detectors with these rows."""
    names = [f'<fcs-dimension name="{name}"/>' for name in "ABXY"]
    body = "".join(
        "<spectrum>" + "".join(f'<coefficient value="{share}"/>' for share in row) + "</spectrum>" for row in rows
    )
    dyes, detectors = "".join(names[:2]), "".join(names[2:])
    return (
        '<?xml version="1.0"?><t><spectrumMatrix>'
        f"<fluorochromes>{dyes}</fluorochromes><detectors>{detectors}</detectors>{body}</spectrumMatrix></t>"
    )


def file_of(spillover: str, channels: tuple[str, ...] = ("FITC-A", "PE-A")) -> FcsFile:
    count = len(channels)
    return FcsFile(channels, ("",) * count, np.ones((2, count)), np.ones(count), {"spillover": spillover})


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda: curves_of(["ex" + "%" * 60 + "!"], "dye"), id="kind and signs"),
        pytest.param(lambda: curves_of(["em" + " norm" * 60 + "!"], "dye"), id="kind and words"),
        pytest.param(lambda: is_wavelength("x" + " " * 100_000 + "q"), id="wavelength and blanks"),
    ],
)
def test_titles_take_no_time(work: Callable[[], object]) -> None:
    before = time.process_time()
    work()
    assert time.process_time() - before < SECONDS


@pytest.mark.parametrize(
    "text", ["a" + "," * 200_000, "1" * 100_000 + "x,1\n1,1\n"], ids=["empty columns", "number of digits"]
)
def test_tables_that_are_hardly_matrices_take_no_time(tmp_path: Path, text: str) -> None:
    before = time.process_time()
    with suppress(InputError):
        read_spillover(matrix(tmp_path, text, "x.csv"))
    assert time.process_time() - before < SECONDS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<?xml version="1.0"?><spilloverMatrix/>', "must be square"),
        ('<?xml version="1.0"?><spilloverMatrix>' + "<spillover/>" * 90_000 + "</spilloverMatrix>", "at most 1000"),
        (flowjo("AB", "ABC"), "C, which has no row"),
        (gating_ml([[1, 0], [0, 1], [0, 0]]), "must be square"),
        (gating_ml([[1, 0, 0.1], [0, 1, 0.2]]), "must be square"),
        (gating_ml([[1], [0, 1]]), "must be square"),
    ],
    ids=["empty", "many rows", "coefficient without a row", "row too many", "share too many", "share too few"],
)
def test_written_matrices_must_be_square(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_spillover(matrix(tmp_path, text))


def test_written_matrices_that_are_square_are_read(tmp_path: Path) -> None:
    assert read_spillover(matrix(tmp_path, flowjo("AB", "AB"))).values.tolist() == [[1, 0.3], [0.3, 1]]
    assert read_spillover(matrix(tmp_path, gating_ml([[1, 0.1], [0, 1]]))).values.tolist() == [[1, 0.1], [0, 1]]


def test_a_channel_that_two_names_mean_is_pointed_out() -> None:
    with pytest.raises(InputError, match="FITC-A twice"):
        compensated(file_of("2,FITC-A,FITC,1,0.1,0.2,1"), "x.fcs")


@pytest.mark.parametrize(
    ("numbers", "found"), [("1.000,0.000,0.000,1.000", False), ("1e0,0e0,1e-3,1", True), ("1,0,-.2,1", True)]
)
def test_zeros_are_no_spillover_however_written(numbers: str, found: bool) -> None:
    assert has_spillover(file_of(f"2,FITC-A,PE-A,{numbers}")) is found


def test_a_text_that_ends_a_byte_late_keeps_its_letters() -> None:
    text = "/$P1S/\u03b27/".encode()
    assert parse_keywords(text + b"\xc2") == parse_keywords(text) == {"p1s": "\u03b27"}


def fcs(end: str, late: int = 0, further: str = "") -> bytes:
    """Two events of one parameter; ``late``: bytes by which the HEADER misses TEXT."""
    text = (
        f"/$PAR/1/$P1B/8/$DATATYPE/I/$BYTEORD/1,2/$TOT/2/$P1R/256/$P1N/A/{further}$BEGINDATA/400/$ENDDATA/{end}/"
    ).encode()
    header = b"FCS3.0    " + b"".join(b"%8d" % place for place in (58 + late, 57 + len(text), 0, 0, 0, 0))
    return ((header + text).ljust(300) + b"/SPILL/1,A,1/X/yyyyyyyyyyyyyyyy/").ljust(400) + b"\1\2" + b"\0" * 9


def test_an_end_far_beyond_the_file_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    path.write_bytes(fcs("9" * 18))
    assert read_fcs(path).events.ravel().tolist() == [1, 2]


@pytest.mark.parametrize("late", [0, 1])
def test_supplemental_text_is_found_where_the_header_is_off_by_one(tmp_path: Path, late: int) -> None:
    path = tmp_path / "x.fcs"
    path.write_bytes(fcs("401", late, "$BEGINSTEXT/300/$ENDSTEXT/330/"))
    assert read_fcs(path).keywords["spill"] == "1,A,1"


def test_more_parameters_than_any_instrument_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.fcs"
    path.write_bytes(fcs("401"))
    monkeypatch.setattr(fcs_data, "MAX_FCS_PARAMETERS", 0)
    with pytest.raises(InputError, match="more than 0 parameters"):
        read_fcs(path)


def test_data_sets_cannot_share_a_text(tmp_path: Path) -> None:
    text = b"/$PAR/1/$P1B/8/$DATATYPE/I/$BYTEORD/1,2/$TOT/0/$P1R/256/$NEXTDATA/58/"
    begin = 58 * 3
    headers = [
        b"FCS3.0    " + b"".join(b"%8d" % p for p in (begin - 58 * i, begin - 58 * i + len(text) - 1, 0, 0, 0, 0))
        for i in range(3)
    ]
    path = tmp_path / "x.fcs"
    path.write_bytes(b"".join(headers) + text)
    with pytest.raises(InputError, match="within the TEXT of another"):
        read_fcs(path)


def test_lines_are_counted_past_repeated_wavelengths(tmp_path: Path) -> None:
    rows = "".join(f"D,em,{nm},{value}\n" for nm, value in SPECTRUM)
    path = matrix(tmp_path, "name,kind,wavelength,value\n" + rows, "x.csv")
    with pytest.raises(InputError) as caught:
        read_spectra(path)
    assert f"{path}:8" in [finding.where for finding in caught.value.findings]
