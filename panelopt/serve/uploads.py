"""Uploaded files: kept in a private folder under names of our own, and read by the readers of the commands."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from panelopt.api.errors import PaneloptError
from panelopt.serve.bounded import Bounded

if TYPE_CHECKING:
    from panelopt.api.catalogs import ImportSummary

MOST_FILES = 24
"""Instruments and lists of stock that are kept; the one used longest ago goes first."""

PREFIX = "panelopt-serve-"
"""Begins the name of the private folder."""

OWN = "own:"
"""Begins the reference of an uploaded file; its hash follows."""

LIST_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".json", ".parquet", ".feather")
"""Kinds of lists; others are refused before they are read."""


class Uploads:
    """Files of this run of the server; they vanish with it, or with the next run if it is killed."""

    def __init__(self) -> None:
        _remove_left_behind()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self._kept: Bounded[str, Path] = Bounded(MOST_FILES, _remove)

    def close(self) -> None:
        """Remove all files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def has(self, reference: str) -> bool:
        """Whether an upload is here; True for shipped names."""
        return not reference.startswith(OWN) or self._kept.get(reference) is not None

    def path(self, reference: str) -> str:
        """Return the path of an upload, or a shipped name as it is.

        Raises:
            PaneloptError: if the file is not here any more.
        """
        if not reference.startswith(OWN):
            return reference
        found = self._kept.get(reference)
        if found is None:
            hint = "Uploads are kept only while the server runs. Upload the file again."
            raise PaneloptError("an uploaded file is not here any more", hint=hint)
        return str(found)

    def problem_file(self, text: str) -> Path:
        """Return a file with the text of a problem."""
        return self._written(text.encode(), ".toml")

    def cytometer(self, content: bytes, name: str) -> str:
        """Take an instrument: a TOML file, a list of detectors, or an export of FACSDiva.

        Returns its reference.

        Raises:
            PaneloptError: if it is none.
        """
        from panelopt.api.cytometers import cytometer_toml, find_cytometer, import_cytometer
        from panelopt.api.problems import problem_id

        if Path(name).suffix.lower() == ".toml":
            target = self._written(content, ".toml")
            try:
                find_cytometer(str(target))
            except PaneloptError:
                target.unlink(missing_ok=True)
                raise
            return self._keep(content, target)
        source = self._written(content, ".csv")
        try:
            found = import_cytometer(source, id=problem_id(Path(name).stem), sorter=True)
        finally:
            source.unlink(missing_ok=True)
        return self._keep(content, self._written(cytometer_toml(found).encode(), ".toml"))

    def stock(self, content: bytes, name: str) -> tuple[str, str]:
        """Take a list of products in stock, and return its reference and what became of its rows.

        Raises:
            PaneloptError: if it cannot be read, or most of its rows make no sense.
        """
        from panelopt.api.catalogs import (
            Catalog,
            ReadOptions,
            guess_mapping,
            import_into,
            read_foreign,
            tables,
        )  # fmt: skip

        suffix = Path(name).suffix.lower()
        if suffix not in LIST_SUFFIXES:
            raise PaneloptError("this is no list of products", hint=f"Upload one of {', '.join(LIST_SUFFIXES)}.")
        source = self._written(content, suffix)
        try:
            table = read_foreign(source, ReadOptions())
            guess = guess_mapping(table, tables())
            today = datetime.now().astimezone().date().isoformat()
            head = Catalog(name="our-stock", source="uploaded list", retrieved=today, inventory=True)
            folder = self.folder / f"stock-{_digest(content)}"
            summary = import_into(folder, table, guess.mapping, head, guessed=True, force=True)
        finally:
            source.unlink(missing_ok=True)
        return self._keep(content, folder), _taken(Path(name).name, summary)

    def text(self, content: bytes, suffix: str) -> Path:
        """Return a file with the content, for a reader; the caller removes it."""
        return self._written(content, suffix)

    def _written(self, content: bytes, suffix: str) -> Path:
        path = self.folder / f"{_digest(content)}{suffix}"
        if not path.exists():
            path.write_bytes(content)
        return path

    def _keep(self, content: bytes, path: Path) -> str:
        """Keep what was made of a file; its reference is the same whenever the file comes again."""
        reference = OWN + _digest(content)
        self._kept.put(reference, path)
        return reference


def _remove_left_behind() -> None:
    """Remove the folders of this user's servers that were killed."""
    if os.name != "posix":
        return  # there, asking whether a process lives would end it
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            about = folder.lstat()
            ours = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()
            if ours and process.isascii() and process.isdecimal() and not _lives(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    """Whether a process runs; True where that is unknown."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass  # somebody else's, or no number of a process
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _taken(name: str, summary: ImportSummary) -> str:
    """Return in words what became of the rows of a list."""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.rejected.items())
    unknown = ", ".join(summary.fluorochromes.unknown[:_MOST_LISTED])
    texts = [
        f"{name}: {summary.conjugates:,} of {summary.rows:,} rows were read as your stock.",
        f"Left out: {reasons}; the link on the left lists them." if reasons else "",
        f"Unknown fluorochromes: {unknown}." if unknown else "",
        f"The dyes of {summary.without_optics:,} products have no known optics." if summary.without_optics else "",
        f"By the list, {summary.not_human:,} products do not react with human cells." if summary.not_human else "",
    ]
    return " ".join(filter(None, texts))


_MOST_LISTED = 8
"""Unknown fluorochromes that are named."""


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
