"""What lists show of shipped cytometers and problems, kept from an earlier run: no record is built to list it.

A list is kept under the hash of the files it was made of, all of which were valid.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from panelopt import __version__
from panelopt.domain.listed import ListedCytometer, ListedProblem
from panelopt.errors import Finding
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import cache_folder
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, stems
from panelopt.registry.plugged_files import plugged_files
from panelopt.registry.plugins import CYTOMETER_GROUP

_VERSION = "1"
"""Changes whenever the same files would be listed otherwise."""

_KEY_DIGITS = 32


def listed_cytometers() -> tuple[tuple[ListedCytometer, ...], tuple[Finding, ...]]:
    """Return the cytometers of :func:`panelopt.registry.cytometer_sources.readable_cytometers` as they are listed."""
    remarks: list[Finding] = []

    def read() -> Iterable[ListedCytometer]:
        from panelopt.registry.cytometer_sources import readable_cytometers

        found, findings = readable_cytometers()
        remarks.extend(findings)
        return [ListedCytometer.of(c, "" if file.kind == "built-in" else file.origin) for c, file in found]

    if any(plugged_files(CYTOMETER_GROUP, "cytometers")):
        return tuple(read()), tuple(remarks)  # plug-ins may change, and warnings are not kept
    shipped = stems(CATALOG_DATA, "cytometers").values()
    return tuple(ListedCytometer(*row) for row in _kept("cytometers", shipped, read)), ()


def listed_problems() -> tuple[ListedProblem, ...]:
    """Return the shipped problems as they are listed."""

    def read() -> Iterable[ListedProblem]:
        from panelopt.registry.shipped import shipped_problems

        return map(ListedProblem.of, shipped_problems())

    paths = [*stems(PROBLEM_DATA).values(), *stems(CATALOG_DATA, "aliases").values()]
    return tuple(ListedProblem(*row) for row in _kept("problems", paths, read))


def _kept(kind: str, paths: Iterable[Path], read: Callable[[], Iterable[Sequence[Any]]]) -> list[Sequence[Any]]:
    """Return the rows of a list that was kept for the same files, or else those that are read."""
    digest = hashlib.sha256(f"{_VERSION} {__version__} {kind}".encode())
    for path in paths:
        with contextlib.suppress(OSError):  # reading it says what is wrong
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    kept, key = KeptFiles(cache_folder("parsed"), ".json"), digest.hexdigest()[:_KEY_DIGITS]
    if (known := kept.find(key)) is not None:
        rows: list[Sequence[Any]] = json.loads(known)
        return rows
    found = list(read())
    kept.keep(key, json.dumps(found).encode())
    return found
