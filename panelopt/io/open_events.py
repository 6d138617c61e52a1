"""Opens labelled events of four kinds of file.

FCS (:mod:`panelopt.io.fcs`), CSV, Parquet and AnnData ``.h5ad`` (extra ``anndata``). The first bytes of a file decide,
not its name.
"""

from __future__ import annotations

from pathlib import Path

from panelopt.errors import input_error
from panelopt.io.event_fcs import FcsEvents
from panelopt.io.event_tables import AnnDataEvents, CsvEvents, ParquetEvents
from panelopt.io.labelled_events import EventSource

MAX_EVENT_BYTES = 2_000_000_000
"""Larger event files are refused."""


def open_events(path: Path, *, compensate: bool = False) -> EventSource:
    """Open an event file.

    Args:
        path: The file.
        compensate: Apply the spillover matrix of an FCS file; other kinds of file have none.

    Raises:
        InputError: if it is missing, too large, of no known kind, or damaged.
        PaneloptError: if its kind needs a package that is not installed.
    """
    where = str(path)
    if not path.is_file():
        raise input_error("missing-file", "no such file", where=where, hint="Check the path.")
    if path.stat().st_size > MAX_EVENT_BYTES:
        message = f"the file has {path.stat().st_size:,} bytes, more than {MAX_EVENT_BYTES:,}"
        raise input_error("file-too-large", message, where=where, hint="Take a random part of the events.")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"FCS"):
        return FcsEvents(path, compensate=compensate)
    if start.startswith(b"PAR1"):
        return ParquetEvents(path)
    if start == b"\x89HDF\r\n\x1a\n":
        return AnnDataEvents(path)
    if b"\x00" in start or path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        hint = "Known are FCS, CSV (.csv, .tsv, .txt), Parquet and AnnData (.h5ad)."
        raise input_error("unknown-kind", "this is no file of events", where=where, hint=hint)
    return CsvEvents(path)
