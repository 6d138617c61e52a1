"""Dilution series of a reagent around the amount that its vendor states."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.domain.control_tubes import Titration
from panelopt.domain.reagents import Conjugate

FOLDS = (4.0, 2.0, 1.0, 0.5, 0.25, 0.125)
"""Amounts of the series, in tests (model values)."""

AMOUNT_UNITS = frozenset({"uL", "mL", "ug", "mg"})
"""Units in which an amount can be pipetted or weighed."""

MAX_AMOUNT = 1e9
"""Largest credible amount of one test."""


@dataclass(frozen=True, slots=True)
class PackSize:
    """What one pack holds.

    Attributes:
        tests: Tests; None = unknown.
        amount: Amount in ``unit``; None = unknown.
        unit: Unit of the amount.
    """

    tests: float | None = None
    amount: float | None = None
    unit: str = ""

    @property
    def amount_per_test(self) -> float | None:
        """Amount for one test in the pack; None if not stated."""
        if not self.tests or not self.amount or self.unit not in AMOUNT_UNITS:
            return None
        amount = self.amount / self.tests
        return amount if 0 < amount <= MAX_AMOUNT else None


def titration(conjugate: Conjugate, pack: PackSize) -> Titration:
    """Return the series of a reagent; its amounts are empty if the pack does not state them."""
    amount = pack.amount_per_test
    return Titration(
        marker=conjugate.marker,
        fluorochrome=conjugate.fluorochrome,
        clone=conjugate.clone,
        vendor=conjugate.vendor,
        catalog_number=conjugate.catalog_number,
        amount=amount,
        unit=pack.unit if amount is not None else "",
        folds=FOLDS,
        amounts=() if amount is None else tuple(fold * amount for fold in FOLDS),
    )
