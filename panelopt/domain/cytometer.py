"""Cytometers: lasers, detectors, noise."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from panelopt.domain.base import Identifier, Name, Nanometre, NonNegative, Positive, Record, Text, repeated

PerDetector = float | dict[str, float]
"""One number for all detectors, or a table by detector name."""


class Laser(Record):
    """A laser line. Lasers on the same path are collinear."""

    nm: Nanometre = Field(description="wavelength, nm")
    power_mw: Positive | None = Field(default=None, description="power at the laser head, mW; empty if unknown")
    path: Name = Field(description="name of the beam path; collinear lasers share one")


class Detector(Record):
    """A detector with its band-pass filter."""

    name: Name
    path: Name = Field(description="beam path whose light the detector sees")
    laser_nm: Nanometre = Field(description="laser the detector is named after, nm")
    centre_nm: Nanometre = Field(description="centre of the band, nm")
    width_nm: Positive = Field(description="full width of the band, nm")

    @property
    def low_nm(self) -> float:
        """Lower edge of the band, nm."""
        return self.centre_nm - self.width_nm / 2

    @property
    def high_nm(self) -> float:
        """Upper edge of the band, nm."""
        return self.centre_nm + self.width_nm / 2


class Noise(Record):
    """Noise terms; what is left out takes the model defaults of :mod:`panelopt.optics.noise`."""

    excess: PerDetector | None = Field(default=None, description="excess-noise factor F, 1 or more")
    electronic_pe: PerDetector | None = Field(default=None, description="electronic noise, s.d. in pe")
    proportional: PerDetector | None = Field(default=None, description="uncorrelated proportional CV, fraction")
    background_pe: PerDetector | None = Field(default=None, description="constant background, pe")
    autofluorescence_pe: PerDetector | None = Field(
        default=None,
        description="autofluorescence of a lymphocyte: in the strongest detector, or a table by detector; pe",
    )


class Cytometer(Record):
    """An instrument configuration as far as a source gives it."""

    schema_version: Literal[1] = 1
    id: Identifier
    name: Name
    maker: Text = ""
    source: Text = Field(description="where lasers and filters are stated")
    note: Text = ""
    sorter: bool
    unmixing: Literal["compensation", "spectral"]
    photodetector: Literal["pmt", "apd", "sipm", ""] = Field(default="", description="kind of light detector")
    sort_ways: int | None = Field(default=None, ge=1, le=16, description="populations sorted at once")
    nozzle_um: tuple[NonNegative, ...] = Field(default=(), description="nozzle or chip sizes, um")
    drop_rate_hz: Positive | None = Field(default=None, description="drop drive frequency of the default nozzle, Hz")
    laser: tuple[Laser, ...] = Field(min_length=1)
    detector: tuple[Detector, ...] = Field(min_length=1)
    noise: Noise = Noise()

    @model_validator(mode="after")
    def _parts_fit(self) -> Cytometer:
        for name in repeated(detector.name for detector in self.detector):
            raise ValueError(f"detector {name} is listed twice")
        by_path: dict[str, set[float]] = {}
        for laser in self.laser:
            by_path.setdefault(laser.path, set()).add(laser.nm)
        for detector in self.detector:
            if detector.path not in by_path:
                raise ValueError(f"detector {detector.name} looks at path {detector.path}, which has no laser")
            if detector.laser_nm not in by_path[detector.path]:
                raise ValueError(f"detector {detector.name}: no {detector.laser_nm:g} nm laser on path {detector.path}")
        return self

    @property
    def conventional(self) -> bool:
        """Whether the instrument compensates (one detector a dye) instead of unmixing."""
        return self.unmixing == "compensation"
