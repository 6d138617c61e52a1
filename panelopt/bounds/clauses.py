"""Clauses of a proof: bounds on claims, and panels whose value is known."""

from __future__ import annotations

from panelopt.frozen import dataclass
from panelopt.instance.arrays import FloatArray

GateKey = tuple[int, int, int]
"""View, key (marker, or -1 for the dump) and side of a gate."""


@dataclass(frozen=True, slots=True)
class Cut:
    """With `fixed` in the panel and `dark` unused, a claim is at most `base` less the reductions.

    Attributes:
        gate: Gate whose claim is bounded.
        contaminant: Position of the contaminant in its view.
        fixed: Groups of options, gated slot first; the cut holds if the panel has one of each.
        dark: Detectors that must all be unused for the cut to hold.
        base: Claim with `fixed` alone.
        reduction: By option, how much less is claimed when it joins (more if negative). At most one of the options that
            lower the claim is ever in the panel; those that raise it add up.
        unused: A detector and how much less is claimed if no option uses it; or None.
    """

    gate: GateKey
    contaminant: int
    fixed: tuple[tuple[int, ...], ...]
    dark: tuple[int, ...]
    base: float
    reduction: tuple[tuple[int, float], ...]
    unused: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Lowered:
    """Lower bounds on all claims of the slots of a marker.

    Attributes:
        view: Index of the view.
        key: Marker, or -1 for the dump.
        members: Options of the key.
        bounds: (B, 3, C) by option, side and contaminant.
    """

    view: int
    key: int
    members: tuple[int, ...]
    bounds: FloatArray


@dataclass(frozen=True, slots=True)
class Capped:
    """A panel (options, ascending) whose exact score is known."""

    panel: tuple[int, ...]
    worst: float
    total: float


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A panel (options, ascending) that is not allowed, or does not count for the objective in question."""

    panel: tuple[int, ...]


Clause = Cut | Lowered | Capped | Forbidden
