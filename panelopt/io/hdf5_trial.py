"""Tries to read an HDF5 file in its own process: a damaged file can hang or crash the HDF5 library.

``python -m panelopt.io.hdf5_trial FILE`` reads everything once and prints nothing on success.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from panelopt.errors import InputError, input_error

SECONDS, BYTES_A_SECOND = 30.0, 10_000_000
"""Time limit for reading: a minimum for any file, and more for large ones."""

_ROWS = 10_000
_TOO_MUCH = 3  # exit code


def try_hdf5(path: Path, max_values: int) -> None:
    """Reject a file that cannot be read completely.

    Args:
        path: The file.
        max_values: Maximum number of values in all tables except a dense ``X``, which are later read at once.

    Raises:
        InputError: if it is damaged or too large.
    """
    seconds = SECONDS + path.stat().st_size / BYTES_A_SECOND
    words = [sys.executable, "-P", "-m", "panelopt.io.hdf5_trial", str(path.resolve()), str(max_values)]
    try:
        # arguments are a list, so no shell interprets them
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)  # noqa: S603
        reason = (done.stdout.strip().splitlines() or ["the HDF5 library crashed"])[-1][:200]
    except subprocess.TimeoutExpired:
        reason = f"reading did not finish within {seconds:.0f} s"
    else:
        if done.returncode == 0:
            return
        if done.returncode == _TOO_MUCH:
            raise input_error("too-many-events", reason, where=str(path), hint="Use a random sample of the events.")
    message = f"the file is truncated or damaged ({reason})"
    raise input_error("damaged-file", message, where=str(path), hint="Export it again.")


def read_all(path: Path, max_values: int) -> None:
    """Read every attribute and table of a file, piece by piece.

    Raises:
        InputError: if there are more than ``max_values`` besides ``X``.
        Exception: any error of the library on a damaged file.
    """
    import h5py

    size = 0

    def read(name: str, entry: object) -> None:
        nonlocal size
        dict(entry.attrs)  # type: ignore[attr-defined]
        if isinstance(entry, h5py.Dataset):
            size += int(entry.size or 0) if name != "X" else 0
            if size > max_values:
                raise input_error("too-many-events", f"the file has more than {max_values:,} values")
            for start in range(0, entry.shape[0] if entry.shape else 0, _ROWS):
                entry[start : start + _ROWS]

    with h5py.File(path, "r") as file:
        dict(file.attrs)
        file.visititems(read)


def main() -> int:
    """Read the file named on the command line, and print why if that fails."""
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
