"""Sweep specifications: TOML to :class:`~panelopt.domain.sweep_record.SweepSpec`; see ``docs/sweep.md``."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.sweep_record import SweepSpec
from panelopt.io.documents import read_toml, validate


def read_sweep(path: Path) -> SweepSpec:
    """Read the specification of a sweep.

    Raises:
        InputError: with every fault in the file: key, value and remedy.
    """
    return validate(SweepSpec, read_toml(path), str(path))
