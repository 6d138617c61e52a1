"""Arrays that the score, the bounds and the solver share.

Indices: ``p`` population, ``m`` marker, ``f`` fluorochrome (dye), ``d`` detector, ``s`` slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from panelopt.frozen import dataclass
from panelopt.instance.delivery import Delivery

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Role = Literal["target", "contaminant", "ignore"]

Stain = tuple[tuple[int, ...], int]
"""Markers and dye of a slot."""

DUMP_EXPRESSION_ABC = 1000.0
"""Median (antibodies per cell) from which a target expresses a marker; expressed markers may not be dumped."""

SPECTRAL_MAX_COSINE = 0.98
"""On a spectral cytometer the cosine of any two signatures is below this."""

SINGULAR_CONDITION = 1e8
"""Condition number of the mixing matrix above which a panel cannot be unmixed in double precision."""


@dataclass(frozen=True, slots=True, order=True)
class SlotIndex:
    """One dye on one detector with its markers (indices; markers ascending)."""

    markers: tuple[int, ...]
    dye: int
    detector: int

    @property
    def stain(self) -> Stain:
        """Markers and dye, wherever they are read."""
        return self.markers, self.dye

    @property
    def is_dump(self) -> bool:
        """Whether several antibodies share the dye."""
        return len(self.markers) > 1


@dataclass(frozen=True, slots=True)
class Lock:
    """A reagent that must be used; ``detector`` is None if any will do."""

    marker: int
    dye: int
    detector: int | None
    where: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One tube: a target and its contaminants.

    Attributes:
        target: Index of the target population.
        contaminants: Indices of the populations to keep out.
        marker: In marker lists the marker whose slot is gated (above); else None.
    """

    target: int
    contaminants: tuple[int, ...]
    marker: int | None = None


@dataclass(frozen=True, eq=False)
class Instance:
    """Everything the score needs.

    Attributes:
        population, marker, dye, detector: Names.
        role: Role of each population.
        phi: (P,) share of all events.
        abc: (P, M) median antibodies per cell; NaN = unknown.
        cv: (P, M) coefficient of variation; NaN = unknown.
        autofluorescence_factor: (P,) autofluorescence relative to a lymphocyte (g).
        signal: (D, F) photoelectrons per bound antibody (M), none negative.
        autofluorescence: (D,) lymphocyte autofluorescence, pe (AF).
        background, excess, electronic, proportional: (D,) noise terms B (pe), F, e (pe), k.
        available: (M, F) whether a product exists.
        allowed: (D, F) where a dye may be read: its own light, and bright enough (:mod:`panelopt.instance.readable`).
        price: (M, F) price of one pack of the representative product; NaN = unknown.
        product_rank: (M, F) rank of the representative product in the order of all product ids; breaks ties.
        required, dump, no_above: (M,) required marker; marker of role dump; marker cut by the preparation.
        max_share: (P,) largest share of any tube; NaN = none.
        conventional: Compensation with one detector per dye instead of spectral unmixing.
        eps: Share of the target that one gate may cost.
        leak, leak_total: Smallest pass probability that one gate, and all gates of a tube together, may claim; a total
            of 0 is no floor.
        delta: Doublets left after scatter gating, per event.
        max_spillover: Conventional: most light per antibody of a dye in another dye's detector, as a
            multiple of that in its own.
        slack: How much worse (log10) than the best a panel may be and still count as good.
        prefer: Words of objective 3 that come first, in this order.
        viability: (M,) markers of role viability, gated below for every target; None = none.
        sourced: (M, F) whether a source shows the representative product; None = all.
        fragile: (F,) dyes damaged by light or fixation; None = none.
        unknown_abc, unknown_cv: Level assumed for the light of an unknown one.
        owned: (M, F) whether the representative product is in stock; None without stock.
        delivery: Who sells what; None if deliveries cost nothing.
        apart: Panels from which at least ``differ`` slots must differ.
        reference: Reagents (marker, dye) of a given panel, of which at most ``max_changes`` may be changed.
    """

    population: tuple[str, ...]
    marker: tuple[str, ...]
    dye: tuple[str, ...]
    detector: tuple[str, ...]
    role: tuple[Role, ...]
    phi: FloatArray
    abc: FloatArray
    cv: FloatArray
    autofluorescence_factor: FloatArray
    signal: FloatArray
    autofluorescence: FloatArray
    background: FloatArray
    excess: FloatArray
    electronic: FloatArray
    proportional: FloatArray
    available: BoolArray
    allowed: BoolArray
    price: FloatArray
    product_rank: npt.NDArray[np.int64]
    required: BoolArray
    dump: BoolArray
    no_above: BoolArray
    max_share: FloatArray
    conventional: bool
    eps: float = 0.02
    leak: float = 1e-3
    leak_total: float = 1e-5
    delta: float = 0.005
    cv_autofluorescence: float = 0.5
    yield_min: float = 0.8
    purity_goal: float = 0.95
    unknown_abc: float = 15000.0
    unknown_cv: float = 0.7
    max_colours: int | None = None
    max_gates: int | None = None
    budget: float | None = None
    allow_unknown_price: bool = False
    require_goal: bool = False
    max_similarity: float | None = None
    max_complexity: float | None = None
    max_spillover: float = 1.0
    slack: float = 0.02
    prefer: tuple[str, ...] = ()
    sort_ways: int | None = None
    marker_list: bool = False
    locks: tuple[Lock, ...] = ()
    viability: BoolArray = None  # type: ignore[assignment]
    sourced: BoolArray = None  # type: ignore[assignment]
    fragile: BoolArray = None  # type: ignore[assignment]
    owned: BoolArray | None = None
    delivery: Delivery | None = None
    reference: frozenset[tuple[int, int]] = frozenset()
    max_changes: int | None = None
    apart: tuple[frozenset[Stain], ...] = ()
    differ: int = 1

    def __post_init__(self) -> None:
        shape = len(self.marker), len(self.dye)
        plain = {
            "viability": np.zeros(shape[0], bool),
            "sourced": np.ones(shape, bool),
            "fragile": np.zeros(shape[1], bool),
        }
        for name, default in plain.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The tubes to fill, in the order of the targets (or of the markers in marker lists)."""
        if self.marker_list:
            listed = [m for m in range(len(self.marker)) if not np.isnan(self.abc[0, m]) and self.abc[0, m] > 0]
            return tuple(
                View(0, (self.population.index(without_name(self.marker[m])),), m)
                for m in listed
                if without_name(self.marker[m]) in self.population
            )
        in_play = [p for p, role in enumerate(self.role) if role != "ignore"]
        return tuple(
            View(t, tuple(p for p in in_play if p != t)) for t, role in enumerate(self.role) if role == "target"
        )

    @cached_property
    def dumpable(self) -> BoolArray:
        """(M,) markers of role dump that no target expresses; their level is known in every target."""
        targets = [view.target for view in self.views]
        levels = self.abc[targets]
        expressed = (np.isnan(levels) | (levels >= DUMP_EXPRESSION_ABC)).any(axis=0)
        return np.asarray(self.dump & ~expressed)

    @property
    def rho_cap(self) -> float:
        """Log ratio above which more does not count: log10(goal / (1 - goal)) + 2."""
        return float(np.log10(self.purity_goal / (1 - self.purity_goal)) + 2)

    @property
    def most_rejection(self) -> float:
        """Largest claim of all gates of a tube together, log10."""
        return float(-np.log10(self.leak_total)) if self.leak_total > 0 else float("inf")

    @property
    def gate_cap(self) -> int:
        """Most gates of one target, by the yield and by `max_gates`."""
        if self.marker_list:
            return 1
        by_yield = int(np.floor(np.log(self.yield_min) / np.log1p(-self.eps) + 1e-9)) if self.yield_min > 0 else 10**6
        return by_yield if self.max_gates is None else min(by_yield, self.max_gates)

    @property
    def has_autofluorescence_column(self) -> bool:
        """Whether unmixing carries a column for autofluorescence."""
        return not self.conventional and bool(np.any(self.autofluorescence > 0))

    def cost(self, reagents: Sequence[tuple[int, int]]) -> float:
        """Return the cost of reagents (marker, dye): packs and deliveries; unknown prices count as 0."""
        if self.delivery is not None:
            return self.delivery.cheapest(reagents).total
        return float(np.nansum([self.price[reagent] for reagent in reagents]))

    def changes(self, slots: Sequence[SlotIndex]) -> int:
        """Return how many reagents differ from the given panel: replaced, added or dropped."""
        reagents = {(marker, slot.dye) for slot in slots for marker in slot.markers}
        stained = {marker for marker, _ in reagents}
        dropped = {marker for marker, _ in self.reference} - stained
        return len(reagents - self.reference) + len(dropped)

    def nearness(self, slots: Sequence[SlotIndex]) -> int | None:
        """Return in how many slots a panel differs from the nearest panel in `apart`."""
        return min((sum(slot.stain not in other for slot in slots) for other in self.apart), default=None)

    def detectors_of(self, dye: int) -> Sequence[int]:
        """Detectors on which a dye may be read; on a spectral instrument its peak detector, or none."""
        if self.conventional:
            return [int(d) for d in np.flatnonzero(self.allowed[:, dye])]
        peak = int(np.argmax(self.signal[:, dye]))
        return [peak] if self.allowed[peak, dye] else []

    def outshines(self, dye: int, detector: int) -> BoolArray:
        """Return (D,) detectors that must stay unused where a dye is read on one: it is brighter there.

        On a spectral instrument there are none.
        """
        light = self.signal[:, dye]
        brighter = light > self.max_spillover * light[detector] * (1 + 1e-12)
        brighter[detector] = False
        return np.asarray(brighter & self.conventional)


def without_name(marker: str) -> str:
    """Return the name of the population that lacks one marker, in marker lists."""
    return f"full without {marker}"
