"""Progress of a search, for whoever wants to listen."""

from __future__ import annotations

from typing import Protocol


class SolveListener(Protocol):
    """Hears what the search does. Methods must return quickly and not raise."""

    def phase(self, name: str) -> None:
        """Note that a new phase begins: start, worst, sum, practical."""

    def improved(self, worst: float, total: float | None) -> None:
        """Note that a better panel was found; log10 ratios."""

    def bound(self, worst: float | None, total: float | None) -> None:
        """Note that a bound was proven; log10 ratios."""


class SilentSolveListener:
    """A listener that ignores everything."""

    def phase(self, name: str) -> None:
        """Ignore."""

    def improved(self, worst: float, total: float | None) -> None:
        """Ignore."""

    def bound(self, worst: float | None, total: float | None) -> None:
        """Ignore."""
