"""The proof in a certificate as arrays and clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots
from panelopt.bounds.clauses import Capped, Clause, Cut, Forbidden, Lowered
from panelopt.bounds.cut_form import CutForm, cut_order
from panelopt.domain.certificate import Certificate, CutNumbers, LoweredBounds, OwnBounds, ScoredPanel
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring.claims import SIDES


@dataclass(frozen=True, slots=True)
class Proof:
    """What a certificate claims, apart from question and score.

    Attributes:
        own_limits: For each view (O, 3, C) bounds on the claims of each option at its own noise.
        lowered, rows, capped, forbidden: The clauses.
    """

    own_limits: list[FloatArray]
    lowered: tuple[Lowered, ...]
    rows: tuple[Cut, ...]
    capped: tuple[Capped, ...]
    forbidden: tuple[Forbidden, ...]


def slots_of(certificate: Certificate) -> tuple[SlotIndex, ...]:
    """Return the options that a certificate names."""
    return tuple(SlotIndex(option.markers, option.dye, option.detector) for option in certificate.options)


def row_of(row: CutNumbers) -> Cut:
    """Return the cut that plain numbers describe."""
    return Cut(row.gate, row.contaminant, row.fixed, row.dark, row.base, row.reduction, row.unused)


def proof_of(certificate: Certificate, instance: Instance, options: CandidateSlots) -> Proof:
    """Return the proof in a certificate of the form of :mod:`panelopt.bounds.certificate_form`."""
    own = []
    for view, bounds in zip(instance.views, certificate.own_limits, strict=True):
        table = np.zeros((len(options.slots), len(SIDES), len(view.contaminants)))
        if bounds.options:
            table[list(bounds.options)] = np.array(bounds.values).reshape(len(bounds.options), *table.shape[1:])
        own.append(table)
    return Proof(
        own,
        tuple(_lowered(bounds, len(instance.views[bounds.view].contaminants)) for bounds in certificate.lowered),
        tuple(row_of(row) for row in certificate.rows),
        tuple(Capped(scored.panel, scored.worst, scored.total) for scored in certificate.capped),
        tuple(Forbidden(panel) for panel in certificate.forbidden),
    )


def clause_numbers(clauses: Sequence[Clause], form: CutForm) -> ClauseNumbers:
    """Return clauses as plain numbers, sorted and without duplicates or cuts that describe no panel."""
    rows = {form.canonical(clause) for clause in clauses if isinstance(clause, Cut)}
    lowered: dict[tuple[int, int], Lowered] = {}
    for clause in clauses:
        if isinstance(clause, Lowered):
            name = clause.view, clause.key
            lowered[name] = _lower(lowered[name], clause) if name in lowered else clause
    capped = {clause.panel: clause for clause in clauses if isinstance(clause, Capped)}
    return ClauseNumbers(
        lowered=tuple(_lowered_numbers(lowered[name]) for name in sorted(lowered)),
        rows=tuple(_row_numbers(row) for row in sorted((row for row in rows if row is not None), key=cut_order)),
        capped=tuple(_scored_numbers(capped[panel]) for panel in sorted(capped)),
        forbidden=tuple(sorted({clause.panel for clause in clauses if isinstance(clause, Forbidden)})),
    )


@dataclass(frozen=True, slots=True)
class ClauseNumbers:
    """Clauses as a certificate holds them."""

    lowered: tuple[LoweredBounds, ...] = ()
    rows: tuple[CutNumbers, ...] = ()
    capped: tuple[ScoredPanel, ...] = ()
    forbidden: tuple[tuple[int, ...], ...] = ()


def own_numbers(bounds: FloatArray) -> OwnBounds:
    """Return the non-zero lines of a table of own bounds."""
    some = np.flatnonzero(bounds.any(axis=(1, 2)))
    return OwnBounds(options=tuple(some.tolist()), values=_lines(bounds[some]))


def _lowered_numbers(lowered: Lowered) -> LoweredBounds:
    """Return lowered bounds as plain numbers."""
    return LoweredBounds(view=lowered.view, key=lowered.key, members=lowered.members, values=_lines(lowered.bounds))


def _row_numbers(row: Cut) -> CutNumbers:
    """Return a cut as plain numbers."""
    return CutNumbers(
        gate=row.gate,
        contaminant=row.contaminant,
        fixed=row.fixed,
        dark=row.dark,
        base=row.base,
        reduction=row.reduction,
        unused=row.unused,
    )


def _scored_numbers(capped: Capped) -> ScoredPanel:
    """Return a panel with its score as plain numbers."""
    return ScoredPanel(panel=capped.panel, worst=capped.worst, total=capped.total)


def _lower(one: Lowered, other: Lowered) -> Lowered:
    """Return the elementwise smaller of two tables for the same slots."""
    return replace(one, bounds=np.minimum(one.bounds, other.bounds))


def _lowered(bounds: LoweredBounds, contaminants: int) -> Lowered:
    table = np.array(bounds.values, dtype=float).reshape(len(bounds.members), len(SIDES), contaminants)
    return Lowered(bounds.view, bounds.key, bounds.members, table)


def _lines(table: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(line.ravel().tolist()) for line in table)
