"""The canonical form of a certificate: indices in range, no duplicates, and sorted where order has no meaning.

Each content has one form, so that a certificate cannot hide anything from its reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from panelopt.bounds.cut_form import cut_order, most_claim
from panelopt.bounds.proof_arrays import row_of
from panelopt.domain.base import repeated
from panelopt.domain.certificate import Certificate, CutNumbers, ScoredPanel
from panelopt.instance.arrays import Instance
from panelopt.scoring.claims import SIDES


def misformed(certificate: Certificate, instance: Instance) -> list[str]:
    """Return the deviations of a certificate from the form, each with its reason."""
    found = [*_names(instance), *_slots(certificate, instance), *_panels(certificate, instance)]
    return [*found, *_bounds(certificate, instance), *_rows(certificate, instance)]


def _names(instance: Instance) -> Iterator[str]:
    for kind in ("population", "marker", "dye", "detector"):
        names = getattr(instance, kind)
        if repeated(names) or not all(names):
            yield f"instance.{kind}: a duplicate or empty name"


def _slots(c: Certificate, instance: Instance) -> Iterator[str]:
    markers, dyes, detectors = len(instance.marker), len(instance.dye), len(instance.detector)
    for o, option in enumerate(c.options):
        if option.dye >= dyes or option.detector >= detectors or any(m >= markers for m in option.markers):
            yield f"options[{o}]: names a marker, dye or detector that does not exist"
        if not _ascend(option.markers):
            yield f"options[{o}]: markers duplicated or out of order"


def _panels(c: Certificate, instance: Instance) -> Iterator[str]:
    count = len(c.options)
    scored: list[tuple[str, ScoredPanel | None]] = [(name, getattr(c, name)) for name in SCORED]
    scored += [(f"capped[{i}]", one) for i, one in enumerate(c.capped)]
    panels = [(name, one.panel) for name, one in scored if one is not None]
    panels += [(f"forbidden[{i}]", panel) for i, panel in enumerate(c.forbidden)]
    for name, panel in panels:
        if not panel or not _ascend(panel) or panel[-1] >= count:
            yield f"{name}: not a sorted panel of existing slots, each once"
    if len(c.gates) != (0 if c.reported is None else len(instance.views)):
        yield "gates: not one list per target of the reported panel"
    if not _ascend([one.panel for one in c.capped]):
        yield "capped: panels duplicated or out of order"
    if not _ascend(c.forbidden):
        yield "forbidden: panels duplicated or out of order"


SCORED = ("reported", "best_worst", "best_total")
"""Panels that a certificate names with their scores."""


def _bounds(c: Certificate, instance: Instance) -> Iterator[str]:
    count, views = len(c.options), [len(view.contaminants) for view in instance.views]
    most = most_claim(instance)
    if len(c.own_limits) != len(views):
        yield "own_limits: not one table per target"
    for v, (bounds, others) in enumerate(zip(c.own_limits, views, strict=False)):
        if not _fits(bounds.options, bounds.values, count, others, most):
            yield f"own_limits[{v}]: not a sorted table of existing slots, each once, with its bounds"
    for i, lowered in enumerate(c.lowered):
        known = lowered.view < len(views)
        if not known or not _fits(lowered.members, lowered.values, count, views[lowered.view], most):
            yield f"lowered[{i}]: not a sorted table of existing slots, each once, with its bounds"
    if not _ascend([(lowered.view, lowered.key) for lowered in c.lowered]):
        yield "lowered: markers of a target duplicated or out of order"


def _rows(c: Certificate, instance: Instance) -> Iterator[str]:
    count, views = len(c.options), [len(view.contaminants) for view in instance.views]
    unknown = [i for i, row in enumerate(c.rows) if not _exists(row, count, views, len(instance.detector))]
    yield from (f"rows[{i}]: names something that does not exist" for i in unknown)
    if not _ascend([cut_order(row_of(row)) for row in c.rows]):
        yield "rows: duplicated or out of order"


def _ascend(things: Sequence[Any]) -> bool:
    return all(a < b for a, b in pairwise(things))


def _fits(
    options: Sequence[int], values: Sequence[Sequence[float]], count: int, contaminants: int, most: float
) -> bool:
    lines_fit = len(values) == len(options) and all(len(line) == len(SIDES) * contaminants for line in values)
    claims = all(0 <= value <= most for line in values for value in line)
    return lines_fit and claims and _ascend(options) and all(o < count for o in options)


def _exists(row: CutNumbers, options: int, views: Sequence[int], detectors: int) -> bool:
    named = [o for group in row.fixed for o in group] + [o for o, _ in row.reduction]
    read = [*row.dark, *([] if row.unused is None else [row.unused[0]])]
    in_view = row.gate[0] < len(views) and row.contaminant < views[row.gate[0]]
    return in_view and all(o < options for o in named) and all(d < detectors for d in read)
