"""Spectra: wide and long tables, and every way to get them wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.spectra_csv import read_spectra

WIDE = "wavelength,DyeOne (EX),DyeOne (EM),Dye 2 AB,Dye 2_EM\n" + "".join(
    f"{400 + 10 * i},{min(i, 8 - i)},{i + 1 if i < 8 else ''},1,{2 * i}\n" for i in range(9)
)
LONG = "fluor,kind,wavelength_nm,value\n" + "".join(
    f"DyeOne,{kind},{400 + 10 * i},{value}\n" for kind in ("ex", "em") for i, value in enumerate((1, 2, 4, 2, 1))
)


def write(folder: Path, text: str) -> Path:
    path = folder / "spectra.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_wide_tables(tmp_path: Path) -> None:
    one, two = read_spectra(write(tmp_path, WIDE))
    assert (one.name, two.name) == ("DyeOne", "Dye 2")
    assert one.excitation is not None
    assert one.excitation[1].max() == 1.0
    assert one.emission is not None
    assert one.emission[0].tolist() == list(range(400, 480, 10))
    assert two.excitation is not None


def test_long_tables(tmp_path: Path) -> None:
    (dye,) = read_spectra(write(tmp_path, LONG))
    assert dye.emission is not None
    assert dye.emission.tolist() == [[400, 410, 420, 430, 440], [0.25, 0.5, 1, 0.5, 0.25]]


def test_a_little_noise_below_zero_is_nothing(tmp_path: Path) -> None:
    (dye,) = read_spectra(write(tmp_path, LONG.replace("ex,400,1", "ex,400,-0.01")))
    assert dye.excitation is not None
    assert np.min(dye.excitation[1]) == 0.0


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (LONG.replace("em,420,4", "em,420,four"), "number", ":9"),
        (LONG.replace("em,420,4", "em,420,inf"), "number", ":9"),
        (LONG.replace("em,420,4", "em,420,-4"), "negative-value", ":9"),
        (LONG.replace("em,420,4", "em,400,4"), "wavelength-order", ":9"),
        (LONG.replace("em,440", "em,4400"), "wavelength-range", ":11"),
        (LONG.replace("DyeOne,em,420,4", "DyeOne,fluo,420,4"), "spectra-kind", ":9"),
        (LONG.replace("DyeOne,em,420,4", "DyeOne,em,420"), "row-length", ":9"),
        ("fluor,kind,wavelength_nm,value\nA,ex,400,1\nA,ex,410,1\n", "spectra-curve", ":2"),
        ("wavelength,A,B\n400,1,1\n", "spectra-column", ":1"),
        ("wavelength,A (EX),A EX\n400,1,1\n", "duplicate-column", ":1"),
        ("wavelength,A (EX)\n" + "".join(f"{n},0\n" for n in range(400, 410)), "spectra-curve", ":2"),
        ("name,peak\nA,400\n", "spectra-layout", ":1"),
        ("", "spectra-layout", ":1"),
        ('wavelength,A (EX)\n400,"1\n', "csv-syntax", ""),
    ],
)
def test_faults_name_line_and_value(tmp_path: Path, text: str, code: str, place: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_spectra(path)
    found = [(finding.code, finding.where) for finding in caught.value.findings]
    assert any(seen == code and where.startswith(str(path)) and where.endswith(place) for seen, where in found), found


def test_all_faults_come_together(tmp_path: Path) -> None:
    text = LONG.replace("em,420,4", "em,420,four").replace("ex,420,4", "ex,420,five")
    with pytest.raises(InputError) as caught:
        read_spectra(write(tmp_path, text))
    assert len(caught.value.findings) == 2
