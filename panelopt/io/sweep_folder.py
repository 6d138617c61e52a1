"""The folder of a sweep. Cells are written atomically, so that a killed run leaves only whole cells.

``cells/KEY.json`` contains the row of a finished cell; ``results/KEY.json``, written first, the whole result. A key is
the hash of all inputs of the cell.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from panelopt.domain.sweep_record import CellRow
from panelopt.errors import InputError, PaneloptError, input_error
from panelopt.io.atomic import make_folder, write_bytes_atomic, write_text_atomic
from panelopt.io.documents import read_bytes
from panelopt.io.json_text import parse_json
from panelopt.io.result_json import record_json
from panelopt.io.sweep_table import sweep_csv, sweep_parquet

MAX_ROW_BYTES = 1_000_000
"""Maximum size of a file in the folder, bytes; larger ones are ignored."""

MAX_TABLE_BYTES = 500_000_000
"""Maximum size of the table that is read, bytes."""

MAX_OWNER = 500
"""Maximum length of the texts about the owner of the folder."""

LOCK_FILE = "sweep.lock"
OWNER_FILE = "running.json"
TABLES = ("table.csv", "table.parquet")
"""Tables of all finished cells, written when a run ends."""


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """A folder with the cells of sweeps.

    Attributes:
        path: Path of the folder.
    """

    path: Path

    @contextlib.contextmanager
    def open_for_run(self) -> Iterator[None]:
        """Create the folder and lock it against other runs; the lock ends with the process in any case.

        Raises:
            PaneloptError: if another run uses the folder, or it cannot be created.
        """
        for folder in (self.path, self._cells, self._results):
            make_folder(folder)
        lock = FileLock(self.path / LOCK_FILE)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            hint = "Wait for it, stop it, or choose another folder with -o. `--status` shows its progress."
            raise PaneloptError(
                f"another sweep uses this folder{self._owner()}", where=str(self.path), hint=hint
            ) from None
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            message = f"the folder cannot be locked: {reason}"
            hint = "Is the disk full? Choose another folder with -o."
            raise PaneloptError(message, where=str(self.path), hint=hint) from None
        owner = self.path / OWNER_FILE
        try:
            began = datetime.now().astimezone().isoformat(timespec="seconds")
            who = {"process": os.getpid(), "machine": socket.gethostname(), "began": began}
            write_text_atomic(owner, json.dumps(who) + "\n")
            self._remove_parts()
            yield
        finally:
            with contextlib.suppress(OSError):
                owner.unlink()
            lock.release()

    def row(self, key: str) -> CellRow | None:
        """Return the row of a cell; None if it is unfinished, damaged, or belongs to another cell."""
        try:
            row = CellRow.model_validate_json(read_bytes(self._cells / f"{key}.json", MAX_ROW_BYTES))
        except (InputError, ValidationError):
            return None
        return row if row.cell == key else None

    def land(self, row: CellRow, result: str) -> None:
        """Save a finished cell.

        Args:
            row: Its row.
            result: Its result as JSON; empty if none.

        Raises:
            PaneloptError: if it cannot be written.
        """
        if result:
            write_text_atomic(self._results / f"{row.cell}.json", result)
        write_text_atomic(self._cells / f"{row.cell}.json", record_json(row))

    def count(self) -> int:
        """Return the number of cells, including those of other grids and earlier inputs."""
        return sum(1 for _ in self._cells.glob("*.json")) if self._cells.is_dir() else 0

    def listed(self) -> tuple[CellRow, ...]:
        """Return the cells of the table, or all finished cells while there is none; damaged ones are left out.

        Raises:
            InputError: if the folder holds no sweep, or its table cannot be read.
        """
        if not self._cells.is_dir():
            hint = "Give the folder that `panelopt sweep -o` wrote."
            raise input_error("not-a-sweep", "this folder holds no sweep", where=str(self.path), hint=hint)
        table = self.path / TABLES[0]
        if table.is_file():
            text = read_bytes(table, MAX_TABLE_BYTES).decode("utf-8", errors="replace")
            try:
                keys = [line.get("cell") or "" for line in csv.DictReader(io.StringIO(text, newline=""))]
            except csv.Error as error:
                raise input_error("csv-syntax", f"not a valid table: {error}", where=str(table)) from None
        else:
            keys = sorted(path.stem for path in self._cells.glob("*.json"))
        rows = (self.row(key) for key in keys if key.isalnum())
        return tuple(row for row in rows if row is not None)

    def write_tables(self, rows: Sequence[CellRow]) -> None:
        """Write :data:`TABLES`.

        Raises:
            PaneloptError: if a table cannot be written.
        """
        write_text_atomic(self.path / TABLES[0], sweep_csv(rows))
        write_bytes_atomic(self.path / TABLES[1], sweep_parquet(rows))

    @property
    def _cells(self) -> Path:
        return self.path / "cells"

    @property
    def _results(self) -> Path:
        return self.path / "results"

    def _owner(self) -> str:
        try:
            who = parse_json(read_bytes(self.path / OWNER_FILE, MAX_ROW_BYTES), OWNER_FILE)
            text = f": process {who['process']} on {who['machine']}, since {who['began']}"
            return text if len(text) < MAX_OWNER else ""
        except (InputError, TypeError, KeyError):
            return ""

    def _remove_parts(self) -> None:
        """Remove the unfinished files of a killed run; the lock excludes other writers."""
        for folder in (self.path, self._cells, self._results):
            for part in folder.glob(".*.part"):
                with contextlib.suppress(OSError):
                    part.unlink()
