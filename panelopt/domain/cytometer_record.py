"""Cytometers: lasers, detectors, noise."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from panelopt.domain.base import Identifier, Name, Nanometre, Positive, Record, Text, repeated, within

SortModeName = Literal["purity", "yield", "single"]

PerDetector = float | dict[str, float]
"""One number for all detectors, or a table by detector name."""

NozzleSize = Annotated[float, within(10.0, 1000.0)]

USUAL_NOZZLE_UM = 100.0
"""Without a stated default, the usual nozzle is the one nearest to this."""


class Laser(Record):
    """A laser line. Lasers on the same path are collinear."""

    nm: Nanometre = Field(description="wavelength, nm")
    power_mw: Positive | None = Field(default=None, description="power at the laser head, mW; empty if unknown")
    path: Name = Field(description="name of the beam path; collinear lasers share one")
    power_source: Text = Field(
        default="",
        description="where the power is stated, if not in the source of the file; a model value says `model: ..`",
    )


class Detector(Record):
    """A detector with its band-pass filter."""

    name: Name
    path: Name = Field(description="beam path whose light the detector sees")
    laser_nm: Nanometre = Field(description="laser the detector is named after, nm")
    centre_nm: Nanometre = Field(description="centre of the band, nm")
    width_nm: Positive = Field(description="full width of the band, nm")
    dichroic_nm: Nanometre | None = Field(
        default=None,
        description="edge of the long-pass mirror before the filter, nm: light below it goes on to the next detector",
    )

    @property
    def low_nm(self) -> float:
        """Lower edge of the band, nm."""
        return self.centre_nm - self.width_nm / 2

    @property
    def high_nm(self) -> float:
        """Upper edge of the band, nm."""
        return self.centre_nm + self.width_nm / 2


class Nozzle(Record):
    """A nozzle or sorting chip and its settings; unknown ones are empty."""

    size_um: NozzleSize = Field(description="width of the opening, um")
    pressure_psi: Positive | None = Field(default=None, description="sheath pressure, psi")
    drop_rate_hz: Positive | None = Field(default=None, description="drop drive frequency, Hz")
    max_event_rate_hz: Positive | None = Field(default=None, description="largest sensible rate of events, Hz")
    drop_volume_nl: Positive | None = Field(default=None, description="volume of a drop, nL")
    source: Text = Field(default="", description="where each of these numbers is stated, in short")


class Noise(Record):
    """Noise terms; missing ones take the defaults of :mod:`panelopt.optics.noise`."""

    excess: PerDetector | None = Field(default=None, description="excess-noise factor F, 1 or more")
    electronic_pe: PerDetector | None = Field(default=None, description="electronic noise, s.d. in pe")
    proportional: PerDetector | None = Field(default=None, description="uncorrelated proportional CV, fraction")
    background_pe: PerDetector | None = Field(default=None, description="constant background, pe")
    autofluorescence_pe: PerDetector | None = Field(
        default=None,
        description="autofluorescence of a lymphocyte: in the strongest detector, or a table by detector; pe",
    )


class Cytometer(Record):
    """An instrument configuration, as far as a source gives it."""

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
    nozzle_um: tuple[NozzleSize, ...] = Field(default=(), description="nozzle or chip sizes, um")
    drop_rate_hz: Positive | None = Field(default=None, description="drop drive frequency of the usual nozzle, Hz")
    default_nozzle_um: Positive | None = Field(default=None, description="usual nozzle, um; else that nearest to 100")
    nozzle: tuple[Nozzle, ...] = Field(default=(), max_length=50, description="nozzles with pressures and rates")
    nozzle_source: Text = Field(default="", description="title and address of the sources that the nozzles name")
    sort_modes: dict[SortModeName, Name] = Field(default={}, description="what the instrument calls each sort mode")
    sort_modes_source: Text = Field(default="", description="where these words are stated")
    laser: tuple[Laser, ...] = Field(min_length=1)
    detector: tuple[Detector, ...] = Field(min_length=1)
    noise: Noise = Noise.model_construct()

    @model_validator(mode="after")
    def _parts_fit(self) -> Cytometer:
        for name in repeated(detector.name for detector in self.detector):
            raise ValueError(f"detector {name} is listed twice")
        by_path: dict[str, set[float]] = {}
        for laser in self.laser:
            by_path.setdefault(laser.path, set()).add(laser.nm)
        for detector in self.detector:
            if detector.path not in by_path:
                raise ValueError(f"detector {detector.name} reads path {detector.path}, which has no laser")
            if detector.laser_nm not in by_path[detector.path]:
                raise ValueError(f"detector {detector.name}: no {detector.laser_nm:g} nm laser on path {detector.path}")
        return self

    @model_validator(mode="after")
    def _one_list_of_nozzles(self) -> Cytometer:
        """Derive ``nozzle`` from the short form (``nozzle_um``, ``drop_rate_hz``), or the short form from it."""
        rows = self.nozzle or tuple(Nozzle(size_um=size) for size in self.nozzle_um)
        sizes = [row.size_um for row in rows]
        for size in repeated(sizes):
            raise ValueError(f"the nozzle of {size:g} um is listed twice")
        if self.nozzle_um and set(self.nozzle_um) != set(sizes):
            raise ValueError("nozzle_um and the tables [[nozzle]] list different sizes; leave one of them out")
        if self.default_nozzle_um is not None and self.default_nozzle_um not in sizes:
            raise ValueError(f"default_nozzle_um is {self.default_nozzle_um:g}, which is not one of the nozzles")
        usual = _usual(rows, self.default_nozzle_um)
        if usual is not None:
            rate = self.drop_rate_hz or usual.drop_rate_hz
            if usual.drop_rate_hz not in (None, rate):
                raise ValueError(
                    f"drop_rate_hz is {rate:g}, but the usual nozzle, {usual.size_um:g} um, has {usual.drop_rate_hz:g}"
                )
            full = usual.model_copy(update={"drop_rate_hz": rate})
            object.__setattr__(self, "drop_rate_hz", rate)
            object.__setattr__(self, "nozzle", tuple(full if row is usual else row for row in rows))
            object.__setattr__(self, "nozzle_um", self.nozzle_um or tuple(sizes))
        return self

    @property
    def nozzles(self) -> tuple[Nozzle, ...]:
        """Nozzles from narrow to wide; empty if none is known."""
        return tuple(sorted(self.nozzle, key=lambda row: row.size_um))

    @property
    def usual_nozzle(self) -> Nozzle | None:
        """The stated usual nozzle, or else the one nearest to 100 um; None if none is known."""
        return _usual(self.nozzle, self.default_nozzle_um)

    @property
    def conventional(self) -> bool:
        """Whether the instrument compensates (one detector per dye) instead of unmixing."""
        return self.unmixing == "compensation"


def _usual(rows: tuple[Nozzle, ...], named_um: float | None) -> Nozzle | None:
    """Return the usual nozzle; of two equally near to 100 um the narrower."""
    wanted = USUAL_NOZZLE_UM if named_um is None else named_um
    return min(rows, key=lambda row: (abs(row.size_um - wanted), row.size_um), default=None)
