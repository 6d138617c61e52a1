"""The numeric instance as a plain record, for self-contained files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from panelopt.domain.base import Record, Text

MAX_COUNT = 100_000
"""Most markers, dyes, detectors, populations or options that a file may have."""

MAX_PAIRS = 40_000
"""Most pairs of a target and a population: the time of one score grows with them."""

MAX_VALUE = 1e15
"""Largest number: above it squares and sums lose precision or overflow."""

Index = Annotated[int, Field(ge=0, lt=MAX_COUNT)]
Share = Annotated[float, Field(gt=0, le=1 + 1e-9)]
Amount = Annotated[float, Field(ge=0, le=MAX_VALUE)]
Amounts = Annotated[tuple[Amount, ...], Field(max_length=MAX_COUNT)]
Known = Annotated[float, Field(ge=0, le=MAX_VALUE)] | None
Table = tuple[tuple[Known, ...], ...]
Flags = tuple[tuple[bool, ...], ...]
Names = Annotated[tuple[Text, ...], Field(max_length=MAX_COUNT)]
SomeNames = Annotated[tuple[Text, ...], Field(min_length=1, max_length=MAX_COUNT)]


class LockNumbers(Record):
    """A reagent that must be used, on any detector if none is given."""

    marker: Index
    dye: Index
    detector: Index | None = None


class DeliveryNumbers(Record):
    """Pack prices of each source (null: not sold), and the cost of its delivery."""

    vendor: Names
    shipping: Amounts
    price: tuple[Table, ...]


class StainNumbers(Record):
    """Markers and dye of a slot of an earlier panel."""

    markers: tuple[Index, ...]
    dye: Index


class InstanceNumbers(Record):
    """Every number that the score, the bounds and the model depend on; null: unknown, or no constraint.

    Fields are those of :class:`panelopt.instance.Instance`.
    """

    population: SomeNames
    marker: SomeNames
    dye: Names
    detector: SomeNames
    role: tuple[Literal["target", "contaminant", "ignore"], ...]
    phi: tuple[Share, ...]
    abc: Table
    cv: Table
    autofluorescence_factor: Amounts
    signal: tuple[Amounts, ...]
    autofluorescence: Amounts
    background: Amounts
    excess: Amounts
    electronic: Amounts
    proportional: Amounts
    available: Flags
    allowed: Flags
    price: Table
    product_rank: tuple[tuple[Annotated[int, Field(ge=0, lt=2**62)], ...], ...]
    required: tuple[bool, ...]
    dump: tuple[bool, ...]
    no_above: tuple[bool, ...]
    max_share: tuple[Known, ...]
    conventional: bool
    eps: Annotated[float, Field(gt=0, lt=0.5)]
    leak: Annotated[float, Field(gt=0, le=0.5)]
    leak_total: Annotated[float, Field(ge=0, le=0.5)]
    delta: Annotated[float, Field(ge=0, le=1)]
    cv_autofluorescence: Annotated[float, Field(ge=0, le=1e3)]
    yield_min: Annotated[float, Field(ge=0, le=1)]
    purity_goal: Annotated[float, Field(gt=0, lt=1)]
    unknown_abc: Amount
    unknown_cv: Amount
    max_colours: Index | None
    max_gates: Index | None
    budget: Known
    allow_unknown_price: bool
    require_goal: bool
    max_similarity: Known
    max_complexity: Known
    max_spillover: Annotated[float, Field(gt=0, le=MAX_VALUE)]
    slack: Annotated[float, Field(ge=0, le=MAX_VALUE)]
    prefer: Names
    sort_ways: Index | None
    marker_list: bool
    locks: tuple[LockNumbers, ...]
    viability: tuple[bool, ...]
    sourced: Flags
    fragile: tuple[bool, ...]
    owned: Flags | None
    delivery: DeliveryNumbers | None
    reference: tuple[tuple[Index, Index], ...]
    max_changes: Index | None
    apart: tuple[tuple[StainNumbers, ...], ...]
    differ: Index

    @model_validator(mode="after")
    def _fits(self) -> Self:
        p, m, f, d = (len(names) for names in (self.population, self.marker, self.dye, self.detector))
        shapes: dict[str, tuple[int, ...]] = {
            **dict.fromkeys(("role", "phi", "autofluorescence_factor", "max_share"), (p,)),
            **dict.fromkeys(("abc", "cv"), (p, m)),
            **dict.fromkeys(("signal", "allowed"), (d, f)),
            **dict.fromkeys(("autofluorescence", "background", "excess", "electronic", "proportional"), (d,)),
            **dict.fromkeys(("available", "price", "product_rank", "sourced"), (m, f)),
            **dict.fromkeys(("required", "dump", "no_above", "viability"), (m,)),
            "fragile": (f,),
        }
        if self.owned is not None:
            shapes["owned"] = (m, f)
        wrong = [name for name, shape in shapes.items() if not _has_shape(getattr(self, name), shape)]
        if self.delivery is not None:
            sources = len(self.delivery.vendor)
            if not sources or len(self.delivery.shipping) != sources:
                wrong.append("delivery.shipping")
            if not _has_shape(self.delivery.price, (sources, m, f)):
                wrong.append("delivery.price")
        if wrong:
            raise ValueError(f"wrong number of entries: {', '.join(wrong)}")
        self._check_places(m, f, d)
        if self.role.count("target") * p > MAX_PAIRS:
            raise ValueError(f"more than {MAX_PAIRS:,} pairs of a target and another population")
        if "target" not in self.role or (len(set(self.role) - {"ignore"}) < 2 and self.role.count("target") < 2):
            raise ValueError("there must be a target and a contaminant")
        return self

    def _check_places(self, m: int, f: int, d: int) -> None:
        """Check that markers, dyes and detectors given by number exist."""
        reagents = [(lock.marker, lock.dye) for lock in self.locks]
        reagents += list(self.reference)
        reagents += [(marker, stain.dye) for panel in self.apart for stain in panel for marker in stain.markers]
        wrong = [pair for pair in reagents if pair[0] >= m or pair[1] >= f]
        if wrong or any(lock.detector is not None and lock.detector >= d for lock in self.locks):
            raise ValueError("locks, reference or apart name a marker, dye or detector that does not exist")


def _has_shape(values: Sequence[object], shape: tuple[int, ...]) -> bool:
    if len(values) != shape[0]:
        return False
    return len(shape) == 1 or all(isinstance(v, tuple) and _has_shape(v, shape[1:]) for v in values)
