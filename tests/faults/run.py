# ruff: noqa: T201, PTH100
"""Commands that fail at a chosen step of their writing: ``python -m tests.faults.run FOLDER [options] -- WORDS...``.

Prints one line for each step: its number, the exit code, what was said, and the same of the next run. Each trial is a
copy of the folder, worked on by a child of this process, so that the libraries are loaded once.
"""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import shutil
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from panelopt import api, registry
from panelopt.catalogs import importing as catalog_import
from panelopt.catalogs import parquet as catalog_parquet
from panelopt.catalogs import store as catalog_store
from panelopt.cli import main as panelopt
from panelopt.report import html, xlsx
from panelopt.sweeps import local_engine
from tests.sweeps.examples import Here

KILLED = 137
GONE_S = 30.0
"""Seconds in which the processes that a killed command has started must end."""

_STEPS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MOST_STEPS = 500
_LOADED = (api, registry, catalog_import, catalog_parquet, html, xlsx)  # here, not in every child


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
            if writes and self.inside(path):
                self.count()
        elif event in _STEPS and self.inside(arguments[0]):
            # what is removed makes room, also on a full disk
            self.count(fails=event not in ("os.remove", "os.rmdir"))

    def count(self, *, fails: bool = True) -> None:
        """Take one step, or fail at it."""
        self.step += 1
        if self.kill and self.step == self.at:
            os._exit(KILLED)
        if not self.kill and self.step >= self.at and fails:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def inside(self, path: object) -> bool:
        """Whether a path lies in the folder."""
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
    """Let every file of the folder that is opened for writing from now on be a :class:`TornFile`."""
    opened = io.open

    def open_(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        found = opened(file, mode, *rest, **named)
        ours = isinstance(file, int) or fault.inside(file)
        return TornFile(found, fault) if ours and any(c in mode for c in "wax+") else found

    io.open = open_  # type: ignore[assignment]  # what Path.open and os.fdopen call


def trial(folder: Path, words: list[str], at: int, *, kill: bool) -> dict[str, Any]:
    """Run a command in a child; return its exit code, what it said, and which processes it left.

    Args:
        folder: Where it runs.
        words: The command.
        at: Step that fails; 0 = none.
        kill: See :class:`Fault`.
    """
    said = folder.parent / "said.txt"
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
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
        except BaseException:  # noqa: BLE001  # told by the parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    text = said.read_text(encoding="utf-8", errors="replace")
    return {"code": os.waitstatus_to_exitcode(status), "said": text, "left": left_of(child)}


def left_of(group: int) -> list[int]:
    """Wait until a group of processes is gone; return those that are not."""
    until = time.monotonic() + GONE_S
    while (left := _group(group)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def _group(group: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it has ended meanwhile
        if int(its_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def main() -> None:
    """Fail at step 1, 2, ... until the command gets through."""
    parser = argparse.ArgumentParser()
    parser.add_argument("start", type=Path)
    parser.add_argument("--full", action="store_true", help="the disk is full from the step on; killed otherwise")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth step")
    parser.add_argument("--compile", action="store_true", help="small catalogs are compiled, too")
    parser.add_argument("--workers", action="store_true", help="sweeps have worker processes")
    parser.add_argument("words", nargs="+")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # forks: no other thread holds a lock that is needed
    if asked.compile:
        catalog_store.SMALL_BYTES = 0
    if not asked.workers:
        local_engine.LocalEngine = lambda _jobs: Here()  # type: ignore[assignment, misc]
    for at in range(1, _MOST_STEPS, asked.every):
        folder = asked.start.parent / f"trial-{at}" / "work"
        shutil.copytree(asked.start, folder, symlinks=True)
        os.environ["PANELOPT_CACHE"] = str(folder / "cache")
        first = trial(folder, asked.words, at, kill=not asked.full)
        shutil.copytree(folder, folder.parent / "after", symlinks=True)
        again = trial(folder, asked.words, 0, kill=True) if first["code"] else None
        print(json.dumps({"step": at, **first, "again": again}), flush=True)
        if again is None:
            return


if __name__ == "__main__":
    main()
