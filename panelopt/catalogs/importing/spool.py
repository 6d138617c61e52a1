"""Rows between two passes: a few in memory, many in a temporary file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.domain.reagents import Conjugate

Entry = tuple[RawRow, Conjugate | None, Fault | None]
"""A row, and what it says or why it is rejected."""

_HELD = 20_000
"""Entries that are held in memory."""

_FIELDS = tuple(Conjugate.model_fields)


class Spool:
    """Keeps entries in the order in which they were added."""

    def __init__(self) -> None:
        self._held: list[Entry] = []
        self._file: IO[bytes] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: RawRow, conjugate: Conjugate | None, fault: Fault | None) -> None:
        """Add an entry at the end."""
        self._count += 1
        if self._count <= _HELD:
            self._held.append((row, conjugate, fault))
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - until it is closed
        values = None if conjugate is None else [getattr(conjugate, name) for name in _FIELDS]
        reason = None if fault is None else (fault.code, fault.reason)
        record = json.dumps((row.line, row.cells, values, reason), default=date.isoformat)
        self._file.write(record.encode("ascii") + b"\n")

    def close(self) -> None:
        """Delete the temporary file."""
        if self._file is not None:
            self._file.close()

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries; only one pass at a time."""
        yield from self._held
        if self._file is None:
            return
        self._file.seek(0)
        for record in self._file:
            line, cells, values, reason = json.loads(record)
            conjugate = None if values is None else _conjugate(dict(zip(_FIELDS, values, strict=True)))
            yield RawRow(line, tuple(cells)), conjugate, None if reason is None else Fault(*reason)


def _conjugate(values: dict[str, Any]) -> Conjugate:
    """Return a conjugate whose values were checked before they were written."""
    if values["expires"] is not None:
        values["expires"] = date.fromisoformat(values["expires"])
    return Conjugate.model_construct(**values)
