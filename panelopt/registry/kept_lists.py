"""Lists made of shipped files, kept from an earlier run: no record is built to list it.

A list is kept under the hash of the files it was made of, all of which were valid.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from panelopt import __version__
from panelopt.domain.name_table import NameTable
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import cache_folder

_VERSION = "2"
"""Changes whenever the same files would be listed otherwise."""

_KEY_DIGITS = 32

Made = TypeVar("Made")


def kept_list(
    kind: str,
    paths: Iterable[Path],
    read: Callable[[], Iterable[Sequence[Any]]],
    make: Callable[[Iterable[Sequence[Any]]], Made],
) -> Made:
    """Return what is made of a list that was kept for the same files, or else of the one that is read.

    Args:
        kind: What is listed.
        paths: Every file that the list depends on.
        read: Returns the rows; their values are texts, numbers, and lists of them.
        make: Takes the rows.
    """
    digest = hashlib.sha256(f"{_VERSION} {__version__} {kind}".encode())
    for path in paths:
        with contextlib.suppress(OSError):  # reading it says what is wrong
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    kept, key = KeptFiles(cache_folder("parsed"), ".json"), digest.hexdigest()[:_KEY_DIGITS]
    if (known := kept.made(key, make)) is not None:
        return known
    found = list(read())
    kept.keep(key, json.dumps(found).encode())
    return make(found)


def kept_names(kind: str, paths: Iterable[Path], read: Callable[[], NameTable]) -> NameTable:
    """Return a table of names that was kept for the same files, or else the one that is read; see :func:`kept_list`."""
    return kept_list(
        kind,
        paths,
        lambda: read().rows(),
        lambda rows: NameTable.restored((name, others, keys) for name, others, keys in rows),
    )
