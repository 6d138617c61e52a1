"""Spillover matrices in XML: FlowJo (``.mtx``, elements ``spillover``) and Gating-ML 2.0 (``spectrumMatrix``).

Gating-ML: Spidlen et al. 2015, doi:10.1002/cyto.a.22690. Elements are told by their local names, as namespaces differ
between versions of the programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from panelopt.errors import input_error

MAX_DETECTORS = 1000
"""Larger matrices are refused: as shares of 0 may be left out, a small file could fill the memory."""

Rows = list[list[str]]

Element = Any
"""An element of a parsed document."""


@dataclass(frozen=True, slots=True)
class WrittenMatrix:
    """A matrix as texts: names of rows and columns, and cells by row."""

    dyes: list[str]
    detectors: list[str]
    cells: Rows


def is_xml(text: str) -> bool:
    """Whether a text is XML."""
    return text.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<gating"))


def matrix_in_xml(text: str, where: str) -> WrittenMatrix:
    """Return the only spillover matrix of a document.

    Raises:
        InputError: if it is no XML, or has no matrix or several.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise input_error("xml-syntax", f"not readable XML: {error}", where=where, hint="Export it again.") from None
    found = [e for e in root.iter() if _local(e.tag) in ("spilloverMatrix", "spectrumMatrix")]
    if len(found) != 1:
        message = f"the document has {len(found) or 'no'} spillover matrices"
        hint = "Export the one matrix that applies, from FlowJo as CSV or .mtx."
        raise input_error("spillover-size", message, where=where, hint=hint)
    if _named(found[0], "matrix-inverted-already").strip().casefold() in ("true", "1"):
        hint = "Export the spillover matrix itself."
        raise input_error(
            "spillover-inverse", "the matrix is the inverse of a spillover matrix", where=where, hint=hint
        )
    return _flowjo(found[0], where) if _local(found[0].tag) == "spilloverMatrix" else _gating_ml(found[0])


def _flowjo(matrix: Element, where: str) -> WrittenMatrix:
    rows = list(_inside(matrix, "spillover"))
    names = [_named(row, "parameter") for row in rows]
    if len(names) > MAX_DETECTORS:
        message = f"the matrix has {len(names):,} rows; at most {MAX_DETECTORS} are read"
        raise input_error("spillover-size", message, where=where)
    known, cells = set(names), []
    for row in rows:
        share = {_named(cell, "parameter"): _named(cell, "value") for cell in _inside(row, "coefficient")}
        if other := next((name for name in share if name not in known), None):
            message = f"a coefficient is for {other}, which has no row; the matrix must be square"
            raise input_error("spillover-size", message, where=where, hint="Export the whole matrix again.")
        cells.append([share.get(name, "0") for name in names])  # a share that is 0 may be left out
    return WrittenMatrix(names, names, cells)


def _gating_ml(matrix: Element) -> WrittenMatrix:
    dyes, detectors = (
        [_named(e, "name") for part in _inside(matrix, group) for e in _inside(part, "fcs-dimension")]
        for group in ("fluorochromes", "detectors")
    )
    cells = [[_named(cell, "value") for cell in _inside(row, "coefficient")] for row in _inside(matrix, "spectrum")]
    return WrittenMatrix(dyes, detectors, cells)


def _inside(parent: Element, name: str) -> Iterator[Element]:
    return (child for child in parent.iter() if _local(child.tag) == name)


def _named(element: Element, attribute: str) -> str:
    return next((value for key, value in element.attrib.items() if _local(key) == attribute), "")


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
