"""What stands in the way of a demand: nothing is sold or priced, nothing is visible, few dyes or detectors are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panelopt.domain.conjugate_table import table_of
from panelopt.domain.problem_record import Locked
from panelopt.instance.compile import Compiled
from panelopt.questions.constrained_question import ConstrainedQuestion
from panelopt.questions.demand_list import FEW_DYES, demands
from panelopt.questions.question import compiled

_NAMED = 6
"""Dyes named in one message."""


def staining_obstacle(constrained: ConstrainedQuestion, marker: str) -> str:
    """Return what stands in the way of staining a marker, in words; empty if many dyes are left.

    Args:
        constrained: The question with all its demands.
        marker: A marker of the problem.
    """
    arrays = _compiled(constrained)
    sold = _dyes_of(arrays, marker)
    if not sold:
        return f"no product of the catalogs stains {marker}" + _without_sources(constrained, marker)
    seen = _visible(arrays)
    left = [dye for dye in sold if dye in seen]
    if not left:
        others = sorted(seen) or ["none"]
        verb = "is" if len(sold) == 1 else "are"
        return (
            f"{_listed(sold, 'and')} {verb} not visible on {constrained.question.cytometer.id}; "
            f"visible dyes of the other markers: {_listed(others, 'and')}"
        )
    return f"sold only with {_listed(left, 'or')}" if len(left) <= FEW_DYES else ""


def lock_obstacle(constrained: ConstrainedQuestion, lock: Locked) -> str:
    """Return why a locked reagent cannot be used, in words; empty if the lock alone does not say.

    Args:
        constrained: The question with all its demands.
        lock: A locked reagent.
    """
    if not _is_listed(constrained, lock):
        sold = _dyes_of(_compiled(constrained), lock.marker)
        others = f"; {lock.marker} comes with {_listed(sold, 'or')}" if sold else ""
        return f"no product of the catalogs is {lock.marker} {lock.fluorochrome}{others}"
    same = [
        other.marker
        for other in (*constrained.problem.locked, *constrained.options.locks)
        if other.fluorochrome == lock.fluorochrome and other.marker != lock.marker
    ]
    return f"{lock.fluorochrome} is locked to {_listed(same, 'and')} too" if same else ""


def budget_obstacle(constrained: ConstrainedQuestion) -> str:
    """Return which markers a budget leaves without a product because no price is known; empty if none.

    Args:
        constrained: The question with all its demands.
    """
    if constrained.options.allow_unknown_price:
        return ""
    whole = _compiled(replace(constrained, options=replace(constrained.options, allow_unknown_price=True))).products
    priced = {marker for marker, _ in _compiled(constrained).products}
    lost = sorted({marker for marker, _ in whole} - priced)
    if not lost:
        return ""
    which = _listed([f"of {name}" for name in lost], "or") if priced else "of the catalogs"
    return f"no product {which} has a price; --allow-unknown-price admits products without one"


def detector_shortage(constrained: ConstrainedQuestion) -> str:
    """Return how many colours the required markers need, if the cytometer has fewer detectors; else an empty text.

    Args:
        constrained: The question with all its demands.
    """
    roles = {marker.name: marker.role for marker in constrained.problem.marker}
    needed = {one.lock.marker if one.lock else one.stains for one in demands(constrained)} - {""}
    dumped = {name for name in needed if roles[name] == "dump"}
    colours, detectors = len(needed - dumped) + bool(dumped), len(constrained.question.cytometer.detector)
    if colours <= detectors:
        return ""
    return f"{colours} colours, {detectors} detectors: each of {_listed(sorted(needed - dumped), 'and')} needs its own"


def _compiled(constrained: ConstrainedQuestion) -> Compiled:
    return compiled(constrained.question, constrained.options, (), constrained.optional, constrained.former_locks)


def _is_listed(constrained: ConstrainedQuestion, lock: Locked) -> bool:
    """Whether a catalog has a product of the locked marker and dye, suitable or not."""
    for catalog in constrained.question.catalogs:
        table = table_of(catalog.conjugates)
        marker = table.column("marker").where(lambda name: name == lock.marker)
        if (marker & table.column("fluorochrome").where(lambda name: name == lock.fluorochrome)).any():
            return True
    return False


def _dyes_of(arrays: Compiled, marker: str) -> list[str]:
    return sorted(dye for name, dye in arrays.products if name == marker)


def _visible(arrays: Compiled) -> set[str]:
    return {arrays.instance.dye[place] for place in np.flatnonzero(arrays.instance.allowed.any(axis=0))}


def _without_sources(constrained: ConstrainedQuestion, marker: str) -> str:
    """Return the dyes that products without a source would add."""
    if constrained.options.allow_unverified:
        return ""
    options = replace(constrained.options, allow_unverified=True)
    arrays = _compiled(replace(constrained, options=options))
    more = [dye for dye in _dyes_of(arrays, marker) if dye in _visible(arrays)]
    return f", except without a confirming source: {_listed(more, 'and')} (--allow-unverified)" if more else ""


def _listed(names: Sequence[str], word: str) -> str:
    """Return names as a list in words, cut where they are many."""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} {word} {len(names) - _NAMED} more"
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]
