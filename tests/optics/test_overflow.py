"""What numpy would only warn of is refused."""

from __future__ import annotations

import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.optics.overflow import refuse_overflow


@refuse_overflow
def ratio(one: float, other: float) -> float:
    """Divide."""
    return float(np.float64(one) / np.float64(other))


def test_numbers_within_range_pass() -> None:
    assert ratio(1.0, 4.0) == 0.25
    assert ratio.__name__ == "ratio"


@pytest.mark.parametrize(("one", "other"), [(1e300, 1e-300), (1.0, 0.0), (0.0, 0.0)])
def test_numbers_out_of_range_are_refused(one: float, other: float) -> None:
    with pytest.raises(InputError, match="too large or too small"):
        ratio(one, other)


def test_settings_of_the_caller_stay() -> None:
    with np.errstate(over="ignore", divide="ignore"):
        before = np.geterr()
        with pytest.raises(InputError):
            ratio(1.0, 0.0)
        assert np.geterr() == before
