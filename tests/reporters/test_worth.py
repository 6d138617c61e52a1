"""The specification of a choice of reporters, against sums written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from panelopt.reporters.reporter_question import ReporterInstance
from panelopt.reporters.worth import best_of, score_reporters


def instance(signal: list[list[float]], colours: int) -> ReporterInstance:
    light = np.array(signal)
    dyes, detectors = light.shape
    return ReporterInstance(
        tuple(f"dye{f}" for f in range(dyes)), tuple(f"d{d}" for d in range(detectors)), light, colours
    )


def test_a_choice_by_hand() -> None:
    score = score_reporters(instance([[10, 2, 0], [0.5, 8, 1], [1, 1, 4]], 3), [(2, 2), (0, 0), (1, 1)])
    assert score.pairs == ((0, 0), (1, 1), (2, 2))
    assert score.signal == (10, 8, 4)
    assert score.bleed == (1.5, 3, 1)
    assert (score.no_signal, score.below_limit) == (0, 0)
    assert score.mean_signal == pytest.approx((10 * 8 * 4) ** (1 / 3))
    assert score.mean_bleed == pytest.approx(5.5 / 3)


def test_bleed_through_of_exactly_the_limit_is_not_below_it() -> None:
    at, below = ([[10, 0], [value, 5]] for value in (1.0, 0.999))
    assert score_reporters(instance(at, 2), [(0, 0), (1, 1)]).below_limit == 1
    assert score_reporters(instance(below, 2), [(0, 0), (1, 1)]).below_limit == 2


def test_a_channel_without_signal_is_never_clean() -> None:
    score = score_reporters(instance([[0, 0], [0, 5]], 2), [(0, 0), (1, 1)])
    assert (score.no_signal, score.below_limit, score.mean_signal) == (1, 1, 0.0)
    assert score.log_signal == -math.inf


def test_levels_come_in_their_order() -> None:
    question = instance([[10, 2, 0], [3, 8, 1], [0, 1, 4]], 2)
    scores = [
        score_reporters(question, pairs)
        for pairs in ([(0, 0), (1, 1)], [(0, 0), (2, 2)], [(0, 2), (1, 1)], [(1, 1), (2, 2)])
    ]
    assert best_of(scores) is scores[1]  # the only one with two clean channels, though not the brightest


def test_the_order_of_the_names_breaks_ties() -> None:
    question = instance([[1, 0], [1, 0], [0, 1]], 2)
    scores = [score_reporters(question, pairs) for pairs in ([(1, 0), (2, 1)], [(0, 0), (2, 1)])]
    assert best_of(scores).pairs == ((0, 0), (2, 1))
