"""A folder of things worked out earlier: files that are there whole or not at all, and not believed when damaged."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from panelopt.errors import PaneloptError
from panelopt.frozen import dataclass
from panelopt.io.atomic import LEFT_BEHIND_S, write_bytes_atomic

MAX_ENTRIES = 32
"""Files that are kept; those that were not used for the longest time go first."""

MAX_ENTRY_BYTES = 512_000_000
"""Larger files are not read."""

_DIGITS = 32

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """Contents by key.

    The name of a file holds its key and the SHA-256 of its own content, so that any damage is seen. Several processes
    may use one folder: files appear in one step and never change.

    Attributes:
        folder: Where the files are; it is made when the first one is kept.
        suffix: Suffix of the files.
    """

    folder: Path
    suffix: str

    def find(self, key: str) -> bytes | None:
        """Return what was kept under a key; None if there is nothing, or it is damaged."""
        if not self._is_private():
            return None
        for path in self._files(f"{key}-", self.suffix):
            content = _content(path)
            if content is not None and path.name == self._name(key, content):
                with contextlib.suppress(OSError):
                    path.touch()
                return content
            with contextlib.suppress(OSError):
                path.unlink()
        return None

    def made(self, key: str, make: Callable[[Any], Made]) -> Made | None:
        """Return what ``make`` makes of the JSON kept under a key; None if there is nothing, or it has another form.

        The form differs where another version kept it and the key does not tell the two apart.
        """
        if (content := self.find(key)) is None:
            return None
        try:
            return make(json.loads(content))
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def keep(self, key: str, content: bytes) -> str:
        """Keep something under a key; return why that is not possible, or nothing."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_private():
                return "everybody can write there"
            write_bytes_atomic(path := self.folder / self._name(key, content), content)
        except OSError as error:
            return (error.strerror or "unknown reason").lower()
        except PaneloptError as error:
            return error.message
        self._tidy(other for other in self._files(f"{key}-", self.suffix) if other != path)
        return ""

    def _name(self, key: str, content: bytes) -> str:
        return f"{key}-{hashlib.sha256(content).hexdigest()[:_DIGITS]}{self.suffix}"

    def _is_private(self) -> bool:
        """Whether only those who are trusted can put files there."""
        try:
            return os.name != "posix" or not self.folder.stat().st_mode & 0o002
        except OSError:
            return False

    def _files(self, start: str, end: str) -> Iterator[Path]:
        """Yield the files whose names begin and end so, by name."""
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            names = sorted(entry.name for entry in entries)
            yield from (self.folder / name for name in names if name.startswith(start) and name.endswith(end))

    def _tidy(self, replaced: Iterable[Path]) -> None:
        with contextlib.suppress(OSError):
            named = (path for path in self._files("", self.suffix) if "-" in path.name)
            newest = sorted(named, key=lambda path: -path.lstat().st_mtime)
            parts = [p for p in self._files(".", ".part") if p.lstat().st_mtime < time.time() - LEFT_BEHIND_S]
            for path in {*replaced, *newest[MAX_ENTRIES:], *parts}:
                path.unlink(missing_ok=True)


def _content(path: Path) -> bytes | None:
    """Return the content of a file; None for anything else, such as a link to one."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_ENTRY_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None
