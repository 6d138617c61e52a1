"""Similarity of dyes as text, CSV and JSON."""

from __future__ import annotations

import json

import numpy as np

from panelopt.optics.spectral_similarity import similarity_of
from panelopt.report.similarity_text import similarity_csv, similarity_json, similarity_text

LIGHT = np.array([[1.0, 0.8, 0.0], [0.5, 1.0, 0.0], [0.0, 0.1, 1.0]])
FOUND = similarity_of("Tiny", ("A", "B", "C"), ("V1", "V2", "B1"), LIGHT, ("computed", "lot 7", "computed"))


def test_pairs_are_sorted_by_cosine() -> None:
    pairs = FOUND.pairs()
    assert [pair[:2] for pair in pairs] == [("A", "B"), ("B", "C"), ("A", "C")]
    assert FOUND.peak == ("V1", "V2", "B1")


def test_text_and_csv() -> None:
    text = similarity_text(FOUND)
    assert "lot 7" in text
    assert f"complexity index {FOUND.complexity_index:.2f}" in text
    assert similarity_csv(FOUND).splitlines()[1].startswith("A,B,V1,V2,0.9")


def test_what_is_infinite_is_null_in_json() -> None:
    twins = similarity_of("Tiny", ("A", "B"), ("V1", "V2", "B1"), LIGHT[:, [0, 0]], ("computed", "computed"))
    document = json.loads(json.dumps(similarity_json(twins), allow_nan=False))
    assert document["complexity_index"] is None or document["complexity_index"] > 1e12
    assert document["hotspot"][0][0] is None
    assert "infinite" in similarity_text(twins)
