"""The order list of a sort: tests and packs of every reagent, stock, and substitutes.

Field names and nesting are a part of the JSON of `sort-plan`; see ``docs/sort-plan.md``.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from panelopt.domain.base import Record


class StockLot(Record):
    """A lot of the reagent in stock."""

    vendor: str = ""
    catalog_number: str = ""
    clone: str = ""
    lot: str = ""
    expires: date | None = Field(default=None, description="last day of use")
    tests_left: int | None = Field(default=None, description="null if unknown")


class Spare(Record):
    """A substitute for a reagent, and its cost in score."""

    fluorochrome: str
    detector: str = Field(description="where its dye is read")
    clone: str = ""
    vendor: str = ""
    catalog_number: str = ""
    price: float | None = Field(default=None, description="of one pack; 0 in stock, null if unknown")
    currency: str = ""
    owned: bool = False
    availability: str = ""
    worst_change: float = Field(description="change of the worst log ratio; 0 for the same dye")
    sum_change: float = Field(description="change of the sum of log ratios; 0 for the same dye")
    product_count: int = Field(description="products of this marker and dye that could be taken")


class OrderLine(Record):
    """One reagent of the panel."""

    slot: int = Field(description="index into `panel`, from 0")
    marker: str
    fluorochrome: str
    clone: str = ""
    vendor: str = ""
    catalog_number: str = ""
    size: str = ""
    unit: str = ""
    tests_per_pack: float | None = Field(default=None, description="null if the size does not say")
    price: float | None = Field(default=None, description="of one pack; null if unknown")
    currency: str = ""
    availability: str = ""
    tests_sample: float | None = Field(default=None, description="for the sample; null if its cells are unknown")
    tests_controls: float = Field(description="for the control tubes")
    tests_titration: float = Field(description="for one series of dilutions, not part of the packs")
    owned: bool = Field(default=False, description="in stock")
    tests_on_shelf: int | None = Field(default=None, description="of all its lots; null if unknown for one")
    packs: int | None = Field(default=None, description="packs to buy; null if a number behind it is unknown")
    lots: tuple[StockLot, ...] = Field(default=(), description="in stock, of this marker and dye")
    spares: tuple[Spare, ...] = Field(default=(), description="same dye first, then other dyes, best first")


class VendorOrder(Record):
    """What is bought from one vendor."""

    vendor: str
    lines: int
    packs: int = Field(description="packs; one for each line whose number is unknown")
    price: float = Field(description="of the packs whose price is known")
    unknown_prices: int
    shipping: float | None = Field(default=None, description="cost of the delivery; null if unknown")


class Order(Record):
    """The order list."""

    lines: tuple[OrderLine, ...] = ()
    vendors: tuple[VendorOrder, ...] = ()
    currency: str = Field(default="", description="of all known prices; empty if there are none or several")
    cells_per_test: float | None = Field(default=None, description="cells that one test stains")
