"""Fluorochromes, conjugates and catalogs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from panelopt.domain.base import Name, Nanometre, NonNegative, Positive, Record, Text

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

VIABILITY_MARKER = "viability"
"""Marker name of viability dyes in problems and catalogs."""

SYNTHETIC = "synthetic"
"""Catalogs with this word in their name are invented, for tests and examples; they are read only if named."""

DyeUse = Literal["antibody", "live_viability", "fixable_viability", "autofluorescence"]
DyeKind = Literal[
    "small_molecule", "protein", "polymer", "tandem", "nanocrystal", "dna_dye", "amine_reactive", "endogenous"
]


DONOR = "donor"
"""Origin of the emission peaks of a tandem whose light its donor keeps."""


class EmissionPeak(Record):
    """One peak of an emission spectrum: a Gaussian with its own width on either side.

    The density at wavelength ``x`` is proportional to
    ``exp(-(x - peak_nm)^2 / (2 s^2))`` with ``s = left_nm`` below and ``right_nm`` above the peak.
    """

    peak_nm: Nanometre = Field(description="position of the peak, nm")
    left_nm: Positive = Field(description="standard deviation on the blue side, nm")
    right_nm: Positive = Field(description="standard deviation on the red side, nm")
    weight: NonNegative = Field(description="share of the emitted photons in this peak; weights are normalised to 1")
    origin: Text = Field(default="", description="dye, shoulder, ...; `donor` is what the donor of a tandem keeps")

    def height_at(self, wavelength_nm: float) -> float:
        """Density at a wavelength in nm, in units of the weight per nm and up to a factor common to all peaks."""
        width = self.left_nm if wavelength_nm < self.peak_nm else self.right_nm
        off = (wavelength_nm - self.peak_nm) / width
        # a product, because a power of a large number overflows
        return self.weight / (self.left_nm + self.right_nm) * math.exp(-0.5 * off * off)


class Brightness(Record):
    """Photoelectrons per bound antibody under reference conditions."""

    photoelectrons_per_antibody: Positive = Field(
        description="effective pe per antibody at the excitation maximum, 50 mW, all emission collected, "
        "quantum efficiency 1"
    )
    origin: Literal["measured", "class_median", "model"] = Field(description="how the number is known")
    source: Text = Field(default="", description="where the number comes from")


class Fluorochrome(Record):
    """A dye: where it is excited, where it emits, and how bright one antibody is.

    A dye that is known by measured signatures alone has none of the three.
    """

    name: Name
    aliases: tuple[Name, ...] = ()
    family: Name = Field(description="commercial family, e.g. Brilliant Violet")
    kind: DyeKind
    use: DyeUse = Field(default="antibody", description="what the dye stains")
    donor: Text = Field(default="", description="donor of a tandem")
    acceptor: Text = Field(default="", description="acceptor of a tandem")
    excitation: dict[int, NonNegative] = Field(
        default={}, description="relative excitation by laser line in nm; 1 at the excitation maximum"
    )
    emission: tuple[EmissionPeak, ...] = ()
    donor_leak: dict[int, NonNegative] = Field(
        default={},
        description="light of the peaks of origin `donor` by exciting line in nm, relative to their weights; empty: 1",
    )
    brightness: Brightness | None = None
    fragile: tuple[Literal["light", "fixation", "lot"], ...] = ()
    note: Text = ""
    sources: tuple[Text, ...] = ()

    @field_validator("excitation")
    @classmethod
    def _excitation_is_known(cls, value: dict[int, float]) -> dict[int, float]:
        if max(value.values(), default=1.0) <= 0:
            raise ValueError("at least one laser line must excite the dye")
        for line, strength in value.items():
            if not 250 <= line <= 1000:
                raise ValueError(f"laser line {line} nm is outside 250-1000 nm")
            if strength > 1.5:
                raise ValueError(f"relative excitation {strength} at {line} nm is above 1.5")
        return dict(sorted(value.items()))

    @field_validator("emission")
    @classmethod
    def _emits(cls, value: tuple[EmissionPeak, ...]) -> tuple[EmissionPeak, ...]:
        if value and sum(peak.weight for peak in value) <= 0:
            raise ValueError("the weights of the emission peaks must not all be zero")
        return value

    @model_validator(mode="after")
    def _optics_are_complete(self) -> Fluorochrome:
        given = {"excitation": self.excitation, "emission": self.emission, "brightness": self.brightness}
        missing = [name for name, value in given.items() if not value]
        if 0 < len(missing) < len(given) or (missing and self.use != "antibody"):
            raise ValueError(
                f"{' and '.join(missing)} missing; only an antibody dye known by its measured signature alone may omit "
                "all of excitation, emission and brightness"
            )
        return self

    @model_validator(mode="after")
    def _donor_leaks_from_its_peaks(self) -> Fluorochrome:
        if self.donor_leak and not any(peak.origin == DONOR for peak in self.emission):
            raise ValueError(f"donor_leak is given, but no emission peak has the origin {DONOR!r}")
        if self.emission and all(peak.origin == DONOR for peak in self.emission):
            raise ValueError("all emission peaks are those of the donor; list those of the dye itself")
        for line, leak in self.donor_leak.items():
            if not 250 <= line <= 1000:
                raise ValueError(f"donor_leak: laser line {line} nm is outside 250-1000 nm")
            if leak > 100:
                raise ValueError(f"donor_leak {leak} at {line} nm is above 100")
        object.__setattr__(self, "donor_leak", dict(sorted(self.donor_leak.items())))
        return self

    @property
    def has_optics(self) -> bool:
        """Whether its light can be computed; if not, it is known from a measured signature alone."""
        return self.brightness is not None

    @property
    def is_tandem(self) -> bool:
        """Whether the dye passes energy from a donor to an acceptor."""
        return self.kind == "tandem"

    @property
    def peak_nm(self) -> float:
        """Position of the emission peak at which the dye is brightest, the donor's left aside, nm; needs optics."""
        own = [peak for peak in self.emission if peak.origin != DONOR]
        return max(own, key=lambda peak: sum(other.height_at(peak.peak_nm) for other in own)).peak_nm


PRODUCT_ID = ("vendor", "catalog_number", "marker", "clone", "fluorochrome")
"""Fields that identify a product, in the order of :attr:`Conjugate.product_id`."""


class Conjugate(Record):
    """A reagent for sale, or a lot of it in stock: one antibody (or viability dye) with one fluorochrome.

    Unknown values are empty text or ``None``, never filled in. Only inventories have lots.
    """

    marker: Name
    fluorochrome: Name
    clone: Text = ""
    vendor: Text = ""
    catalog_number: Text = ""
    price: NonNegative | None = Field(default=None, description="price of one pack in `currency`")
    currency: Text = Field(default="", description="ISO 4217 code; empty where there is no price")
    size: Text = ""
    unit: Text = ""
    host: Text = ""
    isotype: Text = ""
    reactivity: Text = ""
    applications: Text = ""
    in_stock: bool | None = None
    note: Text = ""
    availability: Literal["sourced", "unverified", "synthetic", ""] = Field(
        default="", description="whether a source shows that the product exists"
    )
    source: Text = Field(default="", description="where the product is named")
    tests: Text = Field(default="", description="tests that one pack makes, where its size says so")
    price_per_test: Text = Field(default="", description="price / tests in `currency`, where both are known")
    lot: Text = ""
    expires: date | None = Field(default=None, description="last day of use")
    tests_left: int | None = Field(default=None, ge=0, description="tests left of the lot")

    @field_validator("expires", mode="before")
    @classmethod
    def _is_a_date(cls, value: object) -> object:
        if isinstance(value, str) and not _ISO_DATE.fullmatch(value):
            raise ValueError("write the date as 2026-01-31")
        return value

    @property
    def product_id(self) -> tuple[str, str, str, str, str]:
        """Vendor, catalog number, marker, clone and fluorochrome: identifies a product and breaks ties."""
        return (self.vendor, self.catalog_number, self.marker, self.clone, self.fluorochrome)


def _as_tuple(conjugates: Sequence[Conjugate]) -> tuple[Conjugate, ...]:
    return tuple(conjugates)  # pydantic would read the signature of a built-in class with the tokenizer


class Catalog(Record):
    """A list of conjugates with its provenance."""

    name: Name
    title: Text = ""
    vendor: Text = ""
    version: Text = ""
    source: Text = ""
    retrieved: Text = ""
    licence: Text = ""
    currency: Text = ""
    sha256: Text = Field(default="", description="hash of the data file that was read")
    origin: Text = Field(default="", description="folder or package that holds the catalog")
    inventory: bool = Field(default=False, description="products in stock: free, and preferred in ties")
    rows: int = Field(default=0, ge=0, description="products of the whole catalog, also those that were not read")
    conjugates: Annotated[Sequence[Conjugate], AfterValidator(_as_tuple)] = ()

    @property
    def synthetic(self) -> bool:
        """Whether the catalog's name says that its products are invented."""
        return SYNTHETIC in self.name

    @model_validator(mode="before")
    @classmethod
    def _every_row_was_read(cls, data: Any) -> Any:
        if isinstance(data, dict) and "rows" not in data:
            return {**data, "rows": len(data.get("conjugates", ()))}
        return data

    @model_validator(mode="after")
    def _products_are_unique(self) -> Catalog:
        seen: set[tuple[str, ...]] = set()
        for conjugate in self.conjugates:
            key = (*conjugate.product_id, conjugate.lot)
            if key in seen:
                raise ValueError(f"product {' / '.join(filter(None, key))} is listed twice")
            seen.add(key)
        return self
