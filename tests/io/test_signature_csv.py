"""Signature libraries: wide, long, gzipped, and wrong ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from panelopt.errors import InputError
from panelopt.io.signature_csv import read_signature_library

WIDE = ",V1-A,V2-A,B1-A\nBV421,1,0.4,-0.01\nFITC,0,0.02,1\n"
LONG = (
    "Instrument,Fluorophore,Detector,AdjustedY\n"
    "Aurora,BV421,V1,1\nAurora,BV421,V2,0.4\nAurora,FITC,V1,0\nAurora,FITC,V2,1\n"
)


def write(folder: Path, text: str, name: str = "library.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_wide_library_with_an_empty_first_header(tmp_path: Path) -> None:
    table = read_signature_library(write(tmp_path, WIDE))
    assert table.detectors == ("V1", "V2", "B1")
    assert table.signatures == {"BV421": (1, 0.4, -0.01), "FITC": (0, 0.02, 1)}


def test_long_library(tmp_path: Path) -> None:
    table = read_signature_library(write(tmp_path, LONG))
    assert (table.instrument, table.detectors) == ("Aurora", ("V1", "V2"))
    assert table.signatures["FITC"] == (0, 1)


def test_gzipped_library(tmp_path: Path) -> None:
    path = tmp_path / "library.csv.gz"
    path.write_bytes(gzip.compress(LONG.encode()))
    assert read_signature_library(path).signatures["BV421"] == (1, 0.4)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(InputError, match="gzip"):
        read_signature_library(path)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (WIDE.replace("0.4", "much"), "number", ":2"),
        (WIDE.replace("0.4", ""), "number", ":2"),
        (WIDE.replace("-0.01", "-0.5"), "negative-value", ":2"),
        (WIDE.replace("FITC,0,0.02,1", "FITC,0,0,0"), "no-light", ":3"),
        (WIDE.replace("FITC,0,0.02,1", "FITC,0,1"), "row-length", ":3"),
        (WIDE.replace("FITC", "BV421"), "duplicate-dye", ":3"),
        (WIDE.replace("FITC", ""), "missing-name", ":3"),
        (WIDE.replace("V2-A", "V1-A"), "duplicate-detector", ":1"),
        (WIDE.replace(",V1-A", "V0-A,V1-A", 1), "signature-layout", ":1"),
        (LONG.replace("Aurora,FITC,V2,1\n", ""), "missing-detector", ":4"),
        (LONG.replace("Aurora,FITC,V2", "Aurora,FITC,V1"), "duplicate-value", ":5"),
        (LONG.replace("Aurora,FITC,V2", "Other,FITC,V2"), "mixed-instruments", ".csv"),
        (LONG.replace("0.4", "x"), "number", ":3"),
        (",V1,V2\n", "no-signatures", ".csv"),
        ("", "signature-layout", ".csv"),
    ],
)
def test_faults_name_line_and_value(tmp_path: Path, text: str, code: str, line: str) -> None:
    with pytest.raises(InputError) as caught:
        read_signature_library(write(tmp_path, text))
    assert any(f.code == code and f.where.endswith(line) for f in caught.value.findings), caught.value.findings


@pytest.mark.reference
@pytest.mark.parametrize(
    ("file", "dyes", "detectors"),
    [
        ("AutoSpectral_Aurora.csv", 151, 64),
        ("AutoSpectral_Symphony.csv", 24, 48),
        ("Luciernaga_CytekReferenceLibrary5L.csv.gz", 514, 64),
    ],
)
def test_public_libraries_are_read(reference: Path, file: str, dyes: int, detectors: int) -> None:
    table = read_signature_library(reference / "signatures" / file)
    assert (len(table.signatures), len(table.detectors)) == (dyes, detectors)
