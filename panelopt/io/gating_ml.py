"""Gates as Gating-ML 2.0 (Spidlen et al. 2015, doi:10.1002/cyto.a.22690): rectangles and their compensation matrix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np
import numpy.typing as npt

GATING = "http://www.isac-net.org/std/Gating-ML/v2.0/gating"
TRANSFORMS = "http://www.isac-net.org/std/Gating-ML/v2.0/transformations"
DATA_TYPE = "http://www.isac-net.org/std/Gating-ML/v2.0/datatypes"

MATRIX_ID = "panelopt-compensation"
"""Name of the compensation matrix in the document."""

_HIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Edge:
    """One dimension of a gate: ``low <= value < high``; infinite on an open side.

    Attributes:
        channel: Short name of the parameter, or the name of a row of the compensation matrix.
        low, high: Thresholds.
        compensated: Whether the channel is a row of the matrix.
    """

    channel: str
    low: float
    high: float
    compensated: bool = False


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A gate: events inside every edge and inside the parent gate.

    Attributes:
        id: Name in the document; see :func:`gate_ids`.
        edges: At least one.
        parent: Parent gate; empty for all events.
        note: Purpose of the gate.
    """

    id: str
    edges: tuple[Edge, ...]
    parent: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Compensation:
    """A compensation matrix: rows are dyes, columns detectors, with 1 where a dye is read."""

    dyes: tuple[str, ...]
    detectors: tuple[str, ...]
    values: npt.NDArray[np.float64]


def gate_ids(names: Iterable[str]) -> tuple[str, ...]:
    """Return distinct valid Gating-ML gate ids (XML names without colon)."""
    found: dict[str, None] = {}
    for name in names:
        base = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
        base = base if re.match(r"[A-Za-z_]", base) else f"_{base}"
        unique, number = base, 2
        while unique in found:
            unique, number = f"{base}_{number}", number + 1
        found[unique] = None
    return tuple(found)


def gating_ml(gates: Sequence[Rectangle], compensation: Compensation | None = None) -> bytes:
    """Return a Gating-ML 2.0 document.

    Args:
        gates: Gates, parents before children.
        compensation: The matrix for compensated edges.
    """
    for prefix, space in (("gating", GATING), ("transforms", TRANSFORMS), ("data-type", DATA_TYPE)):
        ET.register_namespace(prefix, space)
    root = ET.Element(_tag(GATING, "Gating-ML"))
    if compensation is not None:
        root.append(_matrix(compensation))
    for gate in gates:
        root.append(_rectangle(gate))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _rectangle(gate: Rectangle) -> ET.Element:
    element = ET.Element(_tag(GATING, "RectangleGate"), {_tag(GATING, "id"): gate.id})
    if gate.parent:
        element.set(_tag(GATING, "parent_id"), gate.parent)
    if gate.note:
        ET.SubElement(element, _tag(DATA_TYPE, "custom_info")).text = _HIDDEN.sub("", gate.note)
    for edge in gate.edges:
        reference = MATRIX_ID if edge.compensated else "uncompensated"
        dimension = ET.SubElement(element, _tag(GATING, "dimension"), {_tag(GATING, "compensation-ref"): reference})
        for name, limit in (("min", edge.low), ("max", edge.high)):
            if np.isfinite(limit):
                dimension.set(_tag(GATING, name), repr(float(limit)))
        _dimension(dimension, edge.channel)
    return element


def _matrix(compensation: Compensation) -> ET.Element:
    element = ET.Element(
        _tag(TRANSFORMS, "spectrumMatrix"),
        {_tag(TRANSFORMS, "id"): MATRIX_ID, _tag(TRANSFORMS, "matrix-inverted-already"): "false"},
    )
    for tag, names in (("fluorochromes", compensation.dyes), ("detectors", compensation.detectors)):
        listed = ET.SubElement(element, _tag(TRANSFORMS, tag))
        for name in names:
            _dimension(listed, name)
    for row in compensation.values:
        spectrum = ET.SubElement(element, _tag(TRANSFORMS, "spectrum"))
        for value in row:
            ET.SubElement(spectrum, _tag(TRANSFORMS, "coefficient"), {_tag(TRANSFORMS, "value"): repr(float(value))})
    return element


def _dimension(parent: ET.Element, name: str) -> None:
    ET.SubElement(parent, _tag(DATA_TYPE, "fcs-dimension"), {_tag(DATA_TYPE, "name"): _HIDDEN.sub("", name)})


def _tag(space: str, name: str) -> str:
    return f"{{{space}}}{name}"
