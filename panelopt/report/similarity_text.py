"""Similarity of dyes on an instrument (cosines, complexity index, hotspot matrix) as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from panelopt.optics.spectral_similarity import Similarity
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, section, table, wrapped

Matrix = npt.NDArray[np.float64]

MOST_PAIRS = 20
"""Pairs listed in the text."""

_WIDEST = 12


def similarity_json(found: Similarity) -> dict[str, Any]:
    """Return the measures as a JSON object; infinity becomes null."""
    return {
        "cytometer": found.cytometer,
        "fluorochromes": list(found.dyes),
        "peak_detectors": list(found.peak),
        "signatures": list(found.origin),
        "cosine": _rows(found.cosine),
        "hotspot": _rows(found.hotspot),
        "complexity_index": found.complexity_index if math.isfinite(found.complexity_index) else None,
    }


def similarity_csv(found: Similarity) -> str:
    """Return one row per pair: both dyes, their detectors, cosine, hotspot entry."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("fluorochrome", "other", "peak_detector", "other_peak_detector", "cosine", "hotspot"))
    index = {name: i for i, name in enumerate(found.dyes)}
    for one, other, cosine in found.pairs():
        i, j = index[one], index[other]
        writer.writerow((one, other, found.peak[i], found.peak[j], f"{cosine:.6f}", f"{found.hotspot[i, j]:.6g}"))
    return out.getvalue()


def similarity_text(found: Similarity, width: int = DEFAULT_WIDTH) -> str:
    """Return the dyes, the most similar pairs, and the cosine matrix if it is small."""
    inflation = np.diag(found.hotspot)
    about = [
        (dye, peak, _number(float(value)), origin)
        for dye, peak, value, origin in zip(found.dyes, found.peak, inflation, found.origin, strict=True)
    ]
    pairs = [(a, b, f"{value:.3f}") for a, b, value in found.pairs()[:MOST_PAIRS]]
    matrix = ""
    if len(found.dyes) <= _WIDEST:
        head = ("", *(f"{i + 1}" for i in range(len(found.dyes))))
        rows = [(f"{i + 1} {dye}", *(f"{value:.2f}" for value in found.cosine[i])) for i, dye in enumerate(found.dyes)]
        matrix = table(head, rows, "l" + "R" * len(found.dyes), width)
    title = f"{found.cytometer}: complexity index {_number(found.complexity_index)}, {len(found.dyes)} fluorochromes"
    return blocks(
        [
            wrapped(title, width=width),
            section(
                "Fluorochromes; inflation: factor by which unmixing increases the spread, 1 = none",
                table(("Fluorochrome", "Peak", "Inflation", "Signature"), about, "LLRl", width),
            ),
            section("Most similar pairs", table(("Fluorochrome", "Other", "Cosine"), pairs, "LLR", width))
            if pairs
            else "",
            section("Cosine", matrix),
        ]
    )


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "infinite"


def _rows(matrix: Matrix) -> list[list[float | None]]:
    return [[float(value) if math.isfinite(value) else None for value in row] for row in matrix]
