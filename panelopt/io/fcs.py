"""Events and keywords of FCS files (2.0, 3.0, 3.1): Spidlen et al. 2010, doi:10.1002/cyto.a.20825."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from panelopt.errors import input_error
from panelopt.optics.spectra import Array

MAX_FCS_BYTES = 2_000_000_000
"""Larger FCS files are refused."""

_HINT = "Export the file again from the acquisition software; was it cut off when it was copied?"


@dataclass(frozen=True, slots=True)
class FcsFile:
    """One data set.

    Attributes:
        channels: Short names ($PnN).
        labels: Long names ($PnS), empty where there is none.
        events: Shape (events, channels), linear, uncompensated.
        keywords: Lower-case keywords without ``$``.
    """

    channels: tuple[str, ...]
    labels: tuple[str, ...]
    events: Array
    keywords: Mapping[str, str]


class _Bounded(io.BufferedReader):
    """A file that makes no room for more bytes than it has, whatever a damaged header promises."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes, or what is left."""
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def is_fcs(path: Path) -> bool:
    """Whether a file begins as an FCS file does."""
    try:
        return _start(path) == b"FCS"
    except OSError:
        return False


def read_fcs(path: Path) -> FcsFile:
    """Read the first data set of an FCS file.

    Raises:
        InputError: if it is missing, no FCS file, cut off, or damaged.
    """
    import flowio

    where = str(path)
    if not path.is_file():
        raise input_error("missing-file", "no such file", where=where, hint="Check the path.")
    if path.stat().st_size > MAX_FCS_BYTES:
        raise input_error("file-too-large", f"more than {MAX_FCS_BYTES:,} bytes", where=where)
    try:
        start = _start(path)
    except OSError as error:
        raise input_error("unreadable-file", error.strerror or "cannot be read", where=where) from None
    if start != b"FCS":
        raise input_error(
            "not-fcs", "this is not an FCS file", where=where, hint="It must begin with FCS2.0 or FCS3.x."
        )
    try:
        with _Bounded(io.FileIO(path)) as handle:  # given a name, the parser would leave a damaged file open
            data = flowio.FlowData(handle)
        count, width = int(data.event_count), int(data.channel_count)
        events = np.asarray(data.as_array(preprocess=True), dtype=float)
        channels = tuple(str(name).strip() for name in data.pnn_labels)
        labels = tuple(str(name).strip() for name in data.pns_labels)
        keywords = {str(key).lower().removeprefix("$"): str(value) for key, value in data.text.items()}
    except (KeyboardInterrupt, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  a damaged file makes the parser fail in any way
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"the file is cut off or damaged ({reason})"
        raise input_error("corrupt-fcs", message, where=where, hint=_HINT) from None
    if events.shape != (count, width):
        message = f"the header promises {count} events of {width} channels, the file holds {events.shape}"
        raise input_error("corrupt-fcs", message, where=where, hint=_HINT)
    if not np.isfinite(events).all():
        raise input_error("corrupt-fcs", "some events hold no numbers", where=where, hint=_HINT)
    if count == 0:
        raise input_error("no-events", "the file has no events", where=where, hint="Record the control again.")
    return FcsFile(channels, labels, events, MappingProxyType(keywords))


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(3)
