"""Shipped TOML files, parsed once: reading 24 files of dyes as TOML takes ten times as long as reading them as JSON.

What was parsed is found again by the SHA-256 of the files, never by their time or size.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panelopt.io.documents import MAX_TOML_BYTES, parse_toml, read_bytes
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import cache_folder

_VERSION = b"1"
"""Changes whenever the same files would be parsed to something else."""

_KEY_DIGITS = 32


def parsed_files(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the content of TOML files as :func:`panelopt.io.documents.read_toml` does, each in its place.

    Files that hold a date, which JSON lacks, are parsed each time.

    Raises:
        InputError: if one of the files cannot be read or is not TOML.
    """
    contents = [read_bytes(path, MAX_TOML_BYTES) for path in paths]
    hashes = b"".join(hashlib.sha256(content).digest() for content in contents)
    key = hashlib.sha256(_VERSION + hashes).hexdigest()[:_KEY_DIGITS]
    kept = KeptFiles(cache_folder("parsed"), ".json")

    def documents(content: Any) -> list[dict[str, Any]]:
        if [type(document) for document in content] != [dict] * len(paths):
            raise TypeError("not one document for each file")
        return list(content)

    if (known := kept.made(key, documents)) is not None:
        return known
    parsed = [parse_toml(content, str(path)) for path, content in zip(paths, contents, strict=True)]
    with contextlib.suppress(TypeError):
        kept.keep(key, json.dumps(parsed, separators=(",", ":")).encode())
    return parsed


def parsed_file(path: Path) -> dict[str, Any]:
    """Return the content of one TOML file; see :func:`parsed_files`."""
    return parsed_files([path])[0]
