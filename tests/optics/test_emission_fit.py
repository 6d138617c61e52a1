"""Dyes from spectra: few numbers give the curves back."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import InputError
from panelopt.optics.emission_fit import dye_from_spectra
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
