"""Rows between two passes: a few in memory, many in a temporary file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import IO

from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.domain.reagents import Conjugate

Entry = tuple[RawRow, Conjugate | None, Fault | None]
"""A row, and what it says or why it is rejected."""

_HELD = 20_000
"""Entries that are held in memory."""


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
        reason = None if fault is None else (fault.code, fault.reason)
        record = json.dumps((row.line, row.cells, reason))  # all ASCII: cells may hold what no encoding has
        known = "" if conjugate is None else conjugate.model_dump_json(exclude_none=True)
        self._file.write(f"{record}\n{known}\n".encode())

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
        for record, known in zip(self._file, self._file, strict=True):
            line, cells, reason = json.loads(record)
            conjugate = Conjugate.model_validate_json(known) if known.strip() else None
            yield RawRow(line, tuple(cells)), conjugate, None if reason is None else Fault(*reason)
