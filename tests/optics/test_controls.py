"""Single-stain controls: known cells are made, and their signature, brightness and noise found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.optics.controls import photoelectrons_per_antibody, read_control
from panelopt.optics.noise_fit import fit_noise

PATHS = ["V"] * 8 + ["B"] * 8
NAMES = [f"V{i}" for i in range(8)] + [f"B{i}" for i in range(8)]
GAIN, ADDITIVE = np.linspace(4, 20, 16), np.full(16, 200.0)
BACKGROUND = np.linspace(300, 700, 16)


def dye(peak: int) -> np.ndarray:
    rows = np.arange(16)
    shape = np.exp(-0.5 * ((rows % 8 - peak % 8) / 1.5) ** 2)
    return np.where(rows // 8 == peak // 8, shape, 0.3 * shape)


def events(count: int, amount: float, shape: np.ndarray, seed: int, cv: float = 0.5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    stain = amount * np.exp(cv * rng.normal(size=count))
    own = np.exp(0.3 * rng.normal(size=count))
    mean = stain[:, None] * shape + own[:, None] * BACKGROUND
    return np.asarray(mean + rng.normal(size=mean.shape) * np.sqrt(ADDITIVE**2 + GAIN * mean))


UNSTAINED = events(3000, 0.0, dye(0), 1)


def test_signature_is_found_among_negatives_doublets_and_debris() -> None:
    stained = np.vstack(
        [events(1500, 5e4, dye(3), 2), events(1500, 0.0, dye(3), 3), events(60, 1e6, dye(12), 4), np.zeros((50, 16))]
    )
    control = read_control("dye", stained, UNSTAINED, NAMES, "x.fcs")
    truth = dye(3) / dye(3).max()
    assert control.peak == 3
    assert control.signature == pytest.approx(truth, abs=0.01)
    assert control.shift[3] == pytest.approx(5e4, rel=0.1)
    assert 1300 < len(control.positive) <= 1560


def test_brightness_counts_photoelectrons_of_all_detectors() -> None:
    control = read_control("dye", events(2000, 4e4, dye(5), 5), UNSTAINED, NAMES, "x.fcs")
    expected = 4e4 * (dye(5) / GAIN).sum() / 45_000
    assert photoelectrons_per_antibody(control, GAIN, 45_000) == pytest.approx(expected, rel=0.05)


def test_noise_is_found_again() -> None:
    levels = (1e3, 8e3, 6e4)
    controls = [
        read_control(f"{peak} {level:g}", events(2500, level, dye(peak), 10 * peak + i), UNSTAINED, NAMES, "x.fcs")
        for peak in range(0, 16, 2)
        for i, level in enumerate(levels)
    ]
    fit = fit_noise(controls, UNSTAINED, PATHS)
    assert fit.units_per_pe == pytest.approx(GAIN, rel=0.3)
    assert np.median(fit.units_per_pe / GAIN) == pytest.approx(1.0, abs=0.06)
    assert fit.additive_units == pytest.approx(ADDITIVE, rel=0.1)
    assert np.median(fit.proportional) < 0.01


def test_detectors_without_light_are_unknown_and_not_guessed() -> None:
    control = read_control("dye", events(2000, 5e4, np.eye(16)[2], 7), UNSTAINED, NAMES, "x.fcs")
    fit = fit_noise([control], UNSTAINED * 0 + np.random.default_rng(0).normal(0, 200, UNSTAINED.shape), PATHS)
    assert not np.isfinite(fit.units_per_pe[10])


@pytest.mark.parametrize(
    ("stained", "unstained", "message"),
    [
        (events(500, 0.0, dye(3), 2), UNSTAINED, "events are positive in"),
        (events(40, 5e4, dye(3), 2), UNSTAINED, "100 are needed"),
        (events(500, 5e4, dye(3), 2), UNSTAINED[:20], "only 20 unstained events"),
    ],
)
def test_too_few_events_are_an_error(stained: np.ndarray, unstained: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_control("dye", stained, unstained, NAMES, "x.fcs")
    assert caught.value.findings[0].where == "x.fcs"
    assert caught.value.findings[0].hint


def test_saturated_events_are_left_out_and_named() -> None:
    stained = np.minimum(events(1000, 1e6, dye(3), 2), 262_143.0)
    with pytest.raises(InputError, match="at the upper end"):
        read_control("dye", stained, UNSTAINED, NAMES, "x.fcs", np.full(16, 262_144.0))


@pytest.mark.reference
def test_measured_beads_show_the_published_signature(reference: Path) -> None:
    from panelopt.io.signature_csv import read_signature_library
    from panelopt.registry import find_cytometer
    from panelopt.registry.control_imports import import_controls

    folder = reference / "fcs"
    files = [folder / f"Luciernaga_{name}_Beads.fcs" for name in ("CD127_BV421", "CD25_PE-Cy5", "CD62L_BUV395")]
    found = import_controls(files, folder / "Luciernaga_Unstained_Beads.fcs", find_cytometer("aurora-5l"))
    library = read_signature_library(reference / "signatures" / "AutoSpectral_Aurora.csv").signatures
    for control in found.controls:
        one, two = np.clip(control.signature, 0, None), np.clip(library[control.name], 0, None)
        assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.998, control.name


@pytest.mark.reference
def test_measured_beads_show_the_gain_of_an_aurora(reference: Path) -> None:
    from panelopt.registry import find_cytometer
    from panelopt.registry.control_imports import import_controls

    folder = reference / "fcs"
    files = sorted(folder.glob("Luciernaga_CD*_Beads.fcs"))
    assert len(files) == 5  # three of them do not determine one gain for all detectors well: 2.5
    found = import_controls(files, folder / "Luciernaga_Unstained_Beads.fcs", find_cytometer("aurora-5l"))
    assert 3 < np.nanmedian(found.noise.units_per_pe) < 30
