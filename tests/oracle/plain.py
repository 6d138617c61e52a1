"""A numeric instance of a few round numbers, for results that can be worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracle.score import Arrays


def plain(*, markers: int = 2, dyes: int = 2, detectors: int = 2, populations: int = 2, **changes: Any) -> Arrays:
    """Each dye on a detector of its own, one photoelectron an antibody, noise of 100 pe alone; one target.

    Levels have no spread, so every slot is a normal of 100 antibodies around its level. The target has 10,000 of every
    antibody, the others none, and all are as frequent.
    """
    abc = np.zeros((populations, markers))
    abc[0] = 10_000.0
    made: dict[str, Any] = {
        "population": np.array([f"p{p}" for p in range(populations)]),
        "marker": np.array([f"m{m}" for m in range(markers)]),
        "dye": np.array([f"f{f}" for f in range(dyes)]),
        "role": np.array(["target", *["contaminant"] * (populations - 1)]),
        "phi": np.full(populations, 1 / populations),
        "abc": abc,
        "cv": np.zeros_like(abc),
        "g": np.ones(populations),
        "M": np.eye(detectors, dyes),
        "AF": np.zeros(detectors),
        "B": np.zeros(detectors),
        "F": np.zeros(detectors),
        "e": np.full(detectors, 100.0),
        "k": np.zeros(detectors),
        "available": np.ones((markers, dyes), dtype=int),
        "price": np.full((markers, dyes), 100.0),
        "product_rank": np.arange(markers * dyes).reshape(markers, dyes),
        "sourced": np.ones((markers, dyes), dtype=int),
        "fragile": np.zeros(dyes, dtype=int),
        "locked": np.zeros((0, 3), dtype=int),
        "max_share": np.full(populations, np.nan),
        "prefer": np.array([], dtype=np.str_),
        "slack": np.array(0.1),
        "conventional": np.array(1),
        "marker_list": np.array(0),
        "eps": np.array(0.02),
        "leak": np.array(1e-3),
        "leak_total": np.array(1e-5),
        "delta": np.array(0.005),
        "cv_af": np.array(0.5),
        "yield_min": np.array(0.8),
        "purity_goal": np.array(0.95),
        "max_spillover": np.array(1.0),
        "unknown_abc": np.array(15_000.0),
        "unknown_cv": np.array(0.7),
    }
    made |= {name: np.zeros(markers, dtype=int) for name in ("required", "dump", "no_above", "viability")}
    limits = ("max_gates", "max_colours", "budget", "max_similarity", "max_complexity", "sort_ways")
    made |= {name: np.array(np.nan) for name in limits}
    return made | changes
