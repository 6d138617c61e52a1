"""A panel in results: its slots and reagents, what it asks of the bench, and how it differs from others."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from panelopt.domain.base import Record

SlotRole = Literal["marker", "dump", "viability"]


class Reagent(Record):
    """One product of a slot."""

    marker: str
    clone: str
    fluorochrome: str
    vendor: str
    catalog_number: str
    price: float | None = None
    currency: str = ""
    size: str = ""
    unit: str = ""
    availability: str = ""
    source: str = ""
    owned: bool = Field(default=False, description="in stock: not to be bought")
    lot: str = ""
    expires: date | None = Field(default=None, description="last day of use of the lot")


class PanelSlot(Record):
    """One slot of the panel."""

    markers: tuple[str, ...]
    clones: tuple[str, ...]
    fluorochrome: str
    detector: str
    laser_nm: float
    vendor: str | None = Field(default=None, description="null where the reagents of a dump differ; see `reagents`")
    catalog_number: str | None = None
    price: float | None = None
    role: SlotRole
    reagents: tuple[Reagent, ...] = ()

    @property
    def all_reagents(self) -> tuple[Reagent, ...]:
        """One reagent for each marker; where the result lists none, what the slot itself states."""
        if self.reagents:
            return self.reagents
        clones = (*self.clones, *("",) * len(self.markers))
        return tuple(
            Reagent(
                marker=marker,
                clone=clone,
                fluorochrome=self.fluorochrome,
                vendor=self.vendor or "",
                catalog_number=self.catalog_number or "",
                price=self.price if len(self.markers) == 1 else None,
            )
            for marker, clone in zip(self.markers, clones, strict=False)
        )


class Practicality(Record):
    """What the panel asks of the bench: objective 3."""

    unsourced: int = Field(description="products that no source shows")
    to_buy: int = Field(description="products that are not in stock; 0 where no inventory is given")
    colours: int
    spillover_burden: float | None = Field(
        default=None, description="conventional: light in the detectors of other dyes as a share of the own, summed"
    )
    complexity_index: float | None = Field(default=None, description="spectral: condition number of the signatures")
    fragile: int = Field(description="dyes damaged by light or fixation")
    unknown_prices: int
    price: float = Field(description="sum of the known prices, with deliveries")
    proven: bool = Field(
        default=False,
        description="whether it is proven to come first among equally good panels; false: another run may differ",
    )


class BestPanel(Record):
    """The best panel of objectives 1 and 2; null if none was found."""

    worst_log_ratio: float | None = Field(default=None, description="best value of objective 1 that was found")
    sum_log_ratio: float | None = Field(default=None, description="best value of objective 2 above the floor")
    panel: tuple[PanelSlot, ...] = ()
    purity_at_least: dict[str, float] = Field(default_factory=dict, description="by target, what the claims guarantee")
    practical: Practicality | None = Field(default=None, description="what it asks of the bench")


class GivenUp(Record):
    """How much worse the chosen panel is than the best one, in exchange for its practical advantages."""

    slack: float = Field(description="how much could be given up, log10")
    worst_log_ratio: float
    sum_log_ratio: float
    purity_at_least: dict[str, float] = Field(description="by target, percentage points; negative: gained")


class VendorDelivery(Record):
    """What is bought from one vendor."""

    vendor: str
    products: int
    price: float = Field(description="sum of the known prices of one pack each")
    shipping: float | None = Field(default=None, description="cost of the delivery; null if unknown")


class PanelChange(Record):
    """The change of one marker of a given panel, and its effect."""

    marker: str
    before: str | None = Field(default=None, description="fluorochrome and detector; null: not stained")
    after: str | None = Field(default=None, description="fluorochrome and detector; null: no longer stained")
    basis: Literal["made alone", "undone alone", "only with others"] = Field(
        description="how the effect was found: in the given panel, in the new one, or not at all"
    )
    worst_log_ratio: float | None = Field(default=None, description="what is gained (log10); negative: lost")
    sum_log_ratio: float | None = Field(default=None, description="the same")
