"""Recognises a file of another kind than expected, so that an error can name what was given instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from panelopt.errors import InputError, input_error

MAX_NEIGHBOURS = 5000
"""Files of a folder that are compared with a name that is not found."""

TABLE, JSON, TOML, PAGE = "a table (CSV)", "a JSON document", "a TOML file", "a web page"

_DOCUMENTS = {
    "a problem": ("marker", "population", "goal", "limits", "sample"),
    "a cytometer": ("detector", "laser", "unmixing", "sorter"),
    "a file of fluorochromes": ("fluorochrome",),
    "a file of signatures": ("signature",),
    "a catalog's description": ("retrieved", "licence", "sha256"),
}
"""Top-level keys that only one kind of TOML file has."""

_MAGIC = {
    b"PK\x03\x04": "a spreadsheet or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"%PDF": "a PDF",
    b"FCS3.": "an FCS file",
    b"FCS2.": "an FCS file",
    b"\x1f\x8b": "a gzip file",
}
_START = 4000  # characters that show the kind of a text
_JSON_START = re.compile(r"\{|\[\s*[\"{\d-]")
_ASSIGNED = re.compile(r"\s*(\[\[?[\w. \"-]+\]\]?\s*(#|$)|[\w.\"-]+\s*=)")


def kind_of(content: bytes | str) -> str:
    """Return what the content of a file looks like, with its article; empty if it is nothing known."""
    if isinstance(content, bytes):
        if packed := packed_kind(content):
            return packed
        content = content[:_START].decode("utf-8-sig", errors="replace")
    start = content[:_START].lstrip()
    if start.startswith("<"):
        return PAGE if "<html" in start.lower() else "an XML file"
    lines = [line for line in start.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and _ASSIGNED.match(lines[0]):
        return TOML
    if _JSON_START.match(start):
        return JSON
    return TABLE if lines and "=" not in lines[0] and any(mark in lines[0] for mark in ",;\t") else ""


def packed_kind(content: bytes) -> str:
    """Return what a file that is no text looks like, with its article; empty if it is nothing known."""
    return next((name for start, name in _MAGIC.items() if content.startswith(start)), "")


def refuse_other_kind(content: bytes | str, wanted: str, where: str, hint: str = "") -> None:
    """Reject content that looks like another kind of file; call it once reading has failed.

    Args:
        content: Content of the file.
        wanted: The expected kind, such as :data:`JSON`.
        where: File name for messages.
        hint: What to do with the file, or which file to give.

    Raises:
        InputError: if it does.
    """
    found = kind_of(content)
    if found not in ("", wanted):
        raise input_error("other-kind", f"this is {found}, not {wanted}", where=where, hint=hint) from None


def refuse_other_document(model: type[BaseModel], data: Mapping[str, Any], where: str) -> None:
    """Reject the content of a TOML file that describes something else than ``model`` does.

    Raises:
        InputError: if it does.
    """
    own = set(model.model_fields)
    found = {kind: sum(key in data for key in keys if key not in own) for kind, keys in _DOCUMENTS.items()}
    wanted = [kind for kind, keys in _DOCUMENTS.items() if own.issuperset(keys)]
    kind = max(found, key=lambda one: found[one])
    strangers = sum(key not in own for key in data)
    if wanted and kind not in wanted and found[kind] and strangers > len(data) - strangers - _COMMON:
        hint = "Check the order of the files, and the option in front of each."
        raise input_error("other-kind", f"this is {kind}, not {wanted[0]}", where=where, hint=hint)


_COMMON = 2  # `schema_version` and `id` are in every document


def missing_file(path: Path) -> InputError:
    """Return the error for a file that does not exist, with a similar name of its folder."""
    folder = path.parent
    try:
        if not folder.is_dir():
            return input_error("missing-file", "no such file", where=str(path), hint=f"There is no folder {folder}.")
        stems = {one.stem: one.name for one in islice(folder.iterdir(), MAX_NEIGHBOURS)}
    except (OSError, ValueError):
        stems = {}
    import difflib  # only messages need it

    close = difflib.get_close_matches(path.stem, stems, n=1)
    hint = f"Did you mean {stems[close[0]]}?" if close else "Check the path."
    return input_error("missing-file", "no such file", where=str(path), hint=hint)
