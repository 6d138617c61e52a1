"""What a problem allows a panel to cost and to contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from panelopt.domain.base import Name, NonNegative, Record, Text, repeated
from panelopt.domain.name_table import bare

PracticalWord = Literal["sourced", "to_buy", "colours", "spillover", "fragile", "price"]
"""Criteria between equally good panels, in default order."""


class PanelConstraints(Record):
    """What the panel may cost and contain."""

    max_colours: int | None = Field(default=None, ge=1, description="fluorochromes, viability dye included")
    budget: NonNegative | None = Field(default=None, description="price of one pack of every reagent")
    currency: Text = Field(default="", description="ISO 4217 code of the budget")
    vendors: tuple[Name, ...] = Field(default=(), description="buy only from these vendors; empty: from all")
    exclude_vendors: tuple[Name, ...] = Field(default=(), description="buy nothing from these vendors")
    prefer_vendors: tuple[Name, ...] = Field(default=(), description="at equal price, the first of these")
    shipping: dict[Name, NonNegative] = Field(default_factory=dict, description="cost of one delivery, by vendor")
    reactivity: Text = Field(default="human", description="species that reagents must stain; empty: any")
    any_application: bool = Field(default=False, description="also products that are not for flow cytometry")
    exclude_fluorochromes: tuple[Name, ...] = ()
    exclude_tandems: bool = False
    max_similarity: float | None = Field(default=None, gt=0.0, le=1.0, description="largest cosine of two signatures")
    max_complexity: float | None = Field(default=None, ge=1.0, description="largest condition number of the signatures")
    max_spillover: float | None = Field(
        default=None,
        gt=0.0,
        description="most light of a dye in another dye's detector, as a share of its own; default 1",
    )
    prefer: tuple[PracticalWord, ...] = Field(
        default=(), description="criteria that come first between equally good panels"
    )

    @field_validator("shipping")
    @classmethod
    def _one_cost_a_vendor(cls, value: dict[str, float]) -> dict[str, float]:
        twice = set(repeated(bare(vendor) for vendor in value))
        for vendor in value:
            if bare(vendor) in twice:
                raise ValueError(f"{vendor} is listed twice")
        return value

    @field_validator("prefer")
    @classmethod
    def _no_word_twice(cls, value: tuple[PracticalWord, ...]) -> tuple[PracticalWord, ...]:
        for word in repeated(value):
            raise ValueError(f"{word} is listed twice")
        return value
