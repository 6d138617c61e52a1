"""Spread metrics: formulas against plain loops, measured libraries against an independent computation, speed."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from panelopt.optics.spectral_similarity import complexity_index, cosine_similarity, hotspot_matrix
from panelopt.optics.spillover_spread import (
    robust_sd,
    spreading_matrix,
    unmixing_matrix,
)


def mixing(detectors: int = 9, dyes: int = 4, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.01, 1.0, (detectors, dyes))


def test_unmixing_is_unbiased_and_weighted_unmixing_is_quieter() -> None:
    columns, variance = mixing(), np.random.default_rng(1).uniform(1, 100, 9)
    plain, weighted = unmixing_matrix(columns), unmixing_matrix(columns, variance)
    assert plain @ columns == pytest.approx(np.eye(4), abs=1e-12)
    assert weighted @ columns == pytest.approx(np.eye(4), abs=1e-12)
    information = columns.T @ np.diag(1 / variance) @ columns
    assert weighted == pytest.approx(np.linalg.inv(information) @ columns.T @ np.diag(1 / variance))
    assert np.all((weighted**2) @ variance <= (plain**2) @ variance)


def test_dependent_signatures_are_refused() -> None:
    column = np.ones((5, 1))
    with pytest.raises(np.linalg.LinAlgError):
        unmixing_matrix(np.hstack((column, column)))


def test_spreading_matrix_is_the_formula_term_by_term() -> None:
    columns = mixing()
    rng = np.random.default_rng(5)
    gain, own, signal = rng.uniform(2, 9, 9), rng.uniform(0, 0.02, 9), rng.uniform(10, 1e4, 4)
    laser = ["V", "V", "V", "B", "B", "B", "R", "R", "R"]
    found = spreading_matrix(columns, gain, own, signal, laser_cv=0.03, laser=laser)
    inverse = np.linalg.inv(columns.T @ columns) @ columns.T
    for i in range(4):
        for j in range(4):
            photon = sum(inverse[j, d] ** 2 * gain[d] * columns[d, i] for d in range(9))
            noise = signal[i] * sum((inverse[j, d] * own[d] * columns[d, i]) ** 2 for d in range(9))
            light = [sum(inverse[j, d] * columns[d, i] for d in range(9) if laser[d] == name) for name in "VBR"]
            expected = photon + noise + signal[i] * sum((0.03 * part) ** 2 for part in light)
            assert found[i, j] ** 2 == pytest.approx(expected, rel=1e-12)


def test_spreading_predicts_the_variance_of_unmixed_photons() -> None:
    columns = mixing(12, 3, 8)
    rng = np.random.default_rng(0)
    amount = 4e4
    signal = rng.poisson(amount * columns[:, 0], (20_000, 12)) @ unmixing_matrix(columns).T
    predicted = amount * spreading_matrix(columns, 1.0)[0] ** 2
    assert signal.var(axis=0) == pytest.approx(predicted, rel=0.05)


def test_negative_signature_noise_makes_no_negative_variance() -> None:
    columns = mixing()
    columns[0, 0] = -0.05
    assert np.all(np.isfinite(spreading_matrix(columns, 5.0)))


def test_a_tenth_of_outliers_hardly_moves_the_robust_deviation() -> None:
    values = np.random.default_rng(2).normal(7, 3, 40_001)
    values[:4000] = 1e9
    assert robust_sd(values) == pytest.approx(3.0, rel=0.15)


def test_forty_dyes_take_less_than_five_milliseconds() -> None:
    columns = np.random.default_rng(4).uniform(0, 1, (64, 40))

    def seconds() -> float:
        start = time.process_time()
        spreading_matrix(columns, 5.0, 0.01, 1e4)
        return time.process_time() - start

    assert min(seconds() for _ in range(7)) < 0.005


@pytest.mark.reference
@pytest.mark.parametrize("file", ["AutoSpectral_Aurora.csv", "AutoSpectral_Symphony.csv"])
def test_metrics_equal_an_independent_computation_on_measured_libraries(reference: Path, file: str) -> None:
    with (reference / "signatures" / file).open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    light = np.array([[float(cell) for cell in row[1:]] for row in rows]).T[:, :20]
    size = light.shape[1]
    gram = [[float(np.dot(light[:, i], light[:, j])) for j in range(size)] for i in range(size)]
    cosine = np.array([[gram[i][j] / (gram[i][i] * gram[j][j]) ** 0.5 for j in range(size)] for i in range(size)])
    inverse = np.linalg.solve(cosine, np.eye(size))
    q, r = np.linalg.qr(light)
    unmixing = np.linalg.solve(r, q.T)
    clipped = np.where(light > 0, light, 0.0)
    spreading = np.einsum("jd,jd,di->ij", unmixing, unmixing, clipped) * 7.0
    eigen = np.linalg.eigvalsh((light / light.max(axis=0)).T @ (light / light.max(axis=0)))
    assert cosine_similarity(light) == pytest.approx(cosine, abs=1e-9)
    assert hotspot_matrix(light) == pytest.approx(np.sqrt(np.abs(inverse)), rel=1e-9, abs=1e-9)
    assert spreading_matrix(light, 7.0) ** 2 == pytest.approx(spreading, rel=1e-9)
    assert complexity_index(light) == pytest.approx((eigen[-1] / eigen[0]) ** 0.5, rel=1e-9)


@pytest.mark.reference
def test_predicted_spreading_agrees_with_measured_single_stains(
    reference: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (reference / "physics" / "aurora5l_scc_moments.npz").exists():
        pytest.skip("no moments of single stains")
    monkeypatch.syspath_prepend(str(repository / "tools"))
    try:
        import validate_spread

        validate_spread.main(reference)
    finally:
        for name in ("validate_spread", "fit_fluorochromes", "optics_reference"):
            sys.modules.pop(name, None)
    text = capsys.readouterr().out
    block = text.split("measured signatures, photons and lasers")[1].splitlines()[1:5]
    pooled = [float(line.split("pooled")[1].split()[0]) for line in block]
    within = [float(line.split("2x")[1].split("%")[0]) for line in block]
    assert min(pooled) >= 0.75
    assert min(within) >= 80.0
