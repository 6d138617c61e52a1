"""Where the oracle lets a dye be read, on cases that can be worked out by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from tests.oracle.light import burden, complexity, outshone, places, readable, steps, unstained_sd
from tests.oracle.plain import plain

BOTH = (((0,), 0, 0), ((1,), 1, 1))


def test_own_light_is_a_quarter_of_the_best() -> None:
    light = np.array([[1.0, 0.0], [0.25, 0.0], [0.2499, 1.0]])
    a = plain(detectors=3, M=light)
    assert places(a, (0,), 0) == [0, 1]
    a["locked"] = np.array([[0, 0, 2], [1, 1, 0]])
    assert places(a, (0,), 0) == [0, 1, 2]
    assert places(a, (1,), 0) == [0, 1]  # not the locked reagent
    assert places(a, (1,), 1) == [2]  # no light at all is no reading


def test_visible_is_five_sd_of_an_unstained_lymphocyte() -> None:
    noise = {"AF": np.array([100.0]), "F": np.array([2.0]), "e": np.array([10.0]), "k": np.array([0.1])}
    sd = sqrt(2 * 100 + 10**2 + (0.1**2 + 0.5**2) * 100**2)
    assert unstained_sd(plain(**noise)).tolist() == pytest.approx([sd])
    for viability, count in ((0, 60_000), (1, 250_000)):
        for factor in (0.999, 1.001):
            light = np.array([[5 * sd / count * factor]])
            a = plain(markers=1, dyes=1, detectors=1, M=light, viability=np.array([viability]), **noise)
            assert places(a, (0,), 0) == ([0] if factor > 1 else [])
            assert readable(a).tolist() == [[factor > 1]]
            a["locked"] = np.array([[0, 0, 0]])
            assert places(a, (0,), 0) == [0]


def test_a_lock_without_a_detector_frees_its_dye_where_no_detector_shows_it() -> None:
    a = plain(detectors=3, M=np.array([[0.009, 0.0], [0.005, 0.0], [0.001, 1.0]]), locked=np.array([[0, 0, -1]]))
    assert places(a, (0,), 0) == [0]  # 500 pe of noise against 540, 300 and 60
    a["M"][:, 0] *= 0.5
    assert places(a, (0,), 0) == [0, 1]
    assert places(a, (1,), 0) == []


def test_a_spectral_dye_is_visible_in_its_best_detector() -> None:
    a = plain(detectors=3, M=np.array([[1.0, 0.004], [0.9, 0.002], [0.1, 0.0]]), conventional=np.array(0))
    assert places(a, (0,), 0) == [0]
    assert places(a, (1,), 1) == []  # 240 pe against 500
    a["locked"] = np.array([[1, 1, -1]])
    assert places(a, (1,), 1) == [0]


def test_a_dye_is_brightest_at_home() -> None:
    a = plain(M=np.array([[1.0, 0.7], [0.9, 1.0]]))
    assert not outshone(a, BOTH)
    crossed = (((0,), 0, 1), ((1,), 1, 0))
    assert outshone(a, crossed)
    assert not outshone({**a, "max_spillover": 1.0 / 0.7}, crossed)
    assert outshone({**a, "max_spillover": 0.8}, BOTH)
    assert not outshone({**a, "conventional": 0}, crossed)
    assert not outshone(a, crossed[:1])


def test_burden_and_complexity() -> None:
    a = plain(M=np.array([[2.0, 0.5], [0.4, 1.0]]))
    assert burden(a, BOTH) == pytest.approx(0.4 / 2 + 0.5 / 1)
    assert burden(a, BOTH[:1]) == 0
    a["M"] = np.array([[2.0, 0.5], [1.0, 1.0]])  # columns (1, 1/2) and (1/2, 1) of their peaks: eigenvalues 3/2 and 1/2
    assert complexity({**a, "conventional": 0, "AF": np.ones(2)}, BOTH) == pytest.approx(3)


def test_steps_are_whole_twentieths() -> None:
    assert [steps(x) for x in (0.0, 0.0499, 0.05, 0.15, 0.1 + 0.2, 3.0)] == [0, 0, 1, 3, 6, 60]
