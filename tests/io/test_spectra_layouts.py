"""Spectra as viewers and spectrometers export them: every layout gives the same curves."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import Finding, InputError
from panelopt.io.spectra_csv import MeasuredSpectrum, read_spectra
from panelopt.registry.imports import import_kind, import_spectra

NM = range(400, 701, 5)
EX = {n: round(math.exp(-(((n - 490) / 25) ** 2)), 4) for n in NM}
EM = {n: round(math.exp(-(((n - 520) / 25) ** 2)), 4) for n in NM}


def table(header: str, row: str, separator: str = ",", decimal: str = ".") -> str:
    cells = [[cell.format(n=n, ex=EX[n], em=EM[n]).replace(".", decimal) for cell in row.split(",")] for n in NM]
    return "\n".join(map(separator.join, [header.split(","), *cells])) + "\n"


PLAIN = table("Wavelength,Green EX,Green EM", "{n},{ex},{em}")
LAYOUTS = {
    "viewer": PLAIN,
    "FPbase": table("wavelength,Green ex,Green em,Green 2p", "{n},{ex},{em},0.5"),
    "pairs": table("Wavelength,Green (EX),Wavelength,Green (EM)", "{n},{ex},{n},{em}"),
    "tabs": table("Wavelength (nm),Green - Excitation,Green - Emission", "{n},{ex},{em}", "\t"),
    "semicolons": table("Wavelength [nm],Green Excitation,Green Emission", "{n},{ex},{em}", ";", ","),
    "filters": table("nm,Green_EX,525/50 BP,Green_EM,488 nm laser,PMT QE", "{n},{ex},1,{em},0,0.2"),
    "words": table("lambda,Excitation of Green,Green emission spectrum (normalized)", "{n},{ex},{em}"),
    "both": table("Wavelength,Green AB,Green EX,Green EM", "{n},0.5,{ex},{em}"),
    "title": "Instrument X\n\n" + PLAIN,
    "index": table(",Wavelength,Green EX,Green EM", "7,{n},{ex},{em}"),
    "missing": PLAIN + "705,NA,NaN\n",
    "beyond": PLAIN + "1205,0,0\n1210,,0\n",
    "repeated": PLAIN + f"700,{EX[700]},{EM[700]}\n",
    "dark": table("Wavelength,Green EX,Green EM,Other EX,Other EM", "{n},{ex},{em},0,0"),
    "long": "Fluorophore,Type,Wavelength,Intensity\n"
    + "".join(f"Green,{kind},{n},{c[n]}\n" for kind, c in (("Excitation", EX), ("Emission", EM)) for n in NM)
    + "Green,2P,400,1\n",
}


def write(folder: Path, text: str, name: str = "spectra.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def check(dye: MeasuredSpectrum) -> None:
    assert dye.excitation is not None
    assert dye.emission is not None
    for curve, truth in ((dye.excitation, EX), (dye.emission, EM)):
        assert curve[0].tolist() == list(NM)
        assert curve[1] == pytest.approx(np.array(list(truth.values())))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path: Path, layout: str) -> None:
    path = write(tmp_path, LAYOUTS[layout])
    assert import_kind(path) == "spectra"
    (dye,) = read_spectra(path)
    assert dye.name == "Green"
    check(dye)


def test_from_red_to_blue(tmp_path: Path) -> None:
    header, *rows = PLAIN.splitlines()
    check(read_spectra(write(tmp_path, "\n".join([header, *rows[::-1]])))[0])


def test_a_file_of_one_dye_lends_its_name(tmp_path: Path) -> None:
    (dye,) = read_spectra(write(tmp_path, table("Wavelength,Excitation,Emission", "{n},{ex},{em}"), "My Green.csv"))
    assert dye.name == "My Green"
    check(dye)


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    remarks: list[Finding] = []
    read_spectra(write(tmp_path, LAYOUTS["filters"]), remarks)
    assert "525/50 BP, 488 nm laser, PMT QE" in remarks[0].message
    read_spectra(write(tmp_path, LAYOUTS["dark"]), remarks)
    assert "Other (excitation) shows no light" in remarks[1].message


def test_no_emission_where_nothing_was_measured(tmp_path: Path) -> None:
    """Nothing holds a peak outside of the measured range."""
    text = "Wavelength,Green EX,Green EM\n"
    for n in range(300, 701):
        em = math.exp(-(((n - 519) / (14 if n < 519 else 26)) ** 2)) + 0.01
        text += f"{n},{math.exp(-(((n - 495) / 20) ** 2)):.4f},{f'{em:.4f}' if 475 <= n <= 675 else ''}\n"
    (dye,), _ = import_spectra([write(tmp_path, text)])
    assert all(475 <= peak.peak_nm <= 675 for peak in dye.emission)
    assert dye.peak_nm == pytest.approx(519, abs=3)


def test_a_fit_that_misses_the_curve_is_refused(tmp_path: Path) -> None:
    lamp = {n: 1.0 if n > 500 and (n // 25) % 2 else 0.0 for n in NM}
    text = "Wavelength,Green EX,Green EM\n" + "".join(f"{n},{EX[n]},{lamp[n]}\n" for n in NM)
    with pytest.raises(InputError, match="miss the measured emission") as caught:
        import_spectra([write(tmp_path, text)])
    assert caught.value.findings[0].hint


def test_commas_are_decimal_only_where_this_is_certain(tmp_path: Path) -> None:
    header = "Wavelength;A EX;A EM\n"
    assert read_spectra(write(tmp_path, header + "".join(f"{n};0,5;0,25\n" for n in NM)))
    with pytest.raises(InputError, match="is not a number"):
        read_spectra(write(tmp_path, header + "".join(f"{n};1,024;0.5\n" for n in NM)))


@pytest.mark.parametrize(
    ("excitation", "emission", "reason"),
    [
        (lambda n: math.exp(-(((n - 620) / 20) ** 2)), lambda n: math.exp(-(((n - 580) / 20) ** 2)), "Stokes"),
        (
            lambda n: math.exp(-(((n - 450) / 20) ** 2)),
            lambda n: math.exp(-(n - 400) / 60),
            "edge of what was measured",
        ),
    ],
)
def test_emissions_that_cannot_be(
    tmp_path: Path, excitation: Callable[[int], float], emission: Callable[[int], float], reason: str
) -> None:
    text = "Wavelength,Odd EX,Odd EM\n" + "".join(f"{n},{excitation(n):.4f},{emission(n):.4f}\n" for n in NM)
    with pytest.raises(InputError, match=reason):
        import_spectra([write(tmp_path, text)])


def test_two_runs_over_one_range_are_one_curve(tmp_path: Path) -> None:
    header, *rows = PLAIN.splitlines()
    check(read_spectra(write(tmp_path, "\n".join([header, *rows[40:], *rows[:42]])))[0])


@pytest.mark.parametrize(("unit", "factor"), [("um", 1e-3), ("µm", 1e-3), ("Angstrom", 10)])
def test_other_units_are_named_and_not_guessed(tmp_path: Path, unit: str, factor: float) -> None:
    text = f"Wavelength ({unit}),A EX,A EM\n" + "".join(f"{factor * n:.4f},{EX[n]},{EM[n]}\n" for n in NM)
    path = write(tmp_path, text)
    assert import_kind(path) == "spectra"
    with pytest.raises(InputError, match="outside 200-1200 nm"):
        read_spectra(path)


def test_one_dye_that_cannot_be_is_left_out_of_many(tmp_path: Path) -> None:
    text = table("Wavelength,Green EX,Green EM,Dot EX,Dot EM", "{n},{ex},{em},0,0")
    lines = [
        ",".join([*line.split(",")[:3], "1", "1"]) if line.startswith("440,") else line for line in text.split("\n")
    ]
    dyes, remarks = import_spectra([write(tmp_path, "\n".join(lines))])
    assert [dye.name for dye in dyes] == ["Green"]
    assert any("Dot is left out" in remark.message for remark in remarks)
