"""Single stains of instruments old and new: which channels are taken, what is saturated, which gains are believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panelopt import registry
from panelopt.errors import InputError
from panelopt.registry.control_imports import ControlsImport, import_controls
from tests.fcs_files import Fcs

INSTRUMENT = registry.find_cytometer("aria-iii")
NAMES = [detector.name for detector in INSTRUMENT.detector]
FOUR = NAMES[:4]
SIGN = np.array([1, 0.24, 0.032, 0.001])


def codes(light: np.ndarray) -> np.ndarray:
    """Channels of a logarithmic amplifier: 4 decades, 1024 channels."""
    return np.asarray(np.clip(np.round(256 * np.log10(np.clip(light, 1, 9999))), 0, 1023))


def tube(path: Path, light: np.ndarray, seed: int, *, area: bool = False) -> Path:
    """Write heights as a FACSCalibur does, and the area of the first detector on another scale."""
    rng = np.random.default_rng(seed)
    signal = np.outer(light, SIGN) + rng.lognormal(1.2, 0.3, (len(light), 4))
    names, values, decades = [f"{name}-H" for name in FOUR], codes(signal), ["4,1"] * 4
    if area:
        names, decades = [*names, f"{FOUR[0]}-A"], [*decades, "0,0"]
        values = np.column_stack([values, np.round(np.clip(0.23 * signal[:, 0], 0, 1023))])
    more = {f"$P{n}R": "1024" for n in range(1, 6)} | {f"$P{n}E": e for n, e in enumerate(decades, start=1)}
    bits, kinds = [16] * len(names), "I" * len(names)
    path.write_bytes(
        Fcs(names=names, values=values, version="FCS2.0", kinds=kinds, bits=bits, order="4,3,2,1", more=more).build()
    )
    return path


@pytest.mark.parametrize("area", [False, True])
def test_areas_and_heights_are_never_mixed(tmp_path: Path, area: bool) -> None:
    bright = 400 * np.random.default_rng(1).lognormal(0, 0.4, 2000)
    none = tube(tmp_path / "none.fcs", np.zeros(2000), 2, area=area)
    found = import_controls([tube(tmp_path / "FITC.fcs", bright, 3, area=area)], none, INSTRUMENT)
    assert found.signatures.detector == tuple(FOUR)
    assert found.signatures.signature[0].values == pytest.approx(SIGN, abs=0.01)


def test_the_end_of_a_logarithmic_scale_is_no_linear_number(tmp_path: Path) -> None:
    """1024 channels of 4 decades end at 10,000, so 3,000 is not saturated."""
    light = 3000 * np.random.default_rng(1).lognormal(0, 0.25, 3000)
    none = tube(tmp_path / "none.fcs", np.zeros(3000), 2)
    found = import_controls([tube(tmp_path / "FITC.fcs", light, 3)], none, INSTRUMENT)
    assert len(found.controls[0].positive) > 2800
    assert found.signatures.signature[0].values == pytest.approx(SIGN, abs=0.01)
    with pytest.raises(InputError, match="at the upper end"):
        import_controls([tube(tmp_path / "PE.fcs", 20 * light, 4)], none, INSTRUMENT)


def test_light_that_is_no_number_is_refused(tmp_path: Path) -> None:
    none = tube(tmp_path / "none.fcs", np.zeros(300), 2)
    broken = tmp_path / "FITC.fcs"
    values = np.ones((300, 4))
    values[7, 2] = np.nan
    broken.write_bytes(Fcs(names=[f"{name}-H" for name in FOUR], values=values).build())
    with pytest.raises(InputError, match=f"1 events hold no number, for example in {FOUR[2]}-H"):
        import_controls([broken], none, INSTRUMENT)


SPECTRAL = registry.find_cytometer("aurora-5l")
WIDE = [detector.name for detector in SPECTRAL.detector]
PATHS = [detector.path for detector in SPECTRAL.detector]


def shape(peak: int) -> np.ndarray:
    """A dye that is brightest in one detector, and weaker with the other lasers."""
    place = np.array([PATHS[:i].count(path) for i, path in enumerate(PATHS)])
    far = np.array([1.0 if path == PATHS[peak] else 0.25 for path in PATHS])
    return np.asarray(far * np.exp(-0.5 * ((place - place[peak]) / 1.6) ** 2))


def spectral(folder: Path, peaks: dict[str, int], gain: np.ndarray, events: int) -> ControlsImport:
    rng = np.random.default_rng(5)
    own = rng.uniform(0.005, 0.05, len(WIDE))
    laser = np.unique(PATHS, return_inverse=True)[1]

    def record(name: str, light: np.ndarray) -> Path:
        mean = light + 20
        mean = mean * (1 + 0.026 * rng.normal(size=(events, laser.max() + 1)))[:, laser]
        mean = mean * (1 + own * rng.normal(size=mean.shape))
        values = gain * (rng.poisson(np.clip(mean, 0, None)) + rng.normal(0, 28, mean.shape))
        path = folder / f"{name}.fcs"
        more = {f"$P{n}R": "4194304" for n in range(1, len(WIDE) + 1)}
        path.write_bytes(Fcs(names=[f"{d}-A" for d in WIDE], values=values, more=more).build())
        return path

    none = record("none", np.zeros((events, len(WIDE))))
    files = [record(dye, np.outer(30000 * rng.lognormal(0, 0.25, events), shape(p))) for dye, p in peaks.items()]
    return import_controls(files, none, SPECTRAL)


def cosine(found: ControlsImport, dye: int, peak: int) -> float:
    one, two = found.signatures.shape(found.signatures.signature[dye]), shape(peak)
    return float(one @ two / np.linalg.norm(one) / np.linalg.norm(two))


def test_gains_that_nothing_tells_are_not_fitted(tmp_path: Path) -> None:
    peaks = {"APC": WIDE.index("R1"), "PE": WIDE.index("YG1"), "FITC": WIDE.index("B2"), "BV421": WIDE.index("V1")}
    found = spectral(tmp_path, peaks, np.full(len(WIDE), 10.0), 600)
    assert found.signatures.units_per_pe == pytest.approx(10, rel=0.3)
    assert "one number for all detectors" in found.signatures.note
    assert found.remarks[-1].code == "common-gain"
    for dye, peak in enumerate(peaks.values()):
        assert cosine(found, dye, peak) > 0.999


def linear(path: Path, light: np.ndarray, seed: int, voltage: str = "450", top: float = 262144) -> Path:
    rng = np.random.default_rng(seed)
    values = np.minimum(np.outer(light, SIGN) + rng.normal(50, 10, (len(light), 4)), top - 1)
    more = {"$P2V": voltage, "$P1V": "400"}
    path.write_bytes(Fcs(names=[f"{name}-A" for name in FOUR], values=values, more=more).build())
    return path


LIGHT = 20_000 * np.random.default_rng(1).lognormal(0, 0.3, 1000)


def test_another_voltage_is_another_scale(tmp_path: Path) -> None:
    none = linear(tmp_path / "none.fcs", np.zeros(500), 2)
    assert not import_controls([linear(tmp_path / "FITC.fcs", LIGHT, 3)], none, INSTRUMENT).remarks[:-1]
    with pytest.raises(InputError, match=f"{FOUR[1]} had another voltage"):
        import_controls([linear(tmp_path / "PE.fcs", LIGHT, 3, "550")], none, INSTRUMENT)


def test_saturated_events_and_wrong_tubes_are_pointed_out(tmp_path: Path) -> None:
    none = linear(tmp_path / "none.fcs", np.zeros(500), 2)
    bright = linear(tmp_path / "FITC.fcs", 10 * LIGHT, 3)
    found = import_controls([bright, linear(tmp_path / "APC-Cy7.fcs", LIGHT, 4)], none, INSTRUMENT)
    assert [remark.code for remark in found.remarks[:-1]] == ["saturated", "other-dye"]
    assert f"brightest in {FOUR[0]}" in found.remarks[1].message


@pytest.mark.parametrize("name", ["single-stain-PE-Cy7", "my-single-stain-PE-Cy7", "single_stain PE-Cy7", "CD4_PE-Cy7"])
def test_own_single_stains_are_recognised(tmp_path: Path, name: str) -> None:
    none = linear(tmp_path / "none.fcs", np.zeros(500), 2)
    found = import_controls([linear(tmp_path / f"{name}.fcs", LIGHT, 3)], none, INSTRUMENT)
    assert found.controls[0].name == "PE-Cy7"


def test_part_of_a_tandem_is_no_dye(tmp_path: Path) -> None:
    none = linear(tmp_path / "none.fcs", np.zeros(500), 2)
    with pytest.raises(InputError, match="does not tell the dye"):
        import_controls([linear(tmp_path / "PE Daz594.fcs", LIGHT, 3)], none, INSTRUMENT)
