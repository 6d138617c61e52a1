"""Order of computed numbers: what differs by rounding alone is a tie."""

from __future__ import annotations

import pytest

from panelopt.optics.rounding import settled


@pytest.mark.parametrize("value", [1.0, 0.1 + 0.2, 1e-12, 123456.789, -2.5e7, 999999999.9999999])
def test_last_digits_do_not_count_and_others_do(value: float) -> None:
    assert settled(value * (1 + 3e-16)) == settled(value) == pytest.approx(value, rel=1e-8)
    assert settled(value * (1 + 1e-7)) != settled(value)


def test_nothing_stays_nothing() -> None:
    assert settled(0.0) == 0.0
