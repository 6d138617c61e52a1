"""Imports and comparisons on the command line: from a foreign file to a file that `design` takes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from panelopt import registry
from panelopt.io.cytometer_files import read_cytometer
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.signature_files import read_signatures
from panelopt.registry.dye_sources import FLUOROCHROMES_VARIABLE
from tests.cli.conftest import Run
from tests.io.test_fcs import fcs_bytes

DETECTORS = [detector.name for detector in registry.find_cytometer("aria-iii").detector]

DIVA = (
    "Cytometer Configuration,,,,,,,\nSoftware Version,BD FACSDiva 8.0,,,,,,\nCytometer,Aria,,,,,,\n"
    "Laser Name,Type,Wavelength,Power,Detector,Filter,Parameter,Mirror\n"
    "Blue,Blue,488,100,A,530/30 BP,FITC,505 LP\n,,,,B,585/42 BP,PE,\nRed,Red,640,40,A,660/20 BP,APC,\n"
)


def library(folder: Path, names: list[str] = DETECTORS, rows: str = "") -> Path:
    path = folder / "library.csv"
    values = ",".join(str(1 / (1 + i)) for i in range(len(names)))
    path.write_text(f"dye,{','.join(names)}\nFITC,{values}\nNobody 999,{values}\n{rows}", encoding="utf-8")
    return path


def control(path: Path, amount: float, count: int = 800) -> Path:
    rng = np.random.default_rng(len(path.name))
    shape = np.where(np.arange(len(DETECTORS)) < 3, 1.0, 0.1)
    mean = 200 + amount * np.exp(0.3 * rng.normal(size=count))[:, None] * shape
    events = mean + rng.normal(size=mean.shape) * np.sqrt(100.0 + 5 * mean)
    path.write_bytes(fcs_bytes(events, [f"{name}-A" for name in DETECTORS]))
    return path


def test_facsdiva_export_becomes_a_cytometer(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "My Aria.csv", tmp_path / "mine.toml"
    source.write_text(DIVA, encoding="utf-8")
    outcome = run("cytometer", "import", source, "--sorter", "-o", target)
    assert outcome.exit_code == 0, outcome.stderr
    found = read_cytometer(target)
    assert (found.id, found.sorter, [d.name for d in found.detector]) == ("my-aria", True, ["FITC", "PE", "APC"])
    assert run("cytometer", "check", target).stdout == f"{target}: 2 lasers, 3 detectors, no faults\n"


def test_detector_table_becomes_a_cytometer(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "table.csv"
    source.write_text("name,laser_nm,centre_nm,width_nm\nB530,488,530,30\n", encoding="utf-8")
    text = run("cytometer", "import", source, "--id", "mine", "--spectral").stdout
    assert tomllib.loads(text)["unmixing"] == "spectral"


def test_wrong_cytometer_files_are_explained(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_text(DIVA.replace("530/30 BP", "wide"), encoding="utf-8")
    outcome = run("cytometer", "import", source)
    assert outcome.exit_code == 1
    assert f"{source}:5" in outcome.stderr
    source.write_text("nothing", encoding="utf-8")
    assert "neither a FACSDiva" in run("cytometer", "import", source).stderr
    bad = tmp_path / "bad.toml"
    bad.write_text('id = "x"\n', encoding="utf-8")
    outcome = run("cytometer", "check", bad, "--json")
    assert outcome.exit_code == 1
    assert json.loads(outcome.stdout)[0]["faults"]


def test_shipped_cytometers_have_no_faults(run: Run) -> None:
    assert run("cytometer", "check").exit_code == 0


def test_picture(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    outcome = run("cytometer", "show", "aria-iii", "--picture", target, "--dye", "FITC", "--dye", "PE-Cy7")
    assert outcome.exit_code == 0, outcome.stderr
    content = target.read_bytes()
    assert content.startswith(b"<?xml")
    assert b"PE-Cy7" in content
    assert run("cytometer", "show", "aria-iii", "--picture", tmp_path / "x.gif").exit_code == 2


def test_spectra_become_dyes_that_the_registry_takes(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "spectra.csv", tmp_path / "dyes.toml"
    nm = range(400, 701, 5)
    bell = [(2.7 ** (-(((n - 490) / 30) ** 2)), 2.7 ** (-(((n - 530) / 25) ** 2))) for n in nm]
    text = "".join(f"{n},{a},{b},{a}\n" for n, (a, b) in zip(nm, bell, strict=True))
    source.write_text("wavelength,MyDye (EX),MyDye (EM),Half (EX)\n" + text, encoding="utf-8")
    outcome = run("dye", "import", source, "-o", target)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Half has no emission" in outcome.stderr
    (dye,) = read_fluorochromes(target)
    assert abs(dye.peak_nm - 530) <= 4
    monkeypatch.setenv(FLUOROCHROMES_VARIABLE, str(target))
    assert run("dye", "show", "mydye").exit_code == 0
    monkeypatch.setenv(FLUOROCHROMES_VARIABLE, "")
    assert run("dye", "show", "mydye").exit_code == 1


def test_own_dyes_replace_shipped_ones(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from panelopt.io.fluorochrome_files import fluorochromes_toml

    mine = registry.find_fluorochrome("FITC").model_copy(update={"note": "my own lot"})
    (tmp_path / "mine.toml").write_text(fluorochromes_toml([mine], "Mine"), encoding="utf-8")
    count = len(registry.fluorochromes())
    monkeypatch.setenv(FLUOROCHROMES_VARIABLE, str(tmp_path))
    assert "my own lot" in run("dye", "show", "FITC").stdout
    assert len(registry.fluorochromes()) == count


def test_library_becomes_a_signature_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "s.toml"
    outcome = run("dye", "import", library(tmp_path), "--cytometer", "aria-iii", "-o", target)
    assert outcome.exit_code == 0, outcome.stderr
    found = read_signatures(target)
    assert [entry.fluorochrome for entry in found.signature] == ["FITC", "Nobody 999"]
    shown = run("dye", "similarity", "--cytometer", "aria-iii", "--signatures", target, "FITC", "PE", "--json")
    report = json.loads(shown.stdout)
    assert report["signatures"] == ["library.csv", "computed"]
    assert "Nobody 999" in shown.stderr
    assert report["cosine"][0][0] == 1.0


def test_library_of_another_instrument_is_refused(run: Run, tmp_path: Path) -> None:
    outcome = run("dye", "import", library(tmp_path, ["V1", "V2"]), "--cytometer", "aria-iii")
    assert outcome.exit_code == 1
    assert "aria-iii has no detector V1" in outcome.stderr
    assert "--rename" in outcome.stderr
    renamed = ["--rename", f"V1={DETECTORS[0]}", "--rename", f"V2={DETECTORS[1]}"]
    assert run("dye", "import", library(tmp_path, ["V1", "V2"]), "--cytometer", "aria-iii", *renamed).exit_code == 0


def test_two_rows_of_one_dye_leave_one(run: Run, tmp_path: Path) -> None:
    values = ",".join("1" for _ in DETECTORS)
    path = library(tmp_path, rows=f"Fluorescein,{values}\n")
    data = tomllib.loads(run("dye", "import", path, "--cytometer", "aria-iii").stdout)
    assert [entry["fluorochrome"] for entry in data["signature"]] == ["FITC", "Nobody 999"]
    assert "Fluorescein" in data["note"]


def test_single_stains_become_signatures_and_noise(run: Run, tmp_path: Path) -> None:
    none = control(tmp_path / "none.fcs", 0.0)
    stain = control(tmp_path / "CD3 FITC.fcs", 2e4)
    target, noise = tmp_path / "s.toml", tmp_path / "noisy.toml"
    common = ["--unstained", none, "--cytometer", "aria-iii"]
    extra = ["--antigens-per-cell", 10_000, "--units-per-pe", 5, "--noise", noise, "-o", target]
    outcome = run("dye", "import", stain, *common, *extra)
    assert outcome.exit_code == 0, outcome.stderr
    (entry,) = read_signatures(target).signature
    assert entry.fluorochrome == "FITC"
    light = 2e4 * (3 + 0.1 * (len(DETECTORS) - 3)) / 5 / 10_000
    assert entry.photoelectrons_per_antibody == pytest.approx(light, rel=0.1)
    assert "800 events" in entry.origin
    assert isinstance(read_cytometer(noise).noise.electronic_pe, dict)


def test_wrong_controls_are_explained(run: Run, tmp_path: Path) -> None:
    none, few = control(tmp_path / "none.fcs", 0.0), control(tmp_path / "FITC.fcs", 2e4, 60)
    dim, cut = control(tmp_path / "PE.fcs", 0.0), control(tmp_path / "APC.fcs", 2e4)
    cut.write_bytes(cut.read_bytes()[:-4000])
    common = ["--unstained", none, "--cytometer", "aria-iii"]
    outcome = run("dye", "import", few, dim, cut, *common)
    assert outcome.exit_code == 1
    assert outcome.stderr.count("  - ") == 3
    assert "100 are needed" in outcome.stderr
    assert "cut off or damaged" in outcome.stderr
    assert run("dye", "import", few, "--cytometer", "aria-iii").exit_code == 2
    assert "does not tell the dye" in run("dye", "import", control(tmp_path / "tube1.fcs", 9e3), *common).stderr
    other = tmp_path / "BV421.fcs"
    other.write_bytes(fcs_bytes(np.ones((200, 2)), ["X-A", "Y-A"]))
    assert "no channel is a detector" in run("dye", "import", other, *common).stderr


def test_spillover_becomes_signatures(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "compensation.csv"
    path.write_text("x,FITC-A,PE-A,APC-A\nFITC-A,1,0.2,0\nPE-A,0.02,1,0\nAPC-A,0,0,1\n", encoding="utf-8")
    data = tomllib.loads(run("dye", "import", path, "--cytometer", "aria-iii").stdout)
    assert [entry["fluorochrome"] for entry in data["signature"]] == ["FITC", "PE"]
    assert set(data["detector"]) <= set(DETECTORS)
    assert len(set(data["detector"])) == 3
    assert "no spillover is stated: APC" in data["note"]


def test_similarity_in_every_format(run: Run) -> None:
    names = ("similarity", "--cytometer", "aurora-5l", "BV421", "Pacific Blue", "PE")
    assert "complexity index" in run("dye", *names).stdout
    rows = run("dye", *names, "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("fluorochrome,other,")
    assert rows[1].startswith("BV421,Pacific Blue,V1,V3,0.7")
    assert len(rows) == 4
    assert run("dye", "similarity", "--cytometer", "aurora-5l", "PE").exit_code == 1
    assert run("dye", "similarity", "--cytometer", "aurora-5l", "PE", "R-PE").exit_code == 1
    assert run("dye", "similarity", "--cytometer", "aurora-5l", "PE", "FITCC").exit_code == 1


def test_design_names_measured_signatures(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "s.toml"
    run("dye", "import", library(tmp_path), "--cytometer", "aria-iii", "-o", target)
    panel = tmp_path / "panel.csv"
    panel.write_text("marker,fluorochrome\nCD271,PE\nCD45,FITC\n", encoding="utf-8")
    outcome = run(
        "score", "bm-cd271-cd146", panel, "--cytometer", "aria-iii", "--signatures", target, "--json", "--quiet"
    )
    assert json.loads(outcome.stdout)["provenance"]["signatures"] == {"FITC": "library.csv"}
    outcome = run("score", "bm-cd271-cd146", panel, "--cytometer", "aria-fusion", "--signatures", target)
    assert outcome.exit_code == 1
    assert "measured on aria-iii" in outcome.stderr
