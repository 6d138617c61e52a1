"""Watches a reader: time, memory, files written, programs started."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS = 20
"""A small file that takes more time of the processor makes the reader hang; on a busy machine the clock says little."""

MEMORY_BYTES = 1_000_000_000
"""What a reader may take on top of the program itself."""

_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.",
    "pickle.find_class",
    "pty.spawn",
)
_STARTS = ("subprocess.Popen", "os.posix_spawn")
_CHANGES = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "shutil.",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class HangError(BaseException):
    """A reader took too long; no ``except Exception`` may hide it."""


class _Watch:
    """What the interpreter reports while a reader runs."""

    def __init__(self) -> None:
        self.folder = ""
        self.seen: list[str] = []
        self.installed = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder:
            return
        if event in ("subprocess.Popen", "os.posix_spawn") and arguments[1][1:4] == [
            "-P",
            "-m",
            "panelopt.io.hdf5_trial",
        ]:
            return  # reads the file where it can do no harm
        if event == "socket.gethostname":
            return  # asks the machine, nobody else
        if event.startswith(_FORBIDDEN):
            self.seen.append(f"{event}{arguments[:2]!r}")
        elif event == "open":
            path, mode, flags = arguments
            writes = flags & _WRITES if isinstance(flags, int) else any(c in (mode or "") for c in "wax+")
            if writes and not self._inside(path):
                self.seen.append(f"opened for writing: {path!r}")
        elif event.startswith(_CHANGES) and not all(map(self._inside, _changed(event, arguments))):
            self.seen.append(f"{event}: {arguments!r}")

    def _inside(self, path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True  # a descriptor that is open already
        text = os.fsdecode(path)
        return os.path.realpath(text).startswith(self.folder) or text == os.devnull or "__pycache__" in text


def _changed(event: str, arguments: tuple[Any, ...]) -> list[object]:
    """Return the paths that a change is about; those relative to an open folder in full."""
    pair = event in ("os.rename", "os.link")
    paths = list(arguments[1:2] if event == "os.symlink" else arguments[:2] if pair else arguments[:1])
    folders = {"os.remove": (1,), "os.rmdir": (1,), "os.mkdir": (2,), "os.symlink": (2,), "os.rename": (2, 3)}
    for number, place in enumerate(folders.get(event, ())):
        if len(arguments) > place and isinstance(arguments[place], int) and arguments[place] >= 0:
            paths[number] = Path(f"/proc/self/fd/{arguments[place]}").readlink() / os.fsdecode(paths[number])
    return paths


_watch = _Watch()


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[list[str]]:
    """Watch what happens inside; yields the list of forbidden acts, empty if there are none.

    Raises:
        HangError: after :data:`SECONDS`.
    """
    if not _watch.installed:
        sys.addaudithook(_watch.hook)  # stays for the life of the process, silent outside of this context
        _watch.installed = True

    def ring(*_arguments: object) -> None:
        raise HangError

    before, place = signal.signal(signal.SIGPROF, ring), tempfile.tempdir
    tempfile.tempdir = str(folder)  # parts of spreadsheets are written to temporary files first
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    _watch.folder, _watch.seen = os.path.realpath(folder), []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning would reach the user's screen
            yield _watch.seen
    finally:
        _watch.folder, tempfile.tempdir = "", place
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> None:
    """Let this process take :data:`MEMORY_BYTES` more than now, and no more."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    used = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY_BYTES, used + MEMORY_BYTES))


def peak_bytes() -> int:
    """Return the largest memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
