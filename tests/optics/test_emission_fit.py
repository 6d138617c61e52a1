"""Dyes from spectra: few numbers give the curves back."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import EmissionPeak, Fluorochrome
from panelopt.errors import InputError
from panelopt.optics.emission_fit import TAIL_NM, InstrumentOptics, Peaks, fit_emission, two_strengths
from panelopt.optics.measured_dye import dye_from_spectra
from panelopt.optics.spectra import emission_in_bands
from tests import builders

KNOWN: Fluorochrome = builders.fluorochromes()[0]


def bell(centre: float, width: float, low: float, high: float) -> np.ndarray:
    nm = np.arange(low, high + 1)
    return np.vstack((nm, np.exp(-0.5 * ((nm - centre) / width) ** 2)))


def test_light_in_bands_is_that_of_the_curve() -> None:
    emission = bell(520, 14, 450, 700)
    emission[1] += 0.4 * bell(560, 20, 450, 700)[1]
    emission[1] /= emission[1].max()
    dye = dye_from_spectra(KNOWN, bell(490, 20, 340, 600), emission, "spectra.csv")
    low, high = np.array([505.0, 545.0, 580.0]), np.array([535.0, 575.0, 620.0])
    expected = [emission[1][(emission[0] >= a) & (emission[0] <= b)].sum() for a, b in zip(low, high, strict=True)]
    found = emission_in_bands([dye], low, high)[:, 0]
    assert found == pytest.approx(np.array(expected) / emission[1].sum(), abs=0.02)
    assert dye.excitation[488] == pytest.approx(0.995, abs=0.01)
    assert dye.brightness == KNOWN.brightness
    assert dye.sources == ("spectra.csv",)


def test_lines_outside_the_measured_range_are_unknown() -> None:
    dye = dye_from_spectra(KNOWN, bell(490, 20, 450, 600), bell(520, 14, 450, 700), "s")
    assert 405 not in dye.excitation
    assert 488 in dye.excitation


@pytest.mark.parametrize("excitation", [bell(425, 3, 410, 440), bell(200, 2, 200, 250)])
def test_spectra_that_miss_every_laser_line_are_refused(excitation: np.ndarray) -> None:
    with pytest.raises(InputError, match="no light at any laser line"):
        dye_from_spectra(KNOWN, excitation, bell(520, 14, 450, 700), "s")


def test_emission_outside_the_grid_is_refused() -> None:
    with pytest.raises(InputError, match="shows no light"):
        dye_from_spectra(KNOWN, bell(490, 20, 340, 600), bell(1000, 5, 950, 1050), "s")


def test_measured_spectra_replace_what_a_donor_keeps() -> None:
    kept = EmissionPeak(peak_nm=577, left_nm=8, right_nm=30, weight=0.1, origin="donor")
    tandem = KNOWN.model_copy(update={"emission": (*KNOWN.emission, kept), "donor_leak": {488: 1.0}})
    dye = dye_from_spectra(tandem, bell(490, 20, 340, 600), bell(520, 14, 450, 700), "s")
    assert dye.donor_leak == {}
    assert Fluorochrome.model_validate(dye.model_dump()) == dye


def spectral(lines: tuple[int, ...], upper_nm: float) -> InstrumentOptics:
    """Detectors of 20 nm from 500 nm to an upper edge, for lasers of separate paths."""
    detectors = [
        {"name": f"{nm}-{edge:g}", "path": f"{nm}", "laser_nm": nm, "centre_nm": edge + 10, "width_nm": 20}
        for nm in lines
        for edge in np.arange(500.0, upper_nm, 20.0)
        if edge > nm + 5
    ]
    machine = {
        "id": "made-up", "name": "Made up", "source": "made up", "sorter": True, "unmixing": "spectral",
        "photodetector": "apd", "laser": [{"nm": nm, "path": f"{nm}"} for nm in lines], "detector": detectors,
    }  # fmt: skip
    return InstrumentOptics.of(Cytometer.model_validate(machine))


@pytest.mark.parametrize(("centre", "lit"), [(775.0, True), (525.0, False)])
def test_beyond_the_last_detector_infrared_dyes_have_a_tail_and_others_none(centre: float, lit: bool) -> None:
    optics = spectral((488,), 820)
    truth = Peaks(*np.array([[centre], [16.0], [24.0], [1.0]]))
    light = optics.light(truth.below(optics.edges))
    found = fit_emission(optics, light / light.max(), None, 3)
    near, far = found.density(np.array([830.0, 860.0]))
    assert (near > 0.02 * found.density(np.array([centre]))[0]) == lit
    if lit:
        # a Gaussian of this width falls to a tenth
        assert far / near == pytest.approx(np.exp(-30 / TAIL_NM), rel=0.25)


def test_the_donor_of_a_tandem_is_told_from_its_acceptor() -> None:
    donor = Peaks(*np.array([[578.0], [9.0], [25.0], [1.0]]))
    truth = Peaks(*np.array([[778.0], [16.0], [24.0], [1.0]]))
    optics = spectral((488, 561), 860)
    share = np.array([0.05 if detector.laser_nm == 488 else 0.02 for detector in optics.cytometer.detector])
    own, leak = (optics.light(shape.below(optics.edges)) for shape in (truth, donor))
    found = fit_emission(optics, (own + share * leak) / own.max(), None, 3, donor=donor)
    assert float(found.centre[np.argmax(found.weight)]) == pytest.approx(778, abs=3)
    fitted = optics.light(found.below(optics.edges))
    for rows, expected in zip(optics.blocks.values(), (0.05, 0.02), strict=True):
        first, second = two_strengths(fitted[rows], leak[rows], (own + share * leak)[rows])
        scale = fitted.sum() / own.sum()
        assert second / (first * scale) == pytest.approx(expected, rel=0.1)
