"""Areas and heights, and the matrix that goes to the channels it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.event_fcs import FcsEvents
from panelopt.registry.event_markers import marker_columns
from tests.fcs_files import Fcs

TRUE = np.array([[10000.0, 100.0], [100.0, 5000.0]] * 20)
SEEN = TRUE @ np.array([[1, 0.3], [0.05, 1]])
CODE = np.array([0, 1] * 20)
MATRIX = "2,FITC-A,PE-A,1,0.3,0.05,1"


def write(folder: Path, columns: Mapping[str, np.ndarray], labels: Sequence[str | None] = (), **more: str) -> Path:
    path = folder / "x.fcs"
    names = [*columns, "population"]
    values = np.column_stack([*columns.values(), CODE])
    shown = [*labels, None] if labels else ()
    path.write_bytes(Fcs(names=names, values=values, labels=shown, more=more).build())
    return path


def compensated(path: Path) -> dict[str, np.ndarray]:
    source = FcsEvents(path, compensate=True)
    columns, _, findings = marker_columns(source.channels, {}, "population", str(path))
    assert not findings
    table = source.read("population", [channel.name for channel in columns.values()])
    return dict(zip(columns, table.values.T, strict=True))


A = {"FITC-A": SEEN[:, 0], "PE-A": SEEN[:, 1]}
H = {"FITC-H": 0.6 * SEEN[:, 0], "PE-H": 0.6 * SEEN[:, 1]}


@pytest.mark.parametrize(
    ("columns", "matrix", "factor"),
    [
        ({**H, **A}, MATRIX, 1),
        ({**A, **H}, MATRIX, 1),
        ({"FITC-H": H["FITC-H"], "FITC-A": A["FITC-A"], "PE-H": H["PE-H"], "PE-A": A["PE-A"]}, MATRIX, 1),
        ({**A, **H}, MATRIX.replace("-A", "-H"), 0.6),
        ({**H, **A}, "2,4,3,1,0.05,0.3,1", 1),
        ({**H, **A}, MATRIX.replace("-A", "-A :: CD"), 1),
        ({"FITC": SEEN[:, 0], "PE": SEEN[:, 1]}, MATRIX, 1),
    ],
)
def test_the_matrix_goes_to_the_channels_that_it_names(
    tmp_path: Path, columns: dict[str, np.ndarray], matrix: str, factor: float
) -> None:
    labels = ["CD4" if name.startswith("FITC") else "CD8" for name in columns]
    found = compensated(write(tmp_path, columns, labels, **{"$SPILLOVER": matrix}))
    assert found["CD4"] == pytest.approx(factor * TRUE[:, 0], rel=1e-4)
    assert found["CD8"] == pytest.approx(factor * TRUE[:, 1], rel=1e-4)


@pytest.mark.parametrize(
    ("columns", "matrix", "reason"),
    [
        (H, MATRIX, "which the file lacks"),
        ({**A, **H}, MATRIX.replace("-A", ""), "a name of 2 channels"),
        (A, "2,FITC-A,APC-A,1,0.3,0.05,1", "APC-A, which the file lacks"),
        (A, "2,FITC-A,PE-A,1,-0.3,-0.05,1", "inverse"),
    ],
)
def test_a_matrix_of_other_channels_is_refused(
    tmp_path: Path, columns: dict[str, np.ndarray], matrix: str, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        FcsEvents(write(tmp_path, columns, **{"$SPILLOVER": matrix}), compensate=True)


def test_one_kind_of_pulse_for_all_markers(tmp_path: Path) -> None:
    """As a FACSCalibur records: heights of all detectors, and the area of one, without a label."""
    path = write(tmp_path, {"FL1-H": SEEN[:, 0], "FL1-A": 9 * SEEN[:, 0], "FL2-H": SEEN[:, 1]}, ["CD4", None, "CD8"])
    columns, _, findings = marker_columns(FcsEvents(path).channels, {}, "population", "")
    assert not findings
    assert {marker: channel.name for marker, channel in columns.items()} == {"CD4": "FL1-H", "CD8": "FL2-H"}
    columns, _, _ = marker_columns(FcsEvents(path).channels, {"FL1-A": "CD4"}, "population", "")
    assert columns["CD4"].name == "FL1-A"  # the user's word


def test_a_label_of_the_height_is_that_of_the_area(tmp_path: Path) -> None:
    path = write(tmp_path, {**A, **H}, [None, None, "CD4", "CD8"])
    columns, _, _ = marker_columns(FcsEvents(path).channels, {}, "population", "")
    assert {marker: channel.name for marker, channel in columns.items()} == {"CD4": "FITC-A", "CD8": "PE-A"}


def test_missing_labels_are_unlabelled_events(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    values = np.column_stack([SEEN, np.where(np.arange(40) < 4, np.nan, CODE)])
    more = {"population_0": "MSC", "population_1": "other"}
    path.write_bytes(Fcs(names=["CD4", "CD8", "population"], values=values, more=more).build())
    table = FcsEvents(path).read("population", ["CD4"])
    assert set(table.names) == {"MSC", "other"}
    assert (table.codes == -1).sum() == 4
