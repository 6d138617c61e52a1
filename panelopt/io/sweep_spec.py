"""Specifications of sweeps: TOML to :class:`~panelopt.domain.sweep_record.SweepSpec`. See ``docs/sweep.md``."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.sweep_record import SweepSpec
from panelopt.io.documents import read_toml, validate


def read_sweep(path: Path) -> SweepSpec:
    """Read the specification of a sweep.

    Raises:
        InputError: with everything that is wrong in the file: key, value and what to do.
    """
    return validate(SweepSpec, read_toml(path), str(path))
