"""Made-up labelled events: log-normal signals of known median and CV."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import flowio
import numpy as np
import pandas as pd

Truth = Mapping[str, tuple[float, float]]

LEVELS: dict[str, Truth] = {
    "MSC": {"CD271": (60000, 0.55), "CD45": (120, 0.5), "CD146": (15000, 0.7)},
    "leukocyte": {"CD271": (90, 0.5), "CD45": (250000, 0.45), "CD146": (110, 0.5)},
    "endothelial": {"CD271": (100, 0.5), "CD45": (150, 0.6), "CD146": (60000, 0.55)},
}
"""Median and CV by population and marker."""

COUNTS = {"MSC": 900, "leukocyte": 4000, "endothelial": 1100}


def frame(
    levels: Mapping[str, Truth] = LEVELS, counts: Mapping[str, int] = COUNTS, seed: int = 1, scale: float = 1.0
) -> pd.DataFrame:
    """Return events with a column ``population``, in the order of the populations."""
    random = np.random.default_rng(seed)
    parts = []
    for name, truth in levels.items():
        columns = {
            marker: scale * median * np.exp(np.sqrt(np.log1p(cv**2)) * random.normal(size=counts[name]))
            for marker, (median, cv) in truth.items()
        }
        parts.append(pd.DataFrame({**columns, "population": name}))
    return pd.concat(parts, ignore_index=True)


def write_csv(path: Path, events: pd.DataFrame) -> Path:
    """Write events as CSV."""
    events.to_csv(path, index=False)
    return path


def write_fcs(
    path: Path, events: pd.DataFrame, titles: Sequence[str] = (), named: bool = True, **keywords: str
) -> Path:
    """Write events as FCS: populations become codes, their names keywords."""
    codes, names = pd.factorize(events["population"])
    columns = [column for column in events.columns if column != "population"]
    values = np.column_stack([events[columns].to_numpy(dtype=float), codes])
    if named:
        keywords |= {f"population_{code}": str(name) for code, name in enumerate(names)}
    out = io.BytesIO()
    flowio.create_fcs(
        out,
        values.ravel().tolist(),
        [*columns, "population"],
        opt_channel_names=[*(titles or [""] * len(columns)), ""],
        metadata_dict=dict(keywords),
    )
    path.write_bytes(out.getvalue())
    return path
