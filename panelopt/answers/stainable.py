"""Why a marker that must be stained is hard to stain: nothing is sold, nothing is visible, or few dyes are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from panelopt.instance.compile import Compiled
from panelopt.questions.constrained_question import ConstrainedQuestion
from panelopt.questions.demand_list import FEW_DYES
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


def _compiled(constrained: ConstrainedQuestion) -> Compiled:
    return compiled(constrained.question, constrained.options, (), constrained.optional, constrained.former_locks)


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
