"""Small instances of unusual questions: every admitted number at its ends, and demands that rarely meet."""

# ruff: noqa: ARG005  (all changes take the same arguments)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from panelopt.instance import Instance
from tests.oracle.instances import random_instance, random_list, with_limits, with_readings

MOST_ANTIBODIES = 1e7
SIZES = ((2, 2), (2, 3), (3, 3), (3, 4), (2, 5), (4, 3))

Change = Callable[[np.random.Generator, Instance], dict[str, Any]]


def unusual_instance(seed: int) -> tuple[Instance, float, str]:
    """Return an instance, a tolerance, and what is unusual in it."""
    rng = np.random.default_rng([seed, 16])
    markers, dyes = SIZES[int(rng.integers(len(SIZES)))]
    conventional, listed = bool(rng.random() < 0.6), bool(rng.random() < 0.15)
    make = random_list if listed else random_instance
    instance = make(seed, conventional=conventional, markers=markers, dyes=dyes)
    names = []
    for name, (likely, change) in _CHANGES.items():
        if rng.random() < likely and not (listed and name in _OF_POPULATIONS):
            instance = replace(instance, **change(rng, instance))
            names.append(name)
    if not instance.views:  # a list of markers that all have the level 0 is no question
        instance = replace(instance, abc=np.where(instance.abc == 0, 1.0, instance.abc))
    instance = with_readings(instance)
    if rng.random() < 0.5:
        instance, demands = with_limits(instance, seed)
        names.append(demands)
    tolerance = float(rng.choice([0.0, 0.02, 0.1], p=[0.5, 0.3, 0.2]))
    kind = ("conventional" if conventional else "spectral") + (" list" if listed else "")
    return instance, tolerance, f"{seed} {kind} {tolerance} {'+'.join(names)}"


def _spreads(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    kind = rng.random(i.cv.shape)
    cv = np.select(
        [kind < 0.15, kind < 0.4], [0.0, rng.uniform(0.0, 0.3, i.cv.shape)], rng.uniform(0.3, 5.0, i.cv.shape)
    )
    return {"cv": np.where(np.isnan(i.abc), np.nan, cv)}


def _levels(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    ends = rng.choice([0.0, 1.0, MOST_ANTIBODIES], i.abc.shape)
    abc = np.where(rng.random(i.abc.shape) < 0.35, ends, i.abc)
    return {"abc": abc, "cv": np.where(np.isnan(abc), np.nan, np.where(np.isnan(i.cv), 0.5, i.cv))}


def _rare(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    phi = np.where(rng.random(i.phi.shape) < 0.4, 10 ** rng.uniform(-8, -5, i.phi.shape), i.phi)
    return {"phi": phi / max(phi.sum(), 1.0)}


def _loud(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    return {
        "autofluorescence": i.autofluorescence * float(rng.choice([0.0, 0.1, 10.0, 100.0])),
        "electronic": i.electronic * float(rng.choice([0.0, 10.0, 100.0])),
        "background": i.background * float(rng.choice([0.0, 100.0])),
        "proportional": i.proportional * float(rng.choice([0.0, 10.0])),
        "excess": i.excess * float(rng.choice([1.0, 20.0])),
        "cv_autofluorescence": float(rng.choice([0.0, 0.5, 3.0])),
        "autofluorescence_factor": i.autofluorescence_factor
        * rng.choice([0.0, 1.0, 30.0], i.autofluorescence_factor.shape, p=[0.2, 0.6, 0.2]),
    }


def _light(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    return {"signal": i.signal * 10 ** rng.uniform(-3, 3)}


def _alike(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    signal = i.signal.copy()
    one, two = rng.choice(signal.shape[1], 2, replace=False)
    differ = float(rng.choice([0.0, 1e-7, 1e-4, 1e-2]))
    signal[:, two] = signal[:, one] * (1 + differ * rng.normal(size=len(signal)))
    return {"signal": np.abs(signal), "max_spillover": 1e9}


def _shares(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    share = np.where(rng.random(i.phi.shape) < 0.6, 10 ** rng.uniform(-6, -0.05, i.phi.shape), np.nan)
    return {"max_share": np.where(np.array(i.role) == "contaminant", share, np.nan)}


_OF_POPULATIONS = ("rare", "doublets", "shares", "dumps")
_CHANGES: dict[str, tuple[float, Change]] = {
    "spreads": (0.6, _spreads),
    "levels": (0.3, _levels),
    "rare": (0.3, _rare),
    "loud": (0.3, _loud),
    "light": (0.2, _light),
    "alike": (0.1, _alike),
    "shares": (0.25, _shares),
    "eps": (0.7, lambda rng, i: {"eps": float(rng.choice([1e-4, 0.15, 10 ** rng.uniform(-4, np.log10(0.15))]))}),
    "doublets": (0.4, lambda rng, i: {"delta": float(rng.choice([0.0, 0.5]))}),
    "yield": (0.5, lambda rng, i: {"yield_min": float(rng.choice([0.0, 0.01, 0.5, 1.0], p=[0.4, 0.3, 0.2, 0.1]))}),
    "purity": (
        0.5,
        lambda rng, i: {
            "purity_goal": float(rng.choice([1e-6, 0.5, 1 - 1e-9])),
            "require_goal": bool(rng.random() < 0.4),
        },
    ),
    "leak": (0.3, lambda rng, i: {"leak": float(rng.choice([1e-9, 1e-3, 0.1, 0.49]))}),
    "leak_total": (0.5, lambda rng, i: {"leak_total": float(rng.choice([0.0, 1e-9, 0.1]))}),
    "dumps": (0.15, lambda rng, i: {"dump": np.ones(len(i.marker), dtype=bool)}),
    "gates": (0.1, lambda rng, i: {"max_gates": int(rng.integers(1, 4))}),
}
"""How likely each is, and what it does."""
