"""Similarity measures against definitions written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.optics.spectral_similarity import (
    complexity_index,
    cosine_similarity,
    hotspot_matrix,
    similarity_of,
)

RANDOM = np.random.default_rng(7)
SIGNATURES = RANDOM.gamma(0.6, 1.0, (12, 4)) * np.array([1.0, 20.0, 0.1, 3.0])


def test_cosine_is_the_normalised_dot_product() -> None:
    cosine = cosine_similarity(SIGNATURES)
    for i in range(4):
        for j in range(4):
            one, two = SIGNATURES[:, i], SIGNATURES[:, j]
            dot = sum(float(a) * float(b) for a, b in zip(one, two, strict=True))
            assert cosine[i, j] == pytest.approx(dot / math.hypot(*one) / math.hypot(*two))


@given(st.floats(1e-6, 1e6))
def test_cosine_ignores_brightness(factor: float) -> None:
    scaled = SIGNATURES * np.array([factor, 1.0, 1.0, 1.0])
    assert cosine_similarity(scaled) == pytest.approx(cosine_similarity(SIGNATURES))


def test_a_dark_dye_resembles_only_itself() -> None:
    dark = np.column_stack((SIGNATURES[:, 0], np.zeros(12)))
    assert cosine_similarity(dark).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_complexity_is_the_ratio_of_the_extreme_singular_values() -> None:
    # two dyes of equal peak and cosine c have singular values sqrt(1 +- c): worked out by hand
    angle = 0.3
    pair = np.array([[1.0, 1.0], [angle, 0.0], [0.0, angle]])
    c = 1 / (1 + angle**2)
    assert complexity_index(pair * np.array([5.0, 0.2])) == pytest.approx(math.sqrt((1 + c) / (1 - c)))


def test_complexity_of_separate_dyes_is_one_and_of_equal_dyes_without_limit() -> None:
    assert complexity_index(np.eye(3)) == pytest.approx(1)
    assert complexity_index(np.ones((3, 2))) > 1e12
    assert complexity_index(np.ones((1, 2))) == math.inf
    assert complexity_index(np.array([[1.0, 0.0], [1.0, 0.0]])) == math.inf


def test_hotspot_diagonal_is_the_root_of_the_variance_inflation_factor() -> None:
    hotspot = hotspot_matrix(SIGNATURES)
    for i in range(4):
        own, others = SIGNATURES[:, i], np.delete(SIGNATURES, i, axis=1)
        left = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
        assert hotspot[i, i] == pytest.approx(math.sqrt(own @ own / (left @ left)))


def test_hotspot_of_two_dyes_follows_from_their_cosine() -> None:
    pair = SIGNATURES[:, :2]
    c = cosine_similarity(pair)[0, 1]
    expected = math.sqrt(c / (1 - c * c))
    assert hotspot_matrix(pair)[0, 1] == pytest.approx(expected)
    assert hotspot_matrix(pair)[0, 0] == pytest.approx(math.sqrt(1 / (1 - c * c)))


def test_hotspot_of_a_repeated_dye_is_infinite() -> None:
    assert np.all(np.isinf(hotspot_matrix(SIGNATURES[:, [0, 1, 0]])))


def test_pairs_that_differ_by_rounding_alone_stand_in_the_order_of_their_names() -> None:
    angles = np.array([0.3, 0.1, 0.5])
    signatures = np.stack([np.cos(angles), np.sin(angles), 0 * angles])
    found = similarity_of("x", ["b", "a", "c"], ["D1", "D2", "D3"], signatures, [""] * 3).pairs()
    assert [pair[:2] for pair in found] == [("b", "a"), ("b", "c"), ("a", "c")]
    assert found[0][2] == pytest.approx(found[1][2], abs=1e-15)
