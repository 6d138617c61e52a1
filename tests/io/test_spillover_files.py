"""Spillover matrices: keyword and CSV, with and without names; wrong ones are explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.spillover_files import read_spillover, spillover_from_keyword
from tests.io.test_fcs import fcs_bytes

NAMED = "dye,FITC-A,PE-A\nFITC,1,0.18\nPE,0.01,1\n"
PLAIN = "# FITC-A,PE-A\n1,0.18\n0.01,1\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "matrix.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [NAMED, PLAIN, "FITC-A,PE-A\n100,18\n1,100\n"])
def test_tables(tmp_path: Path, text: str) -> None:
    matrix = read_spillover(write(tmp_path, text))
    assert matrix.dyes == ("FITC", "PE")
    assert matrix.detectors == ("FITC", "PE")
    assert matrix.values == pytest.approx(np.array([[1, 0.18], [0.01, 1]]))


def test_keyword(tmp_path: Path) -> None:
    matrix = spillover_from_keyword("2,Comp-FITC-A,PE-A,1,0.18,0.01,1", "x")
    assert matrix.detectors == ("FITC", "PE")
    path = tmp_path / "a.fcs"
    events = np.ones((10, 2))
    path.write_bytes(fcs_bytes(events, ["FITC-A", "PE-A"], spill="2,FITC-A,PE-A,1,0.18,0.01,1"))
    assert read_spillover(path).values[0, 1] == pytest.approx(0.18)
    path.write_bytes(fcs_bytes(events, ["FITC-A", "PE-A"]))
    with pytest.raises(InputError, match="SPILLOVER keyword"):
        read_spillover(path)


@pytest.mark.parametrize("text", ["", "x,A", "2,A,B,1,0,0", "2,A,B,1,0,0,1,7", "-1,A"])
def test_keywords_of_the_wrong_size(text: str) -> None:
    with pytest.raises(InputError, match="do not make a matrix"):
        spillover_from_keyword(text, "x")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (NAMED.replace("0.18", "much"), "number", ":2"),
        (NAMED.replace("PE,0.01,1", "PE,0.01,0"), "spillover-diagonal", ":3"),
        (NAMED.replace("0.18", "40"), "spillover-value", ":2"),
        (NAMED.replace("FITC,1,0.18", "FITC,1,1").replace("0.01", "1"), "spillover-singular", ".csv"),
        (NAMED.replace("PE,0.01,1", "PE,0.01"), "row-length", ":3"),
        (NAMED.replace("PE-A", "FITC-A"), "duplicate-detector", ".csv"),
        (NAMED + "APC,0,0\nAPC2,0,0\n", "spillover-size", ".csv"),
        ("", "spillover-size", ".csv"),
    ],
)
def test_faults(tmp_path: Path, text: str, code: str, line: str) -> None:
    with pytest.raises(InputError) as caught:
        read_spillover(write(tmp_path, text))
    assert any(f.code == code and f.where.endswith(line) for f in caught.value.findings), caught.value.findings


@pytest.mark.reference
@pytest.mark.parametrize(
    ("file", "size"),
    [("FCS_DillonHammill_LSRII_11.csv", 11), ("FlowKit_comp_complete_example.csv", 14), ("FlowKit_den_comp.csv", 8)],
)
def test_public_matrices(reference: Path, file: str, size: int) -> None:
    matrix = read_spillover(reference / "spillover" / file)
    assert matrix.values.shape == (size, size)
    assert not any(name.startswith("#") or name.endswith("-A") for name in matrix.detectors)


@pytest.mark.parametrize("text", ["2,A,B,1e-310,0.1,0.1,1", "2,A,B,1,-1e300,0.1,1"])
def test_numbers_that_cannot_be_divided(text: str) -> None:
    with pytest.raises(InputError):
        spillover_from_keyword(text, "x")
