# ruff: noqa: T201, PTH100
"""Runs commands that fail at a chosen step of their writing: ``python -m tests.faults.run MODE FOLDER WORDS...``.

Prints one line for each step: its number, the exit code, and what the files of the folder are called then. Each trial
is a copy of the folder, worked on by a child of this process, so that the libraries are loaded once.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from panelopt import api, registry
from panelopt.cli import main as panelopt
from panelopt.io import catalog_parquet, catalog_store
from panelopt.registry import catalog_import

KILLED = 137
_STEPS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MOST_STEPS = 500
_LOADED = (api, registry, catalog_import, catalog_parquet)  # here, not in every child


class Fault:
    """Counts the steps by which a process changes files, and fails at one of them.

    Args:
        folder: Only changes below it count.
        at: Number of the step that fails; steps count from 1.
        kill: Whether the process ends there; the disk is full from there on otherwise.
    """

    def __init__(self, folder: Path, at: int, *, kill: bool) -> None:
        self.folder, self.at, self.kill, self.step = str(folder.resolve()), at, kill, 0

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See the steps that the interpreter reports."""
        if event == "open":
            path, mode, flags = arguments
            writes = flags & _WRITES if isinstance(flags, int) else any(c in (mode or "") for c in "wax+")
            if writes and self._inside(path):
                self.count()
        elif event in _STEPS and self._inside(arguments[0]):
            # what is removed makes room, also on a full disk
            self.count(fails=event not in ("os.remove", "os.rmdir"))

    def count(self, *, fails: bool = True) -> None:
        """Take one step, or fail at it."""
        self.step += 1
        if self.kill and self.step == self.at:
            os._exit(KILLED)
        if not self.kill and self.step >= self.at and fails:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _inside(self, path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.path.abspath(os.fsdecode(path)).startswith(
            self.folder
        )


class TornFile:
    """A file whose failing write leaves its first half."""

    def __init__(self, file: Any, fault: Fault) -> None:
        self._file, self._fault = file, fault

    def write(self, data: Any) -> Any:
        """Write, in two steps."""
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._fault.count()
        self._file.write(data[half:])
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> TornFile:
        self._file.__enter__()
        return self

    def __exit__(self, *raised: object) -> Any:
        return self._file.__exit__(*raised)


def torn_files(fault: Fault) -> None:
    """Let every file that is opened for writing from now on be a :class:`TornFile`."""
    opened = io.open

    def open_(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        found = opened(file, mode, *rest, **named)
        return TornFile(found, fault) if any(c in mode for c in "wax+") else found

    io.open = open_  # type: ignore[assignment]  # what Path.open and os.fdopen call


def trial(folder: Path, words: list[str], at: int, *, kill: bool) -> tuple[int, str]:
    """Run a command in a child; return its exit code (0 = the step did not come), and what it said."""
    said = folder.parent / "said.txt"
    child = os.fork()
    if child == 0:
        handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        os.chdir(folder)
        code = 99
        try:
            fault = Fault(folder, at, kill=kill)
            torn_files(fault)
            sys.addaudithook(fault.hook)
            panelopt.main(words, prog_name="panelopt")
        except SystemExit as end:
            code = int(end.code or 0) if isinstance(end.code, int | None) else 98
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.read_text(encoding="utf-8", errors="replace")


def main() -> None:
    """Fail at step 1, 2, ... until the command gets through."""
    mode, start, words = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    warnings.simplefilter("ignore", DeprecationWarning)  # forks: no other thread holds a lock that is needed
    catalog_store.SMALL_BYTES = 0  # so that the cache is used
    for at in range(1, _MOST_STEPS):
        folder = start.parent / f"trial-{at}" / "work"
        shutil.copytree(start, folder, symlinks=True)
        os.environ["PANELOPT_CACHE"] = str(folder / "cache")
        code, said = trial(folder, words, at, kill=mode == "kill")
        shutil.copytree(folder, folder.parent / "after", symlinks=True)
        again, said_again = trial(folder, words, 0, kill=True) if code else (0, "")
        print(
            json.dumps({"step": at, "code": code, "said": said, "again": again, "said_again": said_again}), flush=True
        )
        if code == 0:
            return


if __name__ == "__main__":
    main()
