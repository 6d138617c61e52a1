"""Random small instances; all numbers are made up, and the same for the same seed."""

# ruff: noqa: ARG005  (all makers of demands take the same arguments)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from panelopt.instance import Instance, Lock
from panelopt.instance.delivery import Delivery
from panelopt.io.instance_npz import arrays
from tests.oracle.light import readable
from tests.oracle.populations import Cells, sample
from tests.oracle.practical import WORDS as PRACTICAL

WORDS = ((100.0, 0.5), (1000.0, 0.8), (3000.0, 0.8), (15000.0, 0.7), (60000.0, 0.55), (250000.0, 0.45), (0.0, 0.0))


WIDE = (1.5, 2.0, 3.0, 5.0)
"""Coefficients of variation for which not every gate is admitted."""


def random_instance(seed: int, *, conventional: bool, markers: int = 3, dyes: int = 4, **changes: Any) -> Instance:
    """Return an instance with one or two targets, strong autofluorescence and overlapping dyes.

    Features that not every question has (unknown levels, wide levels, dead cells, viability dyes, cut markers, dumps,
    dim dyes, an own shelf, unsourced products, prices) come with the seed.
    """
    rng = np.random.default_rng([seed, int(conventional)])
    detectors = int(rng.integers(max(dyes - 1, 2), dyes + 2)) if conventional else dyes + int(rng.integers(2, 5))
    count = int(rng.integers(2, 5))
    targets = int(rng.integers(1, min(count, 3)))
    signal = _signatures(rng, detectors, dyes)
    level = rng.integers(0, len(WORDS) - int(rng.random() < 0.7), size=(count, markers))
    abc = np.array([[WORDS[w][0] for w in row] for row in level])
    cv = np.array([[WORDS[w][1] for w in row] for row in level])
    if rng.random() < 0.3:
        hidden = rng.random(abc.shape) < 0.15
        abc[hidden], cv[hidden] = np.nan, np.nan
    dump = rng.random(markers) < 0.4 if rng.random() < 0.5 else np.zeros(markers, dtype=bool)
    if dump.any():  # a dump needs markers that targets lack
        abc[:targets, dump], cv[:targets, dump] = 100.0, 0.5
    factor = rng.uniform(0.3, 4.0, count)
    phi = rng.dirichlet(np.full(count, 0.7)) * 0.98 + 1e-4
    price = np.round(rng.uniform(50, 400, (markers, dyes)), 2)
    price[rng.random(price.shape) < 0.1] = np.nan
    base = Instance(
        population=tuple(f"population-{p}" for p in range(count)),
        marker=tuple(f"marker-{m}" for m in range(markers)),
        dye=tuple(f"dye-{f}" for f in range(dyes)),
        detector=tuple(f"detector-{d}" for d in range(detectors)),
        role=("target",) * targets + ("contaminant",) * (count - targets),
        phi=phi / max(phi.sum(), 1.0),
        abc=abc,
        cv=cv,
        autofluorescence_factor=factor,
        signal=signal,
        autofluorescence=rng.uniform(0, 600, detectors) * (rng.random() < 0.85),
        background=rng.uniform(0, 20, detectors),
        excess=rng.uniform(1, 1.5, detectors),
        electronic=rng.uniform(5, 40, detectors),
        proportional=rng.uniform(0, 0.02, detectors),
        available=rng.random((markers, dyes)) < 0.85,
        allowed=signal > 0,
        price=price,
        product_rank=rng.permutation(markers * dyes).reshape(markers, dyes),
        required=np.zeros(markers, dtype=bool),
        dump=dump,
        no_above=rng.random(markers) < (0.3 if rng.random() < 0.3 else 0.0),
        max_share=np.full(count, np.nan),
        conventional=conventional,
        delta=float(rng.choice([0.0, 0.005, 0.02])),
        eps=float(rng.choice([0.02, 0.01, 0.05])),
        purity_goal=float(rng.choice([0.9, 0.95, 0.99])),
    )
    more = np.random.default_rng([seed, int(conventional), 2])
    for feature in (_demands_of_use, _light, _wide_levels, _viability):
        base = replace(base, **feature(more, base))
    return with_readings(replace(base, **changes))


def random_list(seed: int, *, conventional: bool, markers: int = 3, dyes: int = 4, **changes: Any) -> Instance:
    """Return a question of markers without populations, every marker required."""
    base = random_instance(seed, conventional=conventional, markers=markers, dyes=dyes)
    rng = np.random.default_rng([seed, int(conventional), 3])
    full = [WORDS[w] for w in rng.integers(1, 6, markers)]
    levels = np.array([full, *([WORDS[0] if i == m else one for i, one in enumerate(full)] for m in range(markers))])
    count = markers + 1
    asked: dict[str, Any] = {
        "population": ("full", *(f"full without {name}" for name in base.marker)),
        "role": ("target", *["contaminant"] * markers),
        "phi": np.full(count, 0.5),
        "abc": levels[:, :, 0],
        "cv": levels[:, :, 1],
        "autofluorescence_factor": np.ones(count),
        "max_share": np.full(count, np.nan),
        "dump": np.zeros(markers, dtype=bool),
        "required": np.ones(markers, dtype=bool),
        "delta": 0.0,
        "marker_list": True,
    }
    return with_readings(replace(base, **(asked | changes)))


def with_readings(instance: Instance) -> Instance:
    """Return the instance with the detectors that dyes may use by its light, noise and locks."""
    return replace(instance, allowed=readable(arrays(instance)))


def sensible(instance: Instance) -> np.ndarray:
    """(M, F) every product that can be: antibodies not on dyes for dead cells, which take no part in other slots."""
    special = instance.available[instance.viability].any(axis=0)
    return np.where(instance.viability[:, None], special, ~special)


def _demands_of_use(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    price = i.price.copy()
    owned = rng.random(price.shape) < 0.3 if rng.random() < 0.4 else None
    if owned is not None:
        price[owned] = 0.0
    strict = rng.random() < 0.15
    return {
        "leak_total": float(rng.choice([0.0, 1e-5, 1e-3], p=[0.25, 0.5, 0.25])),
        "max_spillover": float(rng.choice([0.5, 1.0, 1e9], p=[0.2, 0.5, 0.3])),
        "slack": float(rng.choice([0.0, 0.1, 0.3], p=[0.2, 0.5, 0.3])),
        "prefer": tuple(str(w) for w in rng.permutation(PRACTICAL)[: rng.integers(1, 4)]) if rng.random() < 0.3 else (),
        "sourced": rng.random(price.shape) < (0.75 if rng.random() < 0.7 else 1.0),
        "fragile": rng.random(len(i.dye)) < 0.3,
        "owned": owned,
        "price": price,
        "eps": 0.12 if strict else i.eps,
        "yield_min": 0.6 if strict else i.yield_min,
    }


def _light(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    """Some dyes are too dim for some detectors, or for all."""
    dim = np.where(rng.random(len(i.dye)) < 0.15, 10 ** rng.uniform(-2, -0.5, len(i.dye)), 1.0)
    return {"signal": i.signal * dim}


def _wide_levels(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    wide = (rng.random(i.cv.shape) < (0.25 if rng.random() < 0.25 else 0.0)) & (i.abc > 0)
    return {"cv": np.where(wide, rng.choice(WIDE, i.cv.shape), i.cv)}


def _viability(rng: np.random.Generator, i: Instance) -> dict[str, Any]:
    """The last marker tells dead cells from live ones, on dyes of its own; in most cases there are dead cells."""
    markers, dyes = i.price.shape
    if markers < 2 or dyes < 3 or rng.random() > 0.35:
        return {}
    last = markers - 1
    viability = np.arange(markers) == last
    special = np.arange(dyes) >= dyes - 1 - dyes // 5
    own = {"viability": viability, "no_above": i.no_above & ~viability, "dump": i.dump & ~viability}
    own["available"] = np.where(viability[:, None], special, i.available & ~special)
    own["required"] = viability & (rng.random() < 0.5)
    listed = [
        Cells(
            name,
            i.role[p],
            float(i.phi[p]),
            {i.marker[m]: (float(i.abc[p, m]), float(i.cv[p, m])) for m in range(last)},
            float(i.autofluorescence_factor[p]),
        )
        for p, name in enumerate(i.population)
    ]
    dead = float(rng.uniform(0.02, 0.3)) if rng.random() < 0.75 else 0.0
    cells = sample(listed, i.marker, viability=i.marker[last], dead_fraction=dead)
    levels = np.array([[one.levels[m] for m in i.marker] for one in cells])
    return own | {
        "population": tuple(one.name for one in cells),
        "role": tuple(one.role for one in cells),
        "phi": np.array([one.phi for one in cells]),
        "abc": levels[:, :, 0],
        "cv": levels[:, :, 1],
        "autofluorescence_factor": np.array([one.glow for one in cells]),
        "max_share": np.full(len(cells), np.nan),
    }


def with_limits(instance: Instance, seed: int) -> tuple[Instance, str]:
    """Return the instance with one or two further demands, and their names."""
    rng = np.random.default_rng([seed, 77])
    markers, dyes = instance.price.shape
    names = rng.choice(list(_DEMANDS), size=int(rng.integers(1, 3)), replace=False)
    for name in names:
        instance = replace(instance, **_DEMANDS[name](rng, instance, markers, dyes))
    return instance, "+".join(names)


def with_shipping(instance: Instance, seed: int) -> Instance:
    """Return the instance with two to four vendors, whose deliveries cost about as much as a product."""
    rng = np.random.default_rng([seed, 31])
    vendors = int(rng.integers(2, 5))
    price = np.round(rng.uniform(50, 400, (vendors + 1, *instance.price.shape)), 2)
    price[rng.random(price.shape) < 0.4] = np.inf
    price[0] = np.where(rng.random(price[0].shape) < 0.8, np.inf, price[0])
    owned = rng.random(price[0].shape) < 0.2
    price[0, owned] = 0.0
    unsold = np.isinf(price).all(axis=0)
    price[1 + seed % vendors, unsold] = 100.0
    unknown = (rng.random(unsold.shape) < 0.1) & ~owned
    price[:, unknown] = np.where(np.isinf(price[:, unknown]), np.inf, 0.0)
    shipping = np.array([0.0, *np.round(rng.uniform(1, 300, vendors), 2)])
    delivery = Delivery(("", *(f"vendor-{v}" for v in range(vendors))), shipping, price)
    least = np.where(unknown, np.nan, price.min(axis=0))
    return replace(instance, price=least, owned=owned, delivery=delivery)


def _signatures(rng: np.random.Generator, detectors: int, dyes: int) -> np.ndarray:
    place = np.arange(detectors)
    centre = rng.uniform(0, detectors - 1, dyes)
    width = rng.uniform(0.5, 1.6, dyes)
    shape = np.exp(-0.5 * ((place[:, None] - centre) / width) ** 2) + 0.02 * rng.random((detectors, dyes))
    return shape * 10 ** rng.uniform(-1.5, 0.3, dyes)


def _required(rng: np.random.Generator, i: Instance, markers: int, dyes: int) -> dict[str, Any]:
    return {"required": rng.random(markers) < 0.5}


def _lock(rng: np.random.Generator, i: Instance, markers: int, dyes: int) -> dict[str, Any]:
    marker, dye = (int(x) for x in rng.choice(np.argwhere(sensible(i))))
    free = range(len(i.detector)) if rng.random() < 0.3 else i.detectors_of(dye)  # a lock may name a poor detector
    detector = int(rng.choice(free)) if i.conventional and len(free) > 0 and rng.random() < 0.5 else None
    available = i.available.copy()
    available[marker, dye] = True
    locked = replace(i, locks=(*i.locks, Lock(marker, dye, detector)), available=available)
    return {name: getattr(with_readings(locked), name) for name in ("locks", "available", "allowed")}


def _changes(rng: np.random.Generator, i: Instance, markers: int, dyes: int) -> dict[str, Any]:
    drawn = zip(rng.permutation(markers)[:2], rng.permutation(dyes)[:2], strict=True)
    chosen = frozenset((int(m), int(f)) for m, f in drawn if sensible(i)[m, f])
    available = i.available.copy()
    for pair in chosen:
        available[pair] = True
    known = with_readings(replace(i, available=available))
    return {
        "reference": chosen,
        "max_changes": int(rng.integers(0, 3)),
        "available": available,
        "allowed": known.allowed,
    }


def _shares(rng: np.random.Generator, i: Instance, markers: int, dyes: int) -> dict[str, Any]:
    share = np.full(len(i.population), np.nan)
    share[-1] = 10 ** rng.uniform(-4, -0.5)
    return {"max_share": share}


_DEMANDS = {
    "max_colours": lambda r, i, m, f: {"max_colours": int(r.integers(1, 3))},
    "budget": lambda r, i, m, f: {
        "budget": float(np.round(r.uniform(80, 700), 2)),
        "allow_unknown_price": bool(r.random() < 0.5),
    },
    "required": _required,
    "lock": _lock,
    "max_gates": lambda r, i, m, f: {"max_gates": int(r.integers(1, 3))},
    "yield_min": lambda r, i, m, f: {"yield_min": float(r.choice([0.9, 0.95, 0.97]))},
    "max_similarity": lambda r, i, m, f: {"max_similarity": float(r.uniform(0.1, 0.8))},
    "max_complexity": lambda r, i, m, f: {"max_complexity": float(r.uniform(1.1, 4.0))},
    "max_share": _shares,
    "require_goal": lambda r, i, m, f: {"require_goal": True, "purity_goal": float(r.choice([0.5, 0.8, 0.95]))},
    "sort_ways": lambda r, i, m, f: {"sort_ways": int(r.integers(1, 3))},
    "max_changes": _changes,
}
