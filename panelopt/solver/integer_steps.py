"""Log ratios as whole numbers of the constraint model, always rounded towards the better panel."""

from __future__ import annotations

import numpy as np

SCALE = 10_000_000
"""Integer steps per unit of log10."""

STEADY = 1e-6
"""Share of a step that rounding ignores, so that the last digits of a float do not change the model."""


def up(value: float) -> int:
    """Return the value in steps, rounded up."""
    return int(np.ceil(value * SCALE - STEADY))


def down(value: float) -> int:
    """Return the value in steps, rounded down."""
    return int(np.floor(value * SCALE + STEADY))
