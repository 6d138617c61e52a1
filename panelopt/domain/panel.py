"""A panel: slots, each one fluorochrome on one detector with the markers stained in it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from panelopt.domain.base import Name, Record, Text
from panelopt.domain.reagents import Conjugate

SlotRole = Literal["marker", "dump", "viability"]


class Slot(Record):
    """One fluorochrome on one detector with its conjugates; a dump slot has several."""

    fluorochrome: Name
    detector: Text = Field(default="", description="on a spectral instrument the peak detector, for information")
    conjugates: tuple[Conjugate, ...] = Field(min_length=1)
    role: SlotRole = "marker"

    @model_validator(mode="after")
    def _one_dye(self) -> Slot:
        for conjugate in self.conjugates:
            if conjugate.fluorochrome != self.fluorochrome:
                raise ValueError(f"{conjugate.marker} {conjugate.fluorochrome} does not belong on {self.fluorochrome}")
        return self

    @property
    def markers(self) -> tuple[str, ...]:
        """Markers stained in this slot."""
        return tuple(conjugate.marker for conjugate in self.conjugates)


class Panel(Record):
    """An ordered set of slots."""

    slots: tuple[Slot, ...]

    @property
    def colours(self) -> int:
        """Number of fluorochromes."""
        return len(self.slots)
