"""Matrices and libraries of other programs, upright or not, become signatures of known dyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt import registry
from panelopt.errors import InputError
from panelopt.optics.measured import SignatureSet
from panelopt.registry.imports import dye_in, import_kind, import_library, import_spillover

INSTRUMENT = registry.find_cytometer("aria-iii")
DETECTORS = ("B530/30", "YG582/15", "R660/20")
RENAME = dict(zip(("FITC", "PE", "APC"), DETECTORS, strict=True))
TRUE = {"FITC": (1, 0.2, 0), "PE": (0.02, 1, 0.03), "APC": (0, 0.001, 1)}


def imported(folder: Path, text: str, rename: dict[str, str]) -> SignatureSet:
    path = folder / "m.csv"
    path.write_text(text, encoding="utf-8")
    read = import_spillover if import_kind(path) == "spillover" else import_library
    return read(path, INSTRUMENT, rename)


def lines(columns: list[tuple[float, ...]], labels: tuple[str, ...]) -> str:
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(labels, columns, strict=True))


ROWS = list(TRUE.values())
TURNED = [tuple(row) for row in zip(*ROWS, strict=True)]


@pytest.mark.parametrize(
    ("text", "rename"),
    [
        (",FITC-A,PE-A,APC-A\n" + lines(ROWS, ("FITC-A", "PE-A", "APC-A")), RENAME),
        (",FITC-A,PE-A,APC-A\n" + lines(ROWS, ("1", "2", "3")), RENAME),
        ("dye,FITC-A,PE-A,APC-A\n" + lines([tuple(100 * v for v in row) for row in ROWS], tuple(TRUE)), RENAME),
        (",FITC-A,PE-A,APC-A\n" + lines([tuple(9e3 * v for v in row) for row in ROWS], tuple(TRUE)), RENAME),
        (",FITC,PE,APC\n" + lines(TURNED, DETECTORS), {}),  # rows are detectors
        ("dye,FITC,PE,APC\n" + lines(TURNED, DETECTORS), {}),
        ("Detector,FITC,PE,APC\n" + lines(TURNED, DETECTORS), {}),
    ],
)
def test_rows_and_columns_are_told_by_their_names(tmp_path: Path, text: str, rename: dict[str, str]) -> None:
    found = imported(tmp_path, text, rename)
    assert found.detector == DETECTORS
    for entry in found.signature:
        scale = entry.values[list(TRUE).index(entry.fluorochrome)]
        assert [value / scale for value in entry.values] == pytest.approx(TRUE[entry.fluorochrome])
    assert {entry.fluorochrome for entry in found.signature} == set(TRUE)


def test_a_detector_without_light_is_no_dye_without_light(tmp_path: Path) -> None:
    detectors = (*DETECTORS, "B695/40")
    found = imported(tmp_path, "Channel,FITC,PE,APC\n" + lines([*TURNED, (0, 0, 0)], detectors), {})
    assert found.detector == detectors
    assert {entry.fluorochrome: entry.values for entry in found.signature} == {
        dye: (*values, 0) for dye, values in TRUE.items()
    }


def test_a_matrix_without_dyes_is_refused(tmp_path: Path) -> None:
    rename = dict(zip(("P5", "P6", "P9"), DETECTORS, strict=True))
    with pytest.raises(InputError, match="no row names a known dye: P5, P6, P9"):
        imported(tmp_path, ",P5,P6,P9\n" + lines(ROWS, ("P5", "P6", "P9")), rename)


@pytest.mark.parametrize(
    ("text", "dye"),
    [
        ("CD4_PE-Cy7", "PE-Cy7"),
        ("Beads (APC)", "APC"),
        ("CD3 Alexa Fluor 488 lot 7", "Alexa Fluor 488"),
        ("PE Daz594", None),
        ("PE-Daz594", None),
        ("PerCP Cy9", None),
    ],
)
def test_a_dye_is_recognised_whole_or_not_at_all(text: str, dye: str | None) -> None:
    assert dye_in(text) == dye
