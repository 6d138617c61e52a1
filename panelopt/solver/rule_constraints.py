"""The hard rules as constraints: one small class per rule.

Each has a twin of the same name in :mod:`panelopt.scoring.rule_checks`, which checks finished panels. Rules that single
options satisfy by construction (a product exists, the detector fits, a dump holds only dumpable markers) need no class.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from ortools.sat.python import cp_model

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.exclusions import excluded_pairs, outshone_detectors
from panelopt.instance.arrays import Instance
from panelopt.solver.price_model import CENTS, Purchases, option_cents, surcharges


class PanelVars:
    """Booleans for the options in the panel, and expressions over them."""

    def __init__(self, model: cp_model.CpModel, instance: Instance, options: CandidateSlots) -> None:
        self.model = model
        self.instance = instance
        self.options = options
        self.used = [model.new_bool_var(f"x{o}") for o in range(len(options.slots))]

    def where(self, condition: Callable[[int], bool]) -> list[cp_model.IntVar]:
        """Return the booleans of all options that satisfy a condition."""
        return [self.used[o] for o in range(len(self.used)) if condition(o)]

    def with_dye(self, dye: int) -> list[cp_model.IntVar]:
        """Return the booleans of the options that use a dye."""
        return [self.used[o] for o in np.flatnonzero(self.options.dye == dye)]

    def on_detector(self, detector: int) -> list[cp_model.IntVar]:
        """Return the booleans of the options that are read on a detector."""
        return self.where(lambda o: self.options.slots[o].detector == detector)

    def with_marker(self, marker: int) -> list[cp_model.IntVar]:
        """Return the booleans of the options that stain a marker, alone or dumped."""
        return self.where(lambda o: marker in self.options.slots[o].markers)

    def differs(self, panel: Set[int]) -> list[cp_model.LiteralT]:
        """Return literals of which at least one is true unless the panel is exactly this one."""
        return [x.negated() if o in panel else x for o, x in enumerate(self.used)]

    def is_exactly(self, panel: Set[int]) -> cp_model.IntVar:
        """Return a new literal that is true where the panel is exactly this one."""
        literal = self.model.new_bool_var("")
        self.model.add_bool_or([*self.differs(panel), literal])
        return literal

    @cached_property
    def surcharge(self) -> cp_model.LinearExpr:
        """Hundredths paid for deliveries and to dearer vendors; its variables are created on first use."""
        surcharge = surcharges(self.instance)
        purchases = Purchases(self.model, self.options, self.used, surcharge) if surcharge is not None else None
        return cp_model.LinearExpr.sum([]) if purchases is None else purchases.surcharge

    @property
    def colours(self) -> cp_model.LinearExprT:
        """Number of slots."""
        return cp_model.LinearExpr.sum(self.used)


class Rule(Protocol):
    """A hard rule."""

    name: ClassVar[str]

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""


class NotEmpty:
    """A panel has at least one slot."""

    name: ClassVar[str] = "empty-panel"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        panel.model.add_bool_or(panel.used)


class OneSlotPerDye:
    """A dye is used in at most one slot."""

    name: ClassVar[str] = "one-slot-per-dye"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for dye in range(len(panel.instance.dye)):
            panel.model.add_at_most_one(panel.with_dye(dye))


class OneProductPerMarker:
    """A marker is stained at most once."""

    name: ClassVar[str] = "one-product-per-marker"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for marker in range(len(panel.instance.marker)):
            panel.model.add_at_most_one(panel.with_marker(marker))


class OneSlotPerDetector:
    """On a conventional cytometer a detector reads at most one dye."""

    name: ClassVar[str] = "detector"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        if panel.instance.conventional:
            for detector in range(len(panel.instance.detector)):
                panel.model.add_at_most_one(panel.on_detector(detector))


class DifferentSpectra:
    """Dyes whose signatures are too similar exclude each other."""

    name: ClassVar[str] = "similarity"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for first, second in excluded_pairs(panel.instance):
            panel.model.add_at_most_one([*panel.with_dye(first), *panel.with_dye(second)])


class BrightestAtHome:
    """A detector in which a dye is too bright stays unused beside it."""

    name: ClassVar[str] = "spillover"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        instance, options = panel.instance, panel.options
        if not instance.conventional:
            return
        brighter = outshone_detectors(instance, options)
        on = [panel.on_detector(detector) for detector in range(len(instance.detector))]
        for home in range(len(on)):
            for detector in range(len(on)):
                spilling = [panel.used[o] for o in np.flatnonzero((options.detector == home) & brighter[:, detector])]
                if spilling and on[detector]:
                    # at most one dye is read on either of the two
                    panel.model.add_at_most_one([*spilling, *on[detector]])


class DetectorCount:
    """There are at most as many signatures, that of autofluorescence included, as detectors."""

    name: ClassVar[str] = "detector-count"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        most = len(panel.instance.detector) - int(panel.instance.has_autofluorescence_column)
        panel.model.add(panel.colours <= most)


class RequiredMarkers:
    """Required markers are in the panel."""

    name: ClassVar[str] = "required-marker"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for marker in np.flatnonzero(panel.instance.required):
            panel.model.add_bool_or(panel.with_marker(int(marker)))


class Locks:
    """Locked reagents are in the panel."""

    name: ClassVar[str] = "lock"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for lock in panel.instance.locks:
            panel.model.add_bool_or(
                panel.where(
                    lambda o, lock=lock: (  # type: ignore[misc]
                        lock.marker in panel.options.slots[o].markers
                        and panel.options.slots[o].dye == lock.dye
                        and lock.detector in (None, panel.options.slots[o].detector)
                    )
                )
            )


class OneDump:
    """At most one slot holds several markers."""

    name: ClassVar[str] = "dump"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        panel.model.add_at_most_one(panel.where(lambda o: panel.options.slots[o].is_dump))


class MaxColours:
    """A panel has at most so many dyes."""

    name: ClassVar[str] = "max-colours"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        if panel.instance.max_colours is not None:
            panel.model.add(panel.colours <= panel.instance.max_colours)


class Budget:
    """One pack of every reagent, and the deliveries, stay within the budget."""

    name: ClassVar[str] = "budget"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        if panel.instance.budget is not None:
            most = int(np.floor(panel.instance.budget * CENTS + 1e-6))
            packs = cp_model.LinearExpr.weighted_sum(panel.used, option_cents(panel.options))
            panel.model.add(packs + panel.surcharge <= most)


class SortWays:
    """There are no more targets than the sorter has ways."""

    name: ClassVar[str] = "sort-ways"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        targets = 1 if panel.instance.marker_list else len(panel.instance.views)
        if panel.instance.sort_ways is not None and targets > panel.instance.sort_ways:
            panel.model.add_bool_or([])


class MaxChanges:
    """The panel stays near a given one."""

    name: ClassVar[str] = "max-changes"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        instance = panel.instance
        if instance.max_changes is None:
            return
        new = [sum((m, slot.dye) not in instance.reference for m in slot.markers) for slot in panel.options.slots]
        markers = sorted({marker for marker, _ in instance.reference})
        kept = cp_model.LinearExpr.sum([x for marker in markers for x in panel.with_marker(marker)])
        replaced_or_added = cp_model.LinearExpr.weighted_sum(panel.used, new)
        panel.model.add(replaced_or_added + len(markers) - kept <= instance.max_changes)


class Apart:
    """The panel differs from earlier ones in enough slots."""

    name: ClassVar[str] = "apart"

    def build(self, panel: PanelVars) -> None:
        """Add the rule to the model."""
        for other in panel.instance.apart:
            new = [x for x, slot in zip(panel.used, panel.options.slots, strict=True) if slot.stain not in other]
            panel.model.add(cp_model.LinearExpr.sum(new) >= panel.instance.differ)


RULES: tuple[Rule, ...] = (
    NotEmpty(),
    OneSlotPerDye(),
    OneProductPerMarker(),
    OneSlotPerDetector(),
    DifferentSpectra(),
    BrightestAtHome(),
    DetectorCount(),
    RequiredMarkers(),
    Locks(),
    OneDump(),
    MaxColours(),
    Budget(),
    SortWays(),
    MaxChanges(),
    Apart(),
)
"""All hard rules that are linear in the options; complexity is checked panel by panel."""
