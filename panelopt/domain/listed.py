"""What a list says of a cytometer or a problem, without the record itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from panelopt.domain.cytometer_record import Cytometer
    from panelopt.domain.problem_record import Problem


class ListedCytometer(NamedTuple):
    """A cytometer in a list.

    Attributes:
        id: Short name.
        name: Full name.
        sorter: Whether it sorts.
        conventional: Whether it compensates instead of unmixing.
        lasers_nm: Its wavelengths, nm.
        detectors: Number of detectors.
        origin: Who ships it; empty if panelopt does.
    """

    id: str
    name: str
    sorter: bool
    conventional: bool
    lasers_nm: Sequence[float]
    detectors: int
    origin: str

    @classmethod
    def of(cls, cytometer: Cytometer, origin: str = "") -> ListedCytometer:
        """Return a cytometer as it is listed."""
        lasers = sorted({laser.nm for laser in cytometer.laser})
        return cls(
            cytometer.id, cytometer.name, cytometer.sorter, cytometer.conventional, lasers, len(cytometer.detector),
            origin,
        )  # fmt: skip


class ListedProblem(NamedTuple):
    """A problem in a list.

    Attributes:
        id: Short name.
        title: What it is about.
        markers: Number of markers.
        targets: Number of targets.
    """

    id: str
    title: str
    markers: int
    targets: int

    @classmethod
    def of(cls, problem: Problem) -> ListedProblem:
        """Return a problem as it is listed."""
        targets = sum(population.role == "target" for population in problem.population)
        return cls(problem.id, problem.title, len(problem.marker), targets)
