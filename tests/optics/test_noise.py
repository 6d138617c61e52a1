from __future__ import annotations

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer
from panelopt.errors import InputError
from panelopt.optics.noise import DetectorNoise, detector_noise, detector_variance
from panelopt.optics.noise_terms import defaults_used, noise_findings


def cytometer(**noise: object) -> Cytometer:
    return Cytometer.model_validate(
        {
            "id": "two",
            "name": "two detectors",
            "source": "test",
            "sorter": False,
            "unmixing": "compensation",
            "laser": [{"nm": 488, "path": "B"}],
            "detector": [
                {"name": "B530", "path": "B", "laser_nm": 488, "centre_nm": 530, "width_nm": 30},
                {"name": "B695", "path": "B", "laser_nm": 488, "centre_nm": 695, "width_nm": 40},
            ],
            "noise": noise,
        }
    )


def test_defaults_stand_in_and_are_named():
    noise = detector_noise(cytometer())
    assert noise.excess.tolist() == [1, 1]
    assert noise.electronic_pe.tolist() == [28, 28]
    assert noise.proportional.tolist() == [0.007, 0.007]
    assert noise.background_pe.tolist() == [0, 0]
    assert defaults_used(cytometer()) == (
        "excess = 1 (model value)",
        "electronic_pe = 28 (model value)",
        "proportional = 0.007 (model value)",
        "background_pe = 0 (model value)",
    )


def test_numbers_and_tables_are_resolved_in_detector_order():
    instrument = cytometer(excess=1.2, electronic_pe={"B695": 40.0, "B530": 10.0}, background_pe={"B695": 3.0})
    noise = detector_noise(instrument)
    assert noise.excess.tolist() == [1.2, 1.2]
    assert noise.electronic_pe.tolist() == [10, 40]
    assert noise.background_pe.tolist() == [0, 3]
    assert defaults_used(instrument) == (
        "proportional = 0.007 (model value)",
        "background_pe = 0 (model value) for B530",
    )


def test_nothing_is_reported_where_everything_is_given():
    full = cytometer(excess=1.0, electronic_pe=5.0, proportional=0.0, background_pe=0.0)
    assert defaults_used(full) == ()


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        detector_noise(cytometer()).excess[0] = 2


def test_unknown_detectors_and_impossible_values_come_together():
    instrument = cytometer(excess=0.5, electronic_pe={"B53O": 10.0}, autofluorescence_pe={"B530": -1.0})
    with pytest.raises(InputError) as caught:
        detector_noise(instrument)
    found = {finding.where: finding for finding in caught.value.findings}
    assert found["two: noise.electronic_pe.B53O"].hint == "Did you mean B530?"
    assert "0.5" in found["two: noise.excess"].message
    assert found["two: noise.autofluorescence_pe.B530"].code == "noise-range"
    assert len(found) == 3
    assert noise_findings(instrument, "file.toml")[0].where.startswith("file.toml: noise.")


def test_variance_follows_the_quadratic_and_broadcasts():
    noise = DetectorNoise(
        background_pe=np.zeros(2),
        excess=np.array([1.0, 1.5]),
        electronic_pe=np.array([10.0, 20.0]),
        proportional=np.array([0.01, 0.0]),
    )
    mean = np.array([[100.0, 200.0], [0.0, 0.0], [1000.0, 10.0]])
    spread = np.array([[2500.0, 10.0], [0.0, 0.0], [0.0, 0.0]])
    expected = [
        [100 + 100 + 1e-4 * (100**2 + 2500), 300 + 400],
        [100, 400],
        [1000 + 100 + 1e-4 * 1e6, 15 + 400],
    ]
    np.testing.assert_allclose(detector_variance(mean, spread, noise), expected, rtol=1e-12)
    assert detector_variance(mean[None, :, :], np.zeros((4, 1, 2)), noise).shape == (4, 3, 2)


def test_variance_is_never_below_one_square_photoelectron():
    silent = DetectorNoise(np.zeros(1), np.ones(1), np.zeros(1), np.zeros(1))
    assert detector_variance(np.array([0.25]), np.array([0.0]), silent).tolist() == [1.0]
