"""Rounds numbers as people write them at the bench: 60,000 cells rather than 55,556, 150 uL rather than 131."""

from __future__ import annotations

import math

_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
"""Rounded values within a power of ten, one or two digits; each is at most a third above the one before."""

_ROUNDING = 1e-9

FINE_VOLUME_UL, COARSE_VOLUME_UL, FINE_UP_TO_UL = 50.0, 100.0, 1000.0
FINE_TESTS, FINE_UP_TO_TESTS = 0.5, 10.0


def cells_up(cells: float) -> float:
    """Return the next round number of cells at or above ``cells`` (positive): one or two digits, then zeros."""
    if cells <= 1:
        return 1.0
    power = _power_of_ten(cells)
    return next(step * power for step in _STEPS if step * power >= cells * (1 - _ROUNDING))


def cells_down(cells: float) -> float:
    """Return the next round number of cells at or below ``cells``; 0 for less than one."""
    if cells < 1:
        return 0.0
    power = _power_of_ten(cells)
    return next(step * power for step in reversed(_STEPS) if step * power <= cells)


def written_volume(volume_ul: float) -> float:
    """Return a volume in microlitres, rounded up to a multiple of 50, above 1000 of 100."""
    step = FINE_VOLUME_UL if volume_ul <= FINE_UP_TO_UL else COARSE_VOLUME_UL
    return _multiple_up(volume_ul, step)


def written_tests(tests: float) -> float:
    """Return a number of tests, rounded up to a half, above 10 to a whole number."""
    return _multiple_up(tests, FINE_TESTS if tests <= FINE_UP_TO_TESTS else 1.0)


def written_percentile(share: float) -> str:
    """Return the percentile below which a share of the cells lies, with the digits that can be set."""
    percentile = 100 * share
    if percentile > 99.99:
        return ">99.99"
    if percentile < 0.01:
        return "<0.01"
    near = min(percentile, 100 - percentile)
    return f"{percentile:.{2 if near < 0.1 else 1 if near < 1 else 0}f}"


def _power_of_ten(cells: float) -> float:
    """Return the largest power of ten that is at most ``cells``."""
    power = float(10 ** math.floor(math.log10(cells)))
    return power / 10 if power > cells else power  # the logarithm of 999.9... may be that of 1000


def _multiple_up(value: float, step: float) -> float:
    return math.ceil(value / step * (1 - _ROUNDING)) * step
