"""The first faults of a file, in the order of its lines, and how many there are."""

from __future__ import annotations

import re

from panelopt.errors import Finding
from panelopt.io.csv_table import MAX_FINDINGS, raise_if_any

_AFTER_THE_LINE = re.compile(r"\D.*", re.DOTALL)


class FirstFaults:
    """Collects faults that are found in any order, and keeps those that can be among the first.

    Args:
        where: Name of the file; what follows it in the place of a fault begins with the line.
    """

    def __init__(self, where: str) -> None:
        self.count = 0
        self._where = where
        self._kept: list[tuple[int, int, Finding]] = []

    def add(self, fault: Finding, rank: int = 0) -> None:
        """Take in a fault; of one line those of a lower rank stand first, else those that were found first."""
        self.count += 1
        line = int(_AFTER_THE_LINE.sub("", fault.where.removeprefix(f"{self._where}:")))
        self._kept.append((line, rank, fault))
        if len(self._kept) >= 4 * MAX_FINDINGS:
            self._shorten()

    def raise_if_any(self) -> None:
        """Raise the first :data:`panelopt.io.csv_table.MAX_FINDINGS` as one error, with the number of the others."""
        self._shorten()
        raise_if_any([fault for _, _, fault in self._kept], self.count)

    def _shorten(self) -> None:
        self._kept.sort(key=lambda entry: entry[:2])
        del self._kept[MAX_FINDINGS:]
