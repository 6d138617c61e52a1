"""Tries an HDF5 file in a process of its own: a damaged one can keep the HDF5 library busy for ever, or break it down.

Run as ``python -m panelopt.io.hdf5_trial FILE``, it reads everything once and is silent if that works.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from panelopt.errors import InputError, input_error

SECONDS, BYTES_A_SECOND = 30.0, 10_000_000
"""How long reading may take: some time for any file, and more for a large one."""

_ROWS = 10_000
_TOO_MUCH = 3  # exit code


def try_hdf5(path: Path, max_values: int) -> None:
    """Refuse a file that cannot be read to its end.

    Args:
        path: The file.
        max_values: Values that all tables but a dense ``X`` may hold together; they are read at once later.

    Raises:
        InputError: if it is damaged, or holds too much.
    """
    seconds = SECONDS + path.stat().st_size / BYTES_A_SECOND
    words = [sys.executable, "-P", "-m", "panelopt.io.hdf5_trial", str(path.resolve()), str(max_values)]
    try:
        # the words are a list and no shell reads them
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)  # noqa: S603
        reason = (done.stdout.strip().splitlines() or ["the HDF5 library broke down"])[-1][:200]
    except subprocess.TimeoutExpired:
        reason = f"reading it does not end within {seconds:.0f} s"
    else:
        if done.returncode == 0:
            return
        if done.returncode == _TOO_MUCH:
            raise input_error("too-many-events", reason, where=str(path), hint="Take a random part of the events.")
    message = f"the file is cut off or damaged ({reason})"
    raise input_error("damaged-file", message, where=str(path), hint="Export it again.")


def read_all(path: Path, max_values: int) -> None:
    """Read every attribute and table of a file, piece by piece.

    Raises:
        InputError: if there is more than ``max_values`` beside ``X``.
        Exception: whatever the library raises at a damaged file.
    """
    import h5py

    size = 0

    def read(name: str, entry: object) -> None:
        nonlocal size
        dict(entry.attrs)  # type: ignore[attr-defined]
        if isinstance(entry, h5py.Dataset):
            size += int(entry.size or 0) if name != "X" else 0
            if size > max_values:
                raise input_error("too-many-events", f"it holds more than {max_values:,} values")
            for start in range(0, entry.shape[0] if entry.shape else 0, _ROWS):
                entry[start : start + _ROWS]

    with h5py.File(path, "r") as file:
        dict(file.attrs)
        file.visititems(read)


def main() -> int:
    """Read the file that the command line names; say why where that fails."""
    try:
        read_all(Path(sys.argv[1]), int(sys.argv[2]))
    except InputError as error:
        code, reason = _TOO_MUCH, error.message
    except Exception as error:  # noqa: BLE001  a damaged file makes the library fail in any way
        code, reason = 1, str(error).strip() or type(error).__name__
    else:
        return 0
    sys.stdout.write(" ".join(reason.split()) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
