"""Lists made of shipped files, kept from an earlier run: no record is built to list it.

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
from panelopt.domain.name_table import NameTable
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import cache_folder

_VERSION = "2"
"""Changes whenever the same files would be listed otherwise."""

_KEY_DIGITS = 32


def kept_list(kind: str, paths: Iterable[Path], read: Callable[[], Iterable[Sequence[Any]]]) -> Sequence[Sequence[Any]]:
    """Return the rows of a list that was kept for the same files, or else those that are read.

    Args:
        kind: What is listed.
        paths: Every file that the list depends on.
        read: Makes the list; its values are texts, numbers, and lists of them.
    """
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


def kept_names(kind: str, paths: Iterable[Path], read: Callable[[], NameTable]) -> NameTable:
    """Return a table of names that was kept for the same files, or else the one that is read; see :func:`kept_list`."""
    return NameTable.restored(
        (name, others, keys) for name, others, keys in kept_list(kind, paths, lambda: read().rows())
    )
