"""Calibration of an instrument's signal in antibodies per cell, from beads with known amounts."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, model_validator

from panelopt.domain.base import Name, Record, Text, repeated

MAX_EXPONENT = 300.0
"""Largest power of ten of a signal."""


class CalibrationChannel(Record):
    """The line through the beads of one detector or one fluorochrome.

    ``linear``: ``signal = offset + slope * antibodies`` (Wang et al. 2016, doi:10.1002/0471142956.cy0129s75).
    ``log``: ``log10(antibodies) = offset + slope * log10(signal)``, the line through the beads of a kit (Serke et al.
    1998, doi:10.1002/(SICI)1097-0320(19981001)33:2<179::AID-CYTO12>3.0.CO;2-R).
    """

    detector: Text = Field(default="", description="detector; for every fluorochrome that is read there")
    fluorochrome: Text = Field(default="", description="fluorochrome; counts before a line for its detector")
    scale: Literal["linear", "log"] = "linear"
    slope: float = Field(gt=0.0, description="linear: unit per antibody; log: without unit")
    offset: float = Field(description="linear: signal of a cell without antibody, in `unit`; log: log10 antibodies")
    unit: Name = Field(description="unit of the signal, as the instrument shows it")
    source: Text = Field(default="", description="beads, lot, date")

    @model_validator(mode="after")
    def _names_one_channel(self) -> CalibrationChannel:
        if bool(self.detector) == bool(self.fluorochrome):
            raise ValueError("a channel names either a detector or a fluorochrome")
        return self

    def signal(self, antibodies: float) -> float | None:
        """Return the signal of a number of antibodies; None outside the range of a logarithmic line."""
        if self.scale == "linear":
            return float(self.offset + self.slope * antibodies)
        if antibodies <= 0:
            return None
        exponent = (math.log10(antibodies) - self.offset) / self.slope
        return 10.0**exponent if exponent < MAX_EXPONENT else None


class Calibration(Record):
    """Calibration of one instrument at one setting of its gains."""

    schema_version: Literal[1] = 1
    source: Text = Field(default="", description="origin of the lines")
    channel: tuple[CalibrationChannel, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_channel_once(self) -> Calibration:
        for names in ([c.detector for c in self.channel], [c.fluorochrome for c in self.channel]):
            for name in repeated(filter(None, names)):
                raise ValueError(f"{name} is calibrated twice")
        return self

    def find(self, fluorochrome: str, detector: str) -> CalibrationChannel | None:
        """Return the line of a fluorochrome, or else of its detector, or None.

        Args:
            fluorochrome: Name of the dye.
            detector: Detector on which it is read; empty for unmixed signals.
        """
        for channel in self.channel:
            if channel.fluorochrome and channel.fluorochrome == fluorochrome:
                return channel
        return next((c for c in self.channel if c.detector and c.detector == detector), None)
