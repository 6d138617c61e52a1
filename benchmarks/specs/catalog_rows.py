"""A shipped problem with made-up catalogs of more and more products; read as always after the first time."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.catalog_rows import write_rows
from benchmarks.registry import Spec
from benchmarks.subject import Subject
from panelopt import api

ROWS = {"1000": 1_000, "10000": 10_000}
"""Longer lists are timed by ``catalog_scale.py``, each in a process of its own."""


def subject(rows: int) -> Subject:
    """Return a problem with a catalog of some rows, in a folder that lives as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="panelopt-rows-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "products.csv"
    write_rows(path, rows)
    return Subject(read=partial(api.load, "bm-cd271-cd146", cytometer="aria-fusion", catalogs=(str(path),)))


SPEC = Spec(
    "catalog_rows",
    {size: partial(subject, rows) for size, rows in ROWS.items()},
    ("read", "compile"),
)
