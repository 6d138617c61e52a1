"""The numeric instance as an NPZ archive, for checking the score with other code."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from panelopt.instance.arrays import Instance
from panelopt.io.atomic import write_bytes_atomic


def instance_npz(instance: Instance) -> bytes:
    """Return the arrays of an instance as an uncompressed NPZ archive without pickled objects.

    ``docs/instance.md`` lists names and meanings; NaN means unknown or no bound.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays(instance))
    return buffer.getvalue()


def arrays(instance: Instance) -> dict[str, np.ndarray]:
    """Return the named arrays of an instance."""

    def limit(value: float | None) -> np.ndarray:
        return np.array(np.nan if value is None else float(value))

    return {
        "population": np.array(instance.population),
        "marker": np.array(instance.marker),
        "dye": np.array(instance.dye),
        "detector": np.array(instance.detector),
        "role": np.array(instance.role),
        "phi": instance.phi,
        "abc": instance.abc,
        "cv": instance.cv,
        "g": instance.autofluorescence_factor,
        "M": instance.signal,
        "AF": instance.autofluorescence,
        "B": instance.background,
        "F": instance.excess,
        "e": instance.electronic,
        "k": instance.proportional,
        "available": instance.available.astype(np.int8),
        "allowed": instance.allowed.astype(np.int8),
        "conventional": np.array(int(instance.conventional)),
        "eps": np.array(instance.eps),
        "leak": np.array(instance.leak),
        "leak_total": np.array(instance.leak_total),
        "delta": np.array(instance.delta),
        "cv_af": np.array(instance.cv_autofluorescence),
        "yield_min": np.array(instance.yield_min),
        "purity_goal": np.array(instance.purity_goal),
        "max_colours": limit(instance.max_colours),
        "required": instance.required.astype(np.int8),
        "dump": instance.dump.astype(np.int8),
        "no_above": instance.no_above.astype(np.int8),
        "max_share": instance.max_share,
        "price": instance.price,
        "max_gates": limit(instance.max_gates),
        "marker_list": np.array(int(instance.marker_list)),
        "unknown_abc": np.array(instance.unknown_abc),
        "unknown_cv": np.array(instance.unknown_cv),
        "budget": limit(instance.budget),
        "max_similarity": limit(instance.max_similarity),
        "max_complexity": limit(instance.max_complexity),
        "max_spillover": np.array(instance.max_spillover),
        "slack": np.array(instance.slack),
        "prefer": np.array(instance.prefer, dtype=np.str_),
        "viability": instance.viability.astype(np.int8),
        "sourced": instance.sourced.astype(np.int8),
        "fragile": instance.fragile.astype(np.int8),
        "sort_ways": limit(instance.sort_ways),
        "locked": np.array(
            [[lock.marker, lock.dye, -1 if lock.detector is None else lock.detector] for lock in instance.locks],
            dtype=np.int64,
        ).reshape(-1, 3),
        **_purchases(instance),
    }


def _purchases(instance: Instance) -> dict[str, np.ndarray]:
    """Return the arrays that only some questions have: your stock, and delivery costs."""
    found: dict[str, np.ndarray] = {}
    if instance.owned is not None:
        found["owned"] = instance.owned.astype(np.int8)
    if instance.delivery is not None:
        sold = np.isfinite(instance.delivery.price)
        found["vendor"] = np.array(instance.delivery.vendor)
        found["shipping"] = instance.delivery.shipping
        found["vendor_price"] = np.where(sold, instance.delivery.price, np.nan)
    return found


def write_instance(instance: Instance, path: Path) -> None:
    """Write the archive atomically."""
    write_bytes_atomic(path, instance_npz(instance))
