"""Two questions in which a slot that claims nothing still helps; numbers are made up."""

from __future__ import annotations

from typing import Any

import numpy as np

from panelopt.instance import Instance

nan = float("nan")

CONVENTIONAL: dict[str, Any] = {
    "phi": [0.1934, 0.7868],
    "abc": [[250000.0, 3000.0, 15000.0], [250000.0, 3000.0, 100.0]],
    "cv": [[0.45, 0.8, 0.7], [0.45, 0.8, 0.5]],
    "autofluorescence_factor": [2.758, 2.876],
    "signal": [[0.03522, 0.001969, 0.205], [0.1692, 0.06182, 0.08584], [0.1652, 0.1451, 0.003636]],
    "autofluorescence": [538.0, 402.8, 369.1],
    "background": [6.263, 7.189, 18.16],
    "excess": [1.108, 1.246, 1.032],
    "electronic": [20.9, 15.22, 27.5],
    "proportional": [0.01522, 0.01658, 0.004095],
    "available": [[True, True, True], [False, True, True], [True, True, True]],
    "allowed": [[False, False, True], [True, False, False], [True, True, False]],
    "dump": [False, False, False],
    "no_above": [True, True, False],
    "eps": 0.05,
    "delta": 0.0,
    "purity_goal": 0.9,
    "leak": 0.001,
    "yield_min": 0.8,
    "cv_autofluorescence": 0.5,
    "role": ["target", "contaminant"],
}
"""A dye whose marker claims nothing brings the detector that shows autofluorescence."""

SPECTRAL: dict[str, Any] = {
    "phi": [0.1862, 0.2985, 0.2839, 0.2117],
    "abc": [
        [250000.0, 0.0, 1000.0, 15000.0],
        [3000.0, 0.0, 1000.0, 15000.0],
        [15000.0, 15000.0, 250000.0, 15000.0],
        [0.0, 100.0, 0.0, 15000.0],
    ],
    "cv": [[0.45, 0.0, 0.8, 0.7], [0.8, 0.0, 0.8, 0.7], [0.7, 0.7, 0.45, 0.7], [0.0, 0.5, 0.0, 0.7]],
    "autofluorescence_factor": [1.697, 1.124, 1.35, 3.72],
    "signal": [
        [0.00762, 0.1385, 0.3176, 0.0002637],
        [0.0063, 0.4236, 0.2365, 0.001075],
        [0.005407, 0.4731, 0.08058, 0.0001074],
        [0.009159, 0.2042, 0.01792, 0.002382],
        [0.02039, 0.0306, 0.00463, 0.01683],
        [0.228, 0.00896, 0.003356, 0.07031],
        [0.4524, 0.008221, 0.004621, 0.07335],
    ],
    "autofluorescence": [219.7, 194.6, 382.7, 337.7, 211.3, 37.59, 372.9],
    "background": [17.55, 19.11, 5.678, 6.722, 18.54, 12.23, 0.7861],
    "excess": [1.382, 1.165, 1.278, 1.242, 1.27, 1.199, 1.274],
    "electronic": [15.65, 21.2, 38.55, 37.63, 29.58, 10.29, 27.89],
    "proportional": [0.004341, 0.01025, 0.0005119, 0.01408, 0.01743, 0.01534, 0.008384],
    "available": [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ],
    "allowed": [
        [False, False, True, False],
        [False, True, True, False],
        [False, True, False, False],
        [False, False, False, False],
        [False, False, False, False],
        [True, False, False, True],
        [True, False, False, True],
    ],
    "dump": [False, False, False, False],
    "no_above": [False, False, False, False],
    "eps": 0.05,
    "delta": 0.0025,
    "purity_goal": 0.95,
    "leak": 0.001,
    "yield_min": 0.8,
    "cv_autofluorescence": 0.5,
    "role": ["target", "target", "contaminant", "contaminant"],
}
"""A dye whose marker claims nothing adds noise, and a lower own worst ratio leaves its gates more room."""


def made(numbers: dict[str, Any], *, conventional: bool) -> Instance:
    """Return the instance of some numbers; no limit on the total leak, on spillover, or by products."""
    arrays = {name: np.array(value) if isinstance(value, list) else value for name, value in numbers.items()}
    markers, dyes = arrays["available"].shape
    arrays |= {
        "role": tuple(numbers["role"]),
        "population": tuple(f"population-{p}" for p in range(len(arrays["phi"]))),
        "marker": tuple(f"marker-{m}" for m in range(markers)),
        "dye": tuple(f"dye-{f}" for f in range(dyes)),
        "detector": tuple(f"detector-{d}" for d in range(len(arrays["background"]))),
        "price": np.full((markers, dyes), np.nan),
        "product_rank": np.arange(markers * dyes).reshape(markers, dyes),
        "required": np.zeros(markers, dtype=bool),
        "max_share": np.full(len(arrays["phi"]), np.nan),
    }
    return Instance(**arrays, conventional=conventional, leak_total=0.0, max_spillover=1e9)
