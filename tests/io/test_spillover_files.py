"""Spillover matrices: keyword and CSV, with and without names; wrong ones are explained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.gating_ml import Compensation, gating_ml
from panelopt.io.spillover_files import read_spillover, spillover_from_keyword
from panelopt.registry.imports import import_kind, known_name
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


SPILL = np.array([[1, 0.3, 0.02], [0.05, 1, 0.001], [0, 0.1, 1]])
CHANNELS = ("FITC-A", "PE-A", "APC-A")


def rows(values: np.ndarray, labels: Sequence[str] = (), separator: str = ",") -> str:
    lines = [[repr(float(v)) for v in row] for row in values]
    return "".join(separator.join([*labels[i : i + 1], *line]) + "\n" for i, line in enumerate(lines))


FLOWJO = [f"{name} :: CD{4 + i}" for i, name in enumerate(CHANNELS)]
ORDER = [2, 0, 1]
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gating:gatingML xmlns:gating="g" xmlns:transforms="t"'
    ' xmlns:data-type="d"><transforms:spilloverMatrix prefix="Comp-" name="Acquisition-defined"><data-type:parameters>'
    + "".join(f'<data-type:parameter data-type:name="{name}"/>' for name in CHANNELS)
    + "</data-type:parameters>"
    + "".join(
        f'<transforms:spillover data-type:parameter="{name}" userProvidedCompInfix="Comp-{name}">'
        + "".join(
            f'<transforms:coefficient data-type:parameter="{other}" transforms:value="{float(value)!r}"/>'
            for other, value in zip(CHANNELS, row, strict=True)
            if value
        )
        + "</transforms:spillover>"
        for name, row in zip(CHANNELS, SPILL, strict=True)
    )
    + "</transforms:spilloverMatrix></gating:gatingML>"
)


@pytest.mark.parametrize(
    "text",
    [
        "," + ",".join(FLOWJO) + "\n" + rows(SPILL, FLOWJO),
        "," + ",".join(CHANNELS) + "\n" + rows(SPILL, "123"),
        '"",' + ",".join(f'"{name}"' for name in CHANNELS) + "\n" + rows(SPILL, ['"1"', '"2"', '"3"']),
        "," + ",".join(CHANNELS) + "\n" + rows(SPILL[ORDER], [CHANNELS[i] for i in ORDER]),
        ";" + ";".join(CHANNELS) + "\n" + rows(SPILL, CHANNELS, ";").replace(".", ","),
        "\t" + "\t".join(CHANNELS) + "\n" + rows(SPILL, CHANNELS, "\t"),
        "Acquisition-defined\n<\t>\n" + "\t".join(CHANNELS) + "\n" + rows(SPILL, (), "\t"),
        ",".join(f"Comp-{name}" for name in CHANNELS) + ",\n" + rows(100 * SPILL).replace("\n", ",\n") + "\n",
        XML,
    ],
)
def test_what_other_programs_export(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    matrix = read_spillover(path)
    assert import_kind(path) == "spillover"
    assert matrix.columns == CHANNELS
    assert matrix.detectors == ("FITC", "PE", "APC")
    assert [known_name(dye) for dye in matrix.dyes] == ["FITC", "PE", "APC"]
    assert matrix.values == pytest.approx(SPILL)


def test_own_gates_hold_their_matrix(tmp_path: Path) -> None:
    path = tmp_path / "gates.xml"
    path.write_bytes(gating_ml([], Compensation(tuple(f"Comp-{name}" for name in CHANNELS), CHANNELS, SPILL)))
    assert read_spillover(path).values == pytest.approx(SPILL)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        (np.linalg.inv(SPILL), True),
        (100 * np.linalg.inv(SPILL), True),
        (np.array([[1, -0.02], [0, 1.0]]), True),
        (np.array([[1, 0.3], [-0.2, 1]]), True),
        (np.array([[1, 0.3], [-0.02, 1]]), False),  # noise of a control beside real spillover
        (np.array([[1, -0.004], [0.0, 1]]), False),
    ],
)
def test_an_inverse_is_no_spillover(tmp_path: Path, values: np.ndarray, refused: bool) -> None:
    path = write(tmp_path, ",".join(CHANNELS[: len(values)]) + "\n" + rows(values))
    if not refused:
        assert read_spillover(path).values == pytest.approx(values)
        return
    with pytest.raises(InputError, match="inverse"):
        read_spillover(path)


@pytest.mark.parametrize("text", ["<?xml version='1.0'?><a/>", "<?xml version='1.0'?><a>", XML.replace("0.3", "x")])
def test_xml_without_a_matrix(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        read_spillover(write(tmp_path, text))
