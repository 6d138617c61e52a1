"""Measured signatures: what a single-stain control shows of a dye on one instrument.

A measurement gives the *direction* of a dye's signature, in units after detector gain. Divided by the units per
photoelectron of each detector (one common number where they are unknown) it is a signature in photoelectrons. Its
*length*, the photoelectrons per antibody, needs to be known how many antibodies the control carried; otherwise the
brightness of the dye's own model stays. Negative entries are noise around zero and are set to 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from panelopt.domain.base import Identifier, Name, Positive, Record, Text, repeated
from panelopt.domain.cytometer_record import PerDetector
from panelopt.errors import Finding, InputError, did_you_mean
from panelopt.optics.spectra import Array


class MeasuredSignature(Record):
    """Signature of one dye as measured."""

    fluorochrome: Name
    values: tuple[float, ...] = Field(min_length=1, description="signal by detector in instrument units, any scale")
    photoelectrons_per_antibody: Positive | None = Field(
        default=None, description="effective pe of one bound antibody, summed over the listed detectors; empty: unknown"
    )
    origin: Text = Field(default="", description="file, control or library; that of the whole file where left out")

    @field_validator("values")
    @classmethod
    def _has_light(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if max(value) <= 0:
            raise ValueError("no detector shows light of the dye")
        return value


class SignatureSet(Record):
    """Content of a signature file: measurements on one instrument."""

    schema_version: Literal[1] = 1
    kind: Literal["signatures"] = "signatures"
    cytometer: Identifier = Field(description="id of the instrument configuration")
    origin: Text = Field(default="", description="where the measurements come from")
    note: Text = ""
    units_per_pe: PerDetector | None = Field(
        default=None, description="instrument units per effective photoelectron; empty: the same for all detectors"
    )
    detector: tuple[Name, ...] = Field(min_length=1, description="names of the detectors, in the order of the values")
    signature: tuple[MeasuredSignature, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_fit(self) -> SignatureSet:
        for name in repeated(self.detector):
            raise ValueError(f"detector {name} is listed twice")
        seen: set[str] = set()
        for entry in self.signature:
            if len(entry.values) != len(self.detector):
                raise ValueError(
                    f"{entry.fluorochrome}: {len(entry.values)} values, but {len(self.detector)} detectors are listed"
                )
            if entry.fluorochrome.casefold() in seen:
                raise ValueError(f"{entry.fluorochrome} is listed twice")
            seen.add(entry.fluorochrome.casefold())
        for value in self._scale_values():
            if value <= 0:
                raise ValueError("units_per_pe must be greater than 0")
        return self

    def _scale_values(self) -> tuple[float, ...]:
        scale = self.units_per_pe
        return () if scale is None else tuple(scale.values()) if isinstance(scale, dict) else (scale,)

    def shape(self, entry: MeasuredSignature) -> Array:
        """Signature in photoelectrons up to a factor: not negative, sums to 1; shape (number of detectors,)."""
        light = np.clip(np.array(entry.values), 0.0, None)
        if isinstance(self.units_per_pe, dict):
            light = light / np.array([self.units_per_pe[name] for name in self.detector])
        return np.asarray(light / light.sum())

    def origin_of(self, entry: MeasuredSignature) -> str:
        """Origin of one signature."""
        return entry.origin or self.origin or "measured, source not stated"


def signature_findings(measured: SignatureSet, detectors: Sequence[str], cytometer: str, where: str) -> list[Finding]:
    """Return why a signature file does not fit an instrument.

    Args:
        measured: The file's content.
        detectors: Names of the instrument's detectors.
        cytometer: Id of the instrument.
        where: File name for the messages.
    """
    findings = []
    if measured.cytometer != cytometer:
        hint = "Measure on the instrument that is designed for, or correct `cytometer` in the file."
        message = f"the signatures were measured on {measured.cytometer}, the question is about {cytometer}"
        findings.append(Finding("other-cytometer", message, f"{where}: cytometer", hint))
    for name in measured.detector:
        if name not in detectors:
            hint = did_you_mean(name, detectors) or f"Detectors: {', '.join(detectors)}."
            message = f"{cytometer} has no detector {name}"
            findings.append(Finding("unknown-detector", message, f"{where}: detector", hint))
    if isinstance(measured.units_per_pe, dict):
        for name in measured.detector:
            if name not in measured.units_per_pe:
                hint = "Give all detectors of the file, or one number."
                findings.append(Finding("missing-detector", f"{name} is missing", f"{where}: units_per_pe", hint))
    return findings


def replace_signatures(
    computed: Array, dyes: Sequence[str], detectors: Sequence[str], measured: Mapping[str, tuple[SignatureSet, int]]
) -> Array:
    """Replace computed signatures by measured ones.

    Over the detectors that were measured, the direction is the measured one; the sum is that of the computed
    signature, or the measured photoelectrons per antibody where they are known. Other detectors keep the computed
    light, in proportion.

    Args:
        computed: Shape (D, F), pe per antibody.
        dyes: Names of the columns.
        detectors: Names of the rows.
        measured: Set and index of the signature, by dye; dyes that are no column are passed over.

    Returns:
        Shape (D, F), pe per antibody.

    Raises:
        InputError: if the model gives a dye no light in the measured detectors, so that its brightness is unknown.
    """
    result = computed.copy()
    row = {name: index for index, name in enumerate(detectors)}
    findings = []
    for column, dye in enumerate(dyes):
        if dye not in measured:
            continue
        source, index = measured[dye]
        entry = source.signature[index]
        rows = np.array([row[name] for name in source.detector])
        modelled = computed[rows, column].sum()
        total = entry.photoelectrons_per_antibody or modelled
        if total <= 0:
            hint = "Give photoelectrons_per_antibody in the signature file."
            message = f"{dye} has no modelled brightness in the measured detectors"
            findings.append(Finding("unknown-brightness", message, source.origin_of(entry), hint))
            continue
        if modelled > 0:
            result[:, column] *= total / modelled
        result[rows, column] = source.shape(entry) * total
    if findings:
        raise InputError(findings)
    return result
