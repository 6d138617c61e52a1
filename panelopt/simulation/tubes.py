"""The stained sample and its controls: the reagents in each tube."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.domain.simulation_result import TubeKind


@dataclass(frozen=True, slots=True)
class StainedTube:
    """One tube.

    Attributes:
        kind: Purpose.
        slots: Slots whose reagents are in it.
        slot: The slot stained alone or left out; None for the sample and the unstained cells.
        stream: Number of its random stream, independent of the other tubes drawn.
    """

    kind: TubeKind
    slots: tuple[int, ...]
    slot: int | None
    stream: int


def sample_tube(slots: int) -> StainedTube:
    """Return the tube with all reagents of a panel."""
    return StainedTube("sample", tuple(range(slots)), None, 0)


def control_tubes(slots: int) -> tuple[StainedTube, ...]:
    """Return the controls of a panel: unstained cells, single stains, FMO controls."""
    everything = range(slots)
    single = (StainedTube("single_stain", (s,), s, 2 + 2 * s) for s in everything)
    minus_one = (StainedTube("fmo", tuple(o for o in everything if o != s), s, 3 + 2 * s) for s in everything)
    return (StainedTube("unstained", (), None, 1), *single, *minus_one)
