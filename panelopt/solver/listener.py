"""Progress of a search."""

from __future__ import annotations

from typing import Protocol


class SolveListener(Protocol):
    """Receives progress. Methods must return quickly and must not raise."""

    def phase(self, name: str) -> None:
        """Called when a phase begins: start, worst, sum, practical."""

    def improved(self, worst: float, total: float | None) -> None:
        """Called for each better panel; log10 ratios."""

    def bound(self, worst: float | None, total: float | None) -> None:
        """Called for each new bound; log10 ratios."""


class SilentSolveListener:
    """A listener that ignores everything."""

    def phase(self, name: str) -> None:
        """Ignore."""

    def improved(self, worst: float, total: float | None) -> None:
        """Ignore."""

    def bound(self, worst: float | None, total: float | None) -> None:
        """Ignore."""
