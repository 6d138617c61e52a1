"""What two designs differ in, in the words that count: purity points, reagents, contaminants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from panelopt.domain.design_comparison import DesignComparison, PairChange, TargetChange
from panelopt.domain.result import Result
from panelopt.report.odds import ratio_in_words, wrong_cells

SAME_POINTS = 0.05
"""Smaller changes of a purity, in percentage points, count as none."""

Purer = Literal["A", "B", "neither"]


@dataclass(frozen=True, slots=True)
class TubeChange:
    """One target in both designs.

    Attributes:
        name: The target.
        first, second: Guaranteed purity, 0 to 1; None where a design does not have the target.
        contaminant: The contaminant whose separation changes most, with its wrong cells; empty if none changes.
    """

    name: str
    first: float | None
    second: float | None
    contaminant: str

    @property
    def points(self) -> float | None:
        """Change of the guaranteed purity in percentage points; None where one is unknown."""
        return None if self.first is None or self.second is None else 100 * (self.second - self.first)

    @property
    def purer(self) -> Purer:
        """Which design has the purer tube."""
        return _purer(self.points or 0.0)


def tube_changes(found: DesignComparison) -> tuple[TubeChange, ...]:
    """Return every target, in the order of the comparison."""
    return tuple(_tube(target) for target in found.targets)


def _tube(target: TargetChange) -> TubeChange:
    purity = next((n for n in target.numbers if n.name == "purity_at_least"), None)
    first, second = (purity.first, purity.second) if purity else (None, None)
    return TubeChange(target.name, first, second, _contaminant(target.pairs[0]) if target.pairs else "")


def _contaminant(pair: PairChange) -> str:
    if pair.first is None or pair.second is None or ratio_in_words(pair.first) == ratio_in_words(pair.second):
        return ""
    return f"{pair.contaminant}: {ratio_in_words(pair.first)} with A, {ratio_in_words(pair.second)} with B"


def comparison_verdict(found: DesignComparison) -> str:
    """Return one sentence: whose worst tube is purer, and how many markers are stained differently."""
    count = len(found.changed)
    markers = f"{count} of {len(found.markers)} markers {'differs' if count == 1 else 'differ'}"
    first, second = _worst(found.first), _worst(found.second)
    if first is None or second is None:
        lacking = [name for name, worst in (("A", first), ("B", second)) if worst is None]
        return f"{' and '.join(lacking)} {'has' if len(lacking) == 1 else 'have'} no panel; {markers}."
    points = 100 * (second - first)
    purer = _purer(points)
    if purer == "neither":
        return f"Both are equally pure in their worst tubes: {wrong_cells(first)}; {markers}."
    better, worse = map(wrong_cells, (second, first) if purer == "B" else (first, second))
    instead = "with either" if better == worse else f"instead of {worse}"
    return f"{purer} is purer in its worst tube: {better} {instead}, {abs(points):.1f} points of purity; {markers}."


def _worst(result: Result) -> float | None:
    return min((target.purity_at_least for target in result.targets), default=None)


def _purer(points: float) -> Purer:
    if abs(points) < SAME_POINTS:
        return "neither"
    return "B" if points > 0 else "A"
