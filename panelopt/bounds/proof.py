"""A proof as arrays and clauses: what a certificate holds, in the words of the bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from panelopt.bounds.clauses import Capped, Forbidden, Lowered, Row
from panelopt.bounds.options import Options
from panelopt.domain.certificate import Certificate, JudgedPanel, LimitRow, LoweredLimits, OwnLimits
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.scoring.claims import SIDES


@dataclass(frozen=True, slots=True)
class Proof:
    """What a certificate says, apart from question and score.

    Attributes:
        own_limits: For each view (O, 3, C) what every option can claim at its own noise.
        lowered, rows, capped, forbidden: The clauses.
    """

    own_limits: list[FloatArray]
    lowered: tuple[Lowered, ...]
    rows: tuple[Row, ...]
    capped: tuple[Capped, ...]
    forbidden: tuple[Forbidden, ...]


def slots_of(certificate: Certificate) -> tuple[SlotIndex, ...]:
    """Return the options that a certificate names."""
    return tuple(SlotIndex(option.markers, option.dye, option.detector) for option in certificate.options)


def proof_of(certificate: Certificate, instance: Instance, options: Options) -> Proof:
    """Return the proof in a certificate, whose numbers must name what exists (:func:`missing_names`)."""
    own = []
    for view, limits in zip(instance.views, certificate.own_limits, strict=True):
        table = np.zeros((len(options.slots), len(SIDES), len(view.contaminants)))
        if limits.options:
            table[list(limits.options)] = np.array(limits.values).reshape(len(limits.options), *table.shape[1:])
        own.append(table)
    return Proof(
        own,
        tuple(_lowered(limits, len(instance.views[limits.view].contaminants)) for limits in certificate.lowered),
        tuple(
            Row(row.gate, row.contaminant, row.fixed, row.dark, row.base, row.reduction, row.unused)
            for row in certificate.rows
        ),
        tuple(Capped(judged.panel, judged.worst, judged.total) for judged in certificate.capped),
        tuple(Forbidden(panel) for panel in certificate.forbidden),
    )


def own_numbers(limits: FloatArray) -> OwnLimits:
    """Return the lines of a table of own limits that claim anything."""
    some = np.flatnonzero(limits.any(axis=(1, 2)))
    return OwnLimits(options=tuple(some.tolist()), values=_lines(limits[some]))


def lowered_numbers(lowered: Lowered) -> LoweredLimits:
    """Return lower limits as plain numbers."""
    return LoweredLimits(view=lowered.view, key=lowered.key, members=lowered.members, values=_lines(lowered.limits))


def row_numbers(row: Row) -> LimitRow:
    """Return a row as plain numbers."""
    return LimitRow(
        gate=row.gate,
        contaminant=row.contaminant,
        fixed=row.fixed,
        dark=row.dark,
        base=row.base,
        reduction=row.reduction,
        unused=row.unused,
    )


def judged_numbers(capped: Capped) -> JudgedPanel:
    """Return a panel with its score as plain numbers."""
    return JudgedPanel(panel=capped.panel, worst=capped.worst, total=capped.total)


def missing_names(certificate: Certificate, instance: Instance) -> list[str]:
    """Return what in a certificate names an option, view, contaminant, marker or detector that does not exist."""
    options, views = len(certificate.options), [len(view.contaminants) for view in instance.views]
    markers, dyes, detectors = len(instance.marker), len(instance.dye), len(instance.detector)
    wrong = [
        f"options[{o}]"
        for o, option in enumerate(certificate.options)
        if option.dye >= dyes or option.detector >= detectors or any(m >= markers for m in option.markers)
    ]
    judged = [("reported", certificate.reported), ("best_worst", certificate.best_worst)]
    judged += [("best_total", certificate.best_total), *((f"capped[{i}]", c) for i, c in enumerate(certificate.capped))]
    panels = [(name, one.panel) for name, one in judged if one is not None]
    panels += [(f"forbidden[{i}]", panel) for i, panel in enumerate(certificate.forbidden)]
    wrong += [name for name, panel in panels if not _is_panel(panel, options)]
    if len(certificate.own_limits) != len(views):
        wrong.append("own_limits")
    else:
        wrong += [
            f"own_limits[{v}]"
            for v, limits in enumerate(certificate.own_limits)
            if not _fits(limits.options, limits.values, options, views[v])
        ]
    wrong += [
        f"lowered[{i}]"
        for i, limits in enumerate(certificate.lowered)
        if limits.view >= len(views) or not _fits(limits.members, limits.values, options, views[limits.view])
    ]
    wrong += [f"rows[{i}]" for i, row in enumerate(certificate.rows) if not _row_fits(row, options, views, detectors)]
    if any(o >= options for gates in certificate.gates for o, _ in gates):
        wrong.append("gates")
    return wrong


def _is_panel(panel: Sequence[int], options: int) -> bool:
    return all(o < options for o in panel) and all(a < b for a, b in pairwise(panel))


def _fits(members: Sequence[int], values: Sequence[Sequence[float]], options: int, contaminants: int) -> bool:
    lines_fit = len(values) == len(members) and all(len(line) == len(SIDES) * contaminants for line in values)
    return lines_fit and all(o < options for o in members) and len(set(members)) == len(members)


def _row_fits(row: LimitRow, options: int, views: Sequence[int], detectors: int) -> bool:
    named = [o for group in row.fixed for o in group] + [o for o, _ in row.reduction]
    read = [*row.dark, *([] if row.unused is None else [row.unused[0]])]
    in_view = row.gate[0] < len(views) and row.contaminant < views[row.gate[0]]
    return in_view and all(o < options for o in named) and all(d < detectors for d in read)


def _lowered(limits: LoweredLimits, contaminants: int) -> Lowered:
    table = np.array(limits.values, dtype=float).reshape(len(limits.members), len(SIDES), contaminants)
    return Lowered(limits.view, limits.key, limits.members, table)


def _lines(table: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(line) for line in table.reshape(len(table), -1).tolist())
